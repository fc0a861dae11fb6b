//! `newsboy init`: a new configuration to start from.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::PathBuf;

use newsboy::config;

use super::Failure;

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The folder; it is made if it is not there.
    #[arg(value_name = "DIR")]
    dir: PathBuf,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let path = arguments.dir.join("newsboy.toml");
    let failed = |e: std::io::Error| match e.kind() {
        std::io::ErrorKind::AlreadyExists => {
            Failure::Work(format!("{} is there already, and newsboy does not overwrite it", path.display()))
        }
        _ => Failure::Work(format!("cannot write {}: {e}", path.display())),
    };
    std::fs::create_dir_all(arguments.dir.join("editions")).map_err(failed)?;
    let mut file = OpenOptions::new().write(true).create_new(true).open(&path).map_err(failed)?;
    file.write_all(config::template().as_bytes()).and_then(|()| file.sync_all()).map_err(failed)?;
    let page = arguments.dir.join("editions/2026-11-20/01.txt");
    say!(
        "{} is written. Look through the lines with CHANGE, put pages into place, such as {}, and start:",
        path.display(),
        page.display()
    )?;
    say!("\n    newsboy check --config {0}\n    newsboy --config {0}", path.display())
}
