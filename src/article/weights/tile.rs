use super::Forest;
pub static TILE: Forest = Forest { bias: -9.0, depth: 0, features: &[], thresholds: &[], leaves: &[] };
