//! Programs on this machine that get a message on their standard input.

use std::pin::pin;
use std::process::Stdio;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::{Child, Command};

/// What a program finds in its environment of newsboy's: what it needs to be found and to speak, and no
/// secret of the configuration.
const INHERITED: [&str; 7] = ["PATH", "HOME", "USER", "LANG", "LC_ALL", "TZ", "TMPDIR"];

/// Bytes of what a program says that are read, of each of its outputs.
const SAID_BYTES: u64 = 8 * 1024;

/// How long the outputs of a program that has ended are still read: what it left running in the background
/// may hold them open for ever, and says nothing of how it ended.
const LINGER: Duration = Duration::from_millis(500);

/// The processes of a program that runs: itself and whatever it started, as far as it did not leave their
/// group by itself. They are killed when this is dropped.
struct Group(Option<Pid>);

impl Group {
    fn of(child: &Child) -> Self {
        Self(child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw))
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        if let Some(leader) = self.0 {
            // Where it fails, nobody of the group is left.
            let _ = kill_process_group(leader, Signal::KILL);
        }
    }
}

/// Runs a program to its end; gives its exit code, and what it said on standard error or else on standard
/// output. One that is no longer waited for is killed, with all that it started; what a program that ended by
/// itself left running goes on.
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
        .process_group(0)
        .spawn()
        .map_err(|error| format!("the program {name:?} cannot be started: {error}"))?;
    // Dropped before the child is: until then nobody else can have the number of the group.
    let mut group = Group::of(&child);
    let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let write = async {
        if let Some(mut stdin) = stdin {
            // A program that reads nothing of it may be right all the same.
            let _ = stdin.write_all(input.as_bytes()).await;
        }
    };
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let status = {
        let mut talk = pin!(async { tokio::join!(write, beginning(stdout, &mut out), beginning(stderr, &mut err)) });
        let mut is_over = false;
        let status = loop {
            tokio::select! {
                status = child.wait() => break status,
                _ = &mut talk, if !is_over => is_over = true,
            }
        };
        // Its number is free for others from here on.
        group.0 = None;
        if !is_over {
            let _ = tokio::time::timeout(LINGER, talk).await;
        }
        status
    };
    let [out, err] = [out, err].map(|said| String::from_utf8_lossy(&said).into_owned());
    let status = status.map_err(|error| format!("the program {name:?} cannot be waited for: {error}"))?;
    let said = if err.trim().is_empty() { out } else { err };
    match status.code() {
        Some(code) => Ok((u16::try_from(code).unwrap_or(u16::MAX), said)),
        None => Err(format!("the program {name:?} was ended by a signal")),
    }
}

/// The beginning of an output. What comes behind it is read and thrown away, so that nobody waits.
async fn beginning(output: Option<impl tokio::io::AsyncRead + Unpin>, text: &mut Vec<u8>) {
    let Some(mut output) = output else { return };
    let _ = (&mut output).take(SAID_BYTES).read_to_end(text).await;
    let _ = tokio::io::copy(&mut output, &mut tokio::io::sink()).await;
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::path::Path;
    use std::time::Instant;

    use super::*;

    /// Runs a script of the folder for as long as `limit`; `None` where it was ended then.
    async fn run_script(folder: &Path, script: &str, limit: Duration) -> Option<Result<(u16, String), String>> {
        let file = folder.join("script.sh");
        std::fs::write(&file, script).unwrap();
        let command = ["sh", file.to_str().unwrap(), folder.to_str().unwrap()].map(str::to_owned);
        tokio::time::timeout(limit, run(&command, &[], "input".to_owned())).await.ok()
    }

    #[tokio::test]
    async fn a_program_that_outlives_its_time_is_killed_with_its_children_and_theirs() {
        let folder = tempfile::tempdir().unwrap();
        // A child and a grandchild that would write later, and a program that ignores requests to end.
        let script = "trap '' TERM INT HUP\n(sleep 2; touch \"$1/child\") &\nsh -c '(sleep 2; touch \"$0/grandchild\") & wait' \"$1\" &\n\
                      touch \"$1/began\"\nsleep 2\ntouch \"$1/itself\"\nwait\n";
        assert_eq!(run_script(folder.path(), script, Duration::from_secs(1)).await, None);
        assert!(folder.path().join("began").exists(), "the script never began");
        tokio::time::sleep(Duration::from_secs(3)).await;
        for name in ["itself", "child", "grandchild"] {
            assert!(!folder.path().join(name).exists(), "{name} lived on");
        }
    }

    #[tokio::test]
    async fn what_a_program_leaves_in_the_background_neither_holds_it_up_nor_ends_with_it() {
        let folder = tempfile::tempdir().unwrap();
        let script = "(sleep 2; touch \"$1/later\") &\necho said\nexit 3\n";
        let start = Instant::now();
        let ended = run_script(folder.path(), script, Duration::from_secs(20)).await;
        assert_eq!(ended, Some(Ok((3, "said\n".to_owned()))));
        assert!(start.elapsed() < Duration::from_secs(2), "it took {:?}", start.elapsed());
        tokio::time::sleep(Duration::from_secs(3)).await;
        assert!(folder.path().join("later").exists());
    }
}
