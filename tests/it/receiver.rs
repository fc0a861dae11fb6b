//! A real HTTP server that plays a chat service by a script.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What the receiver does with one request.
#[derive(Clone)]
pub(crate) enum Play {
    /// Answers with this status, these headers and this body.
    Answer(u16, &'static str, &'static str),
    /// Closes the connection without an answer.
    Drop,
    /// Keeps the connection open and says nothing for this long.
    Hang(Duration),
    /// Answers 200 with a body of this many bytes.
    Flood(usize),
}

/// One request as it came.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) method: String,
    /// Path and query.
    pub(crate) target: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
    /// When it had come.
    pub(crate) at: std::time::SystemTime,
}

impl Request {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v.as_str())
    }
}

/// The receiver. It goes through its script, and plays the last line of it for ever.
pub(crate) struct Receiver {
    address: std::net::SocketAddr,
    requests: Arc<Mutex<Vec<Request>>>,
}

impl Receiver {
    pub(crate) fn start(script: Vec<Play>) -> Self {
        Self::start_at(0, script)
    }

    /// A receiver at a port, for one that was not there before.
    pub(crate) fn start_at(port: u16, script: Vec<Play>) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", port)).unwrap();
        let address = listener.local_addr().unwrap();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&requests);
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (script, seen) = (script.clone(), Arc::clone(&seen));
                std::thread::spawn(move || serve(stream, &script, &seen));
            }
        });
        Self { address, requests }
    }

    /// A receiver that takes everything.
    pub(crate) fn willing() -> Self {
        Self::start(vec![Play::Answer(200, "", "ok")])
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/hook", self.address)
    }

    /// How many requests have come: for who looks often, since [`Self::requests`] copies every body.
    pub(crate) fn count(&self) -> usize {
        self.requests.lock().unwrap().len()
    }

    pub(crate) fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }
}

/// Reads requests off one connection, answers each by the script.
fn serve(stream: TcpStream, script: &[Play], seen: &Mutex<Vec<Request>>) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut stream = stream;
    while let Some(request) = read_request(&mut reader) {
        let play = {
            let mut seen = seen.lock().unwrap();
            seen.push(request);
            script[(seen.len() - 1).min(script.len() - 1)].clone()
        };
        let written = match play {
            Play::Answer(status, headers, body) => {
                let length = body.len();
                stream.write_all(format!("HTTP/1.1 {status} X\r\nContent-Length: {length}\r\n{headers}\r\n{body}").as_bytes())
            }
            Play::Drop => break,
            Play::Hang(time) => {
                std::thread::sleep(time);
                break;
            }
            Play::Flood(bytes) => {
                let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {bytes}\r\n\r\n");
                stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&vec![b'x'; bytes]))
            }
        };
        if written.is_err() {
            break;
        }
    }
    let _ = stream.shutdown(Shutdown::Both);
}

pub(crate) fn read_request(reader: &mut BufReader<TcpStream>) -> Option<Request> {
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|n| *n > 0)?;
    let mut words = line.split(' ').map(str::to_owned);
    let (method, target) = (words.next()?, words.next()?);
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok().filter(|n| *n > 0)?;
        let Some((name, value)) = line.trim_end().split_once(':') else { break };
        headers.push((name.to_owned(), value.trim().to_owned()));
    }
    let length = headers.iter().find(|(n, _)| n.eq_ignore_ascii_case("content-length")).and_then(|(_, v)| v.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some(Request { method, target, headers, body: String::from_utf8_lossy(&body).into_owned(), at: std::time::SystemTime::now() })
}
