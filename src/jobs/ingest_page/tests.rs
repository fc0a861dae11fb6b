#![allow(clippy::unwrap_used)]

use proptest::prelude::*;
use tempfile::TempDir;

use super::*;
use crate::jobs::publish_feeds::newsroom::{Newsroom, noon};
use crate::model::{PageFormat, StoredArticle};
use crate::store::{ArticleQuery, SharedStore, open};

/// Two articles, the second of which a correction changes.
const PAGE: &str = "\
春耕时节农机下田

　　本报讯 昨日清晨，青禾镇
的三十台农机同时下田，今年的
春耕就此开始。镇农技站的技术
员一早来到田头，教农户调整播
种机的行距和深度。
　　据介绍，全镇今年计划种植
早稻一万二千亩，比去年多八百
亩，种子和化肥都已送到各村。

县图书馆延长开放时间

　　本报讯 从下周起，县图书
馆每天的开放时间延长到
晚上九点，周末照常开放。馆长
说，延长开放是应许多上班的读
者的要求，阅览室里同时添了六
十个座位。
";

fn corrected() -> String {
    PAGE.replace("晚上九点", "晚上十点")
}

fn raw(text: impl Into<Vec<u8>>) -> RawPage {
    let key = PageKey { source: "county".to_owned(), date: "2026-03-02".parse().unwrap(), page: "02".into() };
    RawPage {
        key,
        format: PageFormat::Text,
        origin: "editions/2026-03-02/02.txt".to_owned(),
        modified: None,
        bytes: text.into(),
        companions: Vec::new(),
    }
}

fn paper() -> PaperHabits {
    let published = NaiveTime::from_hms_opt(6, 0, 0).unwrap();
    PaperHabits { language: "zh-Hans".to_owned(), timezone: chrono_tz::Asia::Shanghai, published, hold_below: 0.0 }
}

fn now() -> DateTime<Utc> {
    "2026-03-02T01:00:00Z".parse().unwrap()
}

async fn fresh() -> (TempDir, SharedStore) {
    let folder = tempfile::tempdir().unwrap();
    let store = open("sqlite:newsboy.db", folder.path()).await.unwrap();
    (folder, store)
}

async fn ingest(store: &SharedStore, text: impl Into<Vec<u8>>) -> Ingested {
    ingest_page(&**store, raw(text), &PageReader::Here, &paper(), false, now()).await.unwrap()
}

async fn edition(store: &SharedStore) -> Vec<StoredArticle> {
    store.edition("county", raw("").key.date).await.unwrap()
}

fn bodies(articles: &[StoredArticle]) -> String {
    articles.iter().filter(|stored| !stored.withdrawn).map(|stored| stored.article.body()).collect()
}

#[tokio::test]
async fn a_page_becomes_articles_of_the_papers_hour_and_the_same_bytes_are_not_worked_on_again() {
    let (_folder, store) = fresh().await;
    let Ingested::Applied { changes, .. } = ingest(&store, PAGE).await else { panic!("it was applied") };
    let articles = edition(&store).await;
    assert!(changes.added > 0 && changes.added == articles.len());
    assert!(bodies(&articles).contains("三十台农机"));
    // Six o'clock in Shanghai, and a minute on for the second page.
    let hour: DateTime<Utc> = "2026-03-01T22:01:00Z".parse().unwrap();
    assert_eq!(articles[0].published, hour);

    assert_eq!(ingest(&store, PAGE).await, Ingested::Unchanged);
    let page = store.page(&raw("").key).await.unwrap().unwrap();
    assert_eq!((page.revision, page.hash, page.cutter), (1, raw(PAGE).hash(), CUTTER_VERSION));
    assert_eq!(edition(&store).await, articles);
}

#[tokio::test]
async fn a_corrected_page_revises_its_articles_under_their_ids() {
    let (_folder, store) = fresh().await;
    ingest(&store, PAGE).await;
    let before = edition(&store).await;
    let Ingested::Applied { changes, .. } = ingest(&store, corrected()).await else { panic!("it was applied") };
    assert_eq!((changes.added, changes.revised, changes.withdrawn), (0, 1, 0));
    let after = edition(&store).await;
    assert!(bodies(&after).contains("晚上十点"));
    let ids = |articles: &[StoredArticle]| articles.iter().map(|stored| (stored.id.clone(), stored.arrival)).collect::<Vec<_>>();
    assert_eq!(ids(&after), ids(&before));
}

#[tokio::test]
async fn bytes_that_cannot_be_used_take_no_article_away_and_are_told_once() {
    let (_folder, store) = fresh().await;
    ingest(&store, PAGE).await;
    let (before, key) = (edition(&store).await, raw("").key);
    for bytes in [Vec::new(), b" \r\n\n ".to_vec(), b"%PDF-1.7\n\0\x01\x02\x03\xff\xfe\0\0\0\0".repeat(40)] {
        let Ingested::Unusable { problems, news: true } = ingest(&store, bytes.clone()).await else { panic!("it is unusable") };
        assert!(!problems.is_empty());
        assert!(matches!(ingest(&store, bytes).await, Ingested::Unusable { news: false, .. }));
        assert_eq!(edition(&store).await, before);
        assert!(!store.page(&key).await.unwrap().unwrap().noted.is_empty());
        // The old version is back: nothing is to be done but to forget.
        assert_eq!(ingest(&store, PAGE).await, Ingested::Unchanged);
        assert!(store.page(&key).await.unwrap().unwrap().noted.is_empty());
        assert_eq!(edition(&store).await, before);
    }
}

#[tokio::test]
async fn a_page_that_was_never_usable_is_known_by_its_problem_alone() {
    let (_folder, store) = fresh().await;
    assert!(matches!(ingest(&store, "").await, Ingested::Unusable { news: true, .. }));
    assert_eq!(store.page(&raw("").key).await.unwrap(), None);
    assert_eq!(store.noted_problems(9).await.unwrap().len(), 1);
    assert!(matches!(ingest(&store, PAGE).await, Ingested::Applied { .. }));
    assert!(store.noted_problems(9).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_page_is_cut_again_by_a_newer_cutter_and_left_alone_by_an_older_one() {
    for (cutter, expected) in [(CUTTER_VERSION - 1, true), (CUTTER_VERSION, false), (CUTTER_VERSION + 1, false)] {
        let (_folder, store) = fresh().await;
        let RawPage { key, origin, .. } = raw("");
        let (hash, hour) = (raw(PAGE).hash(), instant_of(key.date, &paper()));
        let change = PageChange {
            key,
            hash,
            cutter,
            origin,
            seen_revision: 0,
            articles: Vec::new(),
            problems: Vec::new(),
            facsimile: None,
            backlog: false,
            hour,
            now: now(),
        };
        assert!(matches!(store.apply(change).await.unwrap(), Applied::Done(_)));
        let applied = matches!(ingest(&store, PAGE).await, Ingested::Applied { .. });
        assert_eq!(applied, expected, "cutter {cutter}");
    }
}

/// A paper that shows nothing before a person has looked at it: no cut is quite sure.
fn wary() -> PaperHabits {
    PaperHabits { hold_below: 1.0, ..paper() }
}

#[tokio::test]
async fn a_doubtful_article_is_held_until_it_is_released_and_then_stands_in_the_feed_once() {
    let room = Newsroom::new().await;
    let mut page = raw(PAGE);
    page.key.source.clone_from(&room.feeds[0].sources[0]);
    let take = async || ingest_page(&*room.store, page.clone(), &PageReader::Here, &wary(), false, now()).await.unwrap();
    let entries = async || {
        room.publish(noon()).await;
        let feed = room.publications.get(&room.feeds[0].name, "atom.xml").unwrap();
        String::from_utf8(feed.identity.bytes.to_vec()).unwrap().matches("<entry>").count()
    };
    let Ingested::Applied { changes, .. } = take().await else { panic!("it was applied") };
    let held = room.store.held(None, 9).await.unwrap();
    assert!(held.len() >= 2 && held.len() == changes.held, "{held:?}");
    assert_eq!(entries().await, 0);

    let ids: Vec<ArticleId> = held.iter().map(|stored| stored.id.clone()).collect();
    assert_eq!(room.store.release(&ids, noon()).await.unwrap().released, ids);
    assert_eq!(entries().await, ids.len());
    assert_eq!(room.store.release(&ids, noon()).await.unwrap().public, ids);
    assert_eq!(take().await, Ingested::Unchanged);
    assert_eq!(entries().await, ids.len());
}

/// The page as an older cutter might have cut it, in the store as doubtful: paragraphs run together,
/// headlines cut short, the last words lost.
async fn older_cut(store: &SharedStore) -> Vec<StoredArticle> {
    let RawPage { key, origin, .. } = raw("");
    let mut cut = article::cut(&crate::page::read(&raw(PAGE))[0], "zh-Hans");
    for article in &mut cut {
        let body = article.paragraphs.concat();
        article.paragraphs = vec![body.chars().take(body.chars().count() * 9 / 10).collect()];
        article.headline = article.headline.as_ref().map(|headline| headline.chars().skip(2).collect());
    }
    let identified = article::identify(&key, &[], cut);
    let change = PageChange {
        hash: raw(PAGE).hash(),
        cutter: CUTTER_VERSION - 1,
        origin,
        seen_revision: 0,
        articles: identified
            .into_iter()
            .map(|(id, article)| IdentifiedArticle { id, article, doubtful: true, sketch: Vec::new() })
            .collect(),
        problems: Vec::new(),
        facsimile: None,
        backlog: false,
        hour: instant_of(key.date, &paper()),
        now: now(),
        key,
    };
    assert!(matches!(store.apply(change).await.unwrap(), Applied::Done(_)));
    edition(store).await
}

#[tokio::test]
async fn another_cut_of_the_same_bytes_keeps_the_ids_and_what_was_released() {
    let (_folder, store) = fresh().await;
    let before = older_cut(&store).await;
    assert!(before.len() >= 2 && before.iter().all(|stored| stored.held));
    store.release(&[before[0].id.clone()], now()).await.unwrap();
    let arrival = store.article(&before[0].id).await.unwrap().unwrap().arrival;

    let Ingested::Applied { changes, .. } = ingest_page(&*store, raw(PAGE), &PageReader::Here, &wary(), false, now()).await.unwrap() else {
        panic!("it was applied")
    };
    assert_eq!((changes.added, changes.revised, changes.withdrawn), (0, before.len(), 0));
    let after = edition(&store).await;
    let ids = |articles: &[StoredArticle]| articles.iter().map(|stored| stored.id.clone()).collect::<Vec<_>>();
    assert_eq!(ids(&after), ids(&before));
    assert_eq!((after[0].is_public(), after[0].arrival), (true, arrival));
    assert!(after[1].held && after[1].revision == 2);
}

#[tokio::test]
async fn a_better_cut_of_the_same_bytes_lifts_what_was_held_and_a_correction_does_too() {
    let (_folder, store) = fresh().await;
    let before = older_cut(&store).await;
    ingest(&store, PAGE).await;
    let shown = store.articles(&ArticleQuery { limit: 9, ..ArticleQuery::default() }).await.unwrap();
    assert!(shown.len() == before.len() && store.held(None, 9).await.unwrap().is_empty());

    let (_folder, store) = fresh().await;
    ingest_page(&*store, raw(PAGE), &PageReader::Here, &wary(), false, now()).await.unwrap();
    let through = store.arrivals(0, false, 99).await.unwrap().through;
    ingest(&store, corrected()).await;
    assert_eq!(store.arrivals(through, false, 99).await.unwrap().articles.len(), before.len(), "they are news now");
}

#[test]
fn what_needs_no_headline_is_not_held_for_the_lack_of_one() {
    let article = article::cut(&crate::page::read(&raw(PAGE))[0], "zh-Hans").swap_remove(0);
    let of = |kind, headline: Option<&str>, problem: Option<&'static str>, confidence| {
        let problems = problem.map(|code| Problem::new(code, "")).into_iter().collect();
        Article { kind, headline: headline.map(str::to_owned), problems, confidence, ..article.clone() }
    };
    use ArticleKind::{Article as Text, Masthead, Notice, Photo};
    for (item, held) in [
        (of(Text, Some("春耕"), None, 0.39), true),
        (of(Text, Some("春耕"), None, 0.4), false),
        (of(Text, None, Some(HEADLINE_MISSING), 0.39), true),
        (of(Text, None, Some(HEADLINE_MISSING), 0.4), false),
        (of(Photo, None, None, 0.1), false),
        (of(Photo, None, Some(HEADLINE_MISSING), 0.1), false),
        (of(Photo, None, Some("cut-doubtful"), 0.1), true),
        (of(Photo, Some("花开"), None, 0.1), true),
        (of(Notice, None, None, 0.1), false),
        (of(Masthead, None, Some("line-unplaced"), 0.1), false),
        (of(Text, Some("春耕"), None, f32::NAN), true),
    ] {
        assert_eq!(is_doubtful(&item, 0.4), held, "{item:?}");
        assert!(!is_doubtful(&item, 0.0), "0 holds nothing");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_same_page_gives_the_same_bytes_each_time(order in Just(PAGE.lines().collect::<Vec<_>>()).prop_shuffle()) {
        let page = crate::page::read(&raw(order.join("\n"))).swap_remove(0);
        let cut = |page: &Page| serde_json::to_vec(&article::cut_and_tell(page, "zh-Hans")).unwrap();
        let first = cut(&page);
        let other = page.clone();
        // Another thread has other hashes and another state of everything that is kept a thread.
        prop_assert!(std::thread::spawn(move || cut(&other)).join().unwrap() == first);
        prop_assert!(cut(&page) == first);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_processes_that_take_in_two_versions_of_a_page_leave_one_of_them_whole() {
    for _ in 0..10 {
        let (folder, one) = fresh().await;
        let other = open("sqlite:newsboy.db", folder.path()).await.unwrap();
        let spawn = |store: SharedStore, text: String| tokio::spawn(async move { ingest(&store, text).await });
        let (first, second) = (spawn(one.clone(), PAGE.to_owned()), spawn(other, corrected()));
        assert!(matches!((first.await.unwrap(), second.await.unwrap()), (Ingested::Applied { .. }, Ingested::Applied { .. })));
        let page = one.page(&raw("").key).await.unwrap().unwrap();
        assert_eq!(page.revision, 2);
        let articles = bodies(&edition(&one).await);
        assert_eq!(articles.contains("晚上九点"), page.hash == raw(PAGE).hash());
        assert_eq!(articles.contains("晚上十点"), page.hash == raw(corrected()).hash());
    }
}

#[tokio::test]
async fn a_cutter_that_panics_is_a_problem_that_tells_its_reason() {
    let ended = |work: fn()| async move { cutter_failed(tokio::task::spawn_blocking(work).await.unwrap_err()) };
    let problem = ended(|| panic!("no column")).await;
    assert!(problem.code == "page-cutter-failed" && problem.message.contains("no column"), "{problem}");
    let problem = ended(|| panic!("column {}", 7)).await;
    assert!(problem.message.contains("column 7"), "{problem}");
}

/// The instant of `hour` on `date` in `zone`.
fn published(zone: Tz, date: &str, hour: &str) -> String {
    let paper = PaperHabits { timezone: zone, published: hour.parse().unwrap(), ..paper() };
    instant_of(date.parse().unwrap(), &paper).to_rfc3339()
}

#[test]
fn the_papers_hour_is_that_of_its_zone_also_where_the_clocks_change() {
    use chrono_tz::{America::New_York, Asia::Shanghai, Pacific::Apia};
    assert_eq!(published(Shanghai, "2026-03-02", "06:00:00"), "2026-03-01T22:00:00+00:00");
    // From two to three o'clock there is no time on this day.
    assert_eq!(published(New_York, "2026-03-08", "02:30:00"), "2026-03-08T07:00:00+00:00");
    assert_eq!(published(New_York, "2026-03-08", "03:00:00"), "2026-03-08T07:00:00+00:00");
    // From one to two o'clock it is twice; summer time comes first.
    assert_eq!(published(New_York, "2026-11-01", "01:30:00"), "2026-11-01T05:30:00+00:00");
    // A day that Samoa has not had.
    assert_eq!(published(Apia, "2011-12-30", "06:00:00"), "2011-12-30T10:00:00+00:00");
}

#[test]
fn a_date_at_the_end_of_the_calendar_has_an_hour_too() {
    for date in [NaiveDate::MIN, NaiveDate::MAX] {
        for zone in chrono_tz::TZ_VARIANTS {
            instant_of(date, &PaperHabits { timezone: zone, ..paper() });
        }
    }
}

proptest! {
    #[test]
    fn an_hour_that_exists_is_met_and_no_other_is_met_early(
        zone in prop::sample::select(&chrono_tz::TZ_VARIANTS[..]), days in -50_000_i32..50_000, seconds in 0_u32..86_400
    ) {
        let date = NaiveDate::from_epoch_days(days).unwrap();
        let hour = NaiveTime::from_num_seconds_from_midnight_opt(seconds, 0).unwrap();
        let instant = instant_of(date, &PaperHabits { timezone: zone, published: hour, ..paper() });
        let (local, wanted) = (instant.with_timezone(&zone).naive_local(), date.and_time(hour));
        match zone.from_local_datetime(&wanted).earliest() {
            Some(exact) => prop_assert_eq!(exact, instant),
            None => {
                prop_assert!(local > wanted);
                // The second before is on the other side of the gap.
                prop_assert!((instant - Duration::seconds(1)).with_timezone(&zone).naive_local() < wanted);
            }
        }
    }
}
