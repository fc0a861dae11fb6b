//! `newsboy articles --source`: the articles that the store has of a source, for other programs.

use std::io::{self, BufWriter, Write};

use chrono::NaiveDate;
use newsboy::config::Config;
use newsboy::model::StoredArticle;
use newsboy::store;
use serde::Serialize;

use super::{Failure, cannot_print};

/// Editions of a source that are looked through at most: ten years of a daily paper.
const MAX_EDITIONS: u32 = 3_700;

/// An article with what the store knows of it.
#[derive(Serialize)]
struct Line<'a> {
    id: &'a str,
    source: &'a str,
    date: NaiveDate,
    revision: u32,
    withdrawn: bool,
    held: bool,
    #[serde(flatten)]
    article: &'a newsboy::model::Article,
}

/// Prints the articles of a source's editions between two dates, oldest edition first, each in page
/// order: one JSON object a line.
pub(crate) async fn run(config: &Config, source: &str, from: Option<NaiveDate>, to: Option<NaiveDate>) -> Result<(), Failure> {
    if !config.sources.iter().any(|known| known.name == source) {
        let known: Vec<&str> = config.sources.iter().map(|source| source.name.as_str()).collect();
        return Err(Failure::Usage(format!("there is no source {source:?} in {}; known are {}", config.path.display(), known.join(", "))));
    }
    let store = store::open(&config.store.url, &config.dir).await?;
    let mut dates = store.source_dates(source, MAX_EDITIONS).await?;
    dates.retain(|date| from.is_none_or(|from| from <= *date) && to.is_none_or(|to| *date <= to));
    dates.reverse();
    let mut out = BufWriter::new(io::stdout().lock());
    for date in dates {
        for stored in store.edition(source, date).await? {
            print(&mut out, &stored).map_err(cannot_print)?;
        }
    }
    out.flush().map_err(cannot_print)
}

fn print(out: &mut impl Write, stored: &StoredArticle) -> io::Result<()> {
    let StoredArticle { id, key, revision, withdrawn, held, article, .. } = stored;
    let line =
        Line { id: id.as_str(), source: &key.source, date: key.date, revision: *revision, withdrawn: *withdrawn, held: *held, article };
    serde_json::to_writer(&mut *out, &line)?;
    writeln!(out)
}
