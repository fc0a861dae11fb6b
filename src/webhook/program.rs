//! Programs on this machine that get a message on their standard input.

use std::process::Stdio;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::Command;

/// What a program finds in its environment of newsboy's: what it needs to be found and to speak, and no
/// secret of the configuration.
const INHERITED: [&str; 7] = ["PATH", "HOME", "USER", "LANG", "LC_ALL", "TZ", "TMPDIR"];

/// Bytes of what a program says that are read, of each of its outputs.
const SAID_BYTES: u64 = 8 * 1024;

/// Runs a program to its end; gives its exit code, and what it said on standard error or else on standard
/// output. One that is no longer waited for is killed.
pub(super) async fn run(command: &[String], environment: &[(&'static str, String)], input: String) -> Result<(u16, String), String> {
    let [name, arguments @ ..] = command else { return Err("no program is named".to_owned()) };
    let inherited = INHERITED.iter().filter_map(|name| std::env::var_os(name).map(|value| (*name, value)));
    let mut child = Command::new(name)
        .args(arguments)
        .env_clear()
        .envs(inherited)
        .envs(environment.iter().map(|(name, value)| (*name, value.as_str())))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| format!("the program {name:?} cannot be started: {error}"))?;
    let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let write = async {
        if let Some(mut stdin) = stdin {
            // A program that reads nothing of it may be right all the same.
            let _ = stdin.write_all(input.as_bytes()).await;
        }
    };
    let ((), out, err, status) = tokio::join!(write, beginning(stdout), beginning(stderr), child.wait());
    let status = status.map_err(|error| format!("the program {name:?} cannot be waited for: {error}"))?;
    let said = if err.trim().is_empty() { out } else { err };
    match status.code() {
        Some(code) => Ok((u16::try_from(code).unwrap_or(u16::MAX), said)),
        None => Err(format!("the program {name:?} was ended by a signal")),
    }
}

/// The beginning of an output. What comes behind it is read and thrown away, so that nobody waits.
async fn beginning(output: Option<impl tokio::io::AsyncRead + Unpin>) -> String {
    let Some(mut output) = output else { return String::new() };
    let mut text = Vec::new();
    let _ = (&mut output).take(SAID_BYTES).read_to_end(&mut text).await;
    let _ = tokio::io::copy(&mut output, &mut tokio::io::sink()).await;
    String::from_utf8_lossy(&text).into_owned()
}
