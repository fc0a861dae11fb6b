//! The command line: arguments in, errors out once.

mod command;

use std::process::ExitCode;

use clap::Parser;

use command::{Command, Failure, Options};

fn main() -> ExitCode {
    let options = Options::parse();
    start_log(&options);
    // Only one provider of cryptography is compiled in; an error here means that it stands already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    match command::run(options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            if !failure.is_silent() {
                report(&failure);
            }
            ExitCode::from(failure.exit_code())
        }
    }
}

/// The log goes to standard error, so that a command's output can be piped; `RUST_LOG` overrides.
fn start_log(options: &Options) {
    let default = match &options.command {
        None | Some(Command::Run | Command::Once(_)) => "newsboy=info,warn",
        Some(_) => "newsboy=warn,error",
    };
    let filter = tracing_subscriber::EnvFilter::try_from_default_env().unwrap_or_else(|_| tracing_subscriber::EnvFilter::new(default));
    let colour = std::env::var_os("NO_COLOR").is_none() && std::io::IsTerminal::is_terminal(&std::io::stderr());
    tracing_subscriber::fmt().with_env_filter(filter).with_target(false).with_ansi(colour).with_writer(std::io::stderr).init();
}

#[expect(clippy::print_stderr, reason = "this is where a failure is printed, once")]
fn report(failure: &Failure) {
    eprintln!("newsboy: {failure}");
}
