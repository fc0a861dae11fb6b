//! Links: made absolute, folded to one form, and the ways in which a page sends a reader on.

use std::sync::LazyLock;

use regex::Regex;
use reqwest::Url;

/// Where an `onclick` leads: the first thing in quotes that looks like a path.
static IN_SCRIPT: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r#"(?i)(?:href|location|open|src)\b[^'"]*['"]([^'"]+)['"]|['"]([^'"\s]+(?:\.s?html?|\.json|/)(?:[?#][^'"]*)?)['"]"#).ok()
});

/// A meta refresh, in either order of its attributes, with or without quotes.
static REFRESH: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r#"(?is)<meta\b[^>]*?http-equiv\s*=\s*["']?\s*refresh\b[^>]*>"#).ok());
static REFRESH_URL: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r#"(?is)content\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]+(?:\s*url\s*=\s*[^\s>]+)?))"#).ok());

/// The scripts of a page.
static SCRIPT: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"(?is)<script\b[^>]*>(.*?)</script>").ok());

/// A script that leads on at once.
static LOCATION: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r#"(?i)(?:^|[;{\s>.])(?:window\.|self\.|top\.|parent\.|document\.)*location(?:\.href)?\s*(?:=|\.replace\(|\.assign\()\s*["']([^"'\s]+)["']"#).ok()
});

/// Bytes of a page that sends on by script: one with a body to read is meant to be read.
const FORWARD_WITHIN: usize = 4096;

/// Where a link leads; `None` where it is none to ask for. `text` is an attribute's value.
pub(super) fn absolute(base: &Url, text: &str) -> Option<Url> {
    let text = text.trim();
    let target = match text.split_once(':') {
        Some((scheme, _)) if scheme.eq_ignore_ascii_case("javascript") => in_script(text)?,
        // The value of an onclick and not an address.
        _ if text.contains(['(', ';', '\'', '"']) && !text.starts_with("http") => in_script(text)?,
        _ => text,
    };
    if target.is_empty() || target.starts_with('#') {
        return None;
    }
    let url = base.join(target).ok()?;
    matches!(url.scheme(), "http" | "https").then_some(url)
}

fn in_script(text: &str) -> Option<&str> {
    let captures = IN_SCRIPT.as_ref()?.captures(text)?;
    captures.get(1).or(captures.get(2)).map(|found| found.as_str())
}

/// An address in the form in which it is compared: without its fragment and without the parameters that
/// only say how a page is shown (`*` stands for all).
pub(in crate::source::epaper) fn folded(mut url: Url, drop: &[String]) -> Url {
    url.set_fragment(None);
    if url.query().is_some() {
        let dropped = |name: &str| drop.iter().any(|parameter| parameter == "*" || parameter == name);
        let query = url.query().unwrap_or_default();
        let kept: Vec<&str> =
            query.split('&').filter(|pair| !pair.is_empty() && !dropped(pair.split('=').next().unwrap_or_default())).collect();
        let kept = kept.join("&");
        url.set_query((!kept.is_empty()).then_some(&kept));
    }
    url
}

/// What the site calls a page: its address's last part without the ending, and what is left of the query.
pub(in crate::source::epaper) fn stem(url: &Url) -> String {
    let path = url.path().trim_end_matches('/');
    let last = path.rsplit('/').next().unwrap_or_default();
    let ending =
        last.rfind('.').filter(|at| matches!(&last[*at..], ".htm" | ".html" | ".shtml" | ".json" | ".xml" | ".php" | ".do" | ".jsp"));
    let stem = &last[..ending.unwrap_or(last.len())];
    match url.query() {
        Some(query) => format!("{stem}?{query}"),
        None => stem.to_owned(),
    }
}

/// Where a page sends its reader on by itself, by a meta refresh or by a script.
pub(in crate::source::epaper) fn forward(base: &Url, html: &str) -> Option<Url> {
    let refresh = || {
        let tag = REFRESH.as_ref()?.find(html)?.as_str();
        let content = REFRESH_URL.as_ref()?.captures(tag)?;
        let content = content.get(1).or(content.get(2)).or(content.get(3))?.as_str();
        let at = content.to_ascii_lowercase().find("url")?;
        let target = content[at + 3..].trim_start().strip_prefix('=')?.trim().trim_matches(['"', '\'']);
        base.join(target.trim()).ok()
    };
    let script = || {
        let mut scripts = SCRIPT.as_ref().filter(|_| html.len() <= FORWARD_WITHIN)?.captures_iter(html);
        let target = scripts.find_map(|script| LOCATION.as_ref()?.captures(script.get(1)?.as_str())?.get(1))?;
        base.join(target.as_str()).ok()
    };
    refresh().or_else(script).filter(|url| matches!(url.scheme(), "http" | "https") && url != base)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn base() -> Url {
        Url::parse("https://paper.example/a/b/index.htm").unwrap()
    }

    #[test]
    fn links_in_whatever_attribute_become_absolute() {
        for (link, expected) in [
            ("../c/x.htm", Some("https://paper.example/a/c/x.htm")),
            ("window.location.href='x.htm?id=1'", Some("https://paper.example/a/b/x.htm?id=1")),
            ("javascript:openPage(\"x_2.html\")", Some("https://paper.example/a/b/x_2.html")),
            ("location.href=\"/y/\";return false", Some("https://paper.example/y/")),
            ("javascript:void(0)", None),
            ("#top", None),
            ("mailto:desk@paper.example", None),
            ("", None),
        ] {
            assert_eq!(absolute(&base(), link).map(String::from).as_deref(), expected, "{link}");
        }
    }

    #[test]
    fn parameters_of_the_show_are_folded_away_and_those_of_the_thing_stay() {
        let fold = |text: &str, drop: &[&str]| {
            let drop: Vec<String> = drop.iter().map(|name| (*name).to_owned()).collect();
            folded(Url::parse(text).unwrap(), &drop).to_string()
        };
        assert_eq!(fold("http://a/content_1.htm?div=-1#x", &["div"]), "http://a/content_1.htm");
        assert_eq!(fold("http://a/show?id=7&div=0", &["div"]), "http://a/show?id=7");
        assert_eq!(fold("http://a/show?id=7", &["*"]), "http://a/show");
    }

    #[test]
    fn the_site_has_a_name_for_each_page() {
        for (url, expected) in [
            ("http://a/content_1.htm", "content_1"),
            ("http://a/nw.D110000x_20230220_1-01.htm", "nw.D110000x_20230220_1-01"),
            ("http://a/show.do?id=7", "show?id=7"),
            ("http://a/con/7/", "7"),
        ] {
            assert_eq!(stem(&Url::parse(url).unwrap()), expected);
        }
    }

    #[test]
    fn a_page_sends_on_by_refresh_or_by_script() {
        for (html, expected) in [
            (r#"<META HTTP-EQUIV="REFRESH" CONTENT="0; URL=html/1.htm?v=1">"#, Some("https://paper.example/a/b/html/1.htm?v=1")),
            (r#"<meta content='3;url="/x.htm"' http-equiv=refresh>"#, Some("https://paper.example/x.htm")),
            ("<meta http-equiv=refresh content=0;url=y.htm>", Some("https://paper.example/a/b/y.htm")),
            ("<script>window.location.href = 'z.htm';</script>", Some("https://paper.example/a/b/z.htm")),
            ("<script>location.replace(\"z.htm\")</script>", Some("https://paper.example/a/b/z.htm")),
            ("<meta http-equiv=refresh content=300>", None),
            ("<meta http-equiv=refresh content='0;url=index.htm'>", None),
            ("<a onclick=\"location.href='x.htm'\">x</a><p>text</p>", None),
        ] {
            assert_eq!(forward(&base(), html).map(String::from).as_deref(), expected, "{html}");
        }
    }
}
