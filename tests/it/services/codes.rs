//! What each answer of each service leads to.

use std::io::{BufReader, Write};
use std::net::TcpListener;

use chrono::Utc;
use newsboy::model::{DeliveryId, DigestId, DueDelivery, Outcome};

use super::contract::SERVICES;
use super::{destination, sender};
use crate::receiver::read_request;

/// What an answer leads to.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Way {
    Delivered,
    /// Again, after so many seconds if the service says so.
    Again(Option<f64>),
    Smaller,
    Plain,
    Stopped,
    Dead,
}

use Way::{Again, Dead, Delivered, Plain, Smaller, Stopped};

/// The kind of service, the status and headers it answers with, the body, and where that leads.
const ANSWERS: &[(&str, u16, &str, &str, Way)] = &[
    ("slack", 200, "", "ok", Delivered),
    ("slack", 200, "", "<html>", Again(None)),
    ("slack", 429, "Retry-After: 30", "rate_limited", Again(Some(30.0))),
    ("slack", 500, "", "rollup_error", Again(None)),
    ("slack", 400, "", "invalid_payload", Dead),
    ("slack", 403, "", "action_prohibited", Dead),
    ("slack", 404, "", "channel_not_found", Dead),
    ("slack", 404, "", "no_service", Dead),
    ("slack", 410, "", "channel_is_archived", Stopped),
    ("slack", 400, "", "msg_blocks_too_long", Smaller),
    ("slack", 400, "", "invalid_blocks", Plain),
    ("discord", 204, "", "", Delivered),
    ("discord", 429, "Retry-After: 2", r#"{"message":"slow down","retry_after":1.337,"global":false}"#, Again(Some(2.0))),
    ("discord", 429, "", r#"{"message":"slow down","retry_after":0.5}"#, Again(Some(0.5))),
    ("discord", 502, "", "", Again(None)),
    ("discord", 400, "", r#"{"code":50035,"message":"Invalid Form Body"}"#, Dead),
    ("discord", 401, "", r#"{"code":50027,"message":"Invalid Webhook Token"}"#, Dead),
    ("discord", 404, "", r#"{"code":10015,"message":"Unknown Webhook"}"#, Stopped),
    ("teams", 202, "", "", Delivered),
    ("teams", 200, "", "Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error 429", Again(None)),
    ("teams", 429, "Retry-After: 7", "", Again(Some(7.0))),
    ("teams", 400, "", "", Dead),
    ("teams", 401, "", "", Dead),
    ("teams", 404, "", "", Dead),
    ("teams", 413, "", "", Smaller),
    ("feishu", 200, "", r#"{"code":11232,"msg":"too fast"}"#, Again(Some(60.0))),
    ("feishu", 200, "", r#"{"code":9499,"msg":"too many request"}"#, Again(Some(60.0))),
    ("feishu", 200, "", r#"{"code":9499,"msg":"Bad Request"}"#, Dead),
    ("feishu", 200, "", r#"{"code":19001,"msg":"param invalid"}"#, Dead),
    ("feishu", 200, "", r#"{"code":19002,"msg":"x"}"#, Dead),
    ("feishu", 200, "", r#"{"code":19007,"msg":"x"}"#, Dead),
    ("feishu", 200, "", r#"{"code":19021,"msg":"x"}"#, Dead),
    ("feishu", 200, "", r#"{"code":19022,"msg":"x"}"#, Dead),
    ("feishu", 200, "", r#"{"code":19024,"msg":"x"}"#, Dead),
    ("feishu", 200, "", r#"{"code":19036,"msg":"x"}"#, Smaller),
    ("lark", 200, "", r#"{"code":0}"#, Delivered),
    ("dingtalk", 200, "", r#"{"errcode":130101,"errmsg":"send too fast"}"#, Again(Some(600.0))),
    ("dingtalk", 200, "", r#"{"errcode":410100,"errmsg":"x"}"#, Again(Some(600.0))),
    ("dingtalk", 200, "", r#"{"errcode":-1,"errmsg":"busy"}"#, Again(None)),
    ("dingtalk", 200, "", r#"{"errmsg":"no code"}"#, Again(None)),
    ("dingtalk", 200, "", r#"{"errcode":310000,"errmsg":"keywords not in content"}"#, Dead),
    ("dingtalk", 200, "", r#"{"errcode":300005,"errmsg":"x"}"#, Dead),
    ("dingtalk", 200, "", r#"{"errcode":300001,"errmsg":"x"}"#, Dead),
    ("dingtalk", 200, "", r#"{"errcode":400101,"errmsg":"x"}"#, Dead),
    ("dingtalk", 200, "", r#"{"errcode":400013,"errmsg":"x"}"#, Stopped),
    ("dingtalk", 200, "", r#"{"errcode":400102,"errmsg":"x"}"#, Stopped),
    ("dingtalk", 200, "", r#"{"errcode":40035,"errmsg":"x"}"#, Dead),
    ("dingtalk", 200, "", r#"{"errcode":43004,"errmsg":"x"}"#, Dead),
    ("dingtalk", 200, "", r#"{"errcode":460101,"errmsg":"message too long"}"#, Smaller),
    ("wecom", 200, "", r#"{"errcode":45009,"errmsg":"x"}"#, Again(Some(60.0))),
    ("wecom", 200, "", r#"{"errcode":45033,"errmsg":"x"}"#, Again(Some(60.0))),
    ("wecom", 200, "", r#"{"errcode":-1,"errmsg":"x"}"#, Again(None)),
    ("wecom", 200, "", r#"{"errcode":93000,"errmsg":"x"}"#, Dead),
    ("wecom", 200, "", r#"{"errcode":40058,"errmsg":"x"}"#, Smaller),
    ("wecom", 200, "", r#"{"errcode":40008,"errmsg":"x"}"#, Dead),
    ("wecom", 200, "", r#"{"errcode":45008,"errmsg":"x"}"#, Dead),
    (
        "telegram",
        429,
        "",
        r#"{"ok":false,"error_code":429,"description":"Too Many Requests: retry after 35","parameters":{"retry_after":35}}"#,
        Again(Some(35.0)),
    ),
    ("telegram", 502, "", "", Again(None)),
    (
        "telegram",
        400,
        "",
        r#"{"ok":false,"error_code":400,"description":"Bad Request: can't parse entities: Unsupported start tag"}"#,
        Plain,
    ),
    ("telegram", 400, "", r#"{"ok":false,"error_code":400,"description":"Bad Request: message is too long"}"#, Smaller),
    ("telegram", 400, "", r#"{"ok":false,"error_code":400,"description":"Bad Request: chat not found"}"#, Dead),
    (
        "telegram",
        400,
        "",
        r#"{"ok":false,"error_code":400,"description":"group upgraded","parameters":{"migrate_to_chat_id":-1001}}"#,
        Dead,
    ),
    ("telegram", 401, "", r#"{"ok":false,"error_code":401,"description":"Unauthorized"}"#, Dead),
    ("telegram", 403, "", r#"{"ok":false,"error_code":403,"description":"Forbidden: bot was kicked"}"#, Dead),
    ("mattermost", 200, "", "<html>", Again(None)),
    ("mattermost", 429, "", "", Again(None)),
    ("mattermost", 400, "", r#"{"id":"web.incoming_webhook.text.app_error"}"#, Dead),
    ("mattermost", 400, "", r#"{"id":"model.post.is_valid.message_length.app_error.too_long"}"#, Smaller),
    ("rocketchat", 200, "", r#"{"success":false,"error":"invalid-channel"}"#, Dead),
    ("rocketchat", 503, "", "", Again(None)),
    ("rocketchat", 400, "", r#"{"success":false,"error":"error-message-size-exceeded"}"#, Smaller),
    ("rocketchat", 400, "", r#"{"success":false,"error":"x"}"#, Dead),
    ("matrix", 200, "", "{}", Again(None)),
    ("matrix", 429, "", r#"{"errcode":"M_LIMIT_EXCEEDED","retry_after_ms":2500}"#, Again(Some(2.5))),
    ("matrix", 401, "", r#"{"errcode":"M_UNKNOWN_TOKEN","error":"x"}"#, Dead),
    ("matrix", 403, "", r#"{"errcode":"M_FORBIDDEN","error":"x"}"#, Dead),
    ("matrix", 413, "", r#"{"errcode":"M_TOO_LARGE","error":"x"}"#, Smaller),
    ("ntfy", 429, "", r#"{"code":42901,"http":429,"error":"limit reached"}"#, Again(None)),
    ("ntfy", 507, "", "", Again(None)),
    ("ntfy", 400, "", r#"{"code":40014,"http":400,"error":"x"}"#, Smaller),
    ("ntfy", 413, "", r#"{"code":41303,"http":413,"error":"x"}"#, Smaller),
    ("ntfy", 400, "", r#"{"code":40009,"http":400,"error":"x"}"#, Dead),
    ("ntfy", 401, "", r#"{"code":40101,"http":401,"error":"x"}"#, Dead),
    ("ntfy", 403, "", r#"{"code":40301,"http":403,"error":"x"}"#, Dead),
    ("gotify", 500, "", "", Again(None)),
    ("gotify", 400, "", "", Dead),
    ("gotify", 401, "", "", Dead),
    ("bark", 500, "", r#"{"code":500,"message":"push failed"}"#, Again(None)),
    ("bark", 400, "", r#"{"code":400,"message":"failed to get device token"}"#, Dead),
    ("bark", 500, "", r#"{"code":500,"message":"push failed: PayloadTooLarge"}"#, Smaller),
    ("serverchan", 400, "", r#"{"code":40001,"message":"bad pushtoken"}"#, Dead),
    ("serverchan", 200, "", r#"{"code":10001,"message":"x"}"#, Again(None)),
    ("pushplus", 200, "", r#"{"code":900,"msg":"x"}"#, Dead),
    ("pushplus", 200, "", r#"{"code":903,"msg":"x"}"#, Dead),
    ("pushplus", 200, "", r#"{"code":905,"msg":"x"}"#, Dead),
    ("pushplus", 200, "", r#"{"code":907,"msg":"x"}"#, Dead),
    ("pushplus", 200, "", r#"{"code":912,"msg":"x"}"#, Dead),
    ("pushplus", 200, "", r#"{"code":999,"msg":"x"}"#, Again(None)),
    ("pushover", 429, "", r#"{"status":0}"#, Dead),
    ("pushover", 500, "", "", Again(None)),
    ("pushover", 400, "", r#"{"user":"invalid","status":0}"#, Dead),
    ("googlechat", 429, "", "", Again(None)),
    ("googlechat", 503, "Retry-After: 4", "", Again(Some(4.0))),
    ("googlechat", 403, "", "", Dead),
    ("webhook", 204, "", "", Delivered),
    ("webhook", 500, "Retry-After: 120", "", Again(Some(120.0))),
    ("webhook", 410, "", "", Stopped),
    ("webhook", 301, "Location: https://elsewhere.example/", "", Dead),
];

/// A server that gives one answer to everything.
fn answering(status: u16, header: &'static str, body: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            let mut reader = BufReader::new(stream.try_clone().unwrap());
            if read_request(&mut reader).is_some() {
                let header = if header.is_empty() { String::new() } else { format!("{header}\r\n") };
                let answer = format!("HTTP/1.1 {status} X\r\nContent-Length: {}\r\nConnection: close\r\n{header}\r\n{body}", body.len());
                let _ = stream.write_all(answer.as_bytes());
            }
        }
    });
    format!("http://{address}")
}

#[tokio::test]
async fn every_answer_of_every_service_leads_where_its_documents_say() {
    let mut wrong = Vec::new();
    for (kind, status, header, body, expected) in ANSWERS {
        let service = SERVICES.iter().find(|service| service.kind == *kind).unwrap();
        let destination = destination(service, &answering(*status, header, body));
        let now = Utc::now();
        let delivery = DueDelivery {
            id: DeliveryId::assign(&[b"1"]),
            digest: DigestId::assign(&[b"1"]),
            webhook: "desk".to_owned(),
            slot: now,
            body: "{\"a\":1}".to_owned(),
            articles: Vec::new(),
            label: String::new(),
            is_last: true,
            attempts: 0,
            earlier: 0,
            queued: now,
            expires: now,
        };
        let sent = sender().send(&destination, &delivery, now).await;
        let (found, why) = match sent.outcome {
            Outcome::Delivered => (Delivered, String::new()),
            Outcome::Retry { why, after } => (Again(after.map(|wait| wait.num_milliseconds() as f64 / 1000.0)), why),
            Outcome::Split { why } => (Smaller, why),
            Outcome::Plain { why } => (Plain, why),
            Outcome::Disabled { why } => (Stopped, why),
            Outcome::GaveUp { why } => (Dead, why),
        };
        if found != *expected || (found != Delivered && why.is_empty()) {
            wrong.push(format!("{kind} {status} {header} {body}: {found:?} ({why}), expected {expected:?}"));
        }
        assert_eq!(sent.status, Some(*status));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn a_service_whose_messages_are_used_up_is_left_alone_though_it_took_the_last_one() {
    let service = SERVICES.iter().find(|service| service.kind == "discord").unwrap();
    let url = answering(200, "X-RateLimit-Remaining: 0\r\nX-RateLimit-Reset-After: 1.25", r#"{"id":"1"}"#);
    let now = Utc::now();
    let delivery = DueDelivery {
        id: DeliveryId::assign(&[b"1"]),
        digest: DigestId::assign(&[b"1"]),
        webhook: "desk".to_owned(),
        slot: now,
        body: "{}".to_owned(),
        articles: Vec::new(),
        label: String::new(),
        is_last: true,
        attempts: 0,
        earlier: 0,
        queued: now,
        expires: now,
    };
    let sent = sender().send(&destination(service, &url), &delivery, now).await;
    assert_eq!((sent.outcome, sent.rest.map(|rest| rest.num_milliseconds())), (Outcome::Delivered, Some(1250)));
}
