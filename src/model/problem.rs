//! What went wrong, as a value that travels with the thing it concerns.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};

/// A stable, machine-readable name of a kind of problem, such as `page-empty`.
///
/// Kebab case; once released a code keeps its meaning, because logs, metrics and people's alerts
/// are keyed by it.
pub type ProblemCode = Cow<'static, str>;

/// Something that is wrong with a page, an article or a delivery, and that did not stop the work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// The kind of problem.
    pub code: ProblemCode,
    /// One sentence for a person: what was found, what was expected, what to do.
    pub message: String,
}

impl Problem {
    /// A problem of the kind `code`, told to a person by `message`.
    pub fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code: Cow::Borrowed(code), message: message.into() }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.message)
    }
}
