//! Tasks on a real folder and a real store.

#![allow(clippy::unwrap_used)]

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::Instant;

use indicatif::ProgressBar;
use sqlx::SqlitePool;
use sqlx::sqlite::SqliteConnectOptions;
use tempfile::TempDir;

use super::generation::Shared;
use super::*;
use crate::model::{Delivery, DeliveryState, Digest, DigestId, Message, PageFormat, PageKey, RawPage, StoredArticle};
use crate::source::Dates;
use crate::store::{Beginning, DeliveryQuery, QueuedDigest, SourceMark};

/// Longer than anything here takes on a busy machine.
const LONG: Duration = Duration::from_secs(30);

const CONFIG: &str = r#"
[server]
listen = "127.0.0.1:0"
public_url = "http://news.example"

[store]
url = "sqlite:newsboy.db"

[feeds]
dir = "feeds"
authority = "news.example,2026"

[[source]]
name = "county"
title = "青禾日报"
path = "editions/{date}/{page}.txt"
language = "zh-Hans"
timezone = "Asia/Shanghai"
"#;

const PLOUGHS: &str = "\
春耕时节农机下田

　　本报讯 昨日清晨，青禾镇
的三十台农机同时下田，今年的
春耕就此开始。镇农技站的技术
员一早来到田头，教农户调整播
种机的行距和深度。
　　据介绍，全镇今年计划种植
早稻一万二千亩，比去年多八百
亩，种子和化肥都已送到各村。
";

const LIBRARY: &str = "\
县图书馆延长开放时间

　　本报讯 从下周起，县图书
馆每天的开放时间延长到晚上
九点，周末照常开放。馆长说，
延长开放是应许多上班的读者
的要求，阅览室里同时添了六
十个座位。
";

/// A newsboy with a folder of its own.
struct Desk {
    folder: TempDir,
    config: Arc<Config>,
}

impl Desk {
    fn new() -> Self {
        Self::with("")
    }

    /// With `more` at the end of its configuration.
    fn with(more: &str) -> Self {
        // Another test of this process may have been faster.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("newsboy.toml"), format!("{CONFIG}{more}")).unwrap();
        let config = Arc::new(config::load(&folder.path().join("newsboy.toml")).unwrap());
        Self { folder, config }
    }

    fn path(&self, inside: &str) -> PathBuf {
        self.folder.path().join(inside)
    }

    async fn shared(&self) -> Arc<Shared> {
        self.shared_at(Utc::now).await
    }

    async fn shared_at(&self, clock: Clock) -> Arc<Shared> {
        let standing = Standing { clock, ..Standing::open(&self.config).await.unwrap() };
        Arc::new(Shared::new(&self.config, &standing).unwrap())
    }

    /// The database itself, to bring it into trouble.
    async fn database(&self) -> SqlitePool {
        SqlitePool::connect_with(SqliteConnectOptions::new().filename(self.path("newsboy.db"))).await.unwrap()
    }
}

/// Writes a page beside its place and renames it into it.
fn land(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path.with_extension("tmp"), text).unwrap();
    fs::rename(path.with_extension("tmp"), path).unwrap();
}

/// Lands a page that was written long ago.
fn land_old(path: &Path, text: &str) {
    land(path, text);
    let file = File::options().write(true).open(path).unwrap();
    file.set_modified(SystemTime::now() - Duration::from_secs(86_400)).unwrap();
}

async fn edition(store: &SharedStore, date: &str) -> Vec<StoredArticle> {
    store.edition("county", date.parse().unwrap()).await.unwrap()
}

/// Waits until the edition has articles.
async fn edition_comes(store: &SharedStore, date: &str) -> Vec<StoredArticle> {
    let begin = Instant::now();
    loop {
        let articles = edition(store, date).await;
        if !articles.is_empty() {
            return articles;
        }
        assert!(begin.elapsed() < LONG, "the edition of {date} was not taken in");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// The editions' dates of what is news to a webhook that was there from the beginning.
async fn news(store: &SharedStore) -> Vec<String> {
    let mut dates: Vec<_> =
        store.arrivals(0, false, 99).await.unwrap().articles.iter().map(|article| article.key.date.to_string()).collect();
    dates.dedup();
    dates
}

fn page(text: &str) -> RawPage {
    let key = PageKey { source: "county".to_owned(), date: "2026-03-02".parse().unwrap(), page: "01".into() };
    RawPage { key, format: PageFormat::Text, origin: "01.txt".to_owned(), modified: None, bytes: text.into(), companions: Vec::new() }
}

/// Takes a page in; gives whether the feeds are to be published anew.
async fn take(desk: &Desk, store: &SharedStore, text: &str) -> bool {
    let mark = SourceMark { since: Utc::now(), caught_up: true };
    tasks::take_page(&**store, &desk.config.sources[0], mark, page(text), Utc::now()).await.unwrap()
}

#[tokio::test]
async fn a_page_that_the_store_will_never_take_holds_up_none_behind_it() {
    let desk = Desk::new();
    land(&desk.path("editions/2026-03-01/01.txt"), PLOUGHS);
    let shared = desk.shared().await;
    let task = tokio::spawn(tasks::watch_source(Arc::clone(&shared), 0));
    edition_comes(&shared.store, "2026-03-01").await;
    sqlx::query("UPDATE articles SET content = '{'").execute(&desk.database().await).await.unwrap();
    land(&desk.path("editions/2026-03-01/01.txt"), LIBRARY);
    land(&desk.path("editions/2026-03-02/01.txt"), LIBRARY);
    edition_comes(&shared.store, "2026-03-02").await;
    shared.shutdown.cancel();
    tokio::time::timeout(LONG, task).await.unwrap().unwrap();
}

/// The file `01.txt` becomes `1.txt`, which is the same page.
#[tokio::test]
async fn a_page_whose_file_is_renamed_is_published_once() {
    let desk = Desk::new();
    let shared = desk.shared().await;
    let task = tokio::spawn(tasks::watch_source(Arc::clone(&shared), 0));
    shared.scanned[0].subscribe().wait_for(|read| *read).await.unwrap();
    land(&desk.path("editions/2026-03-01/01.txt"), PLOUGHS);
    let before = edition_comes(&shared.store, "2026-03-01").await;
    fs::rename(desk.path("editions/2026-03-01/01.txt"), desk.path("editions/2026-03-01/1.txt")).unwrap();
    // Pages are worked on in the order of their dates, so this one comes behind the renamed one.
    land(&desk.path("editions/2026-03-02/01.txt"), LIBRARY);
    edition_comes(&shared.store, "2026-03-02").await;
    assert_eq!(edition(&shared.store, "2026-03-01").await, before);
    assert_eq!(shared.store.pages("county", "2026-03-01".parse().unwrap()).await.unwrap().len(), 1);
    shared.shutdown.cancel();
    tokio::time::timeout(LONG, task).await.unwrap().unwrap();
}

#[tokio::test]
async fn what_a_folder_holds_that_is_mounted_late_is_backlog_and_what_comes_then_is_news() {
    let desk = Desk::new();
    let shared = desk.shared().await;
    let task = tokio::spawn(tasks::watch_source(Arc::clone(&shared), 0));
    shared.scanned[0].subscribe().wait_for(|read| *read).await.unwrap();
    land_old(&desk.path("disk/2026-03-01/01.txt"), PLOUGHS);
    fs::rename(desk.path("disk"), desk.path("editions")).unwrap();
    edition_comes(&shared.store, "2026-03-01").await;
    land(&desk.path("editions/2026-03-02/01.txt"), LIBRARY);
    edition_comes(&shared.store, "2026-03-02").await;
    assert_eq!(news(&shared.store).await, ["2026-03-02"]);
    shared.shutdown.cancel();
    tokio::time::timeout(LONG, task).await.unwrap().unwrap();
}

#[tokio::test]
async fn a_pass_over_a_folder_that_is_not_there_makes_no_news_of_its_backlog() {
    let desk = Desk::new();
    let pass = async || once(&desk.config, Dates::default(), None, &ProgressBar::hidden()).await.unwrap();
    assert_eq!(pass().await.pages, 0);
    land_old(&desk.path("editions/2026-03-01/01.txt"), PLOUGHS);
    assert_eq!(pass().await.pages, 1);
    // All was read this time: an old page that comes now is news.
    land_old(&desk.path("editions/2026-02-01/01.txt"), LIBRARY);
    assert_eq!(pass().await.pages, 2);
    let store = open_store(&desk.config).await.unwrap();
    assert_eq!(news(&store).await, ["2026-02-01"]);
}

#[tokio::test]
async fn an_article_that_comes_back_on_its_page_is_published_again() {
    let desk = Desk::new();
    let store = open_store(&desk.config).await.unwrap();
    let both = format!("{PLOUGHS}\n{LIBRARY}");
    assert!(take(&desk, &store, &both).await);
    assert!(!take(&desk, &store, &both).await, "the same bytes change nothing");
    let before = edition(&store, "2026-03-02").await;
    assert!(take(&desk, &store, PLOUGHS).await);
    assert!(edition(&store, "2026-03-02").await.iter().any(|article| article.withdrawn));
    assert!(take(&desk, &store, &both).await);
    assert_eq!(edition(&store, "2026-03-02").await, before);
}

#[tokio::test]
async fn what_another_process_takes_in_is_published_here_too() {
    let desk = Desk::new();
    let shared = desk.shared().await;
    let publishing = tokio::spawn(tasks::publish(Arc::clone(&shared)));
    let other = open_store(&desk.config).await.unwrap();
    let published =
        || shared.publications.get("county", "feed.json").map(|feed| String::from_utf8_lossy(&feed.identity.bytes).into_owned());
    let begin = Instant::now();
    while published().is_none() {
        assert!(begin.elapsed() < LONG, "the feed was not published at the start");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(take(&desk, &other, LIBRARY).await);
    while !published().unwrap().contains("县图书馆延长开放时间") {
        assert!(begin.elapsed() < LONG, "the article was not published");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    shared.shutdown.cancel();
    tokio::time::timeout(LONG, publishing).await.unwrap().unwrap();
}

/// Queues a digest of one message at `slot`.
async fn queue(store: &SharedStore, webhook: &str, slot: DateTime<Utc>) {
    let seen = store.enrol_webhook(webhook, Beginning::Now, slot - chrono::Duration::hours(1)).await.unwrap();
    let digest = Digest::bare(DigestId::assign(&[webhook.as_bytes(), slot.to_rfc3339().as_bytes()]), webhook, slot, "", "");
    let messages = vec![Message { body: "{}".to_owned(), articles: Vec::new(), label: String::new() }];
    let (passed_over, caught) = (Vec::new(), Vec::new());
    let expires = slot + chrono::Duration::days(1);
    let queued = QueuedDigest { digest, messages, seen, through: seen.arrival, passed_over, caught, due: slot, expires, now: slot };
    assert!(store.queue_digest(queued).await.unwrap());
}

async fn ledger_of(store: &SharedStore) -> Vec<Delivery> {
    store.deliveries(&DeliveryQuery { limit: 9, ..DeliveryQuery::default() }).await.unwrap()
}

/// Nobody sends to a webhook that left the configuration; ninety days later the ledger forgets it.
#[tokio::test]
async fn what_waits_for_a_removed_webhook_is_given_up_at_the_start_and_forgotten_in_time() {
    let desk = Desk::new();
    let shared = desk.shared().await;
    queue(&shared.store, "former", Utc::now()).await;
    let keeping = tokio::spawn(super::ledger::keep(Arc::clone(&shared)));
    let begin = Instant::now();
    while ledger_of(&shared.store).await[0].state != DeliveryState::Dead {
        assert!(begin.elapsed() < LONG, "the message was not given up");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let told = ledger_of(&shared.store).await[0].attempts.last().unwrap().result.clone();
    assert!(told.contains("no longer has its webhook"), "{told}");
    shared.shutdown.cancel();
    tokio::time::timeout(LONG, keeping).await.unwrap().unwrap();
    assert_eq!(ledger_of(&shared.store).await.len(), 1, "it is young");

    let later = desk.shared_at(|| Utc::now() + chrono::Duration::days(91)).await;
    let keeping = tokio::spawn(super::ledger::keep(Arc::clone(&later)));
    while !ledger_of(&later.store).await.is_empty() {
        assert!(begin.elapsed() < LONG, "the old digest was not forgotten");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    later.shutdown.cancel();
    tokio::time::timeout(LONG, keeping).await.unwrap().unwrap();
}

/// A source with an archive gives its pages one by one, and a webhook that asks for all of it gets one
/// digest that counts every one.
#[tokio::test]
async fn an_archive_of_thousands_of_files_is_read_whole() {
    const FILES: usize = 2_000;
    let desk = Desk::with("[[webhook]]\nname = \"desk\"\nkind = \"console\"\nschedule = \"* * * * * *\"\nbackfill = true\nlimit = 5\n");
    for n in 0..FILES {
        let date = chrono::NaiveDate::from_ymd_opt(2020, 1, 1).unwrap() + chrono::Days::new(n as u64 / 4);
        let text = PLOUGHS.replace("三十台", &format!("{n}台"));
        land_old(&desk.path(&format!("editions/{date}/{:02}.txt", n % 4 + 1)), &text);
    }
    let report = once(&desk.config, Dates::default(), None, &ProgressBar::hidden()).await.unwrap();
    assert_eq!((report.pages, report.failed_pages), (FILES, 0));
    let store = open_store(&desk.config).await.unwrap();
    let articles = all_arrivals(&store).await;
    assert!(articles >= FILES, "{articles}");
    let digest = &ledger_of(&store).await[0];
    let told: Vec<&str> = digest.body.lines().collect();
    assert!(told.iter().any(|line| line.contains(&format!("{articles} 条"))), "{told:?}");
}

async fn all_arrivals(store: &SharedStore) -> usize {
    let (mut count, mut after) = (0, 0);
    loop {
        let piece = store.arrivals(after, true, 500).await.unwrap();
        count += piece.articles.iter().filter(|a| a.article.kind.is_news()).count();
        after = piece.through;
        if piece.is_last {
            return count;
        }
    }
}
