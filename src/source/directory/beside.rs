//! What stands beside a page's file and tells of the same page.

use std::fs::{self, File};
use std::io::Read as _;
use std::path::{Path, PathBuf};

use memchr::memmem;

use crate::model::{Companion, CompanionKind, PageFormat};

use super::is_ignored;
use super::read::MAX_FILE_BYTES;

/// Entries of a folder among which the structure of an edition is sought; an edition's folder has a few
/// files a page.
const MAX_BESIDE: usize = 5_000;
/// Files of structure of a folder that are looked into; an edition has one.
const MAX_STRUCTURES: usize = 40;

/// Whether two files are one page in two forms: they differ in their ending alone.
pub(super) fn is_beside(one: &Path, other: &Path) -> bool {
    let format = |path: &Path| PageFormat::of_extension(path.extension()?.to_str()?);
    one.parent() == other.parent() && one.file_stem() == other.file_stem() && format(one) != format(other)
}

/// Reads what stands beside the file of a page: the same page in other forms, and where one of these is
/// ALTO, the structure of the edition (a file of METS, with that word in its name). What cannot be read
/// is as if it were not there. It blocks on the file system.
pub fn companions(path: &Path, format: PageFormat) -> Vec<Companion> {
    let mut found = Vec::new();
    for other in [PageFormat::Pdf, PageFormat::Alto, PageFormat::Text] {
        if other == format {
            continue;
        }
        let file = path.with_extension(other.extension());
        if let Some(bytes) = bytes(&file) {
            found.push(Companion { kind: CompanionKind::Page(other), origin: file.display().to_string(), bytes });
        }
    }
    let alto = path.with_extension(PageFormat::Alto.extension());
    if format == PageFormat::Alto || found.iter().any(|other| other.kind == CompanionKind::Page(PageFormat::Alto)) {
        found.extend(structure(if format == PageFormat::Alto { path } else { &alto }));
    }
    found
}

/// The structure that knows the file of ALTO at `path`, out of its folder or the one above it, where
/// libraries put it that have a folder for the text of an edition.
fn structure(path: &Path) -> Option<Companion> {
    let name = path.file_name()?.as_encoded_bytes();
    path.ancestors().skip(1).take(2).flat_map(structures_in).find_map(|file| {
        let bytes = bytes(&file).filter(|bytes| memmem::find(bytes, name).is_some())?;
        Some(Companion { kind: CompanionKind::Structure, origin: file.display().to_string(), bytes })
    })
}

/// The files of METS in a folder, by name.
fn structures_in(folder: &Path) -> Vec<PathBuf> {
    // The folder of a bare name is the one that newsboy runs in.
    let Ok(entries) = fs::read_dir(if folder.as_os_str().is_empty() { Path::new(".") } else { folder }) else { return Vec::new() };
    let names = entries.take(MAX_BESIDE).filter_map(|entry| Some(entry.ok()?.file_name()));
    let mut found: Vec<PathBuf> =
        names.filter(|name| !is_ignored(name) && is_named_so(&name.to_string_lossy())).map(|name| folder.join(name)).collect();
    found.sort();
    found.truncate(MAX_STRUCTURES);
    found
}

fn is_named_so(name: &str) -> bool {
    let name = name.to_lowercase();
    name.ends_with(".xml") && name.contains("mets")
}

fn bytes(path: &Path) -> Option<Vec<u8>> {
    // To open what is no file, a pipe, would block.
    let metadata = fs::metadata(path).ok().filter(|metadata| metadata.is_file() && metadata.len() <= MAX_FILE_BYTES)?;
    let mut bytes = Vec::with_capacity(usize::try_from(metadata.len()).unwrap_or_default());
    File::open(path).and_then(|file| file.take(MAX_FILE_BYTES).read_to_end(&mut bytes)).ok()?;
    Some(bytes)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use tempfile::TempDir;

    use super::*;

    #[test]
    fn a_pages_other_forms_and_the_structure_of_its_edition_stand_beside_it() {
        let dir = TempDir::new().unwrap();
        let folder = dir.path().join("text");
        fs::create_dir(&folder).unwrap();
        for name in ["02.pdf", "02.txt", "02.xml", "03.txt", ".02-mets.xml"] {
            fs::write(folder.join(name), name).unwrap();
        }
        fs::write(dir.path().join("edition-METS.xml"), r#"<mets href="text/02.xml"/>"#).unwrap();
        fs::write(folder.join("another-mets.xml"), r#"<mets href="text/05.xml"/>"#).unwrap();
        let kinds = |path: &str, format| companions(&folder.join(path), format).into_iter().map(|c| c.kind).collect::<Vec<_>>();
        let alto = CompanionKind::Page(PageFormat::Alto);
        assert_eq!(kinds("02.pdf", PageFormat::Pdf), [alto, CompanionKind::Page(PageFormat::Text), CompanionKind::Structure]);
        assert_eq!(kinds("02.txt", PageFormat::Text), [CompanionKind::Page(PageFormat::Pdf), alto, CompanionKind::Structure]);
        assert_eq!(kinds("03.txt", PageFormat::Text), []);
        assert!(is_beside(&folder.join("02.pdf"), &folder.join("02.txt")));
        assert!(!is_beside(&folder.join("02.pdf"), &folder.join("2.txt")));
    }
}
