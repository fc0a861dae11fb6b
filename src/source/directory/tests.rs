//! Real directories, real events, real time.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use tempfile::TempDir;
use tokio::sync::mpsc::{Receiver, channel};
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use crate::model::RawPage;
use crate::source::{Dates, SourceEvent};

use super::*;

/// Longer than anything here takes on a busy machine.
const LONG: Duration = Duration::from_secs(20);

fn config(dir: &TempDir) -> Config {
    let pattern = Pattern::parse("in/{date}/{page}.txt").unwrap();
    let root = dir.path().join(pattern.root());
    Config { pattern, root, watch: WatchMode::Auto, rescan: DEFAULT_RESCAN, poll: Duration::from_millis(200) }
}

/// A watch on `in/` of a directory of its own.
struct Watched {
    dir: TempDir,
    events: Receiver<SourceEvent>,
    shutdown: CancellationToken,
    task: JoinHandle<()>,
}

impl Watched {
    /// Begins the watch on a directory that has one edition, and waits until it was looked through.
    async fn begin() -> Self {
        let dir = TempDir::new().unwrap();
        fs::create_dir_all(dir.path().join("in/2023-02-20")).unwrap();
        let config = config(&dir);
        Self::with(dir, config).await
    }

    async fn with(dir: TempDir, config: Config) -> Self {
        let mut this = Self::unread(dir, config, 64);
        while !matches!(this.next().await, SourceEvent::ScanDone { .. }) {}
        this
    }

    fn unread(dir: TempDir, config: Config, room: usize) -> Self {
        let (sender, events) = channel(room);
        let shutdown = CancellationToken::new();
        let task = tokio::spawn({
            let shutdown = shutdown.clone();
            async move { watch("sample", &config, sender, shutdown).await }
        });
        Self { dir, events, shutdown, task }
    }

    fn path(&self, path: &str) -> PathBuf {
        self.dir.path().join("in").join(path)
    }

    async fn next(&mut self) -> SourceEvent {
        timeout(LONG, self.events.recv()).await.unwrap().unwrap()
    }

    async fn page(&mut self) -> RawPage {
        loop {
            match self.next().await {
                SourceEvent::Page(page) => return page,
                SourceEvent::ScanDone { .. } => {}
                other => panic!("no page: {other:?}"),
            }
        }
    }

    async fn problem(&mut self) -> String {
        loop {
            match self.next().await {
                SourceEvent::Problem { problem, .. } => return problem.code.into_owned(),
                SourceEvent::ScanDone { .. } => {}
                other => panic!("no problem: {other:?}"),
            }
        }
    }

    /// Nothing but looks comes for `long`.
    async fn nothing_for(&mut self, long: Duration) {
        let until = Instant::now() + long;
        while let Ok(event) = timeout(until.saturating_duration_since(Instant::now()), self.events.recv()).await {
            assert!(matches!(event, Some(SourceEvent::ScanDone { .. })), "{event:?}");
        }
    }
}

/// Writes a file beside its place and renames it into it.
fn rename_in(path: &Path, text: &str) {
    let part = path.with_extension("txt.part");
    fs::write(&part, text).unwrap();
    fs::rename(&part, path).unwrap();
}

#[tokio::test]
async fn what_is_there_at_the_start_is_sent_by_date_and_then_the_end_of_the_look() {
    let dir = TempDir::new().unwrap();
    for path in ["in/20230221/02.txt", "in/2023-02-20/03.txt", "in/2023-02-20/02.txt"] {
        fs::create_dir_all(dir.path().join(path).parent().unwrap()).unwrap();
        fs::write(dir.path().join(path), path).unwrap();
    }
    sleep(STEADY).await;
    let config = config(&dir);
    let mut watched = Watched::unread(dir, config, 64);
    for text in ["in/2023-02-20/02.txt", "in/2023-02-20/03.txt", "in/20230221/02.txt"] {
        assert_eq!(watched.page().await.bytes, text.as_bytes());
    }
    assert_eq!(watched.next().await, SourceEvent::ScanDone { source: "sample".to_owned(), pages: 3, whole: true });
}

#[tokio::test]
async fn a_page_renamed_in_is_sent_within_a_second() {
    let mut watched = Watched::begin().await;
    for n in 10..15 {
        let (path, begin) = (watched.path(&format!("2023-02-20/{n}.txt")), Instant::now());
        rename_in(&path, "whole");
        let page = watched.page().await;
        assert_eq!((page.key.page, page.bytes), (n.to_string().into(), b"whole".to_vec()));
        assert!(begin.elapsed() < Duration::from_secs(1), "{:?}", begin.elapsed());
    }
}

#[tokio::test]
async fn the_first_page_of_an_edition_is_sent_within_a_second_as_well() {
    let mut watched = Watched::begin().await;
    for day in 10..20 {
        let folder = watched.path(&format!("2023-03-{day}"));
        let begin = Instant::now();
        fs::create_dir(&folder).unwrap();
        rename_in(&folder.join("02.txt"), "whole");
        let page = watched.page().await;
        assert_eq!((page.key.date.to_string(), page.bytes), (format!("2023-03-{day}"), b"whole".to_vec()));
        assert!(begin.elapsed() < Duration::from_secs(1), "{:?}", begin.elapsed());
    }
    watched.nothing_for(STEADY).await;
}

#[tokio::test]
async fn an_edition_renamed_in_as_a_directory_is_sent_at_once() {
    let mut watched = Watched::begin().await;
    let beside = watched.path(".coming");
    fs::create_dir(&beside).unwrap();
    for page in ["02.txt", "03.txt"] {
        fs::write(beside.join(page), page).unwrap();
    }
    let begin = Instant::now();
    fs::rename(&beside, watched.path("2023-02-21")).unwrap();
    assert_eq!((watched.page().await.bytes, watched.page().await.bytes), (b"02.txt".to_vec(), b"03.txt".to_vec()));
    assert!(begin.elapsed() < Duration::from_secs(1));
}

#[tokio::test]
async fn a_page_written_in_two_parts_is_sent_once_and_whole() {
    let mut watched = Watched::begin().await;
    for day in 20..24 {
        let folder = watched.path(&format!("2023-02-{day}"));
        fs::create_dir_all(&folder).unwrap();
        let mut file = File::create(folder.join("02.txt")).unwrap();
        file.write_all(b"half ").unwrap();
        sleep(Duration::from_millis(300)).await;
        file.write_all(b"and whole").unwrap();
        drop(file);
        assert_eq!(watched.page().await.bytes, b"half and whole");
    }
    watched.nothing_for(STEADY + Duration::from_secs(1)).await;
}

#[tokio::test]
async fn a_page_that_is_not_whole_yet_is_not_read() {
    let mut watched = Watched::begin().await;
    fs::write(watched.path("2023-02-20/02.txt.part"), "half").unwrap();
    fs::write(watched.path("2023-02-20/.03.txt"), "half").unwrap();
    watched.nothing_for(STEADY + Duration::from_secs(1)).await;
    fs::rename(watched.path("2023-02-20/02.txt.part"), watched.path("2023-02-20/02.txt")).unwrap();
    assert_eq!(watched.page().await.key.page, "02");
}

#[tokio::test]
async fn a_page_rewritten_in_place_is_sent_again_however_soon() {
    let mut watched = Watched::begin().await;
    let path = watched.path("2023-02-20/02.txt");
    for text in ["one", "two", "six"] {
        fs::write(&path, text).unwrap();
        assert_eq!(watched.page().await.bytes, text.as_bytes());
    }
}

#[tokio::test]
async fn linked_directories_are_watched_as_others_are() {
    let dir = TempDir::new().unwrap();
    fs::create_dir_all(dir.path().join("real/2023-02-20")).unwrap();
    fs::create_dir_all(dir.path().join("other")).unwrap();
    std::os::unix::fs::symlink(dir.path().join("real"), dir.path().join("in")).unwrap();
    std::os::unix::fs::symlink(dir.path().join("other"), dir.path().join("real/2023-02-21")).unwrap();
    let config = config(&dir);
    let mut watched = Watched::with(dir, config).await;
    rename_in(&watched.path("2023-02-20/02.txt"), "behind one link");
    assert_eq!(watched.page().await.bytes, b"behind one link");
    rename_in(&watched.dir.path().join("other/02.txt"), "behind two links");
    assert_eq!(watched.page().await.bytes, b"behind two links");
}

#[tokio::test]
async fn a_corrected_page_is_sent_again_and_a_removed_one_is_told() {
    let mut watched = Watched::begin().await;
    let path = watched.path("2023-02-20/02.txt");
    rename_in(&path, "first");
    assert_eq!(watched.page().await.bytes, b"first");
    rename_in(&path, "other");
    assert_eq!(watched.page().await.bytes, b"other");
    fs::remove_file(&path).unwrap();
    let SourceEvent::Gone { key, path: gone } = watched.next().await else { panic!("not gone") };
    assert_eq!((key.page.as_str(), gone), ("02", path));
}

#[tokio::test]
async fn a_second_file_for_a_page_and_an_impossible_date_are_problems() {
    let mut watched = Watched::begin().await;
    rename_in(&watched.path("2023-02-20/02.txt"), "first");
    watched.page().await;
    rename_in(&watched.path("2023-02-20/2.txt"), "second");
    assert_eq!(watched.problem().await, "page-duplicate");
    fs::create_dir(watched.path("2023-02-30")).unwrap();
    assert_eq!(watched.problem().await, "page-date");
}

#[tokio::test]
async fn a_root_that_is_missing_or_vanishes_is_told_and_comes_back_by_itself() {
    let dir = TempDir::new().unwrap();
    let config = config(&dir);
    let mut watched = Watched::unread(dir, config, 64);
    assert_eq!(watched.problem().await, "source-missing");
    assert!(matches!(watched.next().await, SourceEvent::ScanDone { whole: false, .. }));
    let (root, away) = (watched.path(""), watched.dir.path().join("away"));
    fs::create_dir_all(watched.path("2023-02-20")).unwrap();
    rename_in(&watched.path("2023-02-20/02.txt"), "first");
    assert_eq!(watched.page().await.bytes, b"first");
    // A file system that is unmounted takes no page back, and mounted again it gives none anew.
    fs::rename(&root, &away).unwrap();
    assert_eq!(watched.problem().await, "source-missing");
    fs::write(away.join("2023-02-20/03.txt"), "while away").unwrap();
    fs::rename(&away, &root).unwrap();
    assert_eq!(watched.page().await.bytes, b"while away");
    rename_in(&watched.path("2023-02-20/04.txt"), "later");
    assert_eq!(watched.page().await.bytes, b"later");
    // The same again where another directory takes its place at once.
    fs::remove_dir_all(&root).unwrap();
    fs::create_dir_all(watched.path("2023-02-21")).unwrap();
    rename_in(&watched.path("2023-02-21/05.txt"), "anew");
    loop {
        match watched.next().await {
            SourceEvent::Page(page) => break assert_eq!(page.bytes, b"anew"),
            SourceEvent::Gone { .. } | SourceEvent::Problem { .. } | SourceEvent::ScanDone { .. } => {}
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn polling_sends_a_page_when_it_has_stood_still() {
    let dir = TempDir::new().unwrap();
    fs::create_dir_all(dir.path().join("in/2023-02-20")).unwrap();
    let config = Config { watch: WatchMode::Poll, ..config(&dir) };
    let mut watched = Watched::with(dir, config).await;
    let mut file = File::create(watched.path("2023-02-20/02.txt")).unwrap();
    file.write_all(b"half ").unwrap();
    sleep(STEADY / 2).await;
    file.write_all(b"and whole").unwrap();
    let written = Instant::now();
    assert_eq!(watched.page().await.bytes, b"half and whole");
    assert!(written.elapsed() >= STEADY);
    fs::remove_file(watched.path("2023-02-20/02.txt")).unwrap();
    loop {
        match watched.next().await {
            SourceEvent::Gone { .. } => break,
            event => assert!(matches!(event, SourceEvent::ScanDone { .. }), "{event:?}"),
        }
    }
}

#[tokio::test]
async fn a_file_that_is_renamed_to_another_form_of_its_label_gives_the_same_page() {
    let mut watched = Watched::begin().await;
    rename_in(&watched.path("2023-02-20/02.txt"), "whole");
    let before = watched.page().await;
    fs::rename(watched.path("2023-02-20/02.txt"), watched.path("2023-02-20/2.txt")).unwrap();
    let after = loop {
        match watched.next().await {
            SourceEvent::Page(page) => break page,
            SourceEvent::Gone { key, .. } => assert_eq!(key, before.key),
            event => assert!(matches!(event, SourceEvent::ScanDone { .. }), "{event:?}"),
        }
    };
    assert_eq!((after.key, after.bytes), (before.key, before.bytes));
}

#[tokio::test]
async fn no_page_is_lost_while_nobody_takes_any() {
    let dir = TempDir::new().unwrap();
    fs::create_dir_all(dir.path().join("in/2023-02-20")).unwrap();
    let config = config(&dir);
    let mut watched = Watched::unread(dir, config, 1);
    assert!(matches!(watched.next().await, SourceEvent::ScanDone { .. }));
    for n in 1..=200 {
        rename_in(&watched.path(&format!("2023-02-20/{n}.txt")), "whole");
    }
    sleep(Duration::from_millis(300)).await;
    let mut pages = std::collections::BTreeSet::new();
    while pages.len() < 200 {
        assert!(pages.insert(watched.page().await.key.page));
    }
}

#[tokio::test]
async fn a_watch_ends_when_it_is_told_to_and_when_nobody_listens() {
    let watched = Watched::begin().await;
    watched.shutdown.cancel();
    timeout(LONG, watched.task).await.unwrap().unwrap();
    let watched = Watched::begin().await;
    drop(watched.events);
    timeout(LONG, watched.task).await.unwrap().unwrap();
    // A dropped watch ends its thread, or this test would never end.
    let watched = Watched::begin().await;
    watched.task.abort();
}

#[tokio::test]
async fn one_look_reads_what_stands_still_at_once_waits_for_the_rest_and_keeps_to_its_dates() {
    let dir = TempDir::new().unwrap();
    for date in ["2023-02-19", "2023-02-20", "2023-02-21"] {
        fs::create_dir_all(dir.path().join("in").join(date)).unwrap();
        fs::write(dir.path().join("in").join(date).join("02.txt"), date).unwrap();
    }
    let old = File::options().write(true).open(dir.path().join("in/2023-02-21/02.txt")).unwrap();
    old.set_modified(std::time::SystemTime::now() - Duration::from_secs(60)).unwrap();
    let (sender, mut events) = channel(64);
    let dates = Dates { from: chrono::NaiveDate::from_ymd_opt(2023, 2, 20), to: None };
    let begin = Instant::now();
    once("sample", &config(&dir), dates, sender).await;
    assert!(begin.elapsed() >= STEADY);
    let mut told = Vec::new();
    while let Some(event) = events.recv().await {
        told.push(match event {
            SourceEvent::Page(page) => page.key.date.to_string(),
            other => format!("{other:?}"),
        });
    }
    assert_eq!(told, ["2023-02-21", "2023-02-20", "ScanDone { source: \"sample\", pages: 2, whole: true }"]);
}
