//! What there is to say about a configuration, and where.

use std::cell::RefCell;
use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};

/// Remarks of one file at most: who made so many mistakes begins with the first ones.
const MAX_ERRORS: usize = 50;

/// One thing to say about the configuration: what was found, what was expected, what to write.
/// No secret stands in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remark {
    /// The configuration's file.
    pub path: PathBuf,
    /// Line and column, both from 1, the column in characters; `None` where the file could not be
    /// read at all.
    pub place: Option<(usize, usize)>,
    /// The sentence.
    pub message: String,
}

impl fmt::Display for Remark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:", self.path.display())?;
        if let Some((line, column)) = self.place {
            write!(f, "{line}:{column}:")?;
        }
        write!(f, " {}", self.message)
    }
}

/// Everything that is wrong with a configuration, in the order of the file; never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigErrors(pub Vec<Remark>);

impl fmt::Display for ConfigErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines: Vec<String> = self.0.iter().map(Remark::to_string).collect();
        f.write_str(&lines.join("\n"))
    }
}

impl std::error::Error for ConfigErrors {}

/// Where remarks are gathered while the sections are read.
#[derive(Debug, Default)]
pub(super) struct Notes {
    errors: RefCell<Vec<(Range<usize>, String)>>,
    warnings: RefCell<Vec<(Range<usize>, String)>>,
}

impl Notes {
    /// Something that makes the configuration unusable.
    pub(super) fn error(&self, span: Range<usize>, message: impl Into<String>) {
        self.errors.borrow_mut().push((span, message.into()));
    }

    /// Something that works and is likely not meant.
    pub(super) fn warning(&self, span: Range<usize>, message: impl Into<String>) {
        self.warnings.borrow_mut().push((span, message.into()));
    }

    /// The errors, if there are any, and the warnings, each in the order of the file.
    pub(super) fn finish(self, path: &Path, text: &str) -> (Option<ConfigErrors>, Vec<Remark>) {
        let placed = |mut notes: Vec<(Range<usize>, String)>| -> Vec<Remark> {
            notes.sort_by_key(|(span, _)| span.start);
            let remark =
                |(span, message): (Range<usize>, String)| Remark { path: path.to_owned(), place: Some(place(text, span.start)), message };
            notes.into_iter().take(MAX_ERRORS).map(remark).collect()
        };
        let errors = placed(self.errors.into_inner());
        ((!errors.is_empty()).then_some(ConfigErrors(errors)), placed(self.warnings.into_inner()))
    }
}

/// Line and column of a byte, both from 1.
pub(super) fn place(text: &str, at: usize) -> (usize, usize) {
    let before = text.get(..at).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |end| end + 1);
    (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
}
