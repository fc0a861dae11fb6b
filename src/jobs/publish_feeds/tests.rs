//! Publications, onto a real disk and from a real store.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration as StdDuration, SystemTime};

use chrono::{DateTime, Duration, Utc};

use super::files::{Disk, RealDisk};
use super::newsroom::{Newsroom, day, noon};
use super::*;
use crate::feed::MatchRule;
use crate::feed::specimen::article;
use crate::model::{Article, ArticleKind};

fn story(headline: &str, body: &str) -> Article {
    article(ArticleKind::Article, Some(headline), &[body])
}

/// Whether an operation, by its place from 0, fails where `n` is the one that is to fail.
type Fails = fn(usize, usize) -> bool;

/// A disk that fails at its `n`th operation, or at all from there on, as when the power goes. A
/// write that fails leaves half a file behind, as a full disk does.
struct FaultyDisk {
    operations: AtomicUsize,
    fails: Fails,
    n: usize,
    touched: Mutex<Vec<PathBuf>>,
}

impl FaultyDisk {
    fn new(n: usize, fails: Fails) -> Arc<Self> {
        Arc::new(Self { operations: AtomicUsize::new(0), fails, n, touched: Mutex::default() })
    }

    /// A disk that only notes what is done to it.
    fn watched() -> Arc<Self> {
        Self::new(0, |_, _| false)
    }

    fn next(&self, path: &Path) -> io::Result<()> {
        self.touched.lock().unwrap().push(path.to_owned());
        let operation = self.operations.fetch_add(1, Ordering::SeqCst);
        if (self.fails)(operation, self.n) { Err(io::Error::from(io::ErrorKind::StorageFull)) } else { Ok(()) }
    }

    fn operations(&self) -> usize {
        self.operations.load(Ordering::SeqCst)
    }
}

impl Disk for FaultyDisk {
    fn make_folder(&self, folder: &Path) -> io::Result<()> {
        self.next(folder)?;
        RealDisk.make_folder(folder)
    }

    fn write(&self, path: &Path, bytes: &[u8], modified: DateTime<Utc>) -> io::Result<()> {
        match self.next(path) {
            Ok(()) => RealDisk.write(path, bytes, modified),
            Err(error) => {
                fs::write(path, &bytes[..bytes.len() / 2])?;
                Err(error)
            }
        }
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.next(to)?;
        RealDisk.rename(from, to)
    }

    fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        self.next(folder)?;
        RealDisk.sync_folder(folder)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.next(path)?;
        RealDisk.remove(path)
    }
}

async fn publish_onto(room: &Newsroom, disk: &Arc<FaultyDisk>, now: DateTime<Utc>) -> PublishReport {
    let disk = Arc::clone(disk) as Arc<dyn Disk>;
    publish_on(disk, &*room.store, &room.feeds, &room.config, &room.site, &room.publications, now).await
}

/// Every file under the feeds' folder with its bytes.
fn on_disk(room: &Newsroom) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    for folder in fs::read_dir(&room.config.dir).into_iter().flatten().flatten() {
        for file in fs::read_dir(folder.path()).into_iter().flatten().flatten() {
            let name = format!("{}/{}", folder.file_name().to_str().unwrap(), file.file_name().to_str().unwrap());
            files.insert(name, fs::read(file.path()).unwrap());
        }
    }
    files
}

fn unpacked(name: &str, bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    match name.rsplit('.').next() {
        Some("gz") => flate2::read::MultiGzDecoder::new(bytes).read_to_end(&mut out).unwrap(),
        Some("br") => brotli::Decompressor::new(bytes, 4096).read_to_end(&mut out).unwrap(),
        _ => {
            out.extend_from_slice(bytes);
            0
        }
    };
    out
}

fn published(room: &Newsroom, feed: &str) -> Vec<Arc<Representation>> {
    Format::ALL.map(|f| room.publications.get(feed, f.file_name()).unwrap()).to_vec()
}

const NINE: [&str; 9] =
    ["atom.xml", "atom.xml.br", "atom.xml.gz", "feed.json", "feed.json.br", "feed.json.gz", "rss.xml", "rss.xml.br", "rss.xml.gz"];

#[tokio::test]
async fn a_feed_stands_on_disk_and_in_memory_in_three_formats_with_their_twins() {
    let room = Newsroom::new().await;
    room.print_page("yunpu", day(), "01", vec![story("东门桥通车", "桥比计划早了九天。")]).await;
    let report = room.publish(noon()).await;
    assert_eq!((report.changed(), report.failures().count()), (1, 0));
    assert_eq!((report.feeds[0].entries, report.feeds[0].changed.len()), (1, 3));
    let files = on_disk(&room);
    assert_eq!(files.keys().map(String::as_str).collect::<Vec<_>>(), NINE.map(|n| format!("yunpu/{n}")));
    for format in Format::ALL {
        let memory = room.publications.get("yunpu", format.file_name()).unwrap();
        let name = format!("yunpu/{}", format.file_name());
        assert_eq!(memory.identity.bytes, files[&name]);
        assert_eq!(memory.gzip.bytes, files[&format!("{name}.gz")]);
        assert_eq!(memory.brotli.bytes, files[&format!("{name}.br")]);
        for (file, bytes) in files.iter().filter(|(file, _)| file.starts_with(&name)) {
            assert_eq!(unpacked(file, bytes), memory.identity.bytes, "{file}");
        }
        assert_eq!(memory.last_modified, noon());
        let text = String::from_utf8(memory.identity.bytes.to_vec()).unwrap();
        assert!(text.contains("东门桥通车") && text.contains("桥比计划早了九天。"));
    }
}

#[tokio::test]
async fn a_publication_without_news_touches_neither_disk_nor_memory() {
    let room = Newsroom::new().await;
    room.print_page("yunpu", day(), "01", vec![story("题", "文。")]).await;
    room.publish(noon()).await;
    let before = published(&room, "yunpu");
    let disk = FaultyDisk::watched();
    let report = publish_onto(&room, &disk, noon() + Duration::hours(1)).await;
    assert_eq!((report.changed(), disk.operations()), (0, 0));
    for (before, after) in before.iter().zip(published(&room, "yunpu")) {
        assert!(Arc::ptr_eq(before, &after));
    }
}

#[tokio::test]
async fn of_fifty_feeds_only_the_one_with_news_is_written() {
    let mut room = Newsroom::new().await;
    for n in 0..49 {
        room.add_feed(&format!("topic-{n:02}"), MatchRule { any: vec![format!("词{n:02}")], ..MatchRule::default() });
    }
    room.feeds.remove(0);
    room.add_feed("bridge", MatchRule { any: vec!["桥".to_owned()], ..MatchRule::default() });
    room.print_page("yunpu", day(), "01", (0..49).map(|n| story(&format!("词{n:02}"), "文。")).collect()).await;
    assert_eq!(room.publish(noon()).await.changed(), 50);
    let before = on_disk(&room);

    room.print_page("yunpu", day(), "02", vec![story("东门桥通车", "早了九天。")]).await;
    let disk = FaultyDisk::watched();
    let report = publish_onto(&room, &disk, noon() + Duration::minutes(1)).await;
    let changed: Vec<&str> = report.feeds.iter().filter(|f| !f.changed.is_empty()).map(|f| f.feed.as_str()).collect();
    assert_eq!(changed, ["bridge"]);
    let bridge = room.config.dir.join("bridge");
    assert!(disk.touched.lock().unwrap().iter().all(|path| path.starts_with(&bridge)));
    let after = on_disk(&room);
    assert_eq!(before.len(), after.len());
    for (name, bytes) in after {
        assert_eq!(bytes == before[&name], !name.starts_with("bridge/"), "{name}");
    }
}

#[tokio::test]
async fn a_rare_word_is_found_behind_many_articles_and_the_newest_come_first() {
    let mut room = Newsroom::new().await;
    for page in 0..12 {
        let articles = (0..40).map(|n| story(&format!("第{page}版之{n}"), if n == 7 { "氢能。" } else { "别的。" })).collect();
        room.print_page("yunpu", day(), &format!("{:02}", page + 1), articles).await;
    }
    let rule = MatchRule { any: vec!["氢能".to_owned()], ..MatchRule::default() };
    room.add_feed("hydrogen", rule.clone());
    let feed = FeedConfig { rule, ..room.feeds[1].clone() };
    let all = articles_of(&*room.store, &[&feed], 100).await.unwrap().remove(0);
    assert_eq!(all.len(), 12);
    assert!(all.windows(2).all(|w| w[0].updated > w[1].updated));
    let five = articles_of(&*room.store, &[&feed], 5).await.unwrap().remove(0);
    assert_eq!(five, all[..5]);
    assert_eq!(articles_of(&*room.store, &[&feed], 0).await.unwrap().remove(0), []);
    let plain = articles_of(&*room.store, &[&room.feeds[0]], 450).await.unwrap().remove(0);
    assert_eq!(plain.len(), 450);
}

#[tokio::test]
async fn feeds_that_are_read_together_get_what_each_would_get_alone() {
    let mut room = Newsroom::new().await;
    for page in 1..8 {
        let articles = (0..70).map(|n| story(&format!("之{n}"), &format!("甲{}，乙{}。", n % 7, n % 11))).collect();
        room.print_page("yunpu", day(), &format!("{page:02}"), articles).await;
    }
    for (name, any, none) in [("a", "甲3", ""), ("b", "乙10", "甲0"), ("c", "没有", ""), ("d", "", "甲1"), ("e", "", "")] {
        let words = |w: &str| if w.is_empty() { Vec::new() } else { vec![w.to_owned()] };
        room.add_feed(name, MatchRule { any: words(any), none: words(none), ..MatchRule::default() });
    }
    let all: Vec<&FeedConfig> = room.feeds.iter().collect();
    let together = articles_of(&*room.store, &all, 30).await.unwrap();
    for (feed, together) in all.iter().zip(together) {
        let alone = articles_of(&*room.store, &[feed], 30).await.unwrap().remove(0);
        assert_eq!(together, alone, "{}", feed.name);
        assert_eq!(alone.len(), if feed.name == "c" { 0 } else { 30 }, "{}", feed.name);
    }
    room.feeds[2].sources = vec!["harbour".to_owned()];
    room.feeds[3].name = "../x".to_owned();
    assert_eq!(groups(&room.feeds), [vec![0, 1, 4, 5], vec![2]]);
}

#[tokio::test]
async fn a_word_that_stands_only_in_the_far_past_is_not_looked_for_without_end() {
    let room = Newsroom::new().await;
    let rule = MatchRule { any: vec!["氢能".to_owned()], ..MatchRule::default() };
    let feed = FeedConfig { rule, ..room.feeds[0].clone() };
    // The last of an edition is the newest of all.
    let mut edition: Vec<Article> = (0..MAX_EXAMINED + BATCH).map(|n| story(&format!("之{n}"), "别的。")).collect();
    let oldest_examined = BATCH as usize;
    edition[oldest_examined] = story("之内", "氢能。");
    edition[oldest_examined - 1] = story("之外", "氢能。");
    room.print_page("yunpu", day(), "01", edition).await;
    let found = articles_of(&*room.store, &[&feed], 100).await.unwrap().remove(0);
    assert_eq!(found.iter().map(|a| a.article.title()).collect::<Vec<_>>(), ["之内"]);
}

#[tokio::test]
async fn after_a_restart_nothing_is_written_and_tags_and_dates_are_as_before() {
    let mut room = Newsroom::new().await;
    room.print_page("yunpu", day(), "01", vec![story("题", "文。")]).await;
    room.publish(noon()).await;
    let before = published(&room, "yunpu");
    room.publications = Arc::new(Publications::new());
    let disk = FaultyDisk::watched();
    let report = publish_onto(&room, &disk, noon() + Duration::days(1)).await;
    assert_eq!((report.changed(), disk.operations()), (0, 0));
    assert_eq!(published(&room, "yunpu"), before);
}

#[tokio::test]
async fn a_damaged_or_missing_file_is_mended_and_the_others_stay() {
    let mut room = Newsroom::new().await;
    room.print_page("yunpu", day(), "01", vec![story("题", "文。")]).await;
    room.publish(noon()).await;
    let whole = on_disk(&room);
    let folder = room.config.dir.join("yunpu");
    for restarted in [false, true] {
        for name in NINE.iter().filter(|n| n.contains(".xml.")) {
            fs::write(folder.join(name), b"damaged").unwrap();
        }
        fs::remove_file(folder.join("feed.json.br")).unwrap();
        if restarted {
            room.publications = Arc::new(Publications::new());
        }
        let disk = FaultyDisk::watched();
        assert_eq!(publish_onto(&room, &disk, noon() + Duration::hours(1)).await.failures().count(), 0);
        assert_eq!(on_disk(&room), whole);
        // The folder, then a write and a rename each, then the folder again.
        assert_eq!(disk.operations(), 1 + 2 * 5 + 1);
        assert!(published(&room, "yunpu").iter().all(|r| r.last_modified == noon()));
    }
}

#[tokio::test]
async fn a_feed_whose_folder_cannot_be_made_is_told_and_served_from_memory_and_the_others_go_on() {
    let mut room = Newsroom::new().await;
    room.add_feed("second", MatchRule::default());
    room.print_page("yunpu", day(), "01", vec![story("题", "文。")]).await;
    fs::create_dir_all(&room.config.dir).unwrap();
    let in_the_way = room.config.dir.join("yunpu");
    fs::write(&in_the_way, b"not a folder").unwrap();
    let report = room.publish(noon()).await;
    let failures: Vec<&str> = report.failures().map(|(feed, _)| feed).collect();
    assert_eq!(failures, ["yunpu"]);
    assert!(report.failures().next().unwrap().1.to_string().contains("yunpu"));
    assert!(room.publications.get("yunpu", "rss.xml").is_some());
    assert!(room.config.dir.join("second/rss.xml").is_file());

    fs::remove_file(&in_the_way).unwrap();
    let report = room.publish(noon() + Duration::minutes(1)).await;
    assert_eq!((report.failures().count(), report.changed()), (0, 0));
    assert_eq!(on_disk(&room).len(), 18);
}

#[tokio::test]
async fn a_removed_folder_is_made_again() {
    let room = Newsroom::new().await;
    room.print_page("yunpu", day(), "01", vec![story("题", "文。")]).await;
    room.publish(noon()).await;
    let before = on_disk(&room);
    fs::remove_dir_all(&room.config.dir).unwrap();
    assert_eq!(room.publish(noon()).await.failures().count(), 0);
    assert_eq!(on_disk(&room), before);
}

/// Whichever operation fails, and whether the process goes on or dies, every file is one of the
/// two versions as a whole, and the next publication brings the folder up to date.
#[tokio::test]
async fn no_failing_operation_leaves_a_torn_file() {
    let mut room = Newsroom::new().await;
    room.print_page("yunpu", day(), "01", vec![story("旧题", "旧文。")]).await;
    room.publish(noon()).await;
    let old = on_disk(&room);
    let old_memory = published(&room, "yunpu");
    room.print_page("yunpu", day(), "01", vec![story("新题", "新文。")]).await;
    let later = noon() + Duration::minutes(1);
    let disk = FaultyDisk::watched();
    publish_onto(&room, &disk, later).await;
    let new = on_disk(&room);
    let operations = disk.operations();
    assert_eq!(operations, 1 + 2 * 9 + 1);

    let modes: [(&str, Fails); 2] = [("one fails", |at, n| at == n), ("all fail from it on", |at, n| at >= n)];
    for (mode, fails) in modes {
        for n in 0..operations {
            for (name, bytes) in &old {
                fs::write(room.config.dir.join(name), bytes).unwrap();
            }
            let formats = Format::ALL.into_iter().zip(old_memory.iter().cloned()).collect::<Vec<_>>();
            room.publications.replace("yunpu", &formats);

            let report = publish_onto(&room, &FaultyDisk::new(n, fails), later).await;
            assert_eq!(report.failures().count(), 1, "{mode}, operation {n}");
            let mut found = on_disk(&room);
            let remains: Vec<String> = found.keys().filter(|name| name.contains("/.")).cloned().collect();
            assert!(remains.is_empty() || mode != "one fails", "{mode}, operation {n}: {remains:?}");
            found.retain(|name, _| !name.contains("/."));
            assert_eq!(found.len(), 9);
            for (name, bytes) in found {
                assert!(bytes == old[&name] || bytes == new[&name], "{mode}, operation {n}: {name} is torn");
            }
            assert!(published(&room, "yunpu").iter().all(|r| r.last_modified == later), "memory has the news");

            if mode != "one fails" {
                room.publications = Arc::new(Publications::new());
            }
            assert_eq!(room.publish(later).await.failures().count(), 0);
            let mut mended = on_disk(&room);
            mended.retain(|name, _| !name.contains("/."));
            assert_eq!(mended, new, "{mode}, operation {n}");
        }
    }
}

#[tokio::test]
async fn what_a_crash_left_is_removed_and_what_another_process_writes_is_not() {
    let room = Newsroom::new().await;
    room.print_page("yunpu", day(), "01", vec![story("题", "文。")]).await;
    let folder = room.config.dir.join("yunpu");
    fs::create_dir_all(&folder).unwrap();
    let now = Utc::now();
    for (name, hours) in [(".rss.xml.1.newsboy-tmp", 2), (".rss.xml.2.newsboy-tmp", 0), (".htaccess", 2)] {
        let file = fs::File::create(folder.join(name)).unwrap();
        file.set_modified(SystemTime::now() - StdDuration::from_secs(hours * 3600)).unwrap();
    }
    room.publish(now).await;
    assert!(!folder.join(".rss.xml.1.newsboy-tmp").exists());
    assert!(folder.join(".rss.xml.2.newsboy-tmp").exists() && folder.join(".htaccess").exists());
}

#[tokio::test]
async fn a_name_that_would_leave_the_folder_is_refused() {
    let mut room = Newsroom::new().await;
    room.add_feed("../outside", MatchRule::default());
    let report = room.publish(noon()).await;
    assert!(matches!(report.failures().next(), Some(("../outside", PublishError::Name(_)))));
    assert!(!room.folder.path().join("outside").exists());
}

#[tokio::test]
async fn a_feed_that_left_the_configuration_is_no_longer_served_and_its_files_stay() {
    let mut room = Newsroom::new().await;
    room.add_feed("second", MatchRule::default());
    room.publish(noon()).await;
    room.feeds.pop();
    room.publish(noon()).await;
    assert!(room.publications.get("second", "rss.xml").is_none());
    assert!(room.publications.get("yunpu", "rss.xml").is_some());
    assert!(room.config.dir.join("second/rss.xml").is_file());
}

#[tokio::test]
async fn while_the_store_fails_what_was_published_is_served_on() {
    let room = Newsroom::new().await;
    room.print_page("yunpu", day(), "01", vec![story("题", "文。")]).await;
    room.publish(noon()).await;
    let before = published(&room, "yunpu");
    room.store.close().await;
    let report = room.publish(noon()).await;
    assert!(matches!(report.failures().next(), Some(("yunpu", PublishError::Store(_)))));
    assert_eq!(published(&room, "yunpu"), before);
}

#[tokio::test]
async fn a_corrected_article_keeps_its_id_and_changes_its_entry() {
    let room = Newsroom::new().await;
    room.print_page("yunpu", day(), "01", vec![story("题", "原来的文字。")]).await;
    room.publish(noon()).await;
    let before = feed_rs::parser::parse(&*published(&room, "yunpu")[1].identity.bytes).unwrap();
    room.print_page("yunpu", day(), "01", vec![story("题", "更正的文字。")]).await;
    room.publish(noon()).await;
    let after = feed_rs::parser::parse(&*published(&room, "yunpu")[1].identity.bytes).unwrap();
    let (old, new) = (&before.entries[0], &after.entries[0]);
    assert_eq!((&old.id, old.published), (&new.id, new.published));
    assert!(new.updated > old.updated && new.content != old.content);
}
