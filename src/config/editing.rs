//! What of a `[[webhook]]` says how its digests are edited: summaries, watched words, stories told twice.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use chrono::Duration;
use toml::Spanned;
use toml::de::DeValue;

use super::secret::secret;
use super::section::Section;
use super::value::absolute;
use super::{Surroundings, value};
use crate::alert::{self, LONGEST_WORD, MOST_WORDS, Watchlist, Watchword};
use crate::{llm, summary};

/// Characters of an item's summary if the file is silent.
const DEFAULT_CHARS: u32 = 120;
/// How long a language model is waited for if the file is silent: for one summary, and for all of a
/// digest.
const DEFAULT_TIMEOUT: Duration = Duration::seconds(10);
const DEFAULT_WITHIN: Duration = Duration::seconds(30);
/// Summaries that are asked for a digest if the file is silent.
const DEFAULT_MOST: u32 = 20;
/// What is asked of a model's address in a day if the file is silent: requests, and characters sent and asked
/// for.
const DEFAULT_REQUESTS: u32 = 1_000;
const DEFAULT_CHARACTERS: u32 = 3_000_000;
/// Bytes of a file of words at most.
const MOST_BYTES: u64 = 16 * 1024 * 1024;

/// How a webhook's digests are edited.
#[derive(Debug, Clone, PartialEq)]
pub struct Editing {
    /// The words that are watched for.
    pub watch: Option<alert::Config>,
    /// Which sentences of an article are its summary.
    pub summary: summary::Kind,
    /// The language model that writes summaries instead.
    pub llm: Option<llm::Config>,
    /// Whether a story that several articles tell is one item.
    pub tell_once: bool,
}

impl Default for Editing {
    fn default() -> Self {
        Self { watch: None, summary: summary::Kind::Gist, llm: None, tell_once: true }
    }
}

/// The kinds of summaries as they are written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Extract,
    Lead,
    Llm,
}

/// Reads these settings of a webhook, and the budget of a summary in characters.
pub(super) fn editing(section: &mut Section<'_>, around: &Surroundings<'_>) -> (Editing, usize) {
    let mut editing = Editing::default();
    let mut chars = None;
    if let Some(mut table) = section.table("summary", "summary") {
        chars = table.optional("chars", |v| value::number(v, 20..=2000)).map(Spanned::into_inner);
        let kinds = [("extract", Kind::Extract), ("lead", Kind::Lead), ("llm", Kind::Llm)];
        let kind = table.optional("kind", |v| value::word(v, &kinds)).map_or(Kind::Extract, Spanned::into_inner);
        if kind == Kind::Lead {
            editing.summary = summary::Kind::Lead;
        }
        if kind == Kind::Llm {
            editing.llm = model(&mut table, around);
        }
        table.finish();
    }
    if let Some(table) = section.table("watch", "watch") {
        editing.watch = watch(table, around);
    }
    if let Some(once) = section.optional("tell_once", value::flag) {
        editing.tell_once = once.into_inner();
    }
    (editing, chars.unwrap_or(DEFAULT_CHARS) as usize)
}

/// The settings of `kind = "llm"`.
fn model(table: &mut Section<'_>, around: &Surroundings<'_>) -> Option<llm::Config> {
    let endpoint = table.required("endpoint", "endpoint = \"http://127.0.0.1:8080/v1\"", |v| address(value::string(v)?));
    let name = table.required("model", "model = \"qwen3-8b\"", |v| value::string(v).map(str::to_owned));
    let key = secret(table, "key", around).map(Spanned::into_inner);
    let mut wait = |key, default: Duration, most| {
        let given = table.optional(key, |v| value::duration(v, Duration::seconds(1)..=most)).map_or(default, Spanned::into_inner);
        given.to_std().unwrap_or_default()
    };
    let timeout = wait("timeout", DEFAULT_TIMEOUT, Duration::minutes(5));
    let within = wait("within", DEFAULT_WITHIN, Duration::minutes(10));
    let most = table.optional("most", |v| value::number(v, 1..=500)).map_or(DEFAULT_MOST, Spanned::into_inner) as usize;
    let mut a_day = |key, default, bounds| table.optional(key, |v| value::number(v, bounds)).map_or(default, Spanned::into_inner);
    let requests_a_day = a_day("requests_a_day", DEFAULT_REQUESTS, 0..=100_000);
    let characters_a_day = u64::from(a_day("characters_a_day", DEFAULT_CHARACTERS, 0..=1_000_000_000));
    let (endpoint, model) = (endpoint?.into_inner(), name?.into_inner());
    Some(llm::Config { endpoint, model, key, timeout, within, most, requests_a_day, characters_a_day })
}

fn address(text: &str) -> Result<String, String> {
    let wrong = |what: &str| format!("{what}, expected the address of an interface as OpenAI's, such as http://127.0.0.1:8080/v1");
    let url = reqwest::Url::parse(text).map_err(|error| wrong(&error.to_string()))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(wrong("it is no address of the web"));
    }
    if !url.username().is_empty() || url.password().is_some() || url.query().is_some() {
        return Err("it holds a user, a password or a query; a key goes into key = { env = \"NAME\" }".to_owned());
    }
    Ok(url.as_str().trim_end_matches('/').to_owned())
}

/// The settings of `watch`.
fn watch(mut table: Section<'_>, around: &Surroundings<'_>) -> Option<alert::Config> {
    let words = table.list("words", |v| value::string(v).map(watchword));
    let file = table.optional("file", |v| match v {
        DeValue::String(path) => from_file(&absolute(around.dir, Path::new(path.as_ref()))),
        other => Err(format!("found {}, expected the path of a file of words", other.type_str())),
    });
    let only = table.optional("only", value::flag).is_none_or(Spanned::into_inner);
    let (given, span) = (table.ask("words").is_some() || table.ask("file").is_some(), table.span());
    let read = words.is_some() || file.is_some();
    let mut list: Vec<Watchword> = words.into_iter().flat_map(Spanned::into_inner).map(Spanned::into_inner).collect();
    list.extend(file.into_iter().flat_map(Spanned::into_inner));
    let made = match Watchlist::new(&list) {
        Ok(list) => Some(alert::Config { list, only }),
        Err(error) => {
            // Of words that could not be read it was told.
            if read || !given {
                table.error("words", span, &format!("{error}; write words = [\"氢能\", \"人大 -人大附中\"] or file = \"words.txt\""));
            }
            None
        }
    };
    table.finish();
    made
}

/// A word with its exceptions: `人大 -人大附中 -人大代表`. A hyphen counts behind white space only, so that
/// a word may have one.
fn watchword(line: &str) -> Watchword {
    let mut parts = line.split(" -").map(|part| part.trim().to_owned());
    Watchword { word: parts.next().unwrap_or_default(), except: parts.filter(|part| !part.is_empty()).collect() }
}

/// Words from a file, one a line; empty lines and what stands behind a # are passed over.
fn from_file(path: &Path) -> Result<Vec<Watchword>, String> {
    let shown = path.display();
    let mut text = String::new();
    let read = File::open(path).and_then(|file| file.take(MOST_BYTES + 1).read_to_string(&mut text));
    read.map_err(|error| format!("the file {shown} cannot be read: {error}; expected a word a line, in UTF-8"))?;
    if text.len() as u64 > MOST_BYTES {
        return Err(format!(
            "the file {shown} has more than {MOST_BYTES} bytes, too many for {MOST_WORDS} words of {LONGEST_WORD} characters"
        ));
    }
    let lines = text.trim_start_matches('\u{feff}').lines().map(|line| line.split('#').next().unwrap_or_default().trim());
    Ok(lines.filter(|line| !line.is_empty()).map(watchword).collect())
}
