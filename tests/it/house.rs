//! A newsboy with a folder of its own: configuration, editions, feeds, store.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// How long anything may take before a test gives up on it.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// Waits until `done` gives a value, looking often; fails the test after [`PATIENCE`].
pub(crate) fn wait_for<T>(what: &str, mut done: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(value) = done() {
            return value;
        }
        assert!(start.elapsed() < PATIENCE, "waited {PATIENCE:?} in vain for {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Whether `program` is there; if not, says that the test skips, or fails it under `CI=true`.
pub(crate) fn has_tool(program: &str) -> bool {
    let found = which(program).is_some();
    if !found {
        skip(&format!("{program} is not installed (tests/tools/install.sh installs it)"));
    }
    found
}

/// Says why the calling test skips; fails it under `CI=true`.
pub(crate) fn skip(why: &str) {
    let test = std::thread::current().name().unwrap_or("a test").to_owned();
    assert!(std::env::var("CI").as_deref() != Ok("true"), "{test} must not be skipped in CI: {why}");
    eprintln!("SKIPPED {test}: {why}");
}

fn which(program: &str) -> Option<PathBuf> {
    let direct = PathBuf::from(program);
    if direct.components().count() > 1 {
        return direct.is_file().then_some(direct);
    }
    std::env::split_paths(&std::env::var_os("PATH")?).map(|d| d.join(program)).find(|p| p.is_file())
}

/// The Python of the tests' private environment; `None` skips the test.
pub(crate) fn python() -> Option<PathBuf> {
    let python = crate_root().join("tests/tools/venv/bin/python");
    if python.is_file() {
        return Some(python);
    }
    skip("the private Python environment is missing (tests/tools/install.sh makes it)");
    None
}

/// The pages with truth that stand beside a checkout; `None` skips the test.
pub(crate) fn shared() -> Option<PathBuf> {
    let dir = std::env::var_os("NEWSBOY_SHARED").map_or_else(|| crate_root().join("../shared"), PathBuf::from);
    if dir.join("editions").is_dir() {
        return Some(dir);
    }
    skip("NEWSBOY_SHARED names no folder of pages with truth");
    None
}

pub(crate) fn crate_root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The sample edition that ships with newsboy.
pub(crate) fn sample_edition() -> PathBuf {
    crate_root().join("config/editions/sample/2026-11-20")
}

/// A folder in which newsboy lives.
pub(crate) struct House {
    dir: tempfile::TempDir,
    port: u16,
}

impl House {
    /// A house with one source, `paper`, whose pages stand in `editions/{date}/{page}.txt`, and
    /// with `more` at the end of its configuration.
    pub(crate) fn new(more: &str) -> Self {
        let house = Self { dir: tempfile::tempdir().unwrap(), port: free_port() };
        fs::create_dir_all(house.path("editions")).unwrap();
        house.configure(more);
        house
    }

    /// Writes the configuration anew, in one step.
    pub(crate) fn configure(&self, more: &str) {
        let port = self.port;
        let text = format!(
            r#"[server]
listen = "127.0.0.1:{port}"
public_url = "http://127.0.0.1:{port}"

[store]
url = "sqlite:data/newsboy.db"

[feeds]
dir = "feeds"
authority = "example.org,2026"

[[source]]
name = "paper"
title = "清渚日报"
kind = "directory"
path = "editions/{{date}}/{{page}}.txt"
language = "zh-Hans"
timezone = "Asia/Shanghai"
published = "06:00"

{more}
"#
        );
        fs::write(self.path("newsboy.toml.new"), text).unwrap();
        fs::rename(self.path("newsboy.toml.new"), self.path("newsboy.toml")).unwrap();
    }

    /// Writes another configuration in the place of the usual one, behind the sections that every house
    /// has; `server` goes on in `[server]`.
    pub(crate) fn configure_sources(&self, server: &str, sources: &str) {
        let port = self.port;
        let text = format!(
            "[server]\nlisten = \"127.0.0.1:{port}\"\npublic_url = \"http://127.0.0.1:{port}\"\n{server}\n\n[store]\nurl = \"sqlite:data/newsboy.db\"\n\n[feeds]\ndir = \"feeds\"\nauthority = \"example.org,2026\"\n\n{sources}\n"
        );
        fs::write(self.path("newsboy.toml"), text).unwrap();
    }

    /// A path inside the house.
    pub(crate) fn path(&self, inside: impl AsRef<Path>) -> PathBuf {
        self.dir.path().join(inside)
    }

    /// An address of the house's server.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// A text file of the house; empty where it is not there yet.
    pub(crate) fn read(&self, inside: &str) -> String {
        fs::read_to_string(self.path(inside)).unwrap_or_default()
    }

    /// Lands a page as a careful producer does: written under another name, then renamed.
    pub(crate) fn land(&self, date: &str, page: &str, bytes: &[u8]) {
        let dir = self.path("editions").join(date);
        fs::create_dir_all(&dir).unwrap();
        let beside = dir.join(format!(".{page}.tmp"));
        fs::write(&beside, bytes).unwrap();
        fs::rename(&beside, dir.join(page)).unwrap();
    }

    /// Lands the whole sample edition.
    pub(crate) fn land_sample(&self, date: &str) {
        for entry in fs::read_dir(sample_edition()).unwrap() {
            let entry = entry.unwrap();
            self.land(date, entry.file_name().to_str().unwrap(), &fs::read(entry.path()).unwrap());
        }
    }

    /// The feed's entries as they stand in the folder; none where it is not published yet.
    pub(crate) fn entries(&self) -> Vec<serde_json::Value> {
        let feed: serde_json::Value = serde_json::from_str(&self.read("feeds/paper/feed.json")).unwrap_or_default();
        feed["items"].as_array().cloned().unwrap_or_default()
    }

    /// newsboy with these arguments, not started yet.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_newsboy"));
        command.args(arguments).arg("--config").arg(self.path("newsboy.toml")).current_dir(self.dir.path());
        command.env("NO_COLOR", "1").env_remove("RUST_LOG");
        command
    }

    /// Runs newsboy to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// Runs newsboy to its end, which must be a good one, and gives what it printed.
    pub(crate) fn run_well(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "newsboy {arguments:?} failed: {out}\n{err}");
        out.into_owned()
    }

    /// As [`Self::run_well`], with variables of the environment.
    pub(crate) fn run_well_with(&self, arguments: &[&str], environment: &[(&str, &str)]) -> String {
        let output = self.command(arguments).envs(environment.iter().copied()).output().unwrap();
        let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "newsboy {arguments:?} failed: {out}\n{err}");
        out.into_owned()
    }

    /// Starts the daemon and waits until it serves.
    pub(crate) fn start(&self) -> Daemon {
        self.start_with(self.command(&["run"]))
    }

    /// Starts the daemon by a command that was made ready before, and waits until it serves.
    pub(crate) fn start_with(&self, command: Command) -> Daemon {
        let daemon = Daemon::spawn(command);
        wait_for("the daemon to serve", || {
            daemon.assert_alive();
            get(&self.url("/health")).filter(|(status, _)| *status == 200)
        });
        daemon
    }

    /// Starts the daemon and does not wait.
    pub(crate) fn start_unready(&self) -> Daemon {
        Daemon::spawn(self.command(&["run"]))
    }
}

/// A running newsboy, killed when it goes out of scope.
pub(crate) struct Daemon {
    child: Mutex<Child>,
    printed: Arc<Mutex<String>>,
    logged: Arc<Mutex<String>>,
}

impl Daemon {
    fn spawn(mut command: Command) -> Self {
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let printed = collect(child.stdout.take().unwrap());
        let logged = collect(child.stderr.take().unwrap());
        Self { child: Mutex::new(child), printed, logged }
    }

    /// What it printed on standard output so far.
    pub(crate) fn printed(&self) -> String {
        self.printed.lock().unwrap().clone()
    }

    /// What it logged so far.
    pub(crate) fn log(&self) -> String {
        self.logged.lock().unwrap().clone()
    }

    pub(crate) fn assert_alive(&self) {
        if let Some(status) = self.child.lock().unwrap().try_wait().unwrap() {
            panic!("the daemon ended with {status}:\n{}", self.log());
        }
    }

    /// `kill -9`: it gets no chance to tidy up.
    pub(crate) fn kill(self) {
        drop(self);
    }

    /// Asks it to stop, as a service manager does, and gives how it ended.
    pub(crate) fn stop(self) -> ExitStatus {
        self.signal("TERM");
        wait_for("the daemon to stop", || self.child.lock().unwrap().try_wait().unwrap())
    }

    /// Its process.
    pub(crate) fn id(&self) -> u32 {
        self.child.lock().unwrap().id()
    }

    pub(crate) fn signal(&self, name: &str) {
        let id = self.id().to_string();
        assert!(Command::new("kill").args([&format!("-{name}"), &id]).status().unwrap().success());
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let mut child = self.child.lock().unwrap();
        let _ = child.kill();
        let _ = child.wait();
    }
}

fn collect(stream: impl std::io::Read + Send + 'static) -> Arc<Mutex<String>> {
    let text = Arc::new(Mutex::new(String::new()));
    let sink = Arc::clone(&text);
    std::thread::spawn(move || {
        for line in BufReader::new(stream).split(b'\n').map_while(Result::ok) {
            let mut sink = sink.lock().unwrap();
            sink.push_str(&String::from_utf8_lossy(&line));
            sink.push('\n');
        }
    });
    text
}

/// A port that is free, and that stays free while a daemon is down between two starts: it lies below
/// the range from which the kernel takes ports for outgoing connections (32768 on Linux).
pub(crate) fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let of_process = (std::process::id() % 100) as u16 * 100;
    loop {
        let port = 20_000 + (of_process + NEXT.fetch_add(1, Ordering::Relaxed)) % 10_000;
        if std::net::TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}

/// A plain GET; `None` where nobody answers.
pub(crate) fn get(url: &str) -> Option<(u16, String)> {
    get_with(url, &[]).map(|(status, _, body)| (status, body))
}

/// A POST of a form: status and body.
pub(crate) fn post(url: &str, form: &str) -> (u16, String) {
    let kind = ("Content-Type", "application/x-www-form-urlencoded");
    let (status, _, body) = request("POST", url, &[kind], form).unwrap();
    (status, body)
}

/// A GET with headers: status, head of the answer, body as text.
pub(crate) fn get_with(url: &str, headers: &[(&str, &str)]) -> Option<(u16, String, String)> {
    request("GET", url, headers, "")
}

fn request(method: &str, url: &str, headers: &[(&str, &str)], content: &str) -> Option<(u16, String, String)> {
    use std::io::{Read, Write};
    let rest = url.strip_prefix("http://")?;
    let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let mut stream = std::net::TcpStream::connect(host).ok()?;
    stream.set_read_timeout(Some(PATIENCE)).ok()?;
    let mut request = format!("{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n");
    if !content.is_empty() {
        request.push_str(&format!("Content-Length: {}\r\n", content.len()));
    }
    for (name, value) in headers {
        request.push_str(&format!("{name}: {value}\r\n"));
    }
    stream.write_all(format!("{request}\r\n{content}").as_bytes()).ok()?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).ok()?;
    let split = answer.windows(4).position(|w| w == b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(&answer[..split]).into_owned();
    let status = head.split(' ').nth(1)?.parse().ok()?;
    let body = &answer[split + 4..];
    let body = if head.to_ascii_lowercase().contains("transfer-encoding: chunked") { dechunk(body) } else { body.to_vec() };
    Some((status, head, String::from_utf8_lossy(&body).into_owned()))
}

fn dechunk(mut body: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    while let Some(end) = body.windows(2).position(|w| w == b"\r\n") {
        let Ok(size) = usize::from_str_radix(String::from_utf8_lossy(&body[..end]).trim(), 16) else { break };
        let start = end + 2;
        if size == 0 || start + size > body.len() {
            break;
        }
        out.extend_from_slice(&body[start..start + size]);
        body = &body[(start + size + 2).min(body.len())..];
    }
    out
}
