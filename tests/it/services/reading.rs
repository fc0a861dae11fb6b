//! The markups of the services, read as their clients read them, and refused where those would show
//! something else than what was meant.

use base64::Engine as _;
use hmac::{Hmac, KeyInit, Mac};

/// The public half of the first key of RFC 8032, section 7.1.
pub(super) const ED25519_PUBLIC: [u8; 32] = [
    0xd7, 0x5a, 0x98, 0x01, 0x82, 0xb1, 0x0a, 0xb7, 0xd5, 0x4b, 0xfe, 0xd3, 0xc9, 0x64, 0x07, 0x3a, 0x0e, 0xe1, 0x72, 0xf3, 0xda, 0xa6,
    0x23, 0x25, 0xaf, 0x02, 0x1a, 0x68, 0xf7, 0x07, 0x51, 0x1a,
];

/// What a reader sees of a message.
#[derive(Debug, Default, Clone)]
pub(super) struct Read {
    pub(super) title: String,
    /// Everything below the title.
    pub(super) text: String,
    /// Where its links lead, in their order.
    pub(super) links: Vec<String>,
}

impl Read {
    pub(super) fn plain(text: &str) -> Self {
        let links = text.split_whitespace().filter(|word| word.starts_with("http")).map(str::to_owned).collect();
        Self { text: text.to_owned(), links, ..Self::default() }
    }

    pub(super) fn add(&mut self, other: Self) {
        self.text = std::mem::take(&mut self.text) + "\n" + &other.text;
        self.links.extend(other.links);
    }

    pub(super) fn titled_by_its_first_line(self) -> Self {
        Self { title: self.text.lines().next().unwrap_or_default().to_owned(), ..self }
    }
}

/// An address that a client opens.
pub(super) fn is_address(url: &str) -> Result<(), String> {
    let is_right = (url.starts_with("http://") || url.starts_with("https://"))
        && !url.contains(|c: char| c.is_whitespace() || c.is_control() || c == '<' || c == '>');
    if is_right { Ok(()) } else { Err(format!("no address: {url:?}")) }
}

/// Slack's mrkdwn: whatever stands between angle brackets is a link, and `&` begins one of three entities.
pub(super) fn slack(text: &str) -> Result<Read, String> {
    let mut read = Read::default();
    let mut rest = text;
    while let Some(at) = rest.find(['<', '>', '&']) {
        read.text.push_str(&rest[..at]);
        rest = &rest[at..];
        if let Some(inner) = rest.strip_prefix('<') {
            let (inner, behind) = inner.split_once('>').ok_or("a link that does not end")?;
            let (url, label) = inner.split_once('|').ok_or(format!("a mention or a bare link: <{inner}>"))?;
            let url = unescaped(url, &["lt", "gt", "amp"])?;
            is_address(&url)?;
            read.text.push_str(&unescaped(label, &["lt", "gt", "amp"])?);
            read.links.push(url);
            rest = behind;
        } else if rest.starts_with('>') {
            return Err(format!("a bare > in {text:?}"));
        } else {
            let (entity, behind) = rest[1..].split_once(';').ok_or("a bare &")?;
            read.text.push_str(&unescaped(&format!("&{entity};"), &["lt", "gt", "amp"])?);
            rest = behind;
        }
    }
    read.text.push_str(rest);
    Ok(read)
}

fn unescaped(text: &str, entities: &[&str]) -> Result<String, String> {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once('&') {
        out.push_str(before);
        let (name, behind) = behind.split_once(';').ok_or_else(|| format!("a bare & in {text:?}"))?;
        if !entities.contains(&name) {
            return Err(format!("the entity &{name};"));
        }
        out.push(match name {
            "lt" => '<',
            "gt" => '>',
            "quot" => '"',
            _ => '&',
        });
        rest = behind;
    }
    Ok(out + rest)
}

/// HTML of some tags and entities; tags must nest and end.
pub(super) fn html(text: &str, tags: &[&str], entities: &[&str]) -> Result<Read, String> {
    let mut read = Read::default();
    let (mut open, mut rest) = (Vec::<String>::new(), text);
    loop {
        let (before, behind) = rest.split_once('<').map_or((rest, None), |(before, behind)| (before, Some(behind)));
        if before.contains('>') {
            return Err(format!("a bare > in {before:?}"));
        }
        read.text.push_str(&unescaped(before, entities)?);
        let Some(behind) = behind else { break };
        let (tag, behind) = behind.split_once('>').ok_or("a tag that does not end")?;
        rest = behind;
        let name = tag.trim_start_matches('/').split(' ').next().unwrap_or_default();
        if !tags.contains(&name) {
            return Err(format!("the tag <{tag}>"));
        }
        if name == "br" {
            read.text.push('\n');
        } else if tag.starts_with('/') {
            if open.pop().as_deref() != Some(name) {
                return Err(format!("<{tag}> ends what did not begin"));
            }
            if matches!(name, "p" | "h3") {
                read.text.push('\n');
            }
        } else {
            open.push(name.to_owned());
            if name == "a" {
                let href = tag.strip_prefix("a href=\"").and_then(|rest| rest.strip_suffix('"')).ok_or(format!("<{tag}>"))?;
                let url = unescaped(href, entities)?;
                is_address(&url)?;
                read.links.push(url);
            }
        }
    }
    if open.is_empty() { Ok(read) } else { Err(format!("{open:?} do not end")) }
}

/// CommonMark, as far as a digest needs it: headings, bold, links, quotes and escapes. A sign that would
/// mean anything else is refused.
pub(super) fn markdown(text: &str) -> Result<Read, String> {
    let mut read = Read::default();
    for line in text.lines() {
        let line = ["### ", "#### ", "> "].iter().find_map(|mark| line.strip_prefix(mark)).unwrap_or(line);
        inline(line, &mut read)?;
        read.text.push('\n');
    }
    Ok(read)
}

fn inline(line: &str, read: &mut Read) -> Result<(), String> {
    let mut chars = line.char_indices().peekable();
    let mut bold = 0;
    while let Some((at, c)) = chars.next() {
        match c {
            '\\' => {
                let (_, escaped) = chars.next().ok_or("a backslash at the end of a line")?;
                if !escaped.is_ascii_punctuation() {
                    return Err(format!("a backslash before {escaped:?} is shown: {line:?}"));
                }
                read.text.push(escaped);
            }
            '*' => bold += 1,
            '[' => {
                let mut depth_label = String::new();
                loop {
                    match chars.next().ok_or_else(|| format!("a link that does not end: {line:?}"))?.1 {
                        '\\' => depth_label.push(chars.next().ok_or("a backslash at the end")?.1),
                        ']' => break,
                        '[' => return Err(format!("a link within a link: {line:?}")),
                        other => depth_label.push(other),
                    }
                }
                if chars.next().map(|(_, c)| c) != Some('(') {
                    return Err(format!("brackets without an address: {line:?}"));
                }
                let url: String = chars.by_ref().map(|(_, c)| c).take_while(|c| *c != ')').collect();
                is_address(&url)?;
                if url.contains('(') {
                    return Err(format!("an address with a bracket: {url}"));
                }
                read.links.push(url);
                read.text.push_str(&depth_label);
            }
            '`' | '<' | '~' | '|' => return Err(format!("{c:?} means something at {at} of {line:?}")),
            '_' if !line.contains("http") => return Err(format!("an underscore at {at} of {line:?}")),
            c => read.text.push(c),
        }
    }
    if bold % 2 == 1 { Err(format!("an odd asterisk in {line:?}")) } else { Ok(()) }
}

/// `%41` as `A`, and `+` as it is.
pub(super) fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        match (first, tail) {
            (b'%', [high, low, behind @ ..]) => {
                let hex = |b: u8| (b as char).to_digit(16).unwrap() as u8;
                bytes.push(hex(*high) * 16 + hex(*low));
                rest = behind;
            }
            _ => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8(bytes).unwrap()
}

/// HMAC-SHA256 in base 64.
pub(super) fn hmac(key: &[u8], message: &[u8]) -> String {
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(key).unwrap();
    mac.update(message);
    base64::engine::general_purpose::STANDARD.encode(mac.finalize().into_bytes())
}
