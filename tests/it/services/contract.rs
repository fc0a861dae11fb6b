//! What every service accepts, written from its documents: a message that breaks one rule is refused, and
//! what is taken is read as the service's client would show it. Nothing here is shared with the encoders.

use std::collections::HashMap;

use base64::Engine as _;
use serde_json::Value;

use super::push;
use super::reading::{self, Read};

/// One request as a service sees it.
pub(super) struct Received {
    pub(super) method: String,
    /// Path and query, as they came.
    pub(super) target: String,
    pub(super) headers: HashMap<String, String>,
    pub(super) body: String,
}

impl Received {
    pub(super) fn path(&self) -> &str {
        self.target.split('?').next().unwrap()
    }

    pub(super) fn query(&self, name: &str) -> Option<String> {
        let query = self.target.split_once('?')?.1;
        let pair = query.split('&').find_map(|pair| pair.split_once('=').filter(|(key, _)| *key == name))?;
        Some(reading::percent_decoded(pair.1))
    }

    pub(super) fn header(&self, name: &str) -> Result<&str, String> {
        self.headers.get(name).map(String::as_str).ok_or_else(|| format!("no header {name}"))
    }

    pub(super) fn json(&self) -> Result<Value, String> {
        if !self.header("content-type")?.starts_with("application/json") {
            return Err("not sent as JSON".to_owned());
        }
        serde_json::from_str(&self.body).map_err(|e| e.to_string())
    }
}

/// A service: how newsboy is told of it, what it accepts, and what it says to that.
pub(super) struct Service {
    pub(super) kind: &'static str,
    /// The settings besides `url`.
    pub(super) settings: &'static [(&'static str, &'static str)],
    /// Path and query of its address.
    pub(super) address: &'static str,
    pub(super) accept: fn(&Received) -> Result<Read, String>,
    /// What it says when it takes a message.
    pub(super) yes: &'static str,
}

pub(super) fn text<'v>(value: &'v Value, name: &str) -> Result<&'v str, String> {
    value[name].as_str().filter(|text| !text.is_empty()).ok_or_else(|| format!("{name} is no text: {}", value[name]))
}

pub(super) fn at_most(what: &str, found: usize, most: usize) -> Result<(), String> {
    if found <= most { Ok(()) } else { Err(format!("{what}: {found}, more than {most}")) }
}

pub(super) fn only(value: &Value, names: &[&str]) -> Result<(), String> {
    let known = value.as_object().ok_or("no object")?.keys().find(|name| !names.contains(&name.as_str()));
    known.map_or(Ok(()), |name| Err(format!("unknown member {name}")))
}

pub(super) fn utf16(text: &str) -> usize {
    text.encode_utf16().count()
}

pub(super) const SERVICES: &[Service] = &[
    Service { kind: "slack", settings: &[], address: "/services/T0/B0/XYZ", accept: slack, yes: "ok" },
    Service { kind: "discord", settings: &[], address: "/api/webhooks/1/TOKEN-0f-discord", accept: discord, yes: r#"{"id":"1"}"# },
    Service { kind: "teams", settings: &[], address: "/workflows/abc/triggers/manual?sig=S1GN4TURE", accept: teams, yes: "" },
    Service {
        kind: "feishu",
        settings: &[("secret", "demo")],
        address: "/open-apis/bot/v2/hook/T0K3N",
        accept: feishu,
        yes: r#"{"code":0,"msg":"success","data":{}}"#,
    },
    Service {
        kind: "lark",
        settings: &[("secret", "demo")],
        address: "/open-apis/bot/v2/hook/T0K3N",
        accept: feishu,
        yes: r#"{"code":0}"#,
    },
    Service {
        kind: "dingtalk",
        settings: &[("secret", "SECdemo")],
        address: "/robot/send?access_token=T0K3N",
        accept: dingtalk,
        yes: r#"{"errcode":0,"errmsg":"ok"}"#,
    },
    Service {
        kind: "wecom",
        settings: &[],
        address: "/cgi-bin/webhook/send?key=K3Y",
        accept: wecom,
        yes: r#"{"errcode":0,"errmsg":"ok"}"#,
    },
    Service {
        kind: "wecom",
        settings: &[("form", "news")],
        address: "/cgi-bin/webhook/send?key=K3Y",
        accept: wecom,
        yes: r#"{"errcode":0,"errmsg":"ok"}"#,
    },
    Service {
        kind: "telegram",
        settings: &[("token", "123:ABC"), ("chat", "@channel")],
        address: "",
        accept: telegram,
        yes: r#"{"ok":true,"result":{"message_id":1}}"#,
    },
    Service { kind: "mattermost", settings: &[], address: "/hooks/abc123", accept: mattermost, yes: "ok" },
    Service { kind: "rocketchat", settings: &[], address: "/hooks/abc/T0K3N", accept: rocketchat, yes: r#"{"success":true}"# },
    Service {
        kind: "matrix",
        settings: &[("token", "syt_T0K3N"), ("room", "!abc:example.org")],
        address: "",
        accept: matrix,
        yes: r#"{"event_id":"$1"}"#,
    },
    Service {
        kind: "ntfy",
        settings: &[("topic", "paper"), ("token", "tk_1")],
        address: "",
        accept: push::ntfy,
        yes: r#"{"id":"x","event":"message"}"#,
    },
    Service { kind: "gotify", settings: &[("token", "G0T1FY")], address: "/push", accept: push::gotify, yes: r#"{"id":1}"# },
    Service { kind: "bark", settings: &[("key", "B4RK")], address: "", accept: push::bark, yes: r#"{"code":200,"message":"success"}"# },
    Service {
        kind: "serverchan",
        settings: &[("key", "SCT123T0K3N")],
        address: "",
        accept: push::serverchan,
        yes: r#"{"code":0,"data":{"errno":0}}"#,
    },
    Service {
        kind: "serverchan",
        settings: &[("key", "sctp42tT0K3N")],
        address: "",
        accept: push::serverchan3,
        yes: r#"{"code":0,"message":"SUCCESS"}"#,
    },
    Service {
        kind: "pushplus",
        settings: &[("token", "PP1")],
        address: "/send",
        accept: push::pushplus,
        yes: r#"{"code":200,"msg":"ok","data":"1"}"#,
    },
    Service {
        kind: "pushover",
        settings: &[("token", "APP1"), ("user", "US3R")],
        address: "",
        accept: push::pushover,
        yes: r#"{"status":1,"request":"r"}"#,
    },
    Service {
        kind: "googlechat",
        settings: &[],
        address: "/v1/spaces/S/messages?key=K3Y&token=T0K3N",
        accept: googlechat,
        yes: r#"{"name":"spaces/S/messages/M"}"#,
    },
    Service {
        kind: "webhook",
        settings: &[("secret", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw whsk_nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=")],
        address: "/hook",
        accept: standard,
        yes: "",
    },
];

/// <https://docs.slack.dev/reference/block-kit/blocks>, and mrkdwn:
/// <https://docs.slack.dev/messaging/formatting-message-text>.
fn slack(request: &Received) -> Result<Read, String> {
    let body = request.json()?;
    only(&body, &["text", "blocks", "unfurl_links", "unfurl_media"])?;
    text(&body, "text")?;
    at_most("the whole message", utf16(&request.body), 13_200)?;
    let blocks = body["blocks"].as_array().ok_or("no blocks")?;
    at_most("blocks", blocks.len(), 50)?;
    let mut read = Read::default();
    for (n, block) in blocks.iter().enumerate() {
        match block["type"].as_str() {
            Some("header") => {
                let header = &block["text"];
                if header["type"] != "plain_text" || n != 0 {
                    return Err("a header of another type, or not in front".to_owned());
                }
                at_most("a header", utf16(text(header, "text")?), 150)?;
                read.title = reading::slack(text(header, "text")?)?.text;
            }
            Some("section") => {
                at_most("a section", utf16(text(&block["text"], "text")?), 3000)?;
                read.add(reading::slack(text(&block["text"], "text")?)?);
            }
            Some("context") => {
                let elements = block["elements"].as_array().ok_or("a context without elements")?;
                at_most("elements", elements.len(), 10)?;
                for element in elements {
                    read.add(reading::slack(text(element, "text")?)?);
                }
            }
            other => return Err(format!("a block of the type {other:?}")),
        }
    }
    Ok(read)
}

/// <https://discord.com/developers/docs/resources/webhook#execute-webhook>.
fn discord(request: &Received) -> Result<Read, String> {
    if request.query("wait").as_deref() != Some("true") {
        return Err("not asked to wait: a message that is not kept would go unseen".to_owned());
    }
    let body = request.json()?;
    only(&body, &["content", "embeds", "allowed_mentions"])?;
    if body["allowed_mentions"]["parse"] != serde_json::json!([]) {
        return Err("mentions are allowed".to_owned());
    }
    let content = text(&body, "content")?;
    at_most("content", utf16(content), 2000)?;
    let embeds = body["embeds"].as_array().ok_or("no embeds")?;
    at_most("embeds", embeds.len(), 10)?;
    let mut read = Read { title: reading::markdown(content)?.text, ..Read::default() };
    let (mut total, mut urls) = (0, Vec::new());
    for embed in embeds {
        only(embed, &["title", "url", "description", "footer"])?;
        at_most("a title", utf16(text(embed, "title")?), 256)?;
        let description = embed["description"].as_str().unwrap_or_default();
        at_most("a description", utf16(description), 4096)?;
        let footer = embed["footer"]["text"].as_str().unwrap_or_default();
        at_most("a footer", utf16(footer), 2048)?;
        total += utf16(text(embed, "title")?) + utf16(description) + utf16(footer);
        let mut shown = reading::markdown(text(embed, "title")?)?;
        shown.text = shown.text + " " + &reading::markdown(description)?.text;
        if let Some(url) = embed["url"].as_str() {
            if urls.contains(&url) {
                return Err("two embeds of one address become one".to_owned());
            }
            urls.push(url);
            reading::is_address(url)?;
            shown.links.push(url.to_owned());
        }
        read.add(shown);
    }
    at_most("all embeds", total, 6000)?;
    Ok(read)
}

/// <https://adaptivecards.io/explorer/>.
fn teams(request: &Received) -> Result<Read, String> {
    let body = request.json()?;
    at_most("the message", request.body.len(), 21_000)?;
    let [attachment] = body["attachments"].as_array().map(Vec::as_slice).ok_or("no attachments")? else {
        return Err("not one card".to_owned());
    };
    let card = &attachment["content"];
    let is_card = body["type"] == "message"
        && attachment["contentType"] == "application/vnd.microsoft.card.adaptive"
        && card["type"] == "AdaptiveCard"
        && card["version"].as_str().is_some_and(|version| ["1.2", "1.3", "1.4", "1.5"].contains(&version));
    if !is_card {
        return Err("no Adaptive Card".to_owned());
    }
    let mut read = Read::default();
    fn walk(element: &Value, read: &mut Read) -> Result<(), String> {
        match element["type"].as_str() {
            Some("Container") => {
                element["items"].as_array().ok_or("a container without items")?.iter().try_for_each(|item| walk(item, read))
            }
            Some("TextBlock") => {
                if element["wrap"] != true || text(element, "text")?.contains("{{") {
                    return Err("a text that is cut at the end of a line, or a function".to_owned());
                }
                let shown = reading::markdown(text(element, "text")?)?;
                if read.title.is_empty() {
                    read.title = shown.text
                } else {
                    read.add(shown)
                }
                Ok(())
            }
            other => Err(format!("an element of the type {other:?}")),
        }
    }
    for element in card["body"].as_array().ok_or("no body")? {
        walk(element, &mut read)?;
    }
    for action in card["actions"].as_array().into_iter().flatten() {
        if action["type"] != "Action.OpenUrl" {
            return Err("an action that is not known".to_owned());
        }
        reading::is_address(text(action, "url")?)?;
        text(action, "title")?;
    }
    Ok(read)
}

/// <https://open.feishu.cn/document/client-docs/bot-v3/add-custom-bot>.
fn feishu(request: &Received) -> Result<Read, String> {
    let body = request.json()?;
    at_most("the body", request.body.len(), 20_000)?;
    let timestamp: i64 = text(&body, "timestamp")?.parse().map_err(|_| "19021: the time stamp is no text of digits")?;
    if body["sign"] != reading::hmac(format!("{timestamp}\ndemo").as_bytes(), b"") {
        return Err("19021: sign match fail".to_owned());
    }
    if body["msg_type"] != "post" {
        return Err("19002: not a post".to_owned());
    }
    let post = &body["content"]["post"]["zh_cn"];
    let mut read = Read { title: text(post, "title")?.to_owned(), ..Read::default() };
    let lines = post["content"].as_array().filter(|lines| !lines.is_empty()).ok_or("19002: a post without a line")?;
    for line in lines {
        let mut shown = Read::default();
        for tag in line.as_array().ok_or("19002: a line that is none")? {
            match tag["tag"].as_str() {
                Some("a") => {
                    reading::is_address(text(tag, "href")?)?;
                    shown.links.push(text(tag, "href")?.to_owned());
                }
                Some("text") => {}
                other => return Err(format!("19002: a tag {other:?}")),
            }
            let text = text(tag, "text")?;
            if text.to_lowercase().contains("<at ") {
                return Err("somebody is mentioned".to_owned());
            }
            shown.text.push_str(text);
        }
        read.add(shown);
    }
    Ok(read)
}

/// <https://open.dingtalk.com/document/orgapp/custom-robots-send-group-messages>.
fn dingtalk(request: &Received) -> Result<Read, String> {
    let body = request.json()?;
    let timestamp = request.query("timestamp").ok_or("310000: no timestamp")?;
    if timestamp.len() != 13 || request.query("sign") != Some(reading::hmac(b"SECdemo", format!("{timestamp}\nSECdemo").as_bytes())) {
        return Err("310000: sign not match".to_owned());
    }
    at_most("460101: the body", request.body.len(), 20_000)?;
    if body["msgtype"] != "markdown" || !body["at"].is_null() {
        return Err("another type, or somebody is mentioned".to_owned());
    }
    let title = text(&body["markdown"], "title")?.to_owned();
    let read = reading::markdown(text(&body["markdown"], "text")?)?;
    Ok(Read { title, ..read })
}

/// <https://developer.work.weixin.qq.com/document/path/91770>.
pub(super) fn wecom(request: &Received) -> Result<Read, String> {
    let body = request.json()?;
    match body["msgtype"].as_str() {
        Some("markdown") => {
            let content = text(&body["markdown"], "content")?;
            at_most("40058: content", content.len(), 4096)?;
            if content.contains("<@") || content.contains("<font") {
                return Err("somebody is mentioned, or something coloured".to_owned());
            }
            let read = reading::markdown(content)?;
            Ok(Read { title: read.text.lines().next().unwrap_or_default().to_owned(), ..read })
        }
        Some("news") => {
            let articles = body["news"]["articles"].as_array().ok_or("40008: no articles")?;
            if articles.is_empty() || articles.len() > 8 {
                return Err(format!("40008: {} articles", articles.len()));
            }
            let mut read = Read::default();
            for (n, article) in articles.iter().enumerate() {
                let title = text(article, "title")?;
                at_most("a title", title.len(), 128)?;
                let description = article["description"].as_str().unwrap_or_default();
                at_most("a description", description.len(), 512)?;
                reading::is_address(text(article, "url")?)?;
                if n == 0 {
                    read.title = title.to_owned();
                } else {
                    read.add(Read {
                        text: format!("{title} {description}"),
                        links: vec![text(article, "url")?.to_owned()],
                        ..Read::default()
                    });
                }
            }
            Ok(read)
        }
        other => Err(format!("40008: the type {other:?}")),
    }
}

/// <https://core.telegram.org/bots/api#html-style>.
pub(super) fn telegram(request: &Received) -> Result<Read, String> {
    if request.path() != "/bot123:ABC/sendMessage" {
        return Err(format!("404: {}", request.path()));
    }
    let body = request.json()?;
    if body["chat_id"] != "@channel" || body["link_preview_options"]["is_disabled"] != true {
        return Err("400: chat not found, or a preview of one of many links".to_owned());
    }
    let read = match body["parse_mode"].as_str() {
        Some("HTML") => reading::html(text(&body, "text")?, &["a", "b"], &["lt", "gt", "amp", "quot"])
            .map_err(|e| format!("400: can't parse entities: {e}"))?,
        None => Read::plain(text(&body, "text")?),
        other => return Err(format!("400: the mode {other:?}")),
    };
    let length = utf16(&read.text);
    if length == 0 || length > 4096 {
        return Err(format!("400: message is too long ({length})"));
    }
    Ok(read.titled_by_its_first_line())
}

/// <https://developers.mattermost.com/integrate/webhooks/incoming/>.
fn mattermost(request: &Received) -> Result<Read, String> {
    let body = request.json()?;
    let text = text(&body, "text")?;
    at_most("text", text.chars().count(), 16_383)?;
    if ["@channel", "@all", "@here"].iter().any(|name| text.contains(name)) {
        return Err("somebody is mentioned".to_owned());
    }
    Ok(reading::markdown(text)?.titled_by_its_first_line())
}

/// <https://docs.rocket.chat/docs/integrations#incoming-webhooks>.
fn rocketchat(request: &Received) -> Result<Read, String> {
    let body = request.json()?;
    let text = text(&body, "text")?;
    at_most("error-message-size-exceeded: text", utf16(text), 5000)?;
    if ["@all", "@here"].iter().any(|name| text.contains(name)) {
        return Err("somebody is mentioned".to_owned());
    }
    Ok(reading::markdown(text)?.titled_by_its_first_line())
}

/// <https://spec.matrix.org/v1.11/client-server-api/#put_matrixclientv3roomsroomidsendeventtypetxnid>.
fn matrix(request: &Received) -> Result<Read, String> {
    let path = reading::percent_decoded(request.path());
    let transaction =
        path.strip_prefix("/_matrix/client/v3/rooms/!abc:example.org/send/m.room.message/").ok_or(format!("no such path: {path}"))?;
    if request.method != "PUT" || transaction.is_empty() || request.header("authorization")? != "Bearer syt_T0K3N" {
        return Err("another method, no transaction or no token".to_owned());
    }
    // The server adds sender, room, hashes and signatures.
    at_most("M_TOO_LARGE: the event", request.body.len() + 2_000, 65_536)?;
    let body = request.json()?;
    if body["msgtype"] != "m.text" || body["format"] != "org.matrix.custom.html" || body["m.mentions"] != serde_json::json!({}) {
        return Err("another type, another format, or somebody is mentioned".to_owned());
    }
    text(&body, "body")?;
    let read = reading::html(text(&body, "formatted_body")?, &["a", "h3", "p", "br"], &["lt", "gt", "amp", "quot"])?;
    Ok(read.titled_by_its_first_line())
}

/// <https://developers.google.com/workspace/chat/api/reference/rest/v1/spaces.messages>.
fn googlechat(request: &Received) -> Result<Read, String> {
    let body = request.json()?;
    at_most("the message", request.body.len(), 32_000)?;
    if text(&body, "text")?.contains('<') {
        return Err("somebody may be mentioned".to_owned());
    }
    let [card] = body["cardsV2"].as_array().map(Vec::as_slice).ok_or("no cards")? else { return Err("not one card".to_owned()) };
    let mut read = Read { title: text(&card["card"]["header"], "title")?.to_owned(), ..Read::default() };
    let sections = card["card"]["sections"].as_array().filter(|sections| !sections.is_empty()).ok_or("a card without sections")?;
    let widgets: Vec<&Value> = sections.iter().flat_map(|section| section["widgets"].as_array().into_iter().flatten()).collect();
    at_most("widgets", widgets.len(), 100)?;
    for widget in widgets {
        if widget["textParagraph"].is_object() {
            read.add(reading::html(
                text(&widget["textParagraph"], "text")?,
                &["a", "b", "br", "i", "u", "font"],
                &["lt", "gt", "amp", "quot"],
            )?);
        } else {
            for button in widget["buttonList"]["buttons"].as_array().ok_or("a widget that is not known")? {
                reading::is_address(text(&button["onClick"]["openLink"], "url")?)?;
            }
        }
    }
    Ok(read)
}

/// <https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md>.
fn standard(request: &Received) -> Result<Read, String> {
    at_most("the body", request.body.len(), 20_000)?;
    let (id, timestamp) = (request.header("webhook-id")?, request.header("webhook-timestamp")?);
    let signed = format!("{id}.{timestamp}.{}", request.body);
    let shared = base64::engine::general_purpose::STANDARD.decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
    let signatures: Vec<&str> = request.header("webhook-signature")?.split(' ').collect();
    let by_shared = signatures.contains(&format!("v1,{}", reading::hmac(&shared, signed.as_bytes())).as_str());
    let by_private = signatures.iter().filter_map(|signature| signature.strip_prefix("v1a,")).any(|signature| {
        // RFC 8032, section 7.1, gives this key of the seed above.
        let public = ring::signature::UnparsedPublicKey::new(&ring::signature::ED25519, reading::ED25519_PUBLIC);
        let bytes = base64::engine::general_purpose::STANDARD.decode(signature).unwrap_or_default();
        public.verify(signed.as_bytes(), &bytes).is_ok()
    });
    if !by_shared || !by_private {
        return Err(format!("the signatures do not verify: {signatures:?}"));
    }
    let body = request.json()?;
    let mut read = Read { title: text(&body["data"], "title")?.to_owned(), ..Read::default() };
    for item in body["data"]["items"].as_array().ok_or("no items")? {
        let links = item["url"].as_str().map(str::to_owned).into_iter().collect();
        read.add(Read {
            text: format!("{} {}", text(item, "title")?, item["summary"].as_str().unwrap_or_default()),
            links,
            ..Read::default()
        });
    }
    Ok(read)
}
