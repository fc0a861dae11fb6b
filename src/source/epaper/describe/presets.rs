//! The presets: files of `config/sources/` that are part of the program, so that a configuration can
//! name them wherever it lies.

use super::Layer;

/// A part of a description with a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Preset {
    /// What `extends` calls it: `address/…` or `template/…`.
    pub name: &'static str,
    /// Its text.
    pub text: &'static str,
}

macro_rules! presets {
    ($($name:literal),* $(,)?) => {
        [$(Preset { name: $name, text: include_str!(concat!("../../../../config/sources/", $name, ".toml")) }),*]
    };
}

/// All presets: families of addresses, then kinds of pages.
pub const PRESETS: [Preset; 26] = presets![
    "address/founder-new",
    "address/founder-short",
    "address/founder-classic",
    "address/nbs",
    "address/paperindex",
    "address/numbered",
    "address/qpaper",
    "address/fragment",
    "address/json-whole",
    "address/json-journal",
    "address/json-index",
    "template/amucsite",
    "template/amucsite-detail",
    "template/rmrb",
    "template/gmw",
    "template/classic",
    "template/zjol",
    "template/paperindex",
    "template/paperindex-whole",
    "template/tree",
    "template/numbered",
    "template/qpaper",
    "template/fragment",
    "template/json-whole",
    "template/json-journal",
    "template/json-index",
];

/// The preset of a name.
pub fn preset(name: &str) -> Option<&'static Preset> {
    PRESETS.iter().find(|preset| preset.name == name)
}

/// The layer below all others.
pub(super) fn ground() -> Result<Layer, String> {
    Layer::parse(include_str!("../../../../config/sources/base.toml"))
}
