//! An e-paper (数字报): a newspaper's issues as a small web site, with a list of pages a day, a page for
//! each printed one, and an article for each place on it.
//!
//! Sites differ in their addresses and in their markup, and both come in families. So a site is described
//! (`describe/`), and the families are presets that a paper's description is made of. The parts: `read/`
//! makes pages and articles of a site's answers, by the description and without any network; `fetch` asks
//! the site, no more often and no more than it may; `days` finds out whether there is an issue of a day;
//! `reading` reads one; `repeated` knows an old issue under a new date; `pdf` has the files of pages that the
//! site has no text of; `measure` asks how large its pictures are; `pass` and `watch` decide which days are
//! read when; `probe` finds the presets that fit a site which nobody has described.
//!
//! Nothing of a site is trusted: its hosts are the ones that are configured, and what it sends is bounded
//! and sanitised.

use std::time::Duration;

mod days;
mod describe;
mod fetch;
mod measure;
mod pass;
mod pdf;
mod post;
mod probe;
mod read;
mod reading;
mod repeated;
mod robots;
#[cfg(test)]
mod tests;
mod watch;
mod world;

pub use describe::{Description, Layer, PRESETS, Preset, preset};
pub use pass::once;
pub use probe::{Fit, Probe, ProbeError, probe};
pub use watch::watch;
pub use world::{Clock, Shelf, World};

/// How often today's issue is looked at where the configuration is silent.
pub const DEFAULT_EVERY: Duration = Duration::from_secs(15 * 60);

/// Settings of a source of `kind = "epaper"`.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// The site.
    pub description: Description,
    /// How often today's issue is looked at.
    pub every: Duration,
    /// The paper's zone, in which its day ends.
    pub timezone: chrono_tz::Tz,
}
