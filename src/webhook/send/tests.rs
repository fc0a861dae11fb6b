#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{any, post};
use standardwebhooks::Webhook;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::*;
use crate::model::{DeliveryId, DigestId, Secret};
use crate::webhook::Settings;

const KEY: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const OTHER_KEY: &str = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";

fn sender() -> Sender {
    // Another test of this process may have been faster.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let timeouts = Timeouts { connect: Duration::from_millis(500), request: Duration::from_millis(500) };
    Sender::new(timeouts, Box::new(std::io::sink())).unwrap()
}

fn delivery(body: &str) -> DueDelivery {
    let now = Utc::now();
    DueDelivery {
        id: DeliveryId::assign(&[b"1"]),
        digest: DigestId::assign(&[b"1"]),
        webhook: "desk".to_owned(),
        slot: now,
        body: body.to_owned(),
        articles: Vec::new(),
        label: String::new(),
        is_last: true,
        attempts: 0,
        earlier: 0,
        queued: now,
        expires: now,
    }
}

fn settings(url: &str, secret: Option<&str>) -> Settings {
    Settings::default().with_secret("url", Some(Secret::new(url))).with_secret("secret", secret.map(Secret::new))
}

fn destination(kind: &str, url: &str, secret: Option<&str>) -> DestinationConfig {
    DestinationConfig::parse(kind, settings(url, secret)).unwrap()
}

/// A receiver on loopback; it ends with the test's runtime.
async fn serve(router: Router) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    format!("http://{address}")
}

/// A receiver that reads a request and then does with the connection what it is told.
async fn raw<F>(then: impl Fn(tokio::net::TcpStream) -> F + Send + 'static) -> String
where
    F: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut request = vec![0; 64 * 1024];
            let _ = stream.read(&mut request).await;
            tokio::spawn(then(stream));
        }
    });
    format!("http://{address}")
}

async fn send_to(kind: &str, url: &str) -> Sent {
    sender().send(&destination(kind, url, None), &delivery("{}"), Utc::now()).await
}

async fn answered(kind: &str, status: u16, body: &'static str) -> Outcome {
    let url = serve(Router::new().fallback(move || async move { (StatusCode::from_u16(status).unwrap(), body) })).await;
    send_to(kind, &url).await.outcome
}

type Seen = Arc<Mutex<Vec<(HeaderMap, Bytes)>>>;

async fn keep(State(seen): State<Seen>, headers: HeaderMap, body: Bytes) -> &'static str {
    seen.lock().unwrap().push((headers, body));
    "ok"
}

#[tokio::test]
async fn a_standard_webhook_is_verified_by_the_standards_own_library() {
    let seen = Seen::default();
    let url = serve(Router::new().fallback(post(keep)).with_state(seen.clone())).await;
    let destination = destination("webhook", &url, Some(&format!("{KEY} {OTHER_KEY}")));
    let delivery = delivery(r#"{"type":"newsboy.digest","data":{"title":"清渚"}}"#);

    let first = sender().send(&destination, &delivery, Utc::now() - chrono::Duration::minutes(2)).await;
    let second = sender().send(&destination, &delivery, Utc::now()).await;
    assert_eq!((first.outcome, second.outcome, second.status), (Outcome::Delivered, Outcome::Delivered, Some(200)));

    let seen = seen.lock().unwrap();
    for (headers, body) in seen.iter() {
        // Both keys verify: that is what lets a receiver change its key.
        for key in [KEY, OTHER_KEY] {
            Webhook::new(key).unwrap().verify(body, headers).unwrap();
        }
        Webhook::new(KEY).unwrap().verify(&body[1..], headers).unwrap_err();
        assert_eq!(headers["webhook-id"], delivery.id.as_str());
        assert_eq!(headers["content-type"], "application/json; charset=utf-8");
        assert_eq!(*body, delivery.body.as_bytes());
    }
    assert_ne!(seen[0].0["webhook-timestamp"], seen[1].0["webhook-timestamp"]);
}

#[tokio::test]
async fn without_a_key_there_is_no_signature_but_an_id() {
    let seen = Seen::default();
    let url = serve(Router::new().fallback(post(keep)).with_state(seen.clone())).await;
    assert_eq!(send_to("webhook", &url).await.outcome, Outcome::Delivered);
    let seen = seen.lock().unwrap();
    assert!(seen[0].0.contains_key("webhook-id") && !seen[0].0.contains_key("webhook-signature"));
}

#[tokio::test]
async fn feishus_signature_is_made_anew_at_each_attempt() {
    let seen = Seen::default();
    let url = serve(Router::new().fallback(post(keep)).with_state(seen.clone())).await;
    let destination = destination("feishu", &url, Some("demo\n"));
    let body = r#"{"msg_type":"post","content":{}}"#;
    for second in [1_599_360_473, 1_599_364_073] {
        sender().send(&destination, &delivery(body), DateTime::from_timestamp(second, 0).unwrap()).await;
    }
    let seen = seen.lock().unwrap();
    let json = |n: usize| serde_json::from_slice::<serde_json::Value>(&seen[n].1).unwrap();
    assert_eq!(json(0)["sign"], "l1N0gAcBjdwBvGm1xMjOF0XSyaLRpR7tuO5dHfhAYc8=");
    assert_eq!((&json(0)["timestamp"], &json(0)["msg_type"]), (&"1599360473".into(), &"post".into()));
    assert_eq!(json(1)["timestamp"], "1599364073");
    assert_ne!(json(0)["sign"], json(1)["sign"]);
}

#[tokio::test]
async fn a_service_that_asks_to_wait_is_understood() {
    let busy = || async { (StatusCode::SERVICE_UNAVAILABLE, [("retry-after", "7")], "busy") };
    let url = serve(Router::new().fallback(busy)).await;
    for kind in ["webhook", "slack"] {
        let sent = send_to(kind, &url).await;
        let why = "answered 503 (busy)".to_owned();
        assert_eq!(sent.outcome, Outcome::Retry { why, after: Some(chrono::Duration::seconds(7)) });
        assert_eq!((sent.status, sent.answer.as_str()), (Some(503), "busy"));
    }
}

#[tokio::test]
async fn a_connection_that_is_dropped_reset_refused_or_hangs_may_work_later() {
    let dropped = raw(|stream| async move { drop(stream) }).await;
    let reset = raw(|stream| async move {
        stream.set_zero_linger().unwrap();
        drop(stream);
    })
    .await;
    let hanging = raw(|stream| async move {
        tokio::time::sleep(Duration::from_secs(60)).await;
        drop(stream);
    })
    .await;
    let refused = {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        format!("http://{}", listener.local_addr().unwrap())
    };
    for (url, words) in [(dropped, "closed"), (reset, "reset"), (hanging, "no answer within 500ms"), (refused, "refused")] {
        let sent = send_to("webhook", &format!("{url}/T0K3N-0f-the-desk")).await;
        let Outcome::Retry { why, after: None } = sent.outcome else { panic!("{sent:?}") };
        assert!(why.contains(words) && !why.contains("T0K3N") && !why.contains("http://"), "{why}");
        assert_eq!(sent.status, None);
    }
}

#[tokio::test]
async fn a_huge_answer_costs_nothing_more_and_one_that_breaks_off_counts_by_its_status() {
    let huge = serve(Router::new().fallback(|| async { "x".repeat(10 * 1024 * 1024) })).await;
    let sent = send_to("webhook", &huge).await;
    assert_eq!((sent.outcome, sent.answer.len()), (Outcome::Delivered, KEPT_BYTES));

    // An endless answer neither fills the memory nor takes longer than the whole request may.
    let endless = raw(|mut stream| async move {
        stream.write_all(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n").await.unwrap();
        while stream.write_all(b"1\r\nx\r\n").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await;
    let started = std::time::Instant::now();
    assert_eq!(send_to("webhook", &endless).await.outcome, Outcome::Delivered);
    assert!(started.elapsed() < Duration::from_secs(5));

    let broken = raw(|mut stream| async move {
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nok").await.unwrap();
    })
    .await;
    assert_eq!(send_to("slack", &broken).await.outcome, Outcome::Delivered);
}

#[tokio::test]
async fn a_circle_of_redirects_is_not_entered() {
    let asked = Arc::new(Mutex::new(0));
    let count = asked.clone();
    let circle = move || {
        *count.lock().unwrap() += 1;
        async { Redirect::temporary("/again") }
    };
    let url = serve(Router::new().fallback(any(circle))).await;
    let sent = send_to("webhook", &url).await;
    let Outcome::GaveUp { why } = sent.outcome else { panic!("{sent:?}") };
    assert!(why.contains("redirects are not followed"), "{why}");
    assert_eq!(*asked.lock().unwrap(), 1);
}

#[tokio::test]
async fn what_a_server_echoes_holds_no_secret_wherever_it_is_cut() {
    // The reason quotes 120 characters of the answer, the ledger keeps 500 bytes.
    for filling in [0, 80, 100, 110, 440, 480, 490] {
        let echo = move |uri: axum::http::Uri, headers: HeaderMap| async move {
            let host = headers["host"].to_str().unwrap().to_owned();
            (StatusCode::NOT_FOUND, format!("{} no hook at http://{host}{uri} of {KEY}", "x".repeat(filling))).into_response()
        };
        let url = serve(Router::new().fallback(echo)).await;
        let destination = destination("webhook", &format!("{url}/hook/T0K3N-0f-the-desk?key=an0ther-secret"), Some(KEY));
        let sent = sender().send(&destination, &delivery("{}"), Utc::now()).await;
        assert!(matches!(sent.outcome, Outcome::GaveUp { .. }), "{sent:?}");
        let shown = format!("{sent:?}");
        assert!(["T0K", "an0", "MfKQ"].iter().all(|part| !shown.contains(part)), "{shown}");
    }
}

#[tokio::test]
async fn slack_is_judged_by_its_words() {
    assert_eq!(answered("slack", 200, "ok").await, Outcome::Delivered);
    assert!(matches!(answered("slack", 200, "<html>maintenance</html>").await, Outcome::Retry { .. }));
    assert!(matches!(answered("slack", 500, "rollup_error").await, Outcome::Retry { .. }));
    for (status, body) in [(400, "invalid_payload"), (403, "action_prohibited"), (404, "no_service"), (404, "channel_not_found")] {
        let Outcome::GaveUp { why } = answered("slack", status, body).await else { panic!("{status} {body}") };
        assert!(why.contains(body), "{why}");
    }
    assert!(matches!(answered("slack", 410, "channel_is_archived").await, Outcome::Disabled { .. }));
    assert!(matches!(answered("slack", 400, "msg_blocks_too_long").await, Outcome::Split { .. }));
    assert!(matches!(answered("slack", 400, "invalid_blocks").await, Outcome::Plain { .. }));
}

#[tokio::test]
async fn feishu_is_judged_by_the_code_of_its_answer() {
    assert_eq!(answered("feishu", 200, r#"{"StatusCode":0,"code":0,"data":{},"msg":"success"}"#).await, Outcome::Delivered);
    let Outcome::GaveUp { why } = answered("feishu", 200, r#"{"code":19021,"data":{},"msg":"sign match fail"}"#).await else { panic!() };
    assert_eq!(why, "code 19021: the signature does not fit; check secret, and the clock of this machine (sign match fail)");
    for code in ["19001", "19002", "19007", "19022", "19024"] {
        let body: &'static str = format!(r#"{{"code":{code},"msg":"x"}}"#).leak();
        assert!(matches!(answered("feishu", 400, body).await, Outcome::GaveUp { .. }), "{code}");
    }
    assert!(matches!(answered("feishu", 400, r#"{"code":19036,"msg":"x"}"#).await, Outcome::Split { .. }));
    assert!(matches!(answered("feishu", 200, r#"{"code":9499,"msg":"Bad Request"}"#).await, Outcome::GaveUp { .. }));
    for fast in [r#"{"code":11232,"msg":"x"}"#, r#"{"code":9499,"msg":"Too Many Requests"}"#] {
        let outcome = answered("feishu", 200, fast).await;
        assert!(matches!(outcome, Outcome::Retry { after: Some(wait), .. } if wait == chrono::Duration::minutes(1)), "{outcome:?}");
    }
    for odd in [r#"{"code":99999,"msg":"new"}"#, r#"{"msg":"no code"}"#, "", "<html>"] {
        assert!(matches!(answered("feishu", 200, odd).await, Outcome::Retry { .. }), "{odd}");
    }
    assert!(matches!(answered("feishu", 502, "<html>").await, Outcome::Retry { .. }));
    assert!(matches!(answered("feishu", 404, "<html>").await, Outcome::GaveUp { .. }));
}

#[tokio::test]
async fn an_http_status_without_meaning_is_no_success() {
    let response = || async { Response::builder().status(999).body(axum::body::Body::empty()).unwrap() };
    let url = serve(Router::new().fallback(response)).await;
    assert!(matches!(send_to("webhook", &url).await.outcome, Outcome::GaveUp { .. }));
}

/// Where the console's output goes in a test.
#[derive(Clone, Default)]
struct Page(Arc<Mutex<Vec<u8>>>);

impl Write for Page {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        Write::write(&mut *self.0.lock().unwrap(), bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn the_console_prints_and_a_closed_pipe_is_no_delivery() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let console = DestinationConfig::parse("console", Settings::default()).unwrap();
    let page = Page::default();
    let sender = Sender::new(Timeouts::default(), Box::new(page.clone())).unwrap();
    let sent = sender.send(&console, &delivery("《清渚日报》"), Utc::now()).await;
    assert_eq!((sent.outcome, sent.status), (Outcome::Delivered, None));
    assert_eq!(String::from_utf8(page.0.lock().unwrap().clone()).unwrap(), "《清渚日报》\n\n");

    let full = Sender::new(Timeouts::default(), Box::new(&mut [0_u8; 0][..])).unwrap();
    assert!(matches!(full.send(&console, &delivery("x"), Utc::now()).await.outcome, Outcome::Retry { .. }));
}

/// A pipe whose reader has gone to lunch.
struct Stuck;

impl std::io::Write for Stuck {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        std::thread::sleep(Duration::from_millis(500));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn a_console_that_takes_nothing_holds_up_nobody_and_is_tried_again() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let console = DestinationConfig::parse("console", Settings::default()).unwrap();
    let timeouts = Timeouts { connect: Duration::from_millis(100), request: Duration::from_millis(100) };
    let sender = Sender::new(timeouts, Box::new(Stuck)).unwrap();
    let message = delivery("x");
    let start = std::time::Instant::now();
    let (sent, ()) = tokio::join!(sender.send(&console, &message, Utc::now()), async {
        tokio::time::sleep(Duration::from_millis(1)).await;
        assert!(start.elapsed() < Duration::from_millis(400), "the runtime stood still");
    });
    assert_eq!(sent.outcome, Outcome::Retry { why: "cannot print: nobody took the text within 100ms".to_owned(), after: None });
}

#[tokio::test]
async fn what_feishu_says_is_quoted_on_one_line_without_secrets_and_not_at_length() {
    // An escape of JSON hides the token from whoever looks for it in the body.
    let body = format!(r#"{{"code":99999,"msg":"no bot\n\u0054OK3N-of-the-bot {}"}}"#, "很".repeat(10_000));
    let url = serve(Router::new().fallback(move || async move { body })).await;
    let sent = send_to("feishu", &format!("{url}/hook/TOK3N-of-the-bot")).await;
    let Outcome::Retry { why, .. } = &sent.outcome else { panic!("{sent:?}") };
    assert!(why.starts_with("code 99999 (no bot [secret] 很很") && why.chars().count() < 200, "{why}");
}
