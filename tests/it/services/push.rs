//! What the services accept that push to telephones.

use std::collections::HashMap;

use super::contract::{Received, at_most, only, text, utf16};
use super::reading::{self, Read};

/// <https://docs.ntfy.sh/publish/#publish-as-json>.
pub(super) fn ntfy(request: &Received) -> Result<Read, String> {
    if request.target != "/" || request.header("authorization")? != "Bearer tk_1" {
        return Err("not the root, or no token".to_owned());
    }
    at_most("41303: the body", request.body.len(), 8192)?;
    let body = request.json()?;
    if body["topic"] != "paper" || body["markdown"] != true {
        return Err("another topic, or no Markdown".to_owned());
    }
    at_most("40014: the message", text(&body, "message")?.len(), 4096)?;
    let read = reading::markdown(text(&body, "message")?)?;
    Ok(Read { title: text(&body, "title")?.to_owned(), ..read })
}

/// <https://gotify.net/api-docs#/message/createMessage>.
pub(super) fn gotify(request: &Received) -> Result<Read, String> {
    if request.target != "/push/message" || request.header("x-gotify-key")? != "G0T1FY" {
        return Err("another path, or no key".to_owned());
    }
    let body = request.json()?;
    if body["extras"]["client::display"]["contentType"] != "text/markdown" || !body["priority"].is_number() {
        return Err("no Markdown, or no priority".to_owned());
    }
    let read = reading::markdown(text(&body, "message")?)?;
    Ok(Read { title: text(&body, "title")?.to_owned(), ..read })
}

/// <https://github.com/Finb/bark-server/blob/master/docs/API_V2.md>.
pub(super) fn bark(request: &Received) -> Result<Read, String> {
    let body = request.json()?;
    only(&body, &["device_key", "id", "title", "markdown", "group", "url"])?;
    if request.target != "/push" || body["device_key"] != "B4RK" {
        return Err("another path, or no key".to_owned());
    }
    // What the server sends to Apple has the texts once more than the names, and its own `aps`.
    at_most("PayloadTooLarge: the body", request.body.len(), 4096 - 200)?;
    at_most("the collapse id", text(&body, "id")?.len(), 64)?;
    let read = reading::markdown(text(&body, "markdown")?)?;
    Ok(Read { title: text(&body, "title")?.to_owned(), ..read })
}

/// <https://sct.ftqq.com/>.
pub(super) fn serverchan(request: &Received) -> Result<Read, String> {
    if request.target != "/SCT123T0K3N.send" {
        return Err(format!("another path: {}", request.target));
    }
    let body = request.json()?;
    at_most("title", text(&body, "title")?.chars().count(), 32)?;
    at_most("desp", text(&body, "desp")?.len(), 32 * 1024)?;
    Ok(reading::markdown(text(&body, "desp")?)?.titled_by_its_first_line())
}

/// <https://doc.sc3.ft07.com/serverchan3/server/api>.
pub(super) fn serverchan3(request: &Received) -> Result<Read, String> {
    if request.target != "/send/sctp42tT0K3N.send" {
        return Err(format!("another path: {}", request.target));
    }
    serverchan(&Received {
        target: "/SCT123T0K3N.send".to_owned(),
        method: request.method.clone(),
        headers: request.headers.clone(),
        body: request.body.clone(),
    })
}

/// <https://www.pushplus.plus/doc/guide/api.html>.
pub(super) fn pushplus(request: &Received) -> Result<Read, String> {
    let body = request.json()?;
    only(&body, &["token", "title", "content", "template"])?;
    if body["token"] != "PP1" || body["template"] != "markdown" {
        return Err("903: no token, or another template".to_owned());
    }
    at_most("title", utf16(text(&body, "title")?), 200)?;
    at_most("content", utf16(text(&body, "content")?), 20_000)?;
    let read = reading::markdown(text(&body, "content")?)?;
    Ok(Read { title: text(&body, "title")?.to_owned(), ..read })
}

/// <https://pushover.net/api#messages>.
pub(super) fn pushover(request: &Received) -> Result<Read, String> {
    if request.target != "/1/messages.json" || request.header("content-type")? != "application/x-www-form-urlencoded" {
        return Err("another path, or no form".to_owned());
    }
    let fields: HashMap<String, String> = request
        .body
        .split('&')
        .map(|pair| pair.split_once('=').map(|(name, value)| (reading::percent_decoded(name), reading::percent_decoded(value))).ok_or(pair))
        .collect::<Result<_, _>>()
        .map_err(|pair| format!("no pair: {pair}"))?;
    let field = |name: &str| fields.get(name).filter(|value| !value.is_empty()).ok_or(format!("no {name}"));
    if field("token")? != "APP1" || field("user")? != "US3R" || field("html")? != "1" {
        return Err("another token or user, or no HTML".to_owned());
    }
    at_most("message", field("message")?.chars().count(), 1024)?;
    at_most("title", field("title")?.chars().count(), 250)?;
    at_most("url", fields.get("url").map_or(0, |url| url.chars().count()), 512)?;
    at_most("url_title", fields.get("url_title").map_or(0, |title| title.chars().count()), 100)?;
    let read = reading::html(field("message")?, &["a", "b", "i", "u", "font"], &["lt", "gt", "amp", "quot"])?;
    Ok(Read { title: field("title")?.clone(), ..read })
}
