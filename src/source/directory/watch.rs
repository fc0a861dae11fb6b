//! Watching a directory.
//!
//! One thread a source does everything that blocks: it sets watches, looks through directories,
//! reads files and hands them on. The file system's events reach it through a [`Mailbox`]; whatever
//! an event says, the thread looks for itself what is at the path, so that a report that is late,
//! doubled or out of order does no harm.
//!
//! Each directory that can hold pages is watched for itself, and watched before it is listed.
//! A recursive watch would cover everything below the root, wanted or not, and would leave a gap
//! between a new directory and the watch on it in which a page could be missed.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use notify::{ErrorKind, RecommendedWatcher, RecursiveMode, Watcher as _};
use tokio::runtime::Handle;
use tokio::sync::mpsc::Sender;
use tokio::sync::oneshot;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::model::{PageKey, Problem};
use crate::source::SourceEvent;

use super::mailbox::{Mail, Mailbox, Report};
use super::once::has_stood_still;
use super::read::{ReadError, read_page};
use super::scan::{Finding, FoundFile, Look, MAX_ENTRIES, duplicate, inode, look, walk};
use super::sightings::{Due, Sightings, Wholeness};
use super::{Config, STEADY, WatchMode};

/// How often it is checked that the root is there and still the directory that is watched: the
/// watch follows a directory that is moved away, and hears nothing of one that is mounted over.
const ROOT_CHECK: Duration = Duration::from_secs(1);

/// How long a young file must stand still that is found in a directory whose watch has just begun.
/// Its close or its rename may have come before the watch; its next write would be heard.
const STILL_WHERE_HEARD: Duration = Duration::from_millis(500);

/// How far the clock of a file server may be from ours. A file that changed less than this and
/// [`STEADY`] ago may be being written still, whatever its time says.
const CLOCK_SKEW: Duration = Duration::from_secs(60);

/// How long an end waits for the thread: a network file system that hangs must not keep newsboy
/// from ending.
const LEAVE: Duration = Duration::from_secs(5);

/// The least time between two looks at everything, however many events were lost.
const SCAN_GAP: Duration = Duration::from_secs(1);

/// Reports every page and each one that comes or changes; see [`crate::source::watch`].
///
/// A page that is renamed into its place is reported within some milliseconds; what no event
/// tells of, at the next look (see [`Config::rescan`] and [`Config::poll`]) and [`STEADY`] later.
pub async fn watch(source: &str, config: &Config, events: Sender<SourceEvent>, shutdown: CancellationToken) {
    let mailbox = Arc::new(Mailbox::default());
    // Where this future is dropped, the thread ends as well.
    let stop = shutdown.child_token();
    let _stop_on_drop = StopOnDrop { stop: stop.clone(), mailbox: Arc::clone(&mailbox) };
    let watch = Watch {
        source: source.to_owned(),
        config: config.clone(),
        mailbox: Arc::clone(&mailbox),
        outlet: Outlet { events: events.clone(), stop, runtime: Handle::current() },
        sightings: Sightings::default(),
        told: BTreeSet::new(),
        watcher: None,
        root_seen: None,
        renew: true,
        deaf: None,
    };
    // Dropped when the thread ends, in whatever way.
    let (alive, mut ended) = oneshot::channel::<()>();
    // A thread of its own, for a runtime waits without bound for those that it lends.
    let thread = thread::Builder::new().name(format!("watch {source}")).spawn(move || {
        let _alive = alive;
        // Ends with an error where it is told to or nobody listens: ends like any other.
        let _ = watch.run();
    });
    if let Err(error) = thread {
        let message = format!("no thread can be begun to watch {}: {error}; see what fills the system", config.root.display());
        let problem = Problem::new("source-unwatched", message);
        let origin = config.root.display().to_string();
        // Where nobody listens, nobody misses it.
        let _ = events.send(SourceEvent::Problem { source: source.to_owned(), key: None, origin, problem }).await;
        return;
    }
    tokio::select! {
        _ = &mut ended => return,
        () = shutdown.cancelled() => {}
        () = events.closed() => {}
    }
    mailbox.close();
    let _ = timeout(LEAVE, ended).await;
}

struct StopOnDrop {
    stop: CancellationToken,
    mailbox: Arc<Mailbox>,
}

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.stop.cancel();
        self.mailbox.close();
    }
}

/// The work is to end, or nobody listens any more.
struct Stopped;

/// Where events go out.
struct Outlet {
    events: Sender<SourceEvent>,
    stop: CancellationToken,
    runtime: Handle,
}

impl Outlet {
    /// Waits until there is room.
    fn send(&self, event: SourceEvent) -> Result<(), Stopped> {
        self.runtime.block_on(async {
            tokio::select! {
                biased;
                () = self.stop.cancelled() => Err(Stopped),
                sent = self.events.send(event) => sent.map_err(|_| Stopped),
            }
        })
    }
}

struct Watch {
    source: String,
    config: Config,
    mailbox: Arc<Mailbox>,
    outlet: Outlet,
    sightings: Sightings,
    /// The problems of the directories that were told and last.
    told: BTreeSet<(PathBuf, String)>,
    /// Set on each directory that was walked through since it was made.
    watcher: Option<RecommendedWatcher>,
    /// The directory that was at the root's path at the last look at everything.
    root_seen: Option<(u64, u64)>,
    /// The watch on the root is not to be trusted.
    renew: bool,
    /// Why events cannot be relied on: then everything is looked through as often as with
    /// [`WatchMode::Poll`].
    deaf: Option<Problem>,
}

impl Watch {
    fn run(mut self) -> Result<(), Stopped> {
        let mut next_scan = Instant::now();
        loop {
            if self.config.watch == WatchMode::Auto && (self.renew || self.root_present() != self.root_seen) {
                next_scan = Instant::now();
            }
            if next_scan <= Instant::now() {
                self.scan()?;
                next_scan = Instant::now() + self.scan_interval();
            }
            self.pass_on_due()?;
            let mail = self.mailbox.take(self.wake(next_scan));
            if mail.closed {
                return Err(Stopped);
            }
            if mail.rescan {
                next_scan = next_scan.min(Instant::now() + SCAN_GAP);
            }
            self.open(mail)?;
        }
    }

    fn scan_interval(&self) -> Duration {
        match (self.config.watch, &self.deaf) {
            (WatchMode::Auto, None) => self.config.rescan,
            (WatchMode::Auto, Some(_)) | (WatchMode::Poll, _) => self.config.poll,
        }
    }

    /// When to wake where no mail comes.
    fn wake(&self, next_scan: Instant) -> Instant {
        let check = (self.config.watch == WatchMode::Auto).then(|| Instant::now() + ROOT_CHECK);
        [self.sightings.next_due(), check].into_iter().flatten().fold(next_scan, Instant::min)
    }

    fn root_present(&self) -> Option<(u64, u64)> {
        fs::metadata(&self.config.root).ok().filter(fs::Metadata::is_dir).map(|metadata| inode(&metadata))
    }

    /// Begins a new watch where the root came, went, or is another directory than before. The
    /// directories are watched one by one as they are walked through.
    fn renew_watcher(&mut self) {
        let present = self.root_present();
        if self.renew || present != self.root_seen {
            self.watcher = None;
        }
        self.renew = false;
        self.root_seen = present;
        self.deaf = None;
        if self.watcher.is_none() && present.is_some() {
            let mailbox = Arc::clone(&self.mailbox);
            match notify::recommended_watcher(move |heard| mailbox.put(heard)) {
                Ok(watcher) => self.watcher = Some(watcher),
                Err(error) => self.deaf = Some(self.deafness(&error)),
            }
        }
    }

    fn deafness(&self, error: &notify::Error) -> Problem {
        let message = format!(
            "the file system's events cannot be had for all directories below {}: {error}; everything is looked through every {} s instead: raise the system's limit (fs.inotify.max_user_watches, fs.inotify.max_user_instances), or set watch = \"poll\"",
            self.config.root.display(),
            self.config.poll.as_secs()
        );
        Problem::new("source-unwatched", message)
    }

    /// Looks through everything.
    fn scan(&mut self) -> Result<(), Stopped> {
        if self.config.watch == WatchMode::Auto {
            self.renew_watcher();
        }
        // Every directory is watched before it is listed: the next write to a young file is heard.
        let heard = self.watcher.is_some() && self.deaf.is_none();
        let young = if heard { STILL_WHERE_HEARD } else { STEADY };
        let seen = self.look_through(Path::new(""), Wholeness::After(young))?;
        self.pass_on_due()?;
        let whole = seen && self.sightings.next_due().is_none();
        self.outlet.send(SourceEvent::ScanDone { source: self.source.clone(), pages: self.sightings.pages(), whole })
    }

    /// Looks through a directory and what lies below it; `below` is its path below the root, and
    /// `wholeness` that of a file that changed lately. Gives whether all of it could be looked into.
    fn look_through(&mut self, below: &Path, wholeness: Wholeness) -> Result<bool, Stopped> {
        let mut unwatched = None;
        let watcher = &mut self.watcher;
        let walk = walk(&self.source, &self.config, below, &mut |folder| {
            let Some(watcher) = watcher else { return };
            if let Err(error) = watcher.watch(folder, RecursiveMode::NonRecursive)
                && matches!(error.kind, ErrorKind::MaxFilesWatch)
            {
                unwatched = Some(error);
            }
            // Any other error is one of the directory, which shows when it is listed.
        });
        if let Some(error) = unwatched {
            self.deaf = Some(self.deafness(&error));
        }
        let (now, wall) = (Instant::now(), SystemTime::now());
        let mut lost: BTreeSet<PathBuf> = self.sightings.below(&self.config.root.join(below)).into_iter().collect();
        for file in walk.files {
            lost.remove(&file.path);
            let wholeness = if self.is_old(&file, wall) { Wholeness::Certain } else { wholeness };
            self.sightings.see(file, wholeness, now);
        }
        for path in lost {
            // A directory that cannot be looked into takes no page back: a missing root is most
            // often a file system that is not mounted.
            if !walk.blind.iter().any(|blind| path.starts_with(blind)) {
                self.lose(&path)?;
            }
        }
        let whole = below.as_os_str().is_empty();
        let deaf = self.deaf.clone().map(|problem| Finding { key: None, origin: self.config.root.clone(), problem });
        self.tell(walk.findings.into_iter().chain(deaf).collect(), whole)?;
        Ok(walk.blind.is_empty())
    }

    /// Whether a file's time of change alone tells that nobody is writing it.
    fn is_old(&self, file: &FoundFile, now: SystemTime) -> bool {
        let long = match self.config.watch {
            WatchMode::Auto => STEADY,
            WatchMode::Poll => STEADY + CLOCK_SKEW,
        };
        has_stood_still(file.stamp, now, long)
    }

    /// Tells the problems that were not told yet. After a look at everything, those that were not
    /// found again are forgotten, so that they are told when they come back.
    fn tell(&mut self, findings: Vec<Finding>, whole: bool) -> Result<(), Stopped> {
        let mark = |finding: &Finding| (finding.origin.clone(), finding.problem.to_string());
        if whole {
            let found: BTreeSet<_> = findings.iter().map(mark).collect();
            self.told.retain(|told| found.contains(told));
        }
        for finding in findings {
            if self.told.insert(mark(&finding)) {
                self.send_problem(finding.key, &finding.origin, finding.problem)?;
            }
        }
        Ok(())
    }

    /// Looks at every path that something was reported of.
    fn open(&mut self, mail: Mail) -> Result<(), Stopped> {
        for (path, report) in mail.reports {
            let Ok(below) = path.strip_prefix(&self.config.root) else { continue };
            if below.as_os_str().is_empty() {
                // The root was moved or removed. Another directory may be in its place, even one
                // with the same inode, so the watch is begun anew.
                self.renew = true;
                continue;
            }
            let found = look(&self.source, &self.config, below, &path);
            let wholeness = match (report, &found) {
                // A program that opens a file, closes it, and fills it later is met often enough.
                (Report::Complete, Look::Page(file)) if file.stamp.len > 0 => Wholeness::Certain,
                (Report::Complete, Look::Folder) => Wholeness::Certain,
                (Report::Touched, Look::Page(file)) if self.is_old(file, SystemTime::now()) => Wholeness::Certain,
                (_, Look::Folder) => Wholeness::After(STILL_WHERE_HEARD),
                _ => Wholeness::After(STEADY),
            };
            match found {
                Look::Page(file) if self.sightings.len() < MAX_ENTRIES => {
                    if report == Report::Complete {
                        // Two writes within one tick of the file system's clock look the same.
                        self.sightings.doubt(&file.path);
                    }
                    self.sightings.see(file, wholeness, Instant::now());
                }
                // The next look at everything tells that there are too many.
                Look::Page(_) | Look::Other => {}
                Look::Folder => {
                    self.look_through(below, wholeness)?;
                }
                Look::Senseless(finding) => self.tell(vec![finding], false)?,
                Look::Gone if self.config.root.is_dir() => {
                    for file in self.sightings.below(&path) {
                        self.lose(&file)?;
                    }
                }
                // The whole root went, and its files with it one by one: it may come back.
                Look::Gone => {}
            }
        }
        Ok(())
    }

    fn lose(&mut self, path: &Path) -> Result<(), Stopped> {
        match self.sightings.lose(path) {
            Some(key) => self.outlet.send(SourceEvent::Gone { key, path: path.to_owned() }),
            None => Ok(()),
        }
    }

    /// Reads what is due and passes it on.
    fn pass_on_due(&mut self) -> Result<(), Stopped> {
        while let Some(due) = self.sightings.due(Instant::now()) {
            match due {
                Due::Read(file) => self.pass_on(file)?,
                Due::Duplicate(file, first) => {
                    let finding = duplicate(&file, &first);
                    self.send_problem(finding.key, &finding.origin, finding.problem)?;
                }
            }
        }
        Ok(())
    }

    fn pass_on(&mut self, file: FoundFile) -> Result<(), Stopped> {
        match read_page(&file) {
            Ok(page) => {
                self.outlet.send(SourceEvent::Page(page))?;
                self.sightings.sent(&file.path, file.stamp);
            }
            Err(ReadError::Unsteady { .. } | ReadError::Vanished { .. }) => {
                let below = file.path.strip_prefix(&self.config.root).unwrap_or(&file.path);
                match look(&self.source, &self.config, below, &file.path) {
                    Look::Page(file) => self.sightings.unsteady(file, Wholeness::After(STEADY), Instant::now()),
                    _ => self.lose(&file.path)?,
                }
            }
            Err(error) => {
                let problem = Problem::from(&error);
                if self.sightings.failed(&file.path, &problem) {
                    self.send_problem(Some(file.key), &file.path, problem)?;
                }
            }
        }
        Ok(())
    }

    fn send_problem(&self, key: Option<PageKey>, origin: &Path, problem: Problem) -> Result<(), Stopped> {
        let origin = origin.display().to_string();
        self.outlet.send(SourceEvent::Problem { source: self.source.clone(), key, origin, problem })
    }
}
