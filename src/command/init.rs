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
    println!("{} is written. Put pages into {}, then start:", path.display(), arguments.dir.join("editions/DATE/PAGE.txt").display());
    println!("\n    newsboy --config {}", path.display());
    Ok(())
}
