//! One file a command. They print; everything else is the library's.

/// Prints a line as `println!` does, but makes a closed pipe the command's quiet end instead of a panic.
macro_rules! say {
    ($($text:tt)*) => { $crate::command::say(format_args!($($text)*)) };
}

mod articles;
mod check;
mod deliveries;
mod digest;
mod held;
mod init;
mod once;
mod probe;
mod read_page;
mod source;
mod stored;

use std::io::Write;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Parser, Subcommand};
use newsboy::config::{self, Config, ConfigErrors};
use newsboy::daemon::{self, DaemonError};
use newsboy::store::StoreError;
use thiserror::Error;

/// Watches a newspaper's editions, cuts each page into articles, publishes them as feeds and pushes
/// digests to chat webhooks.
#[derive(Debug, Parser)]
#[command(version, about, long_about = None)]
pub(crate) struct Options {
    /// The configuration file.
    #[arg(long, short, global = true, default_value = "config/newsboy.toml", value_name = "FILE")]
    config: PathBuf,
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// The daemon: watch, publish, serve and send until asked to stop. This is the default.
    Run,
    /// One pass: read the sources, publish the feeds, send what is due, exit.
    Once(once::Arguments),
    /// Cut pages and print their articles; list or release what is held back.
    Articles(articles::Arguments),
    /// Describe a site that is not a source yet, or say what looks wrong with a source.
    Source(source::Arguments),
    /// Read the configuration: say what is wrong with it, or what would run and when.
    Check,
    /// Show the messages that would go out to a webhook, byte for byte, or send them as a test.
    Digest(digest::Arguments),
    /// The ledger of everything that was sent or is to be sent.
    Deliveries(deliveries::Arguments),
    /// A new configuration to start from.
    Init(init::Arguments),
    /// Reads one PDF from standard input for the process that started this one.
    #[command(hide = true)]
    ReadPage(read_page::Arguments),
}

/// Why a command failed.
#[derive(Debug, Error)]
pub(crate) enum Failure {
    /// The configuration has faults.
    #[error(transparent)]
    Config(#[from] ConfigErrors),
    /// The command was used wrongly.
    #[error("{0}")]
    Usage(String),
    /// The store refused.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The daemon could not start or go on.
    #[error(transparent)]
    Daemon(DaemonError),
    /// The work itself failed.
    #[error("{0}")]
    Work(String),
    /// A look for faults found some, and has told them.
    #[error("something looks wrong")]
    Findings,
    /// Whoever reads the output, `head` say, has read enough.
    #[error("nobody reads the output any more")]
    ReadEnough,
}

impl Failure {
    /// Whether there is nothing to say that was not said.
    pub(crate) fn is_silent(&self) -> bool {
        matches!(self, Self::ReadEnough | Self::Findings)
    }

    /// 1 where the work failed, 2 where the usage or the configuration is wrong.
    pub(crate) fn exit_code(&self) -> u8 {
        match self {
            Self::ReadEnough => 0,
            Self::Config(_) | Self::Usage(_) => 2,
            Self::Store(_) | Self::Daemon(_) | Self::Work(_) | Self::Findings => 1,
        }
    }
}

/// An error of printing.
pub(crate) fn cannot_print(error: std::io::Error) -> Failure {
    match error.kind() {
        std::io::ErrorKind::BrokenPipe => Failure::ReadEnough,
        _ => Failure::Work(format!("cannot print: {error}")),
    }
}

/// What `say!` does.
fn say(text: std::fmt::Arguments<'_>) -> Result<(), Failure> {
    writeln!(std::io::stdout().lock(), "{text}").map_err(cannot_print)
}

impl From<DaemonError> for Failure {
    fn from(error: DaemonError) -> Self {
        match error {
            DaemonError::Config(errors) => Self::Config(errors),
            other => Self::Daemon(other),
        }
    }
}

/// How long threads that block get to finish when the work itself is done.
const LEAVE_WITHIN: Duration = Duration::from_secs(2);

/// Runs the command that the options name.
pub(crate) fn run(options: Options) -> Result<(), Failure> {
    let config_path = options.config;
    match options.command.unwrap_or(Command::Run) {
        Command::Articles(arguments) if arguments.is_about_store() => in_runtime(articles::run_on_store(&load(&config_path)?, &arguments))?,
        Command::Articles(arguments) => articles::run(&arguments),
        Command::Source(arguments) => in_runtime(source::run(&config_path, &arguments))?,
        Command::Init(arguments) => init::run(&arguments),
        Command::ReadPage(arguments) => read_page::run(arguments),
        Command::Check => check::run(&config::load(&config_path)?),
        Command::Run => Ok(in_runtime(daemon::run(&config_path))??),
        Command::Once(arguments) => in_runtime(once::run(&load(&config_path)?, &arguments))?,
        Command::Digest(arguments) => in_runtime(digest::run(&load(&config_path)?, &arguments))?,
        Command::Deliveries(arguments) => in_runtime(deliveries::run(&load(&config_path)?, arguments))?,
    }
}

/// A number and what it counts: `1 page`, `2 pages`.
fn counted(number: usize, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}

fn load(path: &std::path::Path) -> Result<Config, Failure> {
    Ok(config::load(path)?)
}

fn in_runtime<T>(work: impl Future<Output = T>) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(|e| Failure::Work(format!("cannot start the runtime: {e}")))?;
    let done = runtime.block_on(work);
    // By itself it would wait without bound for a thread that hangs on a dead file system or on a
    // pipe that nobody reads.
    runtime.shutdown_timeout(LEAVE_WITHIN);
    Ok(done)
}
