//! Looking through the directories for page files.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fs::{self, Metadata};
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::model::page_order::by_page;
use crate::model::{PageFormat, PageKey, Problem};

use super::beside::is_beside;
use super::pattern::{FileMatch, FolderMatch};
use super::{Config, is_ignored};

/// Directory entries looked at in one scan: half a century of a daily paper of ten pages.
pub const MAX_ENTRIES: usize = 200_000;

/// What tells one state of a file from another without reading it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp {
    /// Its length in bytes.
    pub len: u64,
    /// When its bytes last changed, as its file system tells.
    pub modified: SystemTime,
    /// Device and inode, for a file renamed over another may have the same length and time. Zero
    /// where the system has no such numbers.
    pub inode: (u64, u64),
}

impl Stamp {
    /// The state that these metadata tell of.
    pub fn of(metadata: &Metadata) -> Self {
        // A file system without times gives them all as one; the length remains.
        let modified = metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH);
        Self { len: metadata.len(), modified, inode: inode(metadata) }
    }
}

#[cfg(unix)]
pub(super) fn inode(metadata: &Metadata) -> (u64, u64) {
    use std::os::unix::fs::MetadataExt as _;
    (metadata.dev(), metadata.ino())
}

#[cfg(not(unix))]
pub(super) fn inode(_: &Metadata) -> (u64, u64) {
    (0, 0)
}

/// A page's file, not read yet.
#[derive(Debug, Clone, PartialEq)]
pub struct FoundFile {
    /// Which page it is.
    pub key: PageKey,
    /// What form its bytes have, by its ending.
    pub format: PageFormat,
    /// Where it is.
    pub path: PathBuf,
    /// The state in which it was seen.
    pub stamp: Stamp,
}

/// Something wrong that was met on the way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The page, where it is one page's problem.
    pub key: Option<PageKey>,
    /// The file or directory.
    pub origin: PathBuf,
    /// What is wrong with it.
    pub problem: Problem,
}

/// What a look through all directories found.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Scan {
    /// The pages' files by date and page, one a page.
    pub files: Vec<FoundFile>,
    /// What is wrong: a missing root, an unreadable directory, an impossible date, two files for
    /// the same page.
    pub problems: Vec<Finding>,
    /// Whether every directory could be looked into.
    pub whole: bool,
}

/// Looks through all directories of a source. It blocks on the file system.
///
/// A directory that cannot be read is a problem among the others, never an error. Of two files
/// for the same page the first by path counts, and where they differ in their ending alone the others
/// are read with it. At most [`MAX_ENTRIES`] entries are looked at, the
/// last names first, so that the newest editions are not what is left out.
pub fn scan(source: &str, config: &Config) -> Scan {
    let walk = walk(source, config, Path::new(""), &mut |_| {});
    let mut scan = Scan { files: Vec::with_capacity(walk.files.len()), problems: walk.findings, whole: walk.blind.is_empty() };
    let mut first_of = BTreeMap::new();
    let mut files = walk.files;
    files.sort_by(|a, b| a.path.cmp(&b.path));
    for file in files {
        match first_of.entry((file.key.date, file.key.page.clone())) {
            Entry::Vacant(free) => {
                free.insert(file.path.clone());
                scan.files.push(file);
            }
            Entry::Occupied(first) if is_beside(first.get(), &file.path) => {}
            Entry::Occupied(first) => scan.problems.push(duplicate(&file, first.get())),
        }
    }
    scan.files.sort_by(|a, b| a.key.date.cmp(&b.key.date).then_with(|| by_page(&a.key.page, &b.key.page)));
    scan
}

/// The problem of a file whose page another file gives already.
pub(super) fn duplicate(file: &FoundFile, first: &Path) -> Finding {
    let message = format!(
        "{} and {} are both page {} of {}; the first counts and the second is left aside: remove one of them",
        first.display(),
        file.path.display(),
        file.key.page,
        file.key.date
    );
    Finding { key: Some(file.key.clone()), origin: file.path.clone(), problem: Problem::new("page-duplicate", message) }
}

/// What a walk through a part of the directories found.
#[derive(Debug, Default)]
pub(super) struct Walk {
    /// All page files, duplicates among them.
    pub(super) files: Vec<FoundFile>,
    pub(super) findings: Vec<Finding>,
    /// What could not be looked into: a file that is missing from below these is not gone.
    pub(super) blind: Vec<PathBuf>,
}

/// Walks through the directory `start`, a path below the root, and all directories below it that
/// can hold pages. `enter` is called for each directory before it is listed, so that a watch set
/// there misses nothing that the list does not have.
///
/// No loop of symbolic links can catch it: it never goes deeper than the pattern.
pub(super) fn walk(source: &str, config: &Config, start: &Path, enter: &mut dyn FnMut(&Path)) -> Walk {
    let root = &config.root;
    let mut walk = Walk::default();
    let mut entries = 0;
    let mut folders = vec![start.to_owned()];
    while let Some(folder) = folders.pop() {
        let path = root.join(&folder);
        enter(&path);
        let mut names = match list(&path, MAX_ENTRIES - entries) {
            Ok(names) => names,
            Err(Unlisted::Failed(error)) => {
                walk.note(None, &path, unlisted(&path, &error, folder.as_os_str().is_empty()));
                walk.blind.push(path);
                continue;
            }
            Err(Unlisted::TooMany) => {
                let message = format!(
                    "there are more than {MAX_ENTRIES} entries in the directories of this source; {} and what comes before it was not looked at: move old editions away, or narrow the path",
                    path.display()
                );
                walk.note(None, &path, Problem::new("source-too-large", message));
                walk.blind.push(root.clone());
                break;
            }
        };
        entries += names.len();
        // The directory that sorts last is taken off the stack first.
        names.sort();
        for (name, is_dir) in names {
            let below = folder.join(&name);
            let path = root.join(&below);
            if is_dir {
                match config.pattern.folder(&below) {
                    FolderMatch::Descend => folders.push(below),
                    FolderMatch::Senseless(why) => walk.note(None, &path, senseless(&why)),
                    FolderMatch::Other => {}
                }
            } else {
                match look(source, config, &below, &path) {
                    Look::Page(file) => walk.files.push(file),
                    Look::Senseless(finding) => walk.findings.push(finding),
                    Look::Gone | Look::Other | Look::Folder => {}
                }
            }
        }
    }
    walk
}

impl Walk {
    fn note(&mut self, key: Option<PageKey>, origin: &Path, problem: Problem) {
        self.findings.push(Finding { key, origin: origin.to_owned(), problem });
    }
}

/// What a look at one path found.
#[derive(Debug)]
pub(super) enum Look {
    /// A page's file.
    Page(FoundFile),
    /// A directory that can hold pages.
    Folder,
    /// What has the form of a page's path, but not the sense.
    Senseless(Finding),
    /// Nothing is there.
    Gone,
    /// Something that is no business of this source.
    Other,
}

/// Looks at one path; `below` is the same path below the root.
pub(super) fn look(source: &str, config: &Config, below: &Path, path: &Path) -> Look {
    if below.iter().any(is_ignored) {
        return Look::Other;
    }
    let (file, folder) = (config.pattern.file(below), config.pattern.folder(below));
    if file == FileMatch::Other && folder == FolderMatch::Other {
        return Look::Other;
    }
    let metadata = match fs::metadata(path) {
        Ok(metadata) => metadata,
        Err(error) if is_absence(&error) => return Look::Gone,
        // Whether it may be read is found out, and told, by whoever reads it.
        Err(_) => return Look::Other,
    };
    let told = |why: &str| Look::Senseless(Finding { key: None, origin: path.to_owned(), problem: senseless(why) });
    match (file, folder) {
        (FileMatch::Page { date, page, format }, _) if metadata.is_file() => {
            let key = PageKey { source: source.to_owned(), date, page: page.into() };
            Look::Page(FoundFile { key, format, path: path.to_owned(), stamp: Stamp::of(&metadata) })
        }
        (FileMatch::Senseless(why), _) if metadata.is_file() => told(&why),
        (_, FolderMatch::Descend) if metadata.is_dir() => Look::Folder,
        (_, FolderMatch::Senseless(why)) if metadata.is_dir() => told(&why),
        _ => Look::Other,
    }
}

/// Whether an error says that there is nothing at a path, or no longer.
pub(super) fn is_absence(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

/// Why a directory's entries are not known.
enum Unlisted {
    Failed(io::Error),
    TooMany,
}

/// The names in a directory and whether each is a directory, without the ignored ones.
fn list(path: &Path, most: usize) -> Result<Vec<(std::ffi::OsString, bool)>, Unlisted> {
    let mut names = Vec::new();
    for (n, entry) in fs::read_dir(path).map_err(Unlisted::Failed)?.enumerate() {
        if n >= most {
            return Err(Unlisted::TooMany);
        }
        let entry = entry.map_err(Unlisted::Failed)?;
        let name = entry.file_name();
        if is_ignored(&name) {
            continue;
        }
        let is_dir = match entry.file_type() {
            Ok(kind) if kind.is_symlink() => fs::metadata(entry.path()).is_ok_and(|metadata| metadata.is_dir()),
            Ok(kind) => kind.is_dir(),
            Err(_) => continue,
        };
        names.push((name, is_dir));
    }
    Ok(names)
}

fn unlisted(path: &Path, error: &io::Error, is_root: bool) -> Problem {
    if is_root && is_absence(error) {
        let message = format!(
            "the directory {} does not exist: create it, mount it, or correct the path of the source; a running newsboy reads it when it is there",
            path.display()
        );
        return Problem::new("source-missing", message);
    }
    Problem::new(
        "source-unreadable",
        format!("the directory {} cannot be read: {error}; give newsboy the right to read it", path.display()),
    )
}

fn senseless(why: &str) -> Problem {
    Problem::new("page-date", format!("{why}; it is left aside: rename it to a date of the calendar"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::os::unix::fs::symlink;

    use tempfile::TempDir;

    use super::super::{DEFAULT_POLL, DEFAULT_RESCAN, Pattern, WatchMode};
    use super::*;

    fn config(dir: &TempDir, pattern: &str) -> Config {
        let pattern = Pattern::parse(pattern).unwrap();
        Config { root: dir.path().join(pattern.root()), pattern, watch: WatchMode::Auto, rescan: DEFAULT_RESCAN, poll: DEFAULT_POLL }
    }

    fn write(dir: &TempDir, path: &str) {
        let path = dir.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "text").unwrap();
    }

    fn found(scan: &Scan) -> Vec<String> {
        scan.files.iter().map(|file| format!("{} {}", file.key.date, file.key.page)).collect()
    }

    fn codes(scan: &Scan) -> Vec<&str> {
        scan.problems.iter().map(|finding| finding.problem.code.as_ref()).collect()
    }

    #[test]
    fn pages_come_by_date_whatever_form_the_date_has_and_the_rest_is_passed_over() {
        let dir = TempDir::new().unwrap();
        for path in [
            "in/2023-02-21/02.txt",
            "in/20230220/A5.txt",
            "in/2022/12/31/1.txt",
            "in/2023-02-21/03.txt.part",
            "in/2023-02-21/.04.txt",
            "in/2023-02-21/05.txt~",
            "in/2023-02-21/06.tmp",
            "in/2023-02-21/02.truth.json",
            "in/2023-02-21/.trash/07.txt",
            "in/notes/08.txt",
        ] {
            write(&dir, path);
        }
        let scan = scan("sample", &config(&dir, "in/{date}/{page}.txt"));
        assert_eq!(found(&scan), ["2022-12-31 01", "2023-02-20 A05", "2023-02-21 02"]);
        assert_eq!(codes(&scan), [""; 0]);
    }

    #[test]
    fn a_missing_root_is_a_problem_and_so_is_an_impossible_date() {
        let dir = TempDir::new().unwrap();
        let config = config(&dir, "in/{date}/{page}.txt");
        let missing = scan("sample", &config);
        assert_eq!((codes(&missing), missing.whole), (vec!["source-missing"], false));
        write(&dir, "in/2023-02-30/02.txt");
        write(&dir, "in/2023-02-28/02.txt");
        let scan = scan("sample", &config);
        assert_eq!(found(&scan), ["2023-02-28 02"]);
        assert_eq!((codes(&scan), scan.whole), (vec!["page-date"], true));
    }

    #[test]
    fn of_two_files_for_one_page_the_first_by_path_counts_and_both_are_named() {
        let dir = TempDir::new().unwrap();
        for path in ["in/20230220/02.txt", "in/2023-02-20/2.txt", "in/2023-02-20/02.txt", "in/2023-02-20/3.txt"] {
            write(&dir, path);
        }
        let scan = scan("sample", &config(&dir, "in/{date}/{page}.txt"));
        let paths: Vec<_> = scan.files.iter().map(|file| file.path.strip_prefix(dir.path()).unwrap().to_owned()).collect();
        assert_eq!(paths, [Path::new("in/2023-02-20/02.txt"), Path::new("in/2023-02-20/3.txt")]);
        assert_eq!(codes(&scan), ["page-duplicate", "page-duplicate"]);
        for name in ["2023-02-20/02.txt and", "20230220/02.txt are both"] {
            assert!(scan.problems[1].problem.message.contains(name), "{}", scan.problems[1].problem.message);
        }
    }

    #[test]
    fn a_loop_of_links_ends_and_a_linked_edition_is_found() {
        let dir = TempDir::new().unwrap();
        write(&dir, "elsewhere/02.txt");
        fs::create_dir_all(dir.path().join("in/x")).unwrap();
        symlink(dir.path().join("in"), dir.path().join("in/x/2023-02-21")).unwrap();
        symlink(dir.path().join("in/x"), dir.path().join("in/x/x")).unwrap();
        symlink(dir.path().join("elsewhere"), dir.path().join("in/x/2023-02-20")).unwrap();
        let scan = scan("sample", &config(&dir, "in/*/{date}/{page}.txt"));
        assert_eq!(found(&scan), ["2023-02-20 02"]);
    }

    #[test]
    fn a_directory_with_the_name_of_a_page_is_no_page() {
        let dir = TempDir::new().unwrap();
        fs::create_dir_all(dir.path().join("in/2023-02-20/02.txt")).unwrap();
        let scan = scan("sample", &config(&dir, "in/{date}/{page}.txt"));
        assert_eq!((found(&scan).len(), codes(&scan).len()), (0, 0));
    }
}
