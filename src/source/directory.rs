//! A directory of page files.

/// Settings of a source of `kind = "directory"`.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// The path of a page file with `{date}` and `{page}`.
    pub path: String,
}
