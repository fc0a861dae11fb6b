//! Jobs: where the stages meet the store. A job reads, converts, and writes what came of it.

pub mod compose_digests;
pub mod deliver;

#[cfg(test)]
mod testing;
