//! One look through a directory: what `newsboy once` reads.

use std::fs;
use std::thread;
use std::time::{Duration, SystemTime};

use tokio::sync::mpsc::Sender;

use crate::model::Problem;
use crate::source::{Dates, SourceEvent};

use super::read::{ReadError, read_page};
use super::scan::{FoundFile, Stamp, scan};
use super::{Config, STEADY};

/// How often a file that does not stand still is looked at again, [`STEADY`] apart: half a minute.
const LOOKS: usize = 15;

/// Reports every page of `dates` and comes to an end; see [`crate::source::once`].
pub async fn once(source: &str, config: &Config, dates: Dates, events: Sender<SourceEvent>) {
    let (source, config) = (source.to_owned(), config.clone());
    // Fails only where the thread panicked or the runtime ends; neither leaves anything to do.
    let _ = tokio::task::spawn_blocking(move || Pass { source, events }.run(&config, dates)).await;
}

/// The receiver is gone: there is nobody to work for.
struct Unheard;

struct Pass {
    source: String,
    events: Sender<SourceEvent>,
}

impl Pass {
    fn run(&self, config: &Config, dates: Dates) -> Result<(), Unheard> {
        let scan = scan(&self.source, config);
        for finding in scan.problems {
            if finding.key.as_ref().is_none_or(|key| dates.contain(key.date)) {
                let origin = finding.origin.display().to_string();
                self.send(SourceEvent::Problem { source: self.source.clone(), key: finding.key, origin, problem: finding.problem })?;
            }
        }
        let now = SystemTime::now();
        let files = scan.files.into_iter().filter(|file| dates.contain(file.key.date));
        let (mut young, old): (Vec<_>, Vec<_>) = files.partition(|file| !has_stood_still(file.stamp, now, STEADY));
        let pages = old.len() + young.len();
        for file in old {
            if let Some(unsteady) = self.read(file)? {
                young.push(unsteady);
            }
        }
        for _ in 0..LOOKS {
            if young.is_empty() {
                break;
            }
            thread::sleep(STEADY);
            let mut still_young = Vec::new();
            for file in young {
                if let Some(unsteady) = self.read(file)? {
                    still_young.push(unsteady);
                }
            }
            young = still_young;
        }
        let whole = scan.whole && young.is_empty();
        for file in young {
            self.fail(&file, &ReadError::Unsteady { path: file.path.clone() })?;
        }
        self.send(SourceEvent::ScanDone { source: self.source.clone(), pages, whole })
    }

    /// Reads a file and sends it, if it stands as it was seen; otherwise gives it back as it stands
    /// now.
    fn read(&self, mut file: FoundFile) -> Result<Option<FoundFile>, Unheard> {
        match read_page(&file) {
            Ok(page) => self.send(SourceEvent::Page(page))?,
            Err(ReadError::Unsteady { .. }) => {
                if let Ok(metadata) = fs::metadata(&file.path) {
                    file.stamp = Stamp::of(&metadata);
                }
                return Ok(Some(file));
            }
            Err(error) => self.fail(&file, &error)?,
        }
        Ok(None)
    }

    fn fail(&self, file: &FoundFile, error: &ReadError) -> Result<(), Unheard> {
        let origin = file.path.display().to_string();
        let problem = Problem::from(error);
        self.send(SourceEvent::Problem { source: self.source.clone(), key: Some(file.key.clone()), origin, problem })
    }

    fn send(&self, event: SourceEvent) -> Result<(), Unheard> {
        self.events.blocking_send(event).map_err(|_| Unheard)
    }
}

/// Whether a file has not changed for `long`. One whose time lies in the future says nothing.
pub(super) fn has_stood_still(stamp: Stamp, now: SystemTime, long: Duration) -> bool {
    now.duration_since(stamp.modified).is_ok_and(|age| age >= long)
}
