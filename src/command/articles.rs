//! `newsboy articles`: cuts pages and prints their articles, for a look and for other programs; lists and
//! releases what is held back.

use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use newsboy::article;
use newsboy::config::Config;
use newsboy::jobs::read_page::PageReader;
use newsboy::model::{Article, PageFormat, PageKey, RawPage};

use super::{Failure, cannot_print, held, stored};

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The page files.
    #[arg(required_unless_present_any = ["held", "release", "source"], value_name = "PAGE")]
    pages: Vec<PathBuf>,
    /// One JSON object a line.
    #[arg(long)]
    json: bool,
    /// Print what led to the cut: blocks, seams with their scores, headline assignment.
    #[arg(long, conflicts_with = "json")]
    explain: bool,
    /// The language of the pages, where the text alone leaves it open.
    #[arg(long, default_value = "zh", value_name = "TAG")]
    language: String,
    /// List what is held back in the store instead.
    #[arg(long, conflicts_with_all = ["pages", "json", "explain"])]
    held: bool,
    /// Print what the store has of a source instead, withdrawn articles too: one JSON object a line.
    #[arg(long, value_name = "NAME", conflicts_with_all = ["pages", "explain", "held"])]
    source: Option<String>,
    /// Only editions of this date or later.
    #[arg(long, value_name = "DATE", requires = "source")]
    from: Option<NaiveDate>,
    /// Only editions of this date or earlier.
    #[arg(long, value_name = "DATE", requires = "source")]
    to: Option<NaiveDate>,
    /// Publish these held articles instead.
    #[arg(long, value_name = "ID", num_args = 1.., conflicts_with_all = ["pages", "json", "explain", "held", "source"])]
    release: Vec<String>,
}

impl Arguments {
    /// Whether the command is about the store, and not about page files.
    pub(crate) fn is_about_store(&self) -> bool {
        self.held || !self.release.is_empty() || self.source.is_some()
    }
}

/// What is held back, or its release.
pub(crate) async fn run_on_store(config: &Config, arguments: &Arguments) -> Result<(), Failure> {
    match &arguments.source {
        Some(source) => stored::run(config, source, arguments.from, arguments.to).await,
        None if arguments.held => held::list(config).await,
        None => held::release(config, &arguments.release).await,
    }
}

/// Pages on the command line from which on progress is worth showing.
const SHOW_PROGRESS_FROM: usize = 8;

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let mut out = BufWriter::new(io::stdout().lock());
    let progress = progress(arguments.pages.len());
    let mut failed = Vec::new();
    for path in &arguments.pages {
        match read(path) {
            Ok(raw) => print(&mut out, &raw, arguments).map_err(cannot_print)?,
            Err(why) => failed.push(why),
        }
        progress.inc(1);
    }
    progress.finish_and_clear();
    out.flush().map_err(cannot_print)?;
    if failed.is_empty() { Ok(()) } else { Err(Failure::Work(failed.join("\n"))) }
}

fn progress(pages: usize) -> indicatif::ProgressBar {
    if pages >= SHOW_PROGRESS_FROM && io::stderr().is_terminal() && !io::stdout().is_terminal() {
        indicatif::ProgressBar::new(pages as u64)
    } else {
        indicatif::ProgressBar::hidden()
    }
}

/// A page from the command line belongs to no source; its date matters to nothing here.
fn read(path: &Path) -> Result<RawPage, String> {
    let extension = path.extension().and_then(|e| e.to_str()).unwrap_or_default();
    let format = PageFormat::of_extension(extension).ok_or_else(|| {
        format!("{}: newsboy does not read files that end in {extension:?}; it reads .txt, .pdf and .xml (ALTO)", path.display())
    })?;
    let bytes = std::fs::read(path).map_err(|e| format!("{}: {e}", path.display()))?;
    let page = path.file_stem().and_then(|s| s.to_str()).unwrap_or("1").to_owned();
    let key = PageKey { source: "command line".to_owned(), date: NaiveDate::default(), page: page.into() };
    Ok(RawPage { key, format, origin: path.display().to_string(), modified: None, bytes })
}

fn print(out: &mut impl Write, raw: &RawPage, arguments: &Arguments) -> io::Result<()> {
    for page in PageReader::apart().read(raw) {
        for problem in &page.problems {
            tracing::warn!("{}: {problem}", raw.origin);
        }
        if arguments.explain {
            write!(out, "{}", article::explain(&page, &arguments.language))?;
            continue;
        }
        let (articles, problems) = article::cut_and_tell(&page, &arguments.language);
        for problem in &problems {
            tracing::warn!("{}: {problem}", raw.origin);
        }
        for article in articles {
            if arguments.json {
                serde_json::to_writer(&mut *out, &article)?;
                writeln!(out)?;
            } else {
                print_for_people(out, &article)?;
            }
        }
    }
    Ok(())
}

fn print_for_people(out: &mut impl Write, article: &Article) -> io::Result<()> {
    writeln!(out, "── {} · page {} · confidence {:.0} %", article.kind, article.page, article.confidence * 100.0)?;
    for (label, text) in
        [("kicker", &article.kicker), ("headline", &article.headline), ("deck", &article.deck), ("dateline", &article.dateline)]
    {
        if let Some(text) = text {
            writeln!(out, "{label:>9}  {text}")?;
        }
    }
    for (label, names) in [("by", &article.byline), ("credit", &article.credit)] {
        if !names.is_empty() {
            writeln!(out, "{label:>9}  {}", names.join("、"))?;
        }
    }
    for paragraph in &article.paragraphs {
        writeln!(out, "\n{paragraph}")?;
    }
    for problem in &article.problems {
        writeln!(out, "\n  ! {problem}")?;
    }
    writeln!(out)
}
