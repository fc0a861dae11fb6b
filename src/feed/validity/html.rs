//! HTML inside a feed: what may stand in it.

use super::Faults;

/// Elements that run or load something (the validator's SecurityRisk).
const DANGEROUS: [&str; 12] =
    ["script", "iframe", "frame", "frameset", "object", "embed", "applet", "meta", "link", "base", "style", "form"];

/// Attributes that hold an address.
const ADDRESSES: [&str; 9] = ["href", "src", "cite", "action", "longdesc", "poster", "data", "background", "srcset"];

/// Whether a text has what a reader that takes it for HTML would act upon.
pub(super) fn looks_like_markup(text: &str) -> bool {
    let tag = text.match_indices('<').any(|(at, _)| text[at + 1..].starts_with(|c: char| c.is_ascii_alphabetic() || "/!?".contains(c)));
    let entity = text.match_indices('&').any(|(at, _)| {
        let name: String = text[at + 1..].chars().take_while(|c| *c != ';').take(32).collect();
        text[at + 1 + name.len()..].starts_with(';')
            && name.strip_prefix('#').unwrap_or(&name).starts_with(|c: char| c.is_ascii_alphanumeric())
            && name.bytes().skip(1).all(|b| b.is_ascii_alphanumeric())
    });
    tag || entity
}

/// An HTML fragment: tags closed in order, nothing that runs, nothing relative.
pub(super) fn check(faults: &mut Faults, html: &str, place: &str) {
    let mut open: Vec<String> = Vec::new();
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        text(faults, &rest[..at], place);
        rest = &rest[at + 1..];
        let Some(end) = rest.find('>') else {
            faults.add("NotHtml", format!("{place}: a tag without an end"));
            return;
        };
        let (tag, behind) = (&rest[..end], &rest[end + 1..]);
        rest = behind;
        if let Some(name) = tag.strip_prefix('/') {
            if open.pop().as_deref() != Some(name) {
                faults.add("NotHtml", format!("{place}: </{name}> closes what is not open"));
            }
            continue;
        }
        let name: String = tag.chars().take_while(|c| c.is_ascii_alphanumeric()).collect::<String>().to_ascii_lowercase();
        if name.is_empty() {
            faults.add("NotHtml", format!("{place}: <{tag}>"));
            continue;
        }
        if DANGEROUS.contains(&name.as_str()) {
            faults.add("SecurityRisk", format!("{place}: <{name}>"));
        }
        attributes(faults, &tag[name.len()..], place);
        if !["br", "img", "hr", "wbr"].contains(&name.as_str()) && !tag.ends_with('/') {
            open.push(name);
        }
    }
    text(faults, rest, place);
    if !open.is_empty() {
        faults.add("NotHtml", format!("{place}: {open:?} left open"));
    }
}

/// Between tags stands no `>`, and every `&` begins one of the five entities.
fn text(faults: &mut Faults, text: &str, place: &str) {
    if text.contains('>') {
        faults.add("NotHtml", format!("{place}: a `>` outside of a tag"));
    }
    for (at, _) in text.match_indices('&') {
        if !["&lt;", "&gt;", "&amp;", "&quot;", "&#39;"].iter().any(|e| text[at..].starts_with(e)) {
            faults.add("NotHtml", format!("{place}: an `&` that is not escaped"));
        }
    }
}

fn attributes(faults: &mut Faults, mut rest: &str, place: &str) {
    loop {
        rest = rest.trim_start().trim_start_matches('/');
        if rest.is_empty() {
            return;
        }
        let name: String = rest.chars().take_while(|c| !c.is_whitespace() && *c != '=').collect();
        rest = &rest[name.len()..];
        let name = name.to_ascii_lowercase();
        let mut value = String::new();
        if let Some(behind) = rest.strip_prefix('=') {
            let quote = behind.chars().next().filter(|c| matches!(c, '"' | '\''));
            value = match quote {
                Some(q) => behind[1..].chars().take_while(|c| *c != q).collect(),
                None => behind.chars().take_while(|c| !c.is_whitespace()).collect(),
            };
            let length = value.len() + if quote.is_some() { 2 } else { 0 };
            rest = behind.get(length..).unwrap_or_default();
        }
        if name.starts_with("on") {
            faults.add("SecurityRiskAttr", format!("{place}: {name}"));
        }
        let absolute = ["http://", "https://", "mailto:", "data:image/"].iter().any(|s| value.starts_with(s));
        if ADDRESSES.contains(&name.as_str()) && !absolute {
            let relative = !value.contains(':');
            faults.add(if relative { "ContainsRelRef" } else { "SecurityRiskAttr" }, format!("{place}: {name}={value}"));
        }
    }
}
