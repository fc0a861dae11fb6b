//! What the file system reports, between the thread that hears it and the one that acts on it.
//!
//! The side that hears must never wait, or the kernel's own queue overflows: reports are kept one
//! a path, the later one over the earlier one, and where there are too many paths, they are all
//! dropped for one demand to look at everything.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use notify::event::{AccessKind, AccessMode, EventKind, MetadataKind, ModifyKind, RenameMode};

/// Paths with reports that are kept before all of them give way to a look at everything.
const MAX_PATHS: usize = 4096;

/// What was reported of a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Report {
    /// Something happened to it; what, a look will tell.
    Touched,
    /// It was renamed into its place or closed after writing: it is whole.
    Complete,
}

/// What is taken out at once.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Mail {
    /// The paths that something was reported of.
    pub(super) reports: BTreeMap<PathBuf, Report>,
    /// Reports were lost.
    pub(super) rescan: bool,
    /// Nobody wants to know any more.
    pub(super) closed: bool,
}

/// The place where reports wait.
#[derive(Debug, Default)]
pub(super) struct Mailbox {
    mail: Mutex<Mail>,
    arrived: Condvar,
}

impl Mailbox {
    /// Takes what the watcher heard. Called on the watcher's own thread.
    pub(super) fn put(&self, heard: notify::Result<notify::Event>) {
        let mut mail = self.lock();
        match heard {
            Ok(event) => {
                mail.rescan |= event.need_rescan();
                mail.note(event);
            }
            // Most often a limit on watches: what is not watched must be looked at.
            Err(_) => mail.rescan = true,
        }
        if mail.reports.len() > MAX_PATHS {
            mail.reports.clear();
            mail.rescan = true;
        }
        if !mail.is_empty() {
            self.arrived.notify_one();
        }
    }

    /// Ends the waiting for good.
    pub(super) fn close(&self) {
        self.lock().closed = true;
        self.arrived.notify_one();
    }

    /// Waits for mail until `until` and takes it.
    pub(super) fn take(&self, until: Instant) -> Mail {
        let mut mail = self.lock();
        while mail.is_empty() {
            let left = until.saturating_duration_since(Instant::now());
            if left == Duration::ZERO {
                break;
            }
            mail = self.arrived.wait_timeout(mail, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        let left = Mail { closed: mail.closed, ..Mail::default() };
        std::mem::replace(&mut mail, left)
    }

    /// No code that holds the lock can leave the mail half changed, so a panic elsewhere is no
    /// reason to stop.
    fn lock(&self) -> MutexGuard<'_, Mail> {
        self.mail.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Mail {
    fn is_empty(&self) -> bool {
        self.reports.is_empty() && !self.rescan && !self.closed
    }

    fn note(&mut self, event: notify::Event) {
        let report = match event.kind {
            EventKind::Access(AccessKind::Close(AccessMode::Write)) | EventKind::Modify(ModifyKind::Name(RenameMode::To)) => {
                Report::Complete
            }
            // Both ends of a rename come as From and To of their own as well.
            EventKind::Access(_) | EventKind::Modify(ModifyKind::Name(RenameMode::Both)) => return,
            // A program that sets rights or times on a file that it has closed takes nothing back.
            EventKind::Modify(ModifyKind::Metadata(MetadataKind::Any)) => {
                for path in event.paths {
                    self.reports.entry(path).or_insert(Report::Touched);
                }
                return;
            }
            _ => Report::Touched,
        };
        for path in event.paths {
            self.reports.insert(path, report);
        }
    }
}

#[cfg(test)]
mod tests {
    use notify::Event;
    use notify::event::{CreateKind, DataChange, Flag};

    use super::*;

    const CLOSED: EventKind = EventKind::Access(AccessKind::Close(AccessMode::Write));
    const WRITTEN: EventKind = EventKind::Modify(ModifyKind::Data(DataChange::Any));
    const RIGHTS: EventKind = EventKind::Modify(ModifyKind::Metadata(MetadataKind::Any));

    fn after(kinds: &[EventKind]) -> Option<Report> {
        let mailbox = Mailbox::default();
        for kind in kinds {
            mailbox.put(Ok(Event::new(*kind).add_path(PathBuf::from("02.txt"))));
        }
        mailbox.take(Instant::now()).reports.remove(&PathBuf::from("02.txt"))
    }

    #[test]
    fn the_last_report_of_a_path_counts_but_rights_take_nothing_back() {
        assert_eq!(after(&[EventKind::Create(CreateKind::File), WRITTEN, CLOSED]), Some(Report::Complete));
        assert_eq!(after(&[CLOSED, WRITTEN]), Some(Report::Touched));
        assert_eq!(after(&[CLOSED, RIGHTS]), Some(Report::Complete));
        assert_eq!(after(&[RIGHTS]), Some(Report::Touched));
        assert_eq!(after(&[EventKind::Access(AccessKind::Open(AccessMode::Any))]), None);
    }

    #[test]
    fn too_many_paths_become_one_demand_to_look_at_everything() {
        let mailbox = Mailbox::default();
        for n in 0..=MAX_PATHS {
            mailbox.put(Ok(Event::new(CLOSED).add_path(PathBuf::from(n.to_string()))));
        }
        let mail = mailbox.take(Instant::now());
        assert!(mail.rescan && mail.reports.is_empty());
        assert_eq!(mailbox.take(Instant::now()), Mail::default());
    }

    #[test]
    fn the_kernels_overflow_is_passed_on_and_closing_lasts() {
        let mailbox = Mailbox::default();
        mailbox.put(Ok(Event::new(EventKind::Other).set_flag(Flag::Rescan)));
        assert!(mailbox.take(Instant::now()).rescan);
        mailbox.close();
        assert!(mailbox.take(Instant::now()).closed);
        assert!(mailbox.take(Instant::now()).closed);
    }
}
