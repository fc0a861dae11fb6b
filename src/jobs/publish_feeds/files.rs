//! Writing a file so that whoever reads it finds it whole: beside, flushed, renamed.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::Path;

use chrono::{DateTime, Duration, Utc};

/// How much larger than the feed itself a compressed twin can be: what does not compress grows by
/// a few bytes a block.
pub(super) const TWIN_SLACK: usize = 64 * 1024;

/// After what time a temporary file is taken for the remains of a crash and removed. Another
/// process's unfinished file is younger.
const REMAINS_AFTER: Duration = Duration::hours(1);

/// What temporary files end in; they begin with a `.`, which web servers do not serve.
const TEMPORARY: &str = ".newsboy-tmp";

/// The operations that change the disk, so that a test can let any one of them fail.
pub(super) trait Disk: Send + Sync {
    /// Makes a folder and those above it, where they are missing.
    fn make_folder(&self, folder: &Path) -> io::Result<()>;
    /// Writes a new file and flushes it to the disk. One that is there already is an error.
    fn write(&self, path: &Path, bytes: &[u8], modified: DateTime<Utc>) -> io::Result<()>;
    /// Renames a file over another.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;
    /// Flushes a folder, so that renames in it outlive a power cut.
    fn sync_folder(&self, folder: &Path) -> io::Result<()>;
    /// Removes a file.
    fn remove(&self, path: &Path) -> io::Result<()>;
}

/// The file system.
pub(super) struct RealDisk;

impl Disk for RealDisk {
    fn make_folder(&self, folder: &Path) -> io::Result<()> {
        fs::create_dir_all(folder)
    }

    fn write(&self, path: &Path, bytes: &[u8], modified: DateTime<Utc>) -> io::Result<()> {
        let mut file = File::create_new(path)?;
        file.write_all(bytes)?;
        // `Last-Modified` is told from the file after a restart and must not differ from before.
        file.set_modified(modified.into())?;
        file.sync_all()
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        // Only Unix opens a folder as a file; elsewhere the system flushes renames by itself.
        if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }
}

/// A file's bytes and when they were changed; `None` where there is no such file, where it has
/// more than `at_most` bytes, or where it cannot be read: the caller then writes it anew.
pub(super) fn read(path: &Path, at_most: usize) -> Option<(Vec<u8>, DateTime<Utc>)> {
    // Looked at before it is opened: opening a pipe in the file's place would wait for a writer.
    let metadata = fs::metadata(path).ok().filter(fs::Metadata::is_file)?;
    let at_most = u64::try_from(at_most).ok()?;
    if metadata.len() > at_most {
        return None;
    }
    let mut bytes = Vec::new();
    File::open(path).ok()?.take(at_most.saturating_add(1)).read_to_end(&mut bytes).ok()?;
    let modified = DateTime::<Utc>::from(metadata.modified().ok()?);
    (u64::try_from(bytes.len()).ok()? <= at_most).then_some((bytes, modified))
}

/// Makes the folder ready for [`replace`], and removes the remains of writers that crashed.
pub(super) fn prepare(disk: &dyn Disk, folder: &Path, now: DateTime<Utc>) -> io::Result<()> {
    let is_new = !folder.is_dir();
    disk.make_folder(folder)?;
    if is_new && let Some(parent) = folder.parent() {
        disk.sync_folder(parent)?;
    }
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let is_temporary = entry.file_name().to_str().is_some_and(|n| n.starts_with('.') && n.ends_with(TEMPORARY));
        let modified = entry.metadata().and_then(|m| m.modified()).map(DateTime::<Utc>::from);
        if is_temporary && modified.is_ok_and(|m| now - m > REMAINS_AFTER) {
            // What cannot be removed does no harm; another process may have been faster.
            let _ = disk.remove(&entry.path());
        }
    }
    Ok(())
}

/// Puts `bytes` in the place of the file `name`: whoever opens it before, during or after, or after
/// a crash at any moment, finds either what it held or all of `bytes`. The folder is to be flushed
/// once all its files are replaced.
pub(super) fn replace(disk: &dyn Disk, folder: &Path, name: &str, bytes: &[u8], modified: DateTime<Utc>) -> io::Result<()> {
    // By chance, so that two writers never write into one file: two newsboys in two containers may
    // have the same process id, and one newsboy may still be writing when its next generation begins.
    let beside = folder.join(format!(".{name}.{:016x}{TEMPORARY}", fastrand::u64(..)));
    let done = disk.write(&beside, bytes, modified).and_then(|()| disk.rename(&beside, &folder.join(name)));
    if done.is_err() {
        // On a full disk the half that was written is in the way; the failure itself is what counts.
        let _ = disk.remove(&beside);
    }
    done
}
