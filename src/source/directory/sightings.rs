//! What was seen of the page files, and what of it was passed on.
//!
//! It decides which file is read when, and knows no clock and no file system: both are told to it.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use chrono::NaiveDate;

use crate::model::page_order::by_page;
use crate::model::{PageKey, PageLabel, Problem};

use super::beside::is_beside;
use super::scan::{FoundFile, Stamp};

/// How sure it is that a file is whole, and so how long it is to stand still before it is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wholeness {
    /// It is whole.
    Certain,
    /// It is whole when it has stood still for so long.
    After(Duration),
}

impl Wholeness {
    /// What two reports of the same state say together. Certainty stays; of two waits the longer
    /// one is the safer.
    fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Certain, _) | (_, Self::Certain) => Self::Certain,
            (Self::After(one), Self::After(another)) => Self::After(one.max(another)),
        }
    }
}

/// What is to be done about a file now.
#[derive(Debug, PartialEq)]
pub(super) enum Due {
    /// Read it and pass it on.
    Read(FoundFile),
    /// Tell that another file gives the same page.
    Duplicate(FoundFile, PathBuf),
}

/// What is known of one file.
#[derive(Debug)]
struct Sighting {
    found: FoundFile,
    /// Since when it stands as `found` says.
    since: Instant,
    wholeness: Wholeness,
    /// The state that was passed on.
    sent: Option<Stamp>,
    /// The problem that was told when it could not be read.
    failed: Option<Problem>,
    /// The file that was told to give the same page.
    duplicate_of: Option<PathBuf>,
}

/// All files of a source.
#[derive(Debug, Default)]
pub(super) struct Sightings {
    files: BTreeMap<PathBuf, Sighting>,
    /// The files of each page; the first counts.
    of_page: BTreeMap<(NaiveDate, PageLabel), BTreeSet<PathBuf>>,
    /// The files about which something is still to be done.
    waiting: BTreeSet<Turn>,
}

/// A file's place among those that wait: the oldest edition first, its pages in their order.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Turn {
    date: NaiveDate,
    page: PageLabel,
    path: PathBuf,
}

impl Turn {
    fn of(found: &FoundFile) -> Self {
        Self { date: found.key.date, page: found.key.page.clone(), path: found.path.clone() }
    }
}

impl Ord for Turn {
    fn cmp(&self, other: &Self) -> Ordering {
        self.date.cmp(&other.date).then_with(|| by_page(&self.page, &other.page)).then_with(|| self.path.cmp(&other.path))
    }
}

impl PartialOrd for Turn {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

fn page_of(key: &PageKey) -> (NaiveDate, PageLabel) {
    (key.date, key.page.clone())
}

impl Sightings {
    /// Notes that a file was seen.
    pub(super) fn see(&mut self, found: FoundFile, wholeness: Wholeness, now: Instant) {
        let path = found.path.clone();
        if let Some(known) = self.files.get_mut(&path) {
            if known.found.stamp != found.stamp {
                // What stands beside a page's file is told of anew to whoever reads that.
                if known.duplicate_of.as_deref().is_some_and(|first| is_beside(first, &path)) {
                    known.duplicate_of = None;
                }
                known.found = found;
                known.since = now;
                known.wholeness = wholeness;
                known.failed = None;
            } else {
                known.wholeness = known.wholeness.and(wholeness);
            }
            if known.sent != Some(known.found.stamp) {
                self.waiting.insert(Turn::of(&known.found));
            }
            return;
        }
        let page = page_of(&found.key);
        let sighting = Sighting { found, since: now, wholeness, sent: None, failed: None, duplicate_of: None };
        self.files.insert(path.clone(), sighting);
        let files = self.of_page.entry(page).or_default();
        files.insert(path);
        // The new one may go ahead of those that counted before.
        self.waiting.extend(files.iter().filter_map(|path| self.files.get(path)).map(|sighting| Turn::of(&sighting.found)));
    }

    /// Notes that a file changed while it was read. It is to stand still anew, even where it seems
    /// to be as it was and was certain to be whole: a network file system may go on telling the old
    /// length for seconds, in which it would be read again and again.
    pub(super) fn unsteady(&mut self, found: FoundFile, wholeness: Wholeness, now: Instant) {
        if let Some(sighting) = self.files.get_mut(&found.path) {
            sighting.since = now;
            sighting.wholeness = wholeness;
        }
        self.see(found, wholeness, now);
    }

    /// Notes that a file may have changed even where its stamp has not.
    pub(super) fn doubt(&mut self, path: &Path) {
        if let Some(sighting) = self.files.get_mut(path) {
            sighting.sent = None;
        }
    }

    /// Notes that a file is there no longer. Gives its key where it was known.
    pub(super) fn lose(&mut self, path: &Path) -> Option<PageKey> {
        let found = self.files.remove(path)?.found;
        self.waiting.remove(&Turn::of(&found));
        let key = found.key;
        let page = page_of(&key);
        if let Some(files) = self.of_page.get_mut(&page) {
            files.remove(path);
            if let Some(next) = files.first() {
                // It stood behind the lost one; now it is the page, whatever was sent of it before.
                if let Some(sighting) = self.files.get_mut(next) {
                    sighting.sent = None;
                    self.waiting.insert(Turn::of(&sighting.found));
                }
            } else {
                self.of_page.remove(&page);
            }
        }
        Some(key)
    }

    /// Takes out what is to be done now.
    pub(super) fn due(&mut self, now: Instant) -> Option<Due> {
        loop {
            let turn = self.waiting.iter().find(|turn| self.due_at(&turn.path).is_none_or(|at| at <= now))?.clone();
            self.waiting.remove(&turn);
            let path = turn.path;
            let Some(sighting) = self.files.get_mut(&path) else { continue };
            let first = self.of_page.get(&page_of(&sighting.found.key)).and_then(BTreeSet::first);
            match first {
                Some(first) if *first != path => {
                    if sighting.duplicate_of.as_ref() != Some(first) {
                        sighting.duplicate_of = Some(first.clone());
                        if is_beside(first, &path) {
                            let first = first.clone();
                            self.read_again(&first);
                            continue;
                        }
                        return Some(Due::Duplicate(sighting.found.clone(), first.clone()));
                    }
                }
                _ => {
                    sighting.duplicate_of = None;
                    if sighting.sent != Some(sighting.found.stamp) {
                        return Some(Due::Read(sighting.found.clone()));
                    }
                }
            }
        }
    }

    /// Has a file read once more, for what stands beside it is read with it.
    fn read_again(&mut self, path: &Path) {
        if let Some(sighting) = self.files.get_mut(path) {
            sighting.sent = None;
            self.waiting.insert(Turn::of(&sighting.found));
        }
    }

    /// When something will be due.
    pub(super) fn next_due(&self) -> Option<Instant> {
        self.waiting.iter().filter_map(|turn| self.due_at(&turn.path)).min()
    }

    /// `None` where it is due at any time.
    fn due_at(&self, path: &Path) -> Option<Instant> {
        match self.files.get(path)? {
            Sighting { wholeness: Wholeness::After(still), since, .. } => Some(*since + *still),
            Sighting { wholeness: Wholeness::Certain, .. } => None,
        }
    }

    /// Notes that a file was passed on in this state.
    pub(super) fn sent(&mut self, path: &Path, stamp: Stamp) {
        if let Some(sighting) = self.files.get_mut(path) {
            sighting.sent = Some(stamp);
            sighting.failed = None;
        }
    }

    /// Notes that a file could not be read. Whether that is news.
    pub(super) fn failed(&mut self, path: &Path, problem: &Problem) -> bool {
        let Some(sighting) = self.files.get_mut(path) else { return false };
        let is_news = sighting.failed.as_ref() != Some(problem);
        sighting.failed = Some(problem.clone());
        is_news
    }

    /// The known files at this path or below it.
    pub(super) fn below(&self, path: &Path) -> Vec<PathBuf> {
        // Paths are ordered by component, so what lies below a directory follows it directly.
        self.files.range(path.to_owned()..).map(|(file, _)| file).take_while(|file| file.starts_with(path)).cloned().collect()
    }

    /// How many pages there are.
    pub(super) fn pages(&self) -> usize {
        self.of_page.len()
    }

    /// How many files are known.
    pub(super) fn len(&self) -> usize {
        self.files.len()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::time::SystemTime;

    use crate::model::PageFormat;

    use super::super::STEADY;
    use super::*;

    const STILL: Wholeness = Wholeness::After(STEADY);

    fn found(path: &str, len: u64) -> FoundFile {
        let date = NaiveDate::from_ymd_opt(2023, 2, 20).unwrap();
        let page = Path::new(path).file_stem().unwrap().to_str().unwrap().to_owned();
        let stamp = Stamp { len, modified: SystemTime::UNIX_EPOCH, inode: (1, 1) };
        FoundFile {
            key: PageKey { source: "sample".to_owned(), date, page: page.into() },
            format: PageFormat::Text,
            path: PathBuf::from(path),
            stamp,
        }
    }

    fn all_due(sightings: &mut Sightings, now: Instant) -> Vec<String> {
        let mut all = Vec::new();
        while let Some(due) = sightings.due(now) {
            all.push(match due {
                Due::Read(file) => {
                    sightings.sent(&file.path, file.stamp);
                    format!("read {}", file.path.display())
                }
                Due::Duplicate(file, first) => format!("{} behind {}", file.path.display(), first.display()),
            });
        }
        all
    }

    #[test]
    fn a_file_that_is_certainly_whole_is_due_at_once_and_sent_once() {
        let (mut sightings, now) = (Sightings::default(), Instant::now());
        sightings.see(found("d/02.txt", 5), Wholeness::Certain, now);
        assert_eq!(all_due(&mut sightings, now), ["read d/02.txt"]);
        sightings.see(found("d/02.txt", 5), Wholeness::Certain, now);
        assert_eq!(all_due(&mut sightings, now), [""; 0]);
        sightings.see(found("d/02.txt", 6), Wholeness::Certain, now);
        assert_eq!(all_due(&mut sightings, now), ["read d/02.txt"]);
    }

    #[test]
    fn a_file_that_grows_is_due_only_after_it_stood_still() {
        let (mut sightings, start) = (Sightings::default(), Instant::now());
        sightings.see(found("d/02.txt", 5), STILL, start);
        sightings.see(found("d/02.txt", 9), STILL, start + Duration::from_millis(1500));
        assert_eq!(all_due(&mut sightings, start + STEADY), [""; 0]);
        let due = start + Duration::from_millis(1500) + STEADY;
        assert_eq!(sightings.next_due(), Some(due));
        assert_eq!(all_due(&mut sightings, due), ["read d/02.txt"]);
        assert_eq!(sightings.next_due(), None);
    }

    #[test]
    fn a_file_that_is_in_doubt_is_sent_again_though_its_stamp_is_the_same() {
        let (mut sightings, now) = (Sightings::default(), Instant::now());
        sightings.see(found("d/02.txt", 5), Wholeness::Certain, now);
        assert_eq!(all_due(&mut sightings, now), ["read d/02.txt"]);
        sightings.doubt(Path::new("d/02.txt"));
        sightings.see(found("d/02.txt", 5), Wholeness::Certain, now);
        assert_eq!(all_due(&mut sightings, now), ["read d/02.txt"]);
    }

    #[test]
    fn a_file_that_changed_under_the_reader_waits_anew_though_it_seems_to_be_as_it_was() {
        let (mut sightings, start) = (Sightings::default(), Instant::now());
        sightings.see(found("d/02.txt", 5), Wholeness::Certain, start);
        assert!(matches!(sightings.due(start), Some(Due::Read(_))));
        sightings.unsteady(found("d/02.txt", 5), STILL, start);
        assert_eq!(sightings.due(start), None);
        assert_eq!(all_due(&mut sightings, start + STEADY), ["read d/02.txt"]);
    }

    #[test]
    fn a_close_ends_the_waiting() {
        let (mut sightings, start) = (Sightings::default(), Instant::now());
        sightings.see(found("d/02.txt", 5), STILL, start);
        sightings.see(found("d/02.txt", 5), Wholeness::Certain, start);
        assert_eq!(all_due(&mut sightings, start), ["read d/02.txt"]);
    }

    #[test]
    fn the_first_path_is_the_page_and_the_others_are_told_of_once() {
        let (mut sightings, now) = (Sightings::default(), Instant::now());
        sightings.see(found("d/2.txt", 5), Wholeness::Certain, now);
        assert_eq!(all_due(&mut sightings, now), ["read d/2.txt"]);
        sightings.see(found("d/02.txt", 5), Wholeness::Certain, now);
        assert_eq!(all_due(&mut sightings, now), ["read d/02.txt", "d/2.txt behind d/02.txt"]);
        sightings.see(found("d/2.txt", 6), Wholeness::Certain, now);
        assert_eq!(all_due(&mut sightings, now), [""; 0]);
        assert_eq!(sightings.pages(), 1);
        assert_eq!(sightings.lose(Path::new("d/02.txt")).unwrap().page, "02");
        assert_eq!(all_due(&mut sightings, now), ["read d/2.txt"]);
        sightings.lose(Path::new("d/2.txt"));
        assert_eq!((sightings.pages(), sightings.len()), (0, 0));
    }

    #[test]
    fn pages_are_due_in_the_order_of_the_paper() {
        let (mut sightings, now) = (Sightings::default(), Instant::now());
        for path in ["d/10.txt", "d/B1.txt", "d/2.txt", "d/A2.txt"] {
            sightings.see(found(path, 5), Wholeness::Certain, now);
        }
        assert_eq!(all_due(&mut sightings, now), ["read d/2.txt", "read d/10.txt", "read d/A2.txt", "read d/B1.txt"]);
    }

    #[test]
    fn a_failure_is_news_once_until_the_file_changes() {
        let (mut sightings, now) = (Sightings::default(), Instant::now());
        let problem = Problem::new("page-unreadable", "no right");
        sightings.see(found("d/02.txt", 5), Wholeness::Certain, now);
        assert!(sightings.failed(Path::new("d/02.txt"), &problem));
        sightings.see(found("d/02.txt", 5), Wholeness::Certain, now);
        assert!(!sightings.failed(Path::new("d/02.txt"), &problem));
        sightings.see(found("d/02.txt", 6), Wholeness::Certain, now);
        assert!(sightings.failed(Path::new("d/02.txt"), &problem));
    }

    #[test]
    fn what_lies_below_a_directory_is_found_and_its_neighbours_are_not() {
        let mut sightings = Sightings::default();
        for path in ["a/02.txt", "a/b/03.txt", "a-b/04.txt", "b/05.txt"] {
            sightings.see(found(path, 1), STILL, Instant::now());
        }
        assert_eq!(sightings.below(Path::new("a")), [Path::new("a/02.txt"), Path::new("a/b/03.txt")]);
        assert_eq!(sightings.below(Path::new("b/05.txt")), [Path::new("b/05.txt")]);
    }
}
