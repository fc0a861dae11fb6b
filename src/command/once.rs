//! `newsboy once`: one pass.

use std::io::IsTerminal;
use std::path::PathBuf;

use chrono::NaiveDate;
use indicatif::{ProgressBar, ProgressStyle};
use newsboy::config::Config;
use newsboy::daemon;
use newsboy::model::DayAnswer;
use newsboy::source::Dates;

use super::{Failure, counted};

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Only editions of this date or later.
    #[arg(long, value_name = "DATE")]
    from: Option<NaiveDate>,
    /// Only editions of this date or earlier.
    #[arg(long, value_name = "DATE")]
    to: Option<NaiveDate>,

    /// Writes the whole site into this folder, feeds, archives and pages with compressed twins, for any
    /// web server or object store.
    #[arg(long = "static", value_name = "DIR")]
    static_dir: Option<PathBuf>,
}

pub(crate) async fn run(config: &Config, arguments: &Arguments) -> Result<(), Failure> {
    let progress = progress();
    let dates = Dates { from: arguments.from, to: arguments.to };
    let report = daemon::once(config, dates, arguments.static_dir.as_deref(), &progress).await?;
    progress.finish_and_clear();
    for day in &report.days {
        say!("{} {}: {} ({})", day.source, day.date, day.answer, day.why)?;
        for problem in &day.problems {
            say!("    ! {problem}")?;
        }
    }
    let mut failures = report.unread;
    let unknown = report.days.iter().filter(|day| day.answer == DayAnswer::Unknown);
    failures.extend(unknown.map(|day| format!("{} {}: nobody knows whether there is an issue: {}", day.source, day.date, day.why)));
    if report.failed_pages + report.failed_feeds > 0 {
        let (pages, feeds) = (report.failed_pages, report.failed_feeds);
        failures.push(format!("{} and {} failed; the log above says why", counted(pages, "page"), counted(feeds, "feed")));
    }
    if !failures.is_empty() {
        return Err(Failure::Work(failures.join("\n")));
    }
    if let Some(files) = report.static_files {
        say!("{} of the site written", counted(files, "file"))?;
    }
    say!(
        "{} read, {} published, {} delivered",
        counted(report.pages, "page"),
        counted(config.feeds_list.len(), "feed"),
        counted(report.delivered as usize, "message")
    )
}

fn progress() -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{spinner} {pos} pages, {per_sec} {msg}");
    ProgressBar::new_spinner().with_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()))
}
