//! What a language model may be asked for on a day.

/// The most that may be asked of a model's address on one day of UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ModelBound {
    /// Requests.
    pub requests: u32,
    /// Characters that are sent and asked for.
    pub characters: u64,
}

/// Whether a request may be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ModelUse {
    /// It may, and is counted.
    Granted,
    /// It would be beyond the bound, and is not counted.
    Refused {
        /// Whether it is the first one of its day.
        is_first: bool,
    },
}
