#![allow(clippy::unwrap_used)]

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use serde_json::json;
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;

use super::*;

fn article() -> Article {
    serde_json::from_value(json!({
        "kind": "article", "headline": "清渚把氢能装进乡村公交", "page": "01", "confidence": 1.0,
        "paragraphs": ["清渚县首批投入24辆氢能公交车，全年可替代柴油38.6万升。县交通运输局局长沈若溪说，明年再开三条线路。", "The bus maker Norlund of Bergen delivered 1,200 cells."]
    }))
    .unwrap()
}

/// An endpoint that answers as it is told, and the headers and bodies that it got.
async fn endpoint(status: u16, answer: String) -> (String, Arc<Mutex<Vec<(HeaderMap, Bytes)>>>) {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let seen: Arc<Mutex<Vec<(HeaderMap, Bytes)>>> = Arc::default();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}/v1", listener.local_addr().unwrap());
    type Play = (u16, String, Arc<Mutex<Vec<(HeaderMap, Bytes)>>>);
    async fn play(State((status, answer, seen)): State<Play>, headers: HeaderMap, body: Bytes) -> (StatusCode, String) {
        seen.lock().unwrap().push((headers, body));
        (StatusCode::from_u16(status).unwrap(), answer)
    }
    let router = Router::new().fallback(play).with_state((status, answer, Arc::clone(&seen)));
    tokio::spawn(async move { axum::serve(listener, router).await });
    (address, seen)
}

fn config(endpoint: &str) -> Config {
    Config {
        endpoint: endpoint.to_owned(),
        model: "small".to_owned(),
        key: Some(Secret::new("sk-very-secret")),
        timeout: Duration::from_secs(5),
        within: Duration::from_secs(5),
        most: 20,
        requests_a_day: 1_000,
        characters_a_day: 1_000_000,
    }
}

fn completion(text: &str) -> String {
    json!({"choices": [{"message": {"role": "assistant", "content": text}}]}).to_string()
}

async fn written(text: &str, chars: usize) -> Result<String, LlmError> {
    let (address, _) = endpoint(200, completion(text)).await;
    Writer::new(&config(&address)).unwrap().write(&article(), chars).await
}

#[tokio::test]
async fn a_good_summary_is_taken_and_the_request_is_bounded_and_carries_the_key_in_its_header_only() {
    let (address, seen) = endpoint(200, completion("清渚县投入24辆氢能公交车。\n明年再开三条线路。")).await;
    let summary = Writer::new(&config(&address)).unwrap().write(&article(), 40).await.unwrap();
    assert_eq!(summary, "清渚县投入24辆氢能公交车。 明年再开三条线路。");
    let (headers, body) = seen.lock().unwrap().remove(0);
    assert_eq!(headers["authorization"], "Bearer sk-very-secret");
    let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
    assert_eq!((&body["model"], &body["max_tokens"]), (&json!("small"), &json!(40 * TOKENS_A_CHARACTER + MORE_TOKENS)));
    assert!(!body.to_string().contains("secret"));
}

#[tokio::test]
async fn what_is_too_long_is_left_out_sentence_by_sentence_and_nothing_is_no_summary() {
    assert_eq!(written("清渚县投入24辆氢能公交车。明年再开三条线路。", 20).await.unwrap(), "清渚县投入24辆氢能公交车。");
    assert!(matches!(written("清渚县投入24辆氢能公交车。", 5).await, Err(LlmError::Empty)));
    assert!(matches!(written("  ", 50).await, Err(LlmError::Empty)));
}

#[tokio::test]
async fn figures_and_names_that_the_article_has_not_are_refused() {
    for (text, what) in [
        ("清渚县投入25辆氢能公交车。", "25"),
        ("全年可替代柴油386万升。", "386"),
        ("县里花了三百二十万元。", "三百二十万"),
        ("云浦县投入24辆氢能公交车。", "云浦县"),
        ("局长周岩说，明年再开三条线路。", "周岩"),
        ("高远表示，明年再开三条线路。", "高远"),
        ("清渚县把氢能写进《规划》。", "规划"),
        ("The bus maker Siemens of Bergen delivered 1,200 cells.", "Siemens"),
    ] {
        let error = written(text, 100).await.unwrap_err();
        assert!(matches!(error, LlmError::Unfaithful(_)) && error.to_string().contains(what), "{text}: {error}");
    }
    for text in ["局长沈若溪说，明年再开三条线路。", "24辆公交车上路，可替代38.6万升柴油。", "Norlund of Bergen delivered 1200 cells."]
    {
        assert_eq!(written(text, 100).await.unwrap(), text);
    }
}

#[tokio::test]
async fn errors_floods_and_other_answers_are_told_without_the_key() {
    let mut told = Vec::new();
    for (status, answer) in [
        (500, "broken sk-very-secret".to_owned()),
        (302, String::new()),
        (200, "no json sk-very-secret".to_owned()),
        (200, "{}".to_owned()),
        (200, "x".repeat(10_000_000)),
    ] {
        let (address, _) = endpoint(status, answer).await;
        told.push(Writer::new(&config(&address)).unwrap().write(&article(), 50).await.unwrap_err().to_string());
    }
    let (gone, _) = ("http://127.0.0.1:9/v1", ());
    told.push(Writer::new(&config(gone)).unwrap().write(&article(), 50).await.unwrap_err().to_string());
    assert!(told[0].contains("500") && told[1].contains("302") && told[4].contains("more than"), "{told:?}");
    assert!(told.iter().all(|line| !line.contains("secret")), "{told:?}");
    assert!(!format!("{:?}", config(gone)).contains("sk-very"));
}
