//! A directory of page files, one file a page.
//!
//! The path of a file says which page of which date it is ([`Pattern`]). A file is read when it is
//! *completely written*:
//!
//! - it was renamed into its place, or closed after writing, on a file system that reports both:
//!   at once;
//! - otherwise, when its size and its time of change have stood still for [`STEADY`].
//!
//! Names that begin with a point or end in `.tmp`, `.part` or `~` are never read: they are how
//! programs say "not yet".
//!
//! What stands beside a page's file and tells of the same page is read with it: the same page in another
//! form (`02.txt` beside `02.pdf`), and the structure of the edition (METS) beside ALTO.
//!
//! The parts: `pattern` reads paths, `scan` looks through the directories, `read` reads a file
//! that must not change meanwhile, `beside` finds what stands beside it, `sightings` remembers what was seen and sent, `mailbox` takes
//! the file system's events, and `watch` joins them.

use std::ffi::OsStr;
use std::path::PathBuf;
use std::time::Duration;

mod beside;
mod mailbox;
mod once;
mod pattern;
mod read;
mod scan;
mod sightings;
#[cfg(test)]
mod tests;
mod watch;

pub use beside::companions;
pub use once::once;
pub use pattern::{FileMatch, FolderMatch, Pattern, PatternError};
pub use read::{MAX_FILE_BYTES, ReadError, read_page};
pub use scan::{Finding, FoundFile, MAX_ENTRIES, Scan, Stamp, scan};
pub use watch::watch;

/// How long a file must stand still before it counts as completely written where the file system
/// does not say so.
pub const STEADY: Duration = Duration::from_secs(2);

/// `rescan` where the configuration is silent: the file system's events can be lost, so a look at
/// everything makes good for it.
pub const DEFAULT_RESCAN: Duration = Duration::from_secs(5 * 60);

/// `poll` where the configuration is silent.
pub const DEFAULT_POLL: Duration = Duration::from_secs(10);

/// Settings of a source of `kind = "directory"`.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// The path of a page file with `{date}` and `{page}`.
    pub pattern: Pattern,
    /// The deepest directory that all pages have in common: what [`Pattern::root`] stands for, as
    /// an absolute path.
    pub root: PathBuf,
    /// How changes are noticed.
    pub watch: WatchMode,
    /// How often everything is looked through besides, with [`WatchMode::Auto`].
    pub rescan: Duration,
    /// How often everything is looked through with [`WatchMode::Poll`].
    pub poll: Duration,
}

/// How changes in the directory are noticed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WatchMode {
    /// By the file system's events.
    Auto,
    /// By looking again and again: for network file systems, which report no events of others.
    Poll,
}

/// Whether a name says that the file is not a page, or not yet.
fn is_ignored(name: &OsStr) -> bool {
    let name = name.as_encoded_bytes();
    name.starts_with(b".") || [b".tmp".as_slice(), b".part", b"~"].iter().any(|end| name.ends_with(end))
}
