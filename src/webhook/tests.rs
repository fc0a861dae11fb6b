#![allow(clippy::unwrap_used)]

use proptest::prelude::*;
use serde_json::Value;

use super::service::Call;
use super::*;
use crate::model::{ArticleId, ArticleKind, DeliveryId, DigestId, DigestItem, DueDelivery, SummaryKind};

const SLOT: &str = "2026-11-20T00:00:00Z";

fn secret(text: &str) -> Option<Secret> {
    Some(Secret::new(text))
}

fn destination(kind: &str) -> DestinationConfig {
    let url = (kind != "console").then(|| Secret::new("https://hooks.example/T0K3N-0f-the-desk"));
    let key = match kind {
        "webhook" => secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
        "feishu" => secret("demo"),
        _ => None,
    };
    DestinationConfig::parse(kind, url, key).unwrap()
}

fn item(n: usize, title: &str, summary: &str) -> DigestItem {
    let article = ArticleId::assign(&[&n.to_be_bytes()]);
    DigestItem {
        url: format!("https://news.example/articles/{article}"),
        article,
        kind: ArticleKind::Article,
        title: title.to_owned(),
        summary: summary.to_owned(),
        summary_kind: SummaryKind::Extract,
        heard: Vec::new(),
        also: Vec::new(),
        source_title: "清渚日报".to_owned(),
        page: "01".to_owned(),
        published: "2026-11-19T22:00:00Z".parse().unwrap(),
    }
}

fn digest(items: Vec<DigestItem>, left_out: usize) -> Digest {
    let slot = SLOT.parse().unwrap();
    Digest {
        id: DigestId::assign(&[b"desk", SLOT.as_bytes()]),
        webhook: "desk".to_owned(),
        slot,
        title: format!("《清渚日报》2026-11-20 · {} 条", items.len() + left_out),
        items,
        left_out,
        more: (left_out > 0).then(|| format!("另有 {left_out} 条")),
        link: "https://news.example/".to_owned(),
    }
}

fn delivery(body: &str) -> DueDelivery {
    DueDelivery {
        id: DeliveryId::assign(&[b"1"]),
        digest: DigestId::assign(&[b"desk"]),
        webhook: "desk".to_owned(),
        slot: SLOT.parse().unwrap(),
        body: body.to_owned(),
        attempts: 0,
        queued: SLOT.parse().unwrap(),
        expires: "2026-11-21T00:00:00Z".parse().unwrap(),
    }
}

/// The body as it goes over the wire.
fn on_the_wire(destination: &DestinationConfig, body: &str) -> String {
    match destination.service().call(&delivery(body), SLOT.parse().unwrap()) {
        Call::Print(text) => text,
        Call::Post { body, .. } => body,
    }
}

/// The messages as they go over the wire, JSON on several lines.
fn shown(kind: &str, digest: &Digest) -> String {
    let destination = destination(kind);
    let show = |message: Message| {
        let body = on_the_wire(&destination, &message.body);
        serde_json::from_str::<Value>(&body).map_or(body, |json| serde_json::to_string_pretty(&json).unwrap())
    };
    encode(&destination, digest).into_iter().map(show).collect::<Vec<_>>().join("\n--------\n")
}

fn three() -> Digest {
    let mut other = item(3, "The new bridge is open", "Two thousand people crossed it on the first day.");
    other.source_title = "The Harbour Mail".to_owned();
    digest(vec![item(1, "清渚大桥昨日通车", "大桥昨日上午通车。两岸居民称便。"), item(2, "秋收进度过半", ""), other], 2)
}

/// A headline that tries everything: mentions, markup, brackets, controls, an end of line.
fn hostile() -> Digest {
    let title = "<!channel> <@U123> <at user_id=\"all\">所有人</at> *粗* `x` [a](http://evil.example) & \"引\" \u{1b}[31m\nzweite Zeile|>";
    let mut item = item(1, title, "@everyone </at> &lt;b&gt; \\ \u{7}。");
    item.url = "https://news.example/a|b>c?x=1&y=\"2\"".to_owned();
    let mut digest = digest(vec![item], 0);
    digest.title = "<!here> 《清渚日报》 & <at id=all></at>".to_owned();
    digest
}

#[test]
fn the_console_prints_a_digest() {
    insta::assert_snapshot!("console_none", shown("console", &digest(vec![], 0)));
    insta::assert_snapshot!("console_three", shown("console", &three()));
    insta::assert_snapshot!("console_hostile", shown("console", &hostile()));
}

#[test]
fn slack_gets_a_header_and_a_section_an_item() {
    insta::assert_snapshot!("slack_none", shown("slack", &digest(vec![], 0)));
    insta::assert_snapshot!("slack_one", shown("slack", &digest(vec![item(1, "清渚大桥昨日通车", "大桥昨日上午通车。")], 0)));
    insta::assert_snapshot!("slack_three", shown("slack", &three()));
    insta::assert_snapshot!("slack_hostile", shown("slack", &hostile()));
}

#[test]
fn feishu_gets_a_signed_post_with_a_line_an_item() {
    insta::assert_snapshot!("feishu_none", shown("feishu", &digest(vec![], 0)));
    insta::assert_snapshot!("feishu_one", shown("feishu", &digest(vec![item(1, "清渚大桥昨日通车", "大桥昨日上午通车。")], 0)));
    insta::assert_snapshot!("feishu_three", shown("feishu", &three()));
    insta::assert_snapshot!("feishu_hostile", shown("feishu", &hostile()));
}

#[test]
fn a_standard_webhook_gets_the_digest_as_data() {
    insta::assert_snapshot!("webhook_none", shown("webhook", &digest(vec![], 0)));
    insta::assert_snapshot!("webhook_one", shown("webhook", &digest(vec![item(1, "清渚大桥昨日通车", "大桥昨日上午通车。")], 0)));
    insta::assert_snapshot!("webhook_three", shown("webhook", &three()));
    insta::assert_snapshot!("webhook_hostile", shown("webhook", &hostile()));
}

#[test]
fn a_digest_that_is_too_large_becomes_numbered_parts_and_the_last_one_tells_what_was_left_out() {
    let items: Vec<_> = (0..40).map(|n| item(n, &format!("第{n}条"), &"长".repeat(400))).collect();
    for kind in ["slack", "feishu", "webhook"] {
        let messages = encode(&destination(kind), &digest(items.clone(), 5));
        assert!(messages.len() > 1, "{kind}");
        for (n, message) in messages.iter().enumerate() {
            assert!(message.body.contains(&format!("45 条 ({}/{})", n + 1, messages.len())), "{kind}: {}", message.body);
            let tells = message.body.contains("另有 5 条");
            assert_eq!(tells, kind != "webhook" && n + 1 == messages.len(), "{kind}");
        }
    }
}

#[test]
fn small_items_are_split_where_the_service_counts_them() {
    let items: Vec<_> = (0..100).map(|n| item(n, "短", "")).collect();
    let messages = encode(&destination("slack"), &digest(items, 1));
    let blocks = |message: &Message| serde_json::from_str::<Value>(&message.body).unwrap()["blocks"].as_array().unwrap().len();
    // 48 items and the header; the last message has the line that tells what was left out besides.
    assert_eq!(messages.iter().map(blocks).collect::<Vec<_>>(), [49, 49, 6]);
}

#[test]
fn an_item_that_is_too_large_loses_its_summary_before_its_link_and_is_never_dropped() {
    for (kind, much) in [("slack", 3000), ("feishu", 20_000), ("webhook", 20_000)] {
        let destination = destination(kind);
        let long_summary = digest(vec![item(1, "短题", &"长".repeat(much))], 0);
        let long_title = digest(vec![item(1, &"题".repeat(much), "摘要。")], 0);
        let mut everything = long_title.clone();
        everything.items[0].url = format!("https://news.example/{}", "x".repeat(much));

        let body = |digest| encode(&destination, digest)[0].body.clone();
        assert!(body(&long_summary).contains("短题") && body(&long_summary).contains("/articles/art_"), "{kind}");
        assert!(!body(&long_summary).contains("长长"), "{kind}");
        assert!(body(&long_title).contains("题题题…") && body(&long_title).contains("/articles/art_"), "{kind}");
        assert!(body(&everything).contains("题题题…") && !body(&everything).contains("xxx"), "{kind}");
    }
}

#[test]
fn a_destination_is_checked_when_it_is_configured_and_no_error_shows_a_secret() {
    let url = || secret("https://hooks.example/T0K3N");
    let refused = [
        DestinationConfig::parse("slcak", url(), None),
        DestinationConfig::parse("slack", None, None),
        DestinationConfig::parse("slack", url(), secret("T0K3N")),
        DestinationConfig::parse("console", url(), None),
        DestinationConfig::parse("console", None, secret("T0K3N")),
        DestinationConfig::parse("feishu", secret("T0K3N"), None),
        DestinationConfig::parse("feishu", url(), secret(" \n")),
        DestinationConfig::parse("webhook", url(), secret("T0K3N")),
        DestinationConfig::parse("webhook", url(), secret("whsec_T0K3N!")),
        DestinationConfig::parse("webhook", url(), secret("whsec_T0K3N000")),
        DestinationConfig::parse("webhook", url(), secret("")),
    ];
    let errors: Vec<String> = refused.map(|result| result.unwrap_err().to_string()).into();
    assert!(errors.iter().all(|e| !e.contains("T0K3N")));
    insta::assert_snapshot!("destination_errors", errors.join("\n"));
}

#[test]
fn settings_show_no_secret() {
    for kind in DestinationConfig::KINDS {
        let shown = format!("{:?}", destination(kind));
        assert!(!shown.contains("T0K3N") && !shown.contains("demo") && !shown.contains("MfKQ9r8"), "{shown}");
    }
}

#[test]
fn every_kind_is_known_by_its_name_and_states_its_limits() {
    for kind in DestinationConfig::KINDS {
        let limits = destination(kind).limits();
        assert!(limits.message.is_none_or(|m| limits.title.unwrap_or(0) + limits.item.unwrap_or(0) < m), "{kind}: {limits:?}");
    }
}

#[test]
fn behind_the_end_of_the_schedule_the_last_wait_repeats() {
    let policy = RetryPolicy { schedule: vec![Duration::seconds(5), Duration::minutes(5)], expires: Duration::hours(1) };
    assert_eq!([0, 1, 2, 3, u32::MAX].map(|n| policy.wait_after(n).num_seconds()), [5, 5, 300, 300, 300]);
    let empty = RetryPolicy { schedule: vec![], expires: Duration::hours(1) };
    assert_eq!(empty.wait_after(1), Duration::seconds(5));
    assert_eq!(RetryPolicy::default().wait_after(4), Duration::hours(2));
}

/// Checks a body as its service would, from the service's documents and not from the encoder.
fn breaks_the_contract(kind: &str, body: &str) -> Option<String> {
    let json: Value = serde_json::from_str(body).ok()?;
    let utf16 = |text: &str| text.encode_utf16().count();
    match kind {
        "slack" => {
            let blocks = json["blocks"].as_array()?;
            let texts = blocks.iter().map(|b| b["text"]["text"].as_str().or(b["elements"][0]["text"].as_str()).unwrap_or_default());
            let sizes_hold = blocks.iter().zip(texts.clone()).all(|(block, text)| {
                let most = if block["type"] == "header" { 150 } else { 3000 };
                (1..=most).contains(&utf16(text))
            });
            // Whatever is between angle brackets is a link, and every & is an escape.
            let escaped = texts.clone().all(|text| {
                let links_only = text.split('<').skip(1).all(|tag| tag.starts_with("http") && tag.contains('|') && tag.contains('>'));
                let entities_only = text.split('&').skip(1).all(|e| ["amp;", "lt;", "gt;"].iter().any(|name| e.starts_with(name)));
                links_only && entities_only && text.matches('<').count() == text.matches('>').count()
            });
            let fits = blocks.len() <= 50 && utf16(body) <= 13_000 && !json["text"].as_str()?.is_empty();
            (!(sizes_hold && escaped && fits)).then(|| body.to_owned())
        }
        "feishu" => {
            let post = &json["content"]["post"]["zh_cn"];
            let tags: Vec<&Value> = post["content"].as_array()?.iter().flat_map(|line| line.as_array().unwrap()).collect();
            let known = tags.iter().all(|tag| match tag["tag"].as_str() {
                Some("a") => tag["href"].as_str().is_some_and(|href| href.starts_with("http")) && tag["text"].is_string(),
                Some("text") => tag["text"].is_string(),
                _ => false,
            });
            let fits = body.len() <= 20_000 && !tags.is_empty() && json["msg_type"] == "post" && json["sign"].is_string();
            let silent = !body.to_lowercase().contains("<at ");
            (!(known && fits && silent)).then(|| body.to_owned())
        }
        "webhook" => {
            let known = json["type"] == "newsboy.digest" && json["timestamp"].is_string() && json["data"]["items"].is_array();
            (!(known && body.len() <= 20_000)).then(|| body.to_owned())
        }
        _ => None,
    }
}

fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => any::<String>(),
        2 => "[<>&*|`\"\\\\ \n@!/at题]{0,60}",
        1 => (0_usize..7000, prop_oneof!["&", "题", "\u{1}", "👩", "<at "]).prop_map(|(n, text)| text.repeat(n)),
    ]
}

fn any_url() -> impl Strategy<Value = String> {
    prop_oneof![
        6 => "https://news\\.example/articles/art_[0-9a-z]{16}",
        1 => any::<String>(),
        1 => any::<String>().prop_map(|path| format!("https://news.example/{path}")),
        1 => (0_usize..7000).prop_map(|n| format!("https://news.example/{}", "&".repeat(n))),
    ]
}

fn any_digest() -> impl Strategy<Value = Digest> {
    let drawn = (any_text(), any_text(), any_url(), any_text(), any_text());
    (proptest::collection::vec(drawn, 0..12), 1_usize..6, any_text(), 0_usize..3).prop_map(|(drawn, times, title, left_out)| {
        let drawn: Vec<_> = std::iter::repeat_n(drawn, times).flatten().collect();
        let items = drawn.into_iter().enumerate().map(|(n, (title, summary, url, source_title, page))| DigestItem {
            url,
            source_title,
            page,
            ..item(n, &title, &summary)
        });
        Digest { title, ..digest(items.collect(), left_out) }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_message_keeps_the_contract_and_every_item_is_sent_once_in_order(digest in any_digest()) {
        for kind in DestinationConfig::KINDS {
            let destination = destination(kind);
            let messages = encode(&destination, &digest);
            let sent: Vec<_> = messages.iter().flat_map(|m| m.articles.clone()).collect();
            prop_assert_eq!(sent, digest.items.iter().map(|i| i.article.clone()).collect::<Vec<_>>(), "{}", kind);
            prop_assert!(messages.len() == 1 || messages.iter().all(|m| !m.articles.is_empty()));

            for (n, message) in messages.iter().enumerate() {
                let body = on_the_wire(&destination, &message.body);
                prop_assert_eq!(breaks_the_contract(kind, &body), None, "{}", kind);
                prop_assert_eq!(items_in(kind, &body, n + 1 == messages.len(), &digest), message.articles.len(), "{}", kind);
            }
        }
    }
}

/// How many items a body shows.
fn items_in(kind: &str, body: &str, last: bool, digest: &Digest) -> usize {
    let json: Value = serde_json::from_str(body).unwrap_or_default();
    let count = |list: &Value| list.as_array().map_or(0, Vec::len);
    let more = usize::from(last && digest.left_out > 0);
    match kind {
        "slack" => count(&json["blocks"]) - 1 - more,
        "feishu" => count(&json["content"]["post"]["zh_cn"]["content"]) - more.max(usize::from(digest.items.is_empty())),
        "webhook" => count(&json["data"]["items"]),
        // The first line is the title.
        _ => body.lines().skip(1).filter(|line| line.starts_with("* ")).count(),
    }
}
