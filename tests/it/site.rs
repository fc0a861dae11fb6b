//! A newspaper's web site on this machine, of a test's own making.

use std::io::{BufRead, BufReader, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What a request is answered with.
pub(crate) struct Page {
    pub(crate) status: &'static str,
    /// Further header lines, each ended.
    pub(crate) headers: String,
    pub(crate) body: Vec<u8>,
}

impl Page {
    /// A document in UTF-8.
    pub(crate) fn html(body: &str) -> Self {
        Self { status: "200 OK", headers: "Content-Type: text/html; charset=utf-8\r\n".to_owned(), body: body.as_bytes().to_vec() }
    }

    /// A file with a tag, so that it can be asked for again.
    pub(crate) fn file(tag: &str, body: &[u8]) -> Self {
        Self { status: "200 OK", headers: format!("ETag: \"{tag}\"\r\n"), body: body.to_vec() }
    }

    /// Nothing is there.
    pub(crate) fn missing() -> Self {
        Self { status: "404 Not Found", headers: String::new(), body: "没有这个页面".as_bytes().to_vec() }
    }

    /// The site cannot answer now.
    pub(crate) fn broken() -> Self {
        Self { status: "500 Broken", headers: String::new(), body: Vec::new() }
    }
}

/// A request: its path with the query.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) path: String,
}

/// The site; its threads end with the test's process.
pub(crate) struct Site {
    pub(crate) port: u16,
    log: Arc<Mutex<Vec<Asked>>>,
}

impl Site {
    /// Serves what `answer` makes of a request. What has the tag that a request names is not sent again.
    pub(crate) fn serve(answer: impl Fn(&Asked) -> Page + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (log, answer) = (Arc::new(Mutex::new(Vec::new())), Arc::new(answer));
        let asked = Arc::clone(&log);
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (log, answer) = (Arc::clone(&asked), Arc::clone(&answer));
                std::thread::spawn(move || respond(stream, &log, &*answer));
            }
        });
        Self { port, log }
    }

    /// The address of the site.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// What allows newsboy to reach it.
    pub(crate) fn allow(&self) -> String {
        format!("allow_private = [\"127.0.0.1:{}\"]", self.port)
    }

    /// All requests so far.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.log.lock().unwrap().clone()
    }

    /// How often a path was asked for.
    pub(crate) fn count(&self, path: &str) -> usize {
        self.asked().iter().filter(|asked| asked.path == path).count()
    }
}

fn respond(mut stream: TcpStream, log: &Mutex<Vec<Asked>>, answer: &dyn Fn(&Asked) -> Page) {
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        // A connection that was opened and not used.
        if reader.read_line(&mut head).unwrap_or(0) == 0 {
            return;
        }
    }
    let value = |name: &str| {
        let line = head.lines().find(|line| line.to_ascii_lowercase().starts_with(&format!("{name}:")))?;
        line.split_once(':').map(|(_, value)| value.trim().to_owned())
    };
    let asked = Asked { path: head.split(' ').nth(1).unwrap().to_owned() };
    let mut page = answer(&asked);
    log.lock().unwrap().push(asked);
    if value("if-none-match").is_some_and(|tag| page.headers.contains(&format!("ETag: {tag}\r\n"))) {
        page.status = "304 Not Modified";
        page.body.clear();
    }
    let head = format!("HTTP/1.1 {}\r\nContent-Length: {}\r\nConnection: close\r\n{}\r\n", page.status, page.body.len(), page.headers);
    // Whoever asked may have gone meanwhile.
    let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&page.body));
    let _ = stream.shutdown(Shutdown::Write);
}
