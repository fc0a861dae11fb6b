//! Reading a page's file that must not change meanwhile.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use chrono::{DateTime, Utc};
use thiserror::Error;

use crate::model::{Problem, RawPage};

use super::beside::companions;
use super::scan::{FoundFile, Stamp, is_absence};

/// The longest file that is read into memory at all. The longest text of a broadsheet's page has
/// a hundredth of it; what a format allows is checked by who reads it.
pub const MAX_FILE_BYTES: u64 = 64 * 1024 * 1024;

/// Why a page's file was not read.
#[derive(Debug, Error)]
pub enum ReadError {
    /// It is no longer there.
    #[error("{} has vanished before it could be read", path.display())]
    Vanished {
        /// The file.
        path: PathBuf,
    },
    /// It is not the file that was seen, or it changed while it was read.
    #[error("{} is not yet steady: it changed while it was read; write it under another name and rename it when it is whole", path.display())]
    Unsteady {
        /// The file.
        path: PathBuf,
    },
    /// It is longer than [`MAX_FILE_BYTES`].
    #[error("{} has {len} bytes, more than the {MAX_FILE_BYTES} that a page's file may have; it is left aside", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// Its length.
        len: u64,
    },
    /// The system refused.
    #[error("{} cannot be read: {source}; give newsboy the right to read it", path.display())]
    Refused {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl From<&ReadError> for Problem {
    fn from(error: &ReadError) -> Self {
        let code = match error {
            ReadError::Vanished { .. } => "page-vanished",
            ReadError::Unsteady { .. } => "page-unsteady",
            ReadError::TooLarge { .. } => "page-too-large",
            ReadError::Refused { .. } => "page-unreadable",
        };
        Self::new(code, error.to_string())
    }
}

/// Reads the file in the state in which it was found, and what stands beside it as it is. It blocks on the file system.
///
/// # Errors
/// A [`ReadError`]; what was read of a file that changed meanwhile is thrown away.
pub fn read_page(found: &FoundFile) -> Result<RawPage, ReadError> {
    let path = &found.path;
    if found.stamp.len > MAX_FILE_BYTES {
        return Err(ReadError::TooLarge { path: path.clone(), len: found.stamp.len });
    }
    // Checked by path first: to open a pipe that took the file's place would block.
    same_state(path, found.stamp)?;
    let mut bytes = Vec::with_capacity(usize::try_from(found.stamp.len).unwrap_or_default());
    File::open(path).and_then(|file| file.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes)).map_err(|error| refused(path, error))?;
    same_state(path, found.stamp)?;
    if bytes.len() as u64 != found.stamp.len {
        return Err(ReadError::Unsteady { path: path.clone() });
    }
    let modified = instant(found.stamp.modified);
    Ok(RawPage {
        key: found.key.clone(),
        format: found.format,
        origin: path.display().to_string(),
        modified,
        bytes,
        companions: companions(path, found.format),
    })
}

/// A file's time as an instant; `None` where no calendar has it, for a file can be given any time.
fn instant(time: SystemTime) -> Option<DateTime<Utc>> {
    let millis = match time.duration_since(SystemTime::UNIX_EPOCH) {
        Ok(since) => i64::try_from(since.as_millis()).ok()?,
        Err(before) => i64::try_from(before.duration().as_millis()).ok()?.checked_neg()?,
    };
    DateTime::from_timestamp_millis(millis)
}

fn same_state(path: &Path, stamp: Stamp) -> Result<(), ReadError> {
    let metadata = fs::metadata(path).map_err(|error| refused(path, error))?;
    if metadata.is_file() && Stamp::of(&metadata) == stamp { Ok(()) } else { Err(ReadError::Unsteady { path: path.to_owned() }) }
}

fn refused(path: &Path, source: io::Error) -> ReadError {
    let path = path.to_owned();
    if is_absence(&source) { ReadError::Vanished { path } } else { ReadError::Refused { path, source } }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::time::Duration;

    use chrono::NaiveDate;
    use tempfile::TempDir;

    use crate::model::{PageFormat, PageKey};

    use super::*;

    fn found(dir: &TempDir, text: &str) -> FoundFile {
        let path = dir.path().join("02.txt");
        fs::write(&path, text).unwrap();
        let stamp = Stamp::of(&fs::metadata(&path).unwrap());
        let key = PageKey { source: "sample".to_owned(), date: NaiveDate::from_ymd_opt(2023, 2, 20).unwrap(), page: "02".into() };
        FoundFile { key, format: PageFormat::Text, path, stamp }
    }

    #[test]
    fn a_file_is_read_as_it_stands() {
        let dir = TempDir::new().unwrap();
        let page = read_page(&found(&dir, "本报讯")).unwrap();
        assert_eq!((page.bytes.as_slice(), page.key.page.as_str()), ("本报讯".as_bytes(), "02"));
    }

    #[test]
    fn a_file_that_changed_since_it_was_seen_is_not_steady() {
        let dir = TempDir::new().unwrap();
        let found = found(&dir, "half");
        fs::write(&found.path, "half and whole").unwrap();
        assert!(matches!(read_page(&found), Err(ReadError::Unsteady { .. })));
    }

    #[test]
    fn a_file_of_the_same_length_and_time_renamed_over_another_is_not_the_one_that_was_seen() {
        let dir = TempDir::new().unwrap();
        let found = found(&dir, "one");
        let other = dir.path().join("other");
        fs::write(&other, "two").unwrap();
        File::options().write(true).open(&other).unwrap().set_modified(found.stamp.modified).unwrap();
        fs::rename(&other, &found.path).unwrap();
        assert!(matches!(read_page(&found), Err(ReadError::Unsteady { .. })));
    }

    #[test]
    fn a_files_time_is_an_instant_or_none_whatever_it_was_set_to() {
        let second = Duration::from_secs(1);
        assert_eq!(instant(SystemTime::UNIX_EPOCH + second), DateTime::from_timestamp(1, 0));
        assert_eq!(instant(SystemTime::UNIX_EPOCH - second), DateTime::from_timestamp(-1, 0));
        assert_eq!(instant(SystemTime::UNIX_EPOCH + Duration::from_secs(1 << 62)), None);
    }

    #[test]
    fn a_vanished_and_a_huge_file_are_told_apart() {
        let dir = TempDir::new().unwrap();
        let found = found(&dir, "text");
        File::options().write(true).open(&found.path).unwrap().set_len(MAX_FILE_BYTES + 1).unwrap();
        let huge = FoundFile { stamp: Stamp::of(&fs::metadata(&found.path).unwrap()), ..found.clone() };
        assert!(matches!(read_page(&huge), Err(ReadError::TooLarge { .. })));
        fs::remove_file(&found.path).unwrap();
        let error = read_page(&found).unwrap_err();
        assert!(matches!(error, ReadError::Vanished { .. }));
        assert_eq!(Problem::from(&error).code, "page-vanished");
    }
}
