#![allow(clippy::unwrap_used)]

use std::collections::HashMap;
use std::io::Write;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use flate2::Compression;
use flate2::write::GzEncoder;
use reqwest::Url;

use super::testing::serve_raw;
use super::{AllowPrivate, Answer, Limits, Lookup, Outgoing, OutgoingError, Request, SystemLookup, Waits};

const LIMITS: Limits = Limits { body: 64 * 1024, whole: Duration::from_secs(5), redirects: 5 };

/// A server that answers every request with what `answer` makes of its path, byte for byte; it tells
/// its address, and which paths were asked for.
async fn server(answer: impl Fn(&str) -> Vec<u8> + Send + Sync + 'static) -> (SocketAddr, Arc<Mutex<Vec<String>>>) {
    let asked = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&asked);
    let logged = move |path: &str, _: String| {
        let bytes = answer(path);
        log.lock().unwrap().push(path.to_owned());
        bytes
    };
    let address = serve_raw(logged, "…".as_bytes()).await;
    (address, asked)
}

fn ok(headers: &str, body: &[u8]) -> Vec<u8> {
    let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n{headers}\r\n", body.len());
    [head.as_bytes(), body].concat()
}

fn redirect(to: &str) -> Vec<u8> {
    format!("HTTP/1.1 302 Found\r\nLocation: {to}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").into_bytes()
}

fn outgoing(allow: &[String], lookup: Arc<dyn Lookup>) -> Outgoing {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut pairs = AllowPrivate::default();
    allow.iter().for_each(|pair| pairs.add(pair).unwrap());
    Outgoing::new("newsboy/test", Waits::default(), pairs, lookup).unwrap()
}

async fn ask(outgoing: &Outgoing, url: &str) -> Result<Answer, OutgoingError> {
    outgoing.follow(Request::get(Url::parse(url).unwrap()), &LIMITS).await
}

/// A name server that gives one address after the other, and the last one for ever.
#[derive(Default)]
struct Names(Mutex<HashMap<String, Vec<IpAddr>>>);

impl Names {
    fn of(host: &str, addresses: &[&str]) -> Arc<Self> {
        let addresses = addresses.iter().map(|address| address.parse().unwrap()).collect();
        Arc::new(Self(Mutex::new(HashMap::from([(host.to_owned(), addresses)]))))
    }
}

#[async_trait]
impl Lookup for Names {
    async fn addresses(&self, host: &str) -> std::io::Result<Vec<IpAddr>> {
        let mut names = self.0.lock().unwrap();
        let addresses = names.get_mut(host).ok_or(std::io::ErrorKind::NotFound)?;
        let first = addresses[0];
        if addresses.len() > 1 {
            addresses.remove(0);
        }
        Ok(vec![first])
    }
}

#[tokio::test]
async fn this_machine_is_reached_only_where_host_and_port_are_named() {
    let (address, asked) = server(|_| ok("", b"here")).await;
    let url = format!("http://{address}/page");
    let answer = ask(&outgoing(&[address.to_string()], Arc::new(SystemLookup)), &url).await.unwrap();
    assert_eq!(answer.body, b"here");
    let other_port = format!("127.0.0.1:{}", address.port() ^ 1);
    let error = ask(&outgoing(&[other_port], Arc::new(SystemLookup)), &url).await.unwrap_err();
    assert!(matches!(error, OutgoingError::Private { .. }), "{error}");
    assert!(error.to_string().contains("allow_private") && !error.may_pass(), "{error}");
    assert_eq!(asked.lock().unwrap().len(), 1, "nothing was asked of what is not allowed");
}

#[tokio::test]
async fn a_name_that_leads_to_this_machine_is_refused_however_it_is_written() {
    let (address, asked) = server(|_| ok("", b"here")).await;
    let port = address.port();
    let lookup = Names::of("inside.example", &["127.0.0.1"]);
    let outgoing = outgoing(&[], lookup);
    for host in ["127.0.0.1", "0x7f000001", "2130706433", "127.1", "0", "[::1]", "[::ffff:127.0.0.1]", "inside.example", "inside.example."]
    {
        let error = ask(&outgoing, &format!("http://{host}:{port}/")).await.unwrap_err();
        // With a dot at its end the name is one that this name server does not know.
        assert!(matches!(error, OutgoingError::Private { .. } | OutgoingError::Connect { .. }), "{host}: {error}");
    }
    assert!(asked.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_name_that_changes_its_address_is_checked_at_each_look_up() {
    let (address, asked) = server(|_| ok("", b"here")).await;
    let port = address.port();
    // The first look-up leads to the server, whose host and port are named.
    let lookup = Names::of("paper.example", &["127.0.0.1", "127.0.0.2"]);
    let outgoing = outgoing(&[format!("paper.example:{port}")], lookup);
    assert_eq!(ask(&outgoing, &format!("http://paper.example:{port}/")).await.unwrap().status, 200);
    // The same name at a port that is not named: now it leads to another address inside.
    let error = ask(&outgoing, &format!("http://paper.example:{}/", port ^ 1)).await.unwrap_err();
    let OutgoingError::Private { host, address, what } = &error else { panic!("{error}") };
    assert_eq!((host.as_str(), address.to_string().as_str(), *what), ("paper.example", "127.0.0.2", "this machine"));
    assert_eq!(asked.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn redirects_are_checked_as_the_first_address_was_and_counted() {
    let (address, asked) = server(|path| match path {
        "/metadata" => redirect("http://169.254.169.254/latest"),
        "/file" => redirect("file:///etc/passwd"),
        "/twice" => redirect("/page"),
        "/page" => ok("", b"here"),
        _ => redirect("/round?and=round"),
    })
    .await;
    let outgoing = outgoing(&[address.to_string()], Arc::new(SystemLookup));
    let answer = ask(&outgoing, &format!("http://{address}/twice")).await.unwrap();
    assert_eq!((answer.url.path(), answer.body.as_slice()), ("/page", b"here".as_slice()));
    let error = ask(&outgoing, &format!("http://{address}/metadata")).await.unwrap_err();
    assert!(error.to_string().starts_with("169.254.169.254 leads to 169.254.169.254 (link-local)"), "{error}");
    assert!(matches!(ask(&outgoing, &format!("http://{address}/file")).await, Err(OutgoingError::Scheme { .. })));
    asked.lock().unwrap().clear();
    let error = ask(&outgoing, &format!("http://{address}/round")).await.unwrap_err();
    assert!(matches!(error, OutgoingError::Redirects { limit: 5, .. }), "{error}");
    assert_eq!(asked.lock().unwrap().len(), 6);
}

#[tokio::test]
async fn a_body_is_read_up_to_a_bound_on_the_wire_and_unpacked() {
    let packed = |bytes: &[u8]| {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    };
    let (small, bomb) = (packed(b"small"), packed(&vec![0; 8 * 1024 * 1024]));
    assert!(bomb.len() < LIMITS.body);
    let (address, _) = server(move |path| match path {
        "/small" => ok("Content-Encoding: gzip\r\n", &small),
        "/bomb" => ok("Content-Encoding: gzip\r\n", &bomb),
        "/damaged" => ok("Content-Encoding: gzip\r\n", &bomb[..bomb.len() / 2]),
        "/brotli" => ok("Content-Encoding: br\r\n", b"\x0b\x02\x80"),
        "/gigabyte" => b"HTTP/1.1 200 OK\r\nContent-Length: 1073741824\r\n\r\nfirst".to_vec(),
        "/unsized" => [b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n".as_slice(), &vec![b'x'; LIMITS.body + 1]].concat(),
        "/short" => b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this".to_vec(),
        _ => "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nand then …".as_bytes().to_vec(),
    })
    .await;
    let outgoing = outgoing(&[address.to_string()], Arc::new(SystemLookup));
    let ask = async |path: &str, limits: &Limits| {
        let url = Url::parse(&format!("http://{address}{path}")).unwrap();
        outgoing.send(Request::get(url), limits).await
    };
    assert_eq!(ask("/small", &LIMITS).await.unwrap().body, b"small");
    assert!(matches!(ask("/bomb", &LIMITS).await, Err(OutgoingError::TooLarge { unpacked: true, .. })));
    assert!(matches!(ask("/damaged", &LIMITS).await, Err(OutgoingError::Unpack { .. } | OutgoingError::TooLarge { .. })));
    assert!(matches!(ask("/brotli", &LIMITS).await, Err(OutgoingError::Unpack { .. })));
    assert!(matches!(ask("/gigabyte", &LIMITS).await, Err(OutgoingError::TooLarge { unpacked: false, .. })));
    assert!(matches!(ask("/unsized", &LIMITS).await, Err(OutgoingError::TooLarge { unpacked: false, .. })));
    let short = ask("/short", &LIMITS).await.unwrap_err();
    assert!(matches!(short, OutgoingError::Broken { .. }) && short.may_pass(), "{short}");
    let endless = ask("/endless", &Limits { whole: Duration::from_millis(300), ..LIMITS }).await.unwrap_err();
    assert!(matches!(endless, OutgoingError::Timeout { .. }) && endless.may_pass(), "{endless}");
}

#[tokio::test]
async fn a_host_that_is_not_there_is_told_without_its_address() {
    let outgoing = outgoing(&[], Names::of("known.example", &["1.1.1.1"]));
    let error = ask(&outgoing, "http://unknown.example/secret-token").await.unwrap_err();
    assert!(matches!(error, OutgoingError::Connect { .. }), "{error}");
    assert!(error.to_string().contains("unknown.example") && !error.to_string().contains("secret-token"), "{error}");
}
