//! `[[source]]` of `kind = "epaper"`: the description of a site, out of presets and of the paper's own
//! settings.

use std::fs;
use std::path::Path;

use chrono::Duration;
use chrono_tz::Tz;
use reqwest::Url;
use toml::Spanned;

use crate::source::epaper::{Config, DEFAULT_EVERY, Description, Layer, PRESETS, preset};

use super::section::{Section, nearest};
use super::{Surroundings, value};

/// Bytes of a file of a description at most.
const MAX_BYTES: u64 = 256 * 1024;

/// The tables of a description that a source may hold itself.
const TABLES: [&str; 8] = ["fetch", "issue", "page", "article", "field", "picture", "kinds", "jump"];

/// Reads what makes a source a site.
pub(super) fn epaper(section: &mut Section<'_>, around: &Surroundings<'_>, timezone: Tz) -> Option<Config> {
    let site = section.required("site", "site = \"https://paper.example.com/pc/layout/\"", |v| {
        let text = value::string(v)?.trim();
        let url = Url::parse(text).map_err(|error| format!("{text:?} is no address ({error})"))?;
        let is_site = matches!(url.scheme(), "http" | "https") && url.has_host();
        if is_site { Ok(url) } else { Err(format!("{text:?} begins with neither https:// nor http://")) }
    });
    let every = section.optional("every", |v| value::duration(v, Duration::minutes(1)..=Duration::days(1)));
    let mut layers = Vec::new();
    let mut is_right = true;
    for table in TABLES {
        match own(section, table) {
            Some(Ok(layer)) => layers.push(layer),
            Some(Err(())) => is_right = false,
            None => {}
        }
    }
    let extends = section.list("extends", |v| value::string(v).map(str::to_owned));
    if section.ask("extends").is_none() {
        section.notes().error(
            section.span(),
            "an epaper source extends an address and a template, for example extends = [\"address/founder-classic\", \"template/classic\"]; newsboy source probe URL finds them",
        );
    }
    for name in extends.map(Spanned::into_inner).unwrap_or_default() {
        match layer(name.get_ref(), around.dir) {
            Ok(layer) => layers.push(layer),
            Err(message) => {
                section.error("extends", name.span(), &message);
                is_right = false;
            }
        }
    }
    let site = site?;
    if !is_right {
        return None;
    }
    match Description::new(site.get_ref().clone(), layers) {
        Ok(description) => {
            let every = every.and_then(|every| every.into_inner().to_std().ok()).unwrap_or(DEFAULT_EVERY);
            Some(Config { description, every, timezone })
        }
        Err(message) => {
            section.notes().error(section.span(), message);
            None
        }
    }
}

/// A table of the description in the source itself, as a layer.
fn own(section: &mut Section<'_>, table: &'static str) -> Option<Result<Layer, ()>> {
    let value = section.ask(table)?;
    // The layer is read with the name of its table above it.
    let span = value.span();
    let mut whole = toml::de::DeTable::new();
    whole.insert(Spanned::new(span.clone(), table.into()), value.clone());
    let read = Layer::of_table(Spanned::new(span, toml::de::DeValue::Table(whole)));
    Some(read.map_err(|(at, message)| section.error(table, at, &message)))
}

/// A preset by its name, or a file beside the configuration by its path.
fn layer(name: &str, dir: &Path) -> Result<Layer, String> {
    if let Some(preset) = preset(name) {
        return Layer::parse(preset.text);
    }
    if !name.ends_with(".toml") {
        let hint = nearest(name, PRESETS.iter().map(|preset| preset.name)).map_or_else(
            || format!("known are {}", PRESETS.iter().map(|preset| preset.name).collect::<Vec<_>>().join(", ")),
            |near| format!("did you mean {near:?}?"),
        );
        return Err(format!("there is no preset {name:?}; {hint}. A file of one's own ends in .toml"));
    }
    let path = value::absolute(dir, Path::new(name));
    let size = fs::metadata(&path).map_err(|error| format!("{} cannot be read: {error}", path.display()))?.len();
    if size > MAX_BYTES {
        return Err(format!("{} has more than {MAX_BYTES} bytes, too many for a description", path.display()));
    }
    let text = fs::read_to_string(&path).map_err(|error| format!("{} cannot be read: {error}", path.display()))?;
    Layer::parse(&text).map_err(|error| format!("{}: {error}", path.display()))
}
