#![allow(clippy::unwrap_used)]

use proptest::prelude::*;
use serde_json::Value;

use super::service::Call;
use super::*;
use crate::model::{ArticleId, ArticleKind, DeliveryId, DigestId, DigestItem, DueDelivery, Secret, SummaryKind};

const SLOT: &str = "2026-11-20T00:00:00Z";

fn settings(url: Option<&str>, secret: Option<&str>) -> Settings {
    Settings::default().with_secret("url", url.map(Secret::new)).with_secret("secret", secret.map(Secret::new))
}

/// A destination of every kind, with all that it needs.
fn destination(kind: &str) -> DestinationConfig {
    let text = |settings: Settings, name, text: &str| settings.with_text(name, Some(text.to_owned()));
    let secret = |settings: Settings, name, text: &str| settings.with_secret(name, Some(Secret::new(text)));
    let list = |settings: Settings, name, text: &str| settings.with_list(name, Some(vec![text.to_owned()]));
    let address = || settings(Some("https://hooks.example/T0K3N-0f-the-desk"), None);
    let settings = match kind {
        "console" => Settings::default(),
        "command" => list(Settings::default(), "command", "tee"),
        "webhook" => secret(address(), "secret", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
        "feishu" | "lark" | "dingtalk" => secret(address(), "secret", "demo"),
        "telegram" => text(secret(address(), "token", "demo"), "chat", "-100"),
        "matrix" => text(secret(address(), "token", "demo"), "room", "!a:example.org"),
        "ntfy" => text(address(), "topic", "paper"),
        "gotify" | "pushplus" => secret(address(), "token", "demo"),
        "bark" => secret(address(), "key", "demo"),
        "serverchan" => secret(address(), "key", "SCTdemo"),
        "pushover" => secret(secret(address(), "token", "demo"), "user", "demo"),
        "smtp" => {
            let server = secret(Settings::default(), "url", "smtp://desk:T0K3N-demo@mail.example");
            list(text(server, "from", "newsboy@example.org"), "to", "Desk <desk@example.org>")
        }
        _ => address(),
    };
    DestinationConfig::parse(kind, settings).unwrap()
}

fn encode(destination: &DestinationConfig, digest: &Digest) -> Vec<Message> {
    destination.service().encode(digest, &Order::first(&Templates::default()))
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
        section: Some("要闻".to_owned()),
        place: "第01版 · 要闻".to_owned(),
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
        paper: Some("清渚日报".to_owned()),
        date: SLOT[..10].parse().unwrap(),
        open: "查看全部".to_owned(),
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
        articles: Vec::new(),
        label: String::new(),
        is_last: true,
        attempts: 0,
        earlier: 0,
        queued: SLOT.parse().unwrap(),
        expires: "2026-11-21T00:00:00Z".parse().unwrap(),
    }
}

/// The body as it goes over the wire.
fn on_the_wire(destination: &DestinationConfig, body: &str) -> String {
    match destination.service().call(&delivery(body), SLOT.parse().unwrap()) {
        Call::Print(text) => text,
        Call::Http(request) => request.body,
        Call::Mail(mail) => mail.text,
        Call::Run { input, .. } => input,
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
    let items = vec![item(1, "清渚大桥昨日通车", "大桥昨日上午通车。两岸居民称便。"), item(2, "秋收进度过半", ""), other];
    Digest { paper: None, ..digest(items, 2) }
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
}

#[test]
fn slack_gets_a_header_and_a_section_an_item() {
    insta::assert_snapshot!("slack_none", shown("slack", &digest(vec![], 0)));
    insta::assert_snapshot!("slack_one", shown("slack", &digest(vec![item(1, "清渚大桥昨日通车", "大桥昨日上午通车。")], 0)));
}

#[test]
fn feishu_gets_a_signed_post_with_a_line_an_item() {
    insta::assert_snapshot!("feishu_none", shown("feishu", &digest(vec![], 0)));
    insta::assert_snapshot!("feishu_one", shown("feishu", &digest(vec![item(1, "清渚大桥昨日通车", "大桥昨日上午通车。")], 0)));
}

#[test]
fn a_standard_webhook_gets_the_digest_as_data() {
    insta::assert_snapshot!("webhook_none", shown("webhook", &digest(vec![], 0)));
    insta::assert_snapshot!("webhook_one", shown("webhook", &digest(vec![item(1, "清渚大桥昨日通车", "大桥昨日上午通车。")], 0)));
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
            assert_eq!(tells, n + 1 == messages.len(), "{kind}");
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
    const URL: Option<&str> = Some("https://hooks.example/T0K3N");
    let with =
        |name, text: &str| settings(URL, None).with_text(name, Some(text.to_owned())).with_secret("token", Some(Secret::new("T0K3N")));
    let refused = [
        DestinationConfig::parse("slcak", settings(URL, None)),
        DestinationConfig::parse("slack", Settings::default()),
        DestinationConfig::parse("slack", settings(URL, Some("T0K3N"))),
        DestinationConfig::parse("console", settings(URL, None)),
        DestinationConfig::parse("console", settings(None, Some("T0K3N"))),
        DestinationConfig::parse("feishu", settings(Some("T0K3N"), None)),
        DestinationConfig::parse("feishu", settings(URL, Some(" \n"))),
        DestinationConfig::parse("webhook", settings(URL, Some("T0K3N"))),
        DestinationConfig::parse("webhook", settings(URL, Some("whsec_T0K3N!"))),
        DestinationConfig::parse("webhook", settings(URL, Some("whsec_T0K3N000"))),
        DestinationConfig::parse("webhook", settings(URL, Some("whsk_T0K3N000"))),
        DestinationConfig::parse("webhook", settings(URL, Some(""))),
        DestinationConfig::parse("wecom", settings(URL, None).with_text("form", Some("cards".to_owned()))),
        DestinationConfig::parse("telegram", with("chat", "channel")),
        DestinationConfig::parse("matrix", with("room", "#paper:example.org")),
        DestinationConfig::parse("ntfy", with("topic", "the paper")),
        DestinationConfig::parse("serverchan", Settings::default().with_secret("key", Some(Secret::new("T0K3N")))),
        DestinationConfig::parse("smtp", settings(Some("smtp+plain://desk:T0K3N@mail.example"), None)),
        DestinationConfig::parse("command", Settings::default().with_list("command", Some(vec![String::new()]))),
    ];
    let errors: Vec<String> = refused.map(|result| result.unwrap_err().to_string()).into();
    assert!(errors.iter().all(|e| !e.contains("T0K3N")));
    insta::assert_snapshot!("destination_errors", errors.join("\n"));
}

#[test]
fn settings_show_no_secret() {
    for kind in DestinationConfig::kinds() {
        let shown = format!("{:?}", destination(kind));
        assert!(!shown.contains("T0K3N") && !shown.contains("demo") && !shown.contains("MfKQ9r8"), "{shown}");
    }
}

#[test]
fn what_is_said_of_a_service_holds_no_secret_in_whatever_form() {
    let said = "no hook T0K3N-0f-the-desk at https:\\/\\/hooks.example\\/T0K3N-0f-the-desk with whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    assert_eq!(destination("webhook").redact(said), "no hook [secret] at [secret] with [secret]");
}

#[test]
fn every_kind_is_known_by_its_name_and_states_its_limits() {
    for kind in DestinationConfig::kinds() {
        let limits = destination(kind).limits();
        assert!(limits.message.is_none_or(|m| limits.title.unwrap_or(0) + limits.item.unwrap_or(0) < m), "{kind}: {limits:?}");
        assert_eq!(destination(kind).kind(), kind);
    }
}

/// Every kind's messages as they go over the wire: what a reviewer looks at.
#[test]
fn every_kind_has_its_own_form() {
    for kind in DestinationConfig::kinds() {
        insta::assert_snapshot!(format!("{kind}_three"), shown(kind, &three()));
        insta::assert_snapshot!(format!("{kind}_hostile"), shown(kind, &hostile()));
    }
}

#[test]
fn a_persons_own_templates_are_escaped_for_the_service() {
    let item_template = Some("{{ number }}. {{ title }} [{{ place }}] {{ url }}".to_owned());
    let templates = Templates::new(Some("{{ paper }} & {{ count }}".to_owned()), item_template).unwrap();
    let show = |kind: &str| {
        let destination = destination(kind);
        let messages = destination.service().encode(&digest(vec![item(1, "甲 <b> & *乙*", "")], 0), &Order::first(&templates));
        messages[0].body.clone()
    };
    for (kind, expected) in [
        ("telegram", "1. 甲 &lt;b&gt; &amp; *乙* [第01版 · 要闻]"),
        ("slack", "1. 甲 &lt;b&gt; &amp; *乙* [第01版 · 要闻]"),
        ("mattermost", r"1. 甲 \\<b\\> \\& \\*乙\\* [第01版 · 要闻]"),
        ("console", "1. 甲 <b> & *乙* [第01版 · 要闻]"),
    ] {
        let body = show(kind);
        assert!(body.contains(expected) && body.contains("清渚日报"), "{kind}: {body}");
    }
    for (title, item) in [(Some("{{ paper"), None), (None, Some("{{ nothing }}")), (None, Some("{{ title | nofilter }}"))] {
        assert!(Templates::new(title.map(str::to_owned), item.map(str::to_owned)).is_err());
    }
}

#[test]
fn a_message_that_is_too_long_is_halved_between_its_items_and_then_loses_its_parts() {
    for kind in DestinationConfig::kinds() {
        let webhook = WebhookConfig { destination: destination(kind), ..webhook() };
        let whole = digest((0..5).map(|n| item(n, "题", "文。")).collect(), 3);
        let sent = |message: &Message, is_last| DueDelivery {
            articles: message.articles.clone(),
            label: message.label.clone(),
            is_last,
            ..delivery(&message.body)
        };
        let first = super::encode(&webhook, &whole);
        let halves = encode_smaller(&webhook, &whole, &sent(&first[0], true));
        assert!(halves.len() >= 2, "{kind}");
        let articles: Vec<_> = halves.iter().flat_map(|m| m.articles.clone()).collect();
        assert_eq!(articles, first[0].articles, "{kind}");
        assert_eq!(halves[0].label, format!(" (1/{})", halves.len()));
        let quarters = encode_smaller(&webhook, &whole, &sent(&halves[0], false));
        if halves[0].articles.len() > 1 {
            assert!(quarters[0].label.starts_with(&format!(" (1/{} · 1/", halves.len())), "{kind}: {}", quarters[0].label);
        }
        let mut one = super::encode(&webhook, &digest(vec![item(1, &"题".repeat(70), "文。")], 0)).remove(0);
        let lone = digest(vec![item(1, &"题".repeat(70), "文。")], 0);
        for _ in 0..4 {
            match encode_smaller(&webhook, &lone, &sent(&one, true)).pop() {
                Some(smaller) => {
                    assert!(smaller.body.len() < one.body.len() && smaller.articles == one.articles, "{kind}");
                    one = smaller;
                }
                None => break,
            }
        }
        assert!(encode_smaller(&webhook, &lone, &sent(&one, true)).is_empty(), "{kind}: there is an end to it");
    }
}

fn webhook() -> WebhookConfig {
    WebhookConfig {
        name: "desk".to_owned(),
        destination: destination("console"),
        timing: Timing::arrival(Duration::zero(), chrono_tz::UTC),
        catch_up: None,
        jitter: None,
        feeds: vec!["paper".to_owned()],
        sources: None,
        rule: MatchRule { kinds: Vec::new(), ..MatchRule::default() },
        summary_chars: 100,
        limit: 20,
        when_empty: WhenEmpty::Skip,
        language: None,
        templates: Templates::default(),
        retry: RetryPolicy::default(),
        backfill: false,
        problems: false,
    }
}

#[test]
fn behind_the_end_of_the_schedule_the_last_wait_repeats() {
    let policy = RetryPolicy { schedule: vec![Duration::seconds(5), Duration::minutes(5)], expires: Duration::hours(1) };
    assert_eq!([0, 1, 2, 3, u32::MAX].map(|n| policy.wait_after(n).num_seconds()), [5, 5, 300, 300, 300]);
    let empty = RetryPolicy { schedule: vec![], expires: Duration::hours(1) };
    assert_eq!(empty.wait_after(1), Duration::seconds(5));
    assert_eq!(RetryPolicy::default().wait_after(4), Duration::hours(2));
    // The most impatient settings there may be stay below the bound, each wait a tenth shorter by chance.
    let hasty = RetryPolicy { schedule: vec![Duration::seconds(1); 20], expires: Duration::days(7) };
    let (mut attempts, mut spent) = (1, Duration::zero());
    while spent < hasty.expires {
        spent += hasty.wait_after(attempts) * 9 / 10;
        attempts += 1;
    }
    assert!(attempts > 800 && attempts < MAX_ATTEMPTS, "{attempts}");
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
        for kind in ["slack", "feishu", "webhook", "console"] {
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
