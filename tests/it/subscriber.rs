//! A subscriber of WebSub: a real HTTP server that plays a callback by a script.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Instant;

/// What the callback answers to the question whether it wants the subscription.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Answer {
    /// The challenge, as it should be.
    Echo,
    /// Something else.
    Other,
    /// The challenge, but as the body of this status.
    Status(u16),
}

/// One request as it came.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) method: String,
    /// The path with its query, as it was sent.
    pub(crate) target: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    pub(crate) at: Instant,
}

impl Call {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v.as_str())
    }

    /// A parameter of the query.
    pub(crate) fn parameter(&self, name: &str) -> Option<String> {
        let query = self.target.split_once('?')?.1;
        form_urlencoded::parse(query.as_bytes()).find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
    }

    pub(crate) fn mode(&self) -> String {
        self.parameter("hub.mode").unwrap_or_default()
    }
}

/// The callback.
pub(crate) struct Subscriber {
    address: SocketAddr,
    calls: Arc<Mutex<Vec<Call>>>,
    answer: Arc<Mutex<Answer>>,
    /// The statuses that messages are answered with; the last one is the answer to all further ones.
    statuses: Arc<Mutex<Vec<u16>>>,
}

impl Subscriber {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (calls, answer, statuses): (Arc<Mutex<Vec<Call>>>, _, _) =
            (Arc::default(), Arc::new(Mutex::new(Answer::Echo)), Arc::new(Mutex::new(vec![204])));
        let subscriber = Self { address, calls: Arc::clone(&calls), answer: Arc::clone(&answer), statuses: Arc::clone(&statuses) };
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (calls, answer, statuses) = (Arc::clone(&calls), Arc::clone(&answer), Arc::clone(&statuses));
                std::thread::spawn(move || serve(stream, &calls, &answer, &statuses));
            }
        });
        subscriber
    }

    /// The host and port.
    pub(crate) fn host(&self) -> String {
        self.address.to_string()
    }

    /// A callback with a query of its own.
    pub(crate) fn callback(&self) -> String {
        format!("http://{}/callback?id=a%20b+c&x", self.address)
    }

    pub(crate) fn answers(&self, answer: Answer) {
        *self.answer.lock().unwrap() = answer;
    }

    pub(crate) fn takes_messages_with(&self, statuses: &[u16]) {
        *self.statuses.lock().unwrap() = statuses.to_vec();
    }

    pub(crate) fn calls(&self) -> Vec<Call> {
        self.calls.lock().unwrap().clone()
    }

    /// The questions and denials.
    pub(crate) fn questions(&self) -> Vec<Call> {
        self.calls().into_iter().filter(|call| call.method == "GET").collect()
    }

    /// The messages.
    pub(crate) fn messages(&self) -> Vec<Call> {
        self.calls().into_iter().filter(|call| call.method == "POST").collect()
    }
}

fn serve(stream: TcpStream, calls: &Mutex<Vec<Call>>, answer: &Mutex<Answer>, statuses: &Mutex<Vec<u16>>) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut stream = stream;
    while let Some(call) = read_call(&mut reader) {
        let challenge = call.parameter("hub.challenge").unwrap_or_default();
        let (status, body) = match (call.method.as_str(), *answer.lock().unwrap()) {
            ("GET", Answer::Echo) => (200, challenge),
            ("GET", Answer::Other) => (200, "yes".to_owned()),
            ("GET", Answer::Status(status)) => (status, challenge),
            _ => {
                let mut statuses = statuses.lock().unwrap();
                let status = if statuses.len() > 1 { statuses.remove(0) } else { statuses[0] };
                (status, String::new())
            }
        };
        calls.lock().unwrap().push(call);
        let location = if (300..400).contains(&status) { "Location: /elsewhere\r\n" } else { "" };
        let head = format!("HTTP/1.1 {status} Any\r\n{location}Content-Length: {}\r\n\r\n", body.len());
        if stream.write_all(format!("{head}{body}").as_bytes()).is_err() {
            return;
        }
    }
}

fn read_call(reader: &mut BufReader<TcpStream>) -> Option<Call> {
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
    let mut words = line.split(' ');
    let (method, target) = (words.next()?.to_owned(), words.next()?.to_owned());
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
        let Some((name, value)) = line.trim_end().split_once(':') else { break };
        headers.push((name.to_owned(), value.trim().to_owned()));
    }
    let length = headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-length")).and_then(|(_, value)| value.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    reader.read_exact(&mut body).ok()?;
    Some(Call { method, target, headers, body, at: Instant::now() })
}
