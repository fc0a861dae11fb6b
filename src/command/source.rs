//! `newsboy source`: a look at a site that is not a source yet, and what looks wrong with a source's last
//! editions.

use std::path::Path;

use newsboy::config::Config;
use newsboy::jobs::lint_source::{self, LintReport};
use newsboy::store;

use super::{Failure, counted, load, probe};

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Look at an e-paper site: print the presets that fit it, what they extract, and the lines of a
    /// configuration.
    Probe(probe::Arguments),
    /// Say what looks wrong with the last editions in the store, one line a finding. Ends with 1 where
    /// something does.
    Lint {
        /// The source's name.
        name: String,
        /// How many editions, the newest first.
        #[arg(long, default_value_t = 5, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1000))]
        editions: u32,
    },
}

pub(crate) async fn run(config_path: &Path, arguments: &Arguments) -> Result<(), Failure> {
    match &arguments.action {
        Action::Probe(arguments) => probe::run(config_path, arguments).await,
        Action::Lint { name, editions } => lint(&load(config_path)?, name, *editions).await,
    }
}

async fn lint(config: &Config, name: &str, editions: u32) -> Result<(), Failure> {
    if !config.sources.iter().any(|source| source.name == name) {
        let known: Vec<&str> = config.sources.iter().map(|source| source.name.as_str()).collect();
        return Err(Failure::Usage(format!("there is no source {name:?} in {}; known are {}", config.path.display(), known.join(", "))));
    }
    let store = store::open(&config.store.url, &config.dir).await?;
    let report = lint_source::lint(&*store, name, editions).await?;
    if report.editions == 0 {
        return Err(Failure::Work(format!("the store has no edition of {name} yet; newsboy once reads what there is")));
    }
    for finding in &report.findings {
        say!("{finding}")?;
    }
    say!("{}", summary(&report))?;
    if report.findings.is_empty() { Ok(()) } else { Err(Failure::Findings) }
}

/// How much was looked at and how often each fault was found, in one line.
fn summary(report: &LintReport) -> String {
    let looked_at = [(report.editions, "edition"), (report.pages, "page"), (report.articles, "article")];
    let looked_at = looked_at.map(|(number, noun)| counted(number, noun)).join(", ");
    let counts: Vec<String> = report.counts().into_iter().map(|(fault, count)| format!("{count} {}", fault.as_str())).collect();
    match counts.as_slice() {
        [] => format!("nothing looks wrong in {looked_at}"),
        counts => format!("{} in {looked_at}: {}", counted(report.findings.len(), "finding"), counts.join(", ")),
    }
}
