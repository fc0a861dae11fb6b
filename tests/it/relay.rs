//! A relay between a feed reader and newsboy that notes what was asked and answered: what a reader says of
//! itself is no proof that it spared a transfer.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// What a reader was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answered {
    pub(crate) path: String,
    /// Whether it said what it has already.
    pub(crate) conditional: bool,
    pub(crate) status: u16,
    /// Bytes of the body, as they went over the wire.
    pub(crate) body: usize,
}

/// A relay that listens as long as the test runs.
pub(crate) struct Relay {
    port: u16,
    answered: Arc<Mutex<Vec<Answered>>>,
}

impl Relay {
    /// Relays to `target`, `http://HOST:PORT`.
    pub(crate) fn to(target: &str) -> Self {
        let target = target.strip_prefix("http://").unwrap().to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let relay = Self { port: listener.local_addr().unwrap().port(), answered: Arc::default() };
        let answered = Arc::clone(&relay.answered);
        std::thread::spawn(move || {
            for reader in listener.incoming().map_while(Result::ok) {
                let _ = pass_on(reader, &target, &answered);
            }
        });
        relay
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// What was answered since the last call.
    pub(crate) fn answered(&self) -> Vec<Answered> {
        std::mem::take(&mut *self.answered.lock().unwrap())
    }
}

/// Passes one request on, and its answer back, which is noted before the reader has it. Both ends close
/// behind it, so that each is seen whole. `None` where an end broke off.
fn pass_on(mut reader: TcpStream, target: &str, answered: &Mutex<Vec<Answered>>) -> Option<()> {
    let (mut head, mut path, mut conditional) = (String::new(), String::new(), false);
    for line in BufReader::new(reader.try_clone().ok()?).lines().map_while(Result::ok).take_while(|line| !line.is_empty()) {
        let name = line.split(':').next().unwrap_or_default().to_ascii_lowercase();
        conditional |= name == "if-none-match" || name == "if-modified-since";
        if head.is_empty() {
            path = line.split(' ').nth(1)?.to_owned();
        }
        if name != "connection" {
            head.push_str(&format!("{line}\r\n"));
        }
    }
    let mut newsboy = TcpStream::connect(target).ok()?;
    newsboy.write_all(format!("{head}Connection: close\r\n\r\n").as_bytes()).ok()?;
    let mut answer = Vec::new();
    newsboy.read_to_end(&mut answer).ok()?;
    let end = answer.windows(4).position(|window| window == b"\r\n\r\n")?;
    let status = String::from_utf8_lossy(&answer[..end]).split(' ').nth(1)?.parse().ok()?;
    answered.lock().unwrap().push(Answered { path, conditional, status, body: answer.len() - end - 4 });
    reader.write_all(&answer).ok()
}
