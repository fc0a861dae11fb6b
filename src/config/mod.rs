//! The configuration: a TOML file, read and checked before anything starts.
//!
//! Everything that is wrong is told at once, each with file, line and column, what was found and
//! what to write. A configuration that was read holds only what can work: names are declared,
//! schedules come due, secrets are there, paths are absolute.
//!
//! Each section has a file of its own that turns it into the `Config` of its stage; `section` reads
//! tables, `value` single values.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use chrono::Duration;
use toml::Spanned;
use toml::de::DeTable;

use crate::feed::FeedConfig;
use crate::model::Secret;
use crate::outgoing::AllowPrivate;
use crate::source::SourceConfig;
use crate::webhook::WebhookConfig;

mod editing;
mod epaper;
mod feed;
mod remark;
mod secret;
mod section;
mod server;
mod source;
#[cfg(test)]
mod tests;
mod value;
mod webhook;

pub use editing::Editing;
pub use remark::{ConfigErrors, Remark};

use remark::{Notes, place};
use section::Section;

/// Bytes of a configuration at most; ten thousand webhooks have room in it.
const MAX_BYTES: u64 = 4 * 1024 * 1024;

/// A configuration that can work.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// The file it was read from.
    pub path: PathBuf,
    /// The file's directory, which relative paths in it are relative to; absolute, without links.
    pub dir: PathBuf,
    /// `[server]`.
    pub server: ServerConfig,
    /// `[store]`.
    pub store: StoreConfig,
    /// `[hub]`.
    pub hub: crate::websub::Config,
    /// `[feeds]`.
    pub feeds: crate::feed::Config,
    /// The `[[source]]`s in their order; never empty.
    pub sources: Vec<SourceConfig>,
    /// All feeds: first one of each source, named as it is, then the `[[feed]]`s.
    pub feeds_list: Vec<FeedConfig>,
    /// The `[[webhook]]`s in their order.
    pub webhooks: Vec<WebhookConfig>,
    /// How the webhooks' digests are edited, by the webhooks' names.
    pub editing: BTreeMap<String, Editing>,
    /// What works and is likely not meant, in the order of the file.
    pub warnings: Vec<Remark>,
}

/// The `[server]` section, checked.
#[derive(Debug, Clone, PartialEq)]
pub struct ServerConfig {
    /// Where the HTTP server listens.
    pub listen: SocketAddr,
    /// The address at which readers reach it, without a `/` at its end.
    pub public_url: String,
    /// Who may read `/status`; nobody where there is none.
    pub status_token: Option<Secret>,
    /// What outgoing requests may reach though it is not of the public internet.
    pub allow_private: AllowPrivate,
}

/// The `[store]` section, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreConfig {
    /// Where the store is: `sqlite:` and a path, relative to [`Config::dir`] unless it is absolute.
    pub url: String,
    /// How long digests that were delivered or given up stay in the ledger.
    pub keep_deliveries: Duration,
}

/// What a configuration is read with besides its text.
struct Surroundings<'a> {
    /// What relative paths are relative to.
    dir: &'a Path,
    /// The environment's variables.
    environment: &'a dyn Fn(&str) -> Option<String>,
    /// Whether everybody on this machine can read the file.
    world_readable: bool,
}

/// The names that other sections may refer to, those of sections with errors among them.
#[derive(Default)]
struct Declared {
    sources: Vec<String>,
    /// Feeds have the names of sources and their own.
    feeds: Vec<String>,
}

/// Reads and checks the configuration in a file, and what it names in the environment and in files
/// of secrets.
///
/// # Errors
/// Everything that is wrong with it.
pub fn load(path: &Path) -> Result<Config, ConfigErrors> {
    let whole = |message: String| ConfigErrors(vec![Remark { path: path.to_owned(), place: None, message }]);
    let (bytes, world_readable, dir) = read(path).map_err(|error| {
        let hint = if error.kind() == io::ErrorKind::NotFound { "; newsboy init DIR writes one to start from" } else { "" };
        whole(format!("the configuration cannot be read: {error}{hint}"))
    })?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(whole(format!("the file has more than {MAX_BYTES} bytes, too many for a configuration")));
    }
    let text = String::from_utf8(bytes).map_err(|error| {
        let valid = error.utf8_error().valid_up_to();
        let before = String::from_utf8_lossy(&error.as_bytes()[..valid]).into_owned();
        let message = "from here on the file is not UTF-8; save it in that encoding".to_owned();
        ConfigErrors(vec![Remark { path: path.to_owned(), place: Some(place(&before, before.len())), message }])
    })?;
    let around = Surroundings { dir: &dir, environment: &|name| std::env::var(name).ok(), world_readable };
    parse(&text, path, &around)
}

fn read(path: &Path) -> io::Result<(Vec<u8>, bool, PathBuf)> {
    let file = File::open(path)?;
    let world_readable = secret::is_world_readable(&file.metadata()?);
    let mut bytes = Vec::new();
    file.take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
    let dir = path.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."));
    Ok((bytes, world_readable, fs::canonicalize(dir)?))
}

/// Reads and checks a configuration's text.
fn parse(text: &str, path: &Path, around: &Surroundings<'_>) -> Result<Config, ConfigErrors> {
    let notes = Notes::default();
    let (document, errors) = DeTable::parse_recoverable(text);
    for error in &errors {
        let span = error.span().unwrap_or(0..0);
        // A key may be shown, a value not: it may be a secret.
        let detail = match text.get(span.clone()) {
            Some(key) if error.message() == "duplicate key" => format!(" {key}; remove one of them"),
            _ => String::new(),
        };
        notes.error(span, format!("this is not TOML: {}{detail}", error.message()));
    }
    // What was made of a broken text says nothing about what was meant.
    let config = if errors.is_empty() { sections(&document, path, around, &notes) } else { None };
    match (notes.finish(path, text), config) {
        ((None, warnings), Some(config)) => Ok(Config { warnings, ..config }),
        ((Some(errors), _), _) => Err(errors),
        ((None, _), None) => {
            let message = "it cannot be used, and newsboy cannot say why: a defect of newsboy".to_owned();
            Err(ConfigErrors(vec![Remark { path: path.to_owned(), place: Some((1, 1)), message }]))
        }
    }
}

/// Reads the sections. Where something is wrong, it is noted, and what comes out is not to be used.
fn sections(document: &Spanned<DeTable<'_>>, path: &Path, around: &Surroundings<'_>, notes: &Notes) -> Option<Config> {
    let mut root = Section::root(document, notes);
    let server = server::server(root.table("server", "[server]"), around);
    let store = server::store(root.table("store", "[store]"));
    let hub = server::hub(root.table("hub", "[hub]"));
    let feeds = server::feeds(root.table("feeds", "[feeds]"), &server, around, notes);

    let mut declared = Declared::default();
    let mut places: Vec<(String, &str)> = Vec::new();
    let mut sources = Vec::new();
    let tables = root.tables("source", "[[source]]");
    if tables.is_empty() {
        notes.error(0..0, "there is no [[source]], so newsboy would have nothing to read; add one with name, path, language and timezone");
    }
    for table in tables {
        let (name, source) = source::source(table, around);
        if let Some(name) = name {
            declare(&name, "source", &mut places, notes);
            declared.sources.push(name.into_inner());
        }
        sources.extend(source);
    }
    declared.feeds.clone_from(&declared.sources);

    let mut feeds_list: Vec<FeedConfig> = sources.iter().map(feed::of_source).collect();
    for table in root.tables("feed", "[[feed]]") {
        let (name, feed) = feed::feed(table, &declared, &sources, around);
        if let Some(name) = name {
            declare(&name, "feed", &mut places, notes);
            declared.feeds.push(name.into_inner());
        }
        feeds_list.extend(feed);
    }

    let mut places = Vec::new();
    let (mut webhooks, mut editing) = (Vec::new(), BTreeMap::new());
    for table in root.tables("webhook", "[[webhook]]") {
        let known = webhook::Known { declared: &declared, sources: &sources, feeds: &feeds_list };
        let (name, webhook, edited) = webhook::webhook(table, &known, around);
        if let Some(name) = name {
            editing.insert(name.get_ref().clone(), edited);
            declare(&name, "webhook", &mut places, notes);
        }
        webhooks.extend(webhook);
    }
    root.finish();

    (!sources.is_empty()).then(|| Config {
        path: path.to_owned(),
        dir: around.dir.to_owned(),
        server,
        store,
        hub,
        feeds,
        sources,
        feeds_list,
        webhooks,
        editing,
        warnings: Vec::new(),
    })
}

/// Notes a name that was given before. Names that differ only in case count as the same: there are
/// file systems on which their folders would be.
fn declare<'w>(name: &Spanned<String>, what: &'w str, taken: &mut Vec<(String, &'w str)>, notes: &Notes) {
    let folded = name.get_ref().to_lowercase();
    match taken.iter().find(|(other, _)| *other == folded) {
        Some((_, "source")) if what == "feed" => notes.error(
            name.span(),
            format!("name: {:?} is the name of a source, whose own feed has it already; choose another name", name.get_ref()),
        ),
        Some((_, other)) => {
            notes.error(name.span(), format!("name: {:?} is the name of another {other}; choose another name", name.get_ref()))
        }
        None => taken.push((folded, what)),
    }
}

/// The configuration that newsboy comes with: it runs as it is on the sample edition, and explains
/// every setting.
pub fn default_text() -> &'static str {
    include_str!("../../config/newsboy.toml")
}

/// The configuration that `newsboy init` writes: one to start from, with a place for one's own
/// paper.
pub fn template() -> &'static str {
    include_str!("../../config/starter.toml")
}
