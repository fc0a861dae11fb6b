//! `newsboy source probe`: how a site is built, and the lines that make it a source.

use std::path::Path;

use chrono::Utc;
use newsboy::daemon;
use newsboy::model::Article;
use newsboy::outgoing::AllowPrivate;
use newsboy::source::epaper::{self, Layer, Probe};
use newsboy::store;

use super::{Failure, load};

/// Articles that are shown.
const SHOWN: usize = 4;

/// Characters of a paragraph that are shown.
const SHOWN_CHARS: usize = 40;

/// Fits that are shown.
const SHOWN_FITS: usize = 4;

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The address of an issue's first page, or the one that leads to the latest issue.
    url: String,
    /// A host with its port that may be asked though it is in a private range, as allow_private in
    /// [server] does for sources.
    #[arg(long, value_name = "HOST:PORT")]
    allow_private: Vec<String>,
    /// Seconds between two requests.
    #[arg(long, value_name = "SECONDS", default_value_t = 1.2)]
    min_gap: f64,
}

pub(crate) async fn run(config_path: &Path, arguments: &Arguments) -> Result<(), Failure> {
    let url = arguments.url.parse().map_err(|error| Failure::Usage(format!("{:?} is no address: {error}", arguments.url)))?;
    // Probing comes before there is a configuration; where there is one, what it allows holds.
    let mut allow = if config_path.exists() { load(config_path)?.server.allow_private } else { AllowPrivate::default() };
    for pair in &arguments.allow_private {
        allow.add(pair).map_err(Failure::Usage)?;
    }
    // What is asked is remembered for the time of the probe only.
    let folder = std::env::temp_dir().join(format!("newsboy-probe-{}", std::process::id()));
    let probed = look(&url, &allow, arguments, &folder).await;
    // Whatever was left there is of no use to anybody.
    let _ = std::fs::remove_dir_all(&folder);
    show(&probed?)
}

async fn look(url: &reqwest::Url, allow: &AllowPrivate, arguments: &Arguments, folder: &Path) -> Result<Probe, Failure> {
    let store = store::open("sqlite:probe.db", folder).await?;
    let world = daemon::world(allow, &store, Utc::now)?;
    let own = Layer::parse(&format!("fetch.min_gap = {:?}", arguments.min_gap)).map_err(Failure::Usage)?;
    let probed = epaper::probe(url, own, &world, Utc::now().date_naive()).await;
    store.close().await;
    probed.map_err(|error| Failure::Work(error.to_string()))
}

fn show(probe: &Probe) -> Result<(), Failure> {
    match probe.date {
        Some(date) => say!("# looked at the issue of {date}: {}", probe.issue)?,
        None => say!("# looked at {}", probe.issue)?,
    }
    for fit in probe.fits.iter().take(SHOWN_FITS) {
        say!("# fits: {fit}")?;
    }
    if probe.lines.is_empty() {
        let message = "no template fits the pages; write [page], [article] and [field] for them, see config/sources/base.toml";
        return Err(Failure::Work(message.to_owned()));
    }
    say!("# pages: {}", probe.pages.join(" · "))?;
    for article in probe.articles.iter().take(SHOWN) {
        show_article(article)?;
    }
    say!("\n{}", probe.lines.trim_end())
}

fn show_article(article: &Article) -> Result<(), Failure> {
    say!("# {} on page {}: {}", article.kind, article.page, article.title())?;
    for (label, text) in [("kicker", &article.kicker), ("deck", &article.deck), ("author", &article.byline.first().cloned())] {
        if let Some(text) = text {
            say!("#     {label}: {text}")?;
        }
    }
    if let Some(first) = article.text().first() {
        let begin: String = first.chars().take(SHOWN_CHARS).collect();
        say!("#     {} paragraphs: {begin}…", article.text().len())?;
    }
    Ok(())
}
