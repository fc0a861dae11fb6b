//! Problems of a source that last.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{KeptDocument, Problem};

/// A problem of a source that is not over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alarm {
    /// What is wrong.
    pub problem: Problem,
    /// When it was first seen.
    pub since: DateTime<Utc>,
    /// Whether it was told.
    pub told: bool,
}

impl Alarm {
    /// Under what the alarms of a source are noted beside the answers of its site: no address looks so.
    pub const NOTED_AS: &'static str = "alarms";

    /// The alarms of a note. What another version wrote in another form is none.
    pub fn noted(note: Option<&KeptDocument>) -> Vec<Self> {
        note.and_then(|note| serde_json::from_slice(&note.body).ok()).unwrap_or_default()
    }

    /// The note of these alarms.
    pub fn note(alarms: &[Self]) -> KeptDocument {
        // Values of these types always have a form in JSON.
        let body = serde_json::to_vec(alarms).unwrap_or_default();
        KeptDocument { etag: None, last_modified: None, content_type: None, body }
    }
}
