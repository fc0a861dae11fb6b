//! `newsboy once --static DIR`: the whole site as files, for any web server or object store.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arc_swap::ArcSwap;
use chrono::{DateTime, Utc};

use super::wiring;
use crate::config::Config;
use crate::feed::{self, FeedConfig, Publications, Site, compress_twins};
use crate::http::{self, Served, Shown, TwinFile};
use crate::jobs::order_feed::OrderDesk;
use crate::jobs::publish_feeds;
use crate::store::SharedStore;

/// Lists the files of the twin, so that the next run takes away what the site no longer has and
/// touches nothing else in the folder.
const MANIFEST: &str = ".newsboy-files";

/// What became of the twin.
#[derive(Debug, Default)]
pub(super) struct Twin {
    /// Files that were written or changed.
    pub(super) written: usize,
    /// Feeds that could not be published.
    pub(super) failed_feeds: usize,
}

/// Writes the site into `folder`. What has not changed is not touched.
pub(super) async fn write(config: &Config, store: &SharedStore, folder: &Path, now: fn() -> DateTime<Utc>) -> io::Result<Twin> {
    let site = Site { hub: None, is_static: true, ..wiring::site(config) };
    // A file server asks nobody for a token.
    let feeds: Vec<FeedConfig> = config.feeds_list.iter().filter(|feed| feed.token.is_none()).cloned().collect();
    let feed_config = feed::Config { dir: folder.join("feeds"), ..config.feeds.clone() };
    let publications = Arc::<Publications>::default();
    let report = publish_feeds::publish(&**store, &feeds, &feed_config, &site, &publications, now()).await;
    super::tasks::log_publication(&report, &mut super::tasks::LeftOut::default());
    let mut twin = Twin { written: report.changed(), failed_feeds: report.failures().count() };

    let served = Served {
        store: Arc::clone(store),
        publications,
        shown: ArcSwap::from_pointee(Shown { site: site.clone(), feeds, habits: Vec::new() }),
        desk: OrderDesk::new(Arc::clone(store), feed_config),
        clock: now,
        hub: None,
        status: None,
    };
    let mut files = BTreeSet::new();
    http::walk(http::router(Arc::new(served)), &site, |file| {
        twin.written += usize::from(put(folder, &file)?);
        files.insert(file.path);
        io::Result::Ok(())
    })
    .await?;
    forget(folder, &files)?;
    Ok(twin)
}

/// Writes a file with its twins; gives whether it changed.
fn put(folder: &Path, file: &TwinFile) -> io::Result<bool> {
    let changed = put_bytes(&folder.join(&file.path), &file.bytes)?;
    if file.is_text {
        let twins = [with_ending(folder, &file.path, "gz"), with_ending(folder, &file.path, "br")];
        // Compressing costs a hundred times what looking does.
        if changed || twins.iter().any(|twin| !twin.is_file()) {
            let (gzip, brotli) = compress_twins(&file.bytes)?;
            put_bytes(&twins[0], &gzip)?;
            put_bytes(&twins[1], &brotli)?;
        }
    }
    Ok(changed)
}

fn with_ending(folder: &Path, path: &str, ending: &str) -> PathBuf {
    folder.join(format!("{path}.{ending}"))
}

/// Beside it, then renamed, so that a server never sends half a file.
fn put_bytes(path: &Path, bytes: &[u8]) -> io::Result<bool> {
    if fs::read(path).is_ok_and(|found| found == bytes) {
        return Ok(false);
    }
    let parent = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(parent)?;
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let beside = parent.join(format!(".{name}.{:016x}.newsboy-tmp", fastrand::u64(..)));
    let done = fs::File::create_new(&beside).and_then(|mut file| {
        io::Write::write_all(&mut file, bytes)?;
        file.sync_all()
    });
    let done = done.and_then(|()| fs::rename(&beside, path));
    if done.is_err() {
        // The failure itself is what counts.
        let _ = fs::remove_file(&beside);
    }
    done.map(|()| true)
}

/// Takes away what an earlier run wrote and the site no longer has.
fn forget(folder: &Path, files: &BTreeSet<String>) -> io::Result<()> {
    let manifest = folder.join(MANIFEST);
    let before = fs::read_to_string(&manifest).unwrap_or_default();
    // Only what a run could have written: no line leads out of the folder.
    let is_inside = |path: &&str| !path.split('/').any(|name| name.is_empty() || name.starts_with('.')) && !path.contains('\\');
    for path in before.lines().filter(is_inside).filter(|path| !files.contains(*path)) {
        for file in [folder.join(path), with_ending(folder, path, "gz"), with_ending(folder, path, "br")] {
            match fs::remove_file(&file) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        // A folder that is empty now goes with its index; one that is not, stays.
        let _ = folder.join(path).parent().filter(|parent| *parent != folder).map(fs::remove_dir);
    }
    let lines: String = files.iter().map(|path| format!("{path}\n")).collect();
    put_bytes(&manifest, lines.as_bytes()).map(|_| ())
}
