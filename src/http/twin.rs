//! The site as plain files: every page and feed that a link leads to, fetched from the router as a
//! browser would fetch it, so that the twin cannot differ from what is served.

use std::collections::{HashSet, VecDeque};
use std::convert::Infallible;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::{Request, StatusCode, header};
use hyper::service::Service as _;
use hyper_util::service::TowerToHyperService;
use percent_encoding::percent_decode_str;

use crate::feed::{Site, local};

/// Where the walk begins; all else is found from there.
const BEGINNINGS: [&str; 5] = ["", "feeds", "feeds.opml", "favicon.ico", "style.css"];

/// Files of a twin at most: a century of a daily paper.
const MOST_FILES: usize = 4_000_000;

/// Bytes of a file at most.
const MOST_BYTES: usize = 64 << 20;

/// What in a document leads on.
const LINKS: [&str; 5] = ["href=\"", "src=\"", "xmlUrl=\"", "htmlUrl=\"", "\"next_url\":\""];

/// A file of the twin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TwinFile {
    /// Its path below the twin's folder, with `/` between the names.
    pub path: String,
    /// What it holds.
    pub bytes: Bytes,
    /// Whether it is worth compressing.
    pub is_text: bool,
}

/// Walks through the site and hands every file to `take`, which may end the walk.
///
/// # Errors
/// Those of `take`.
pub async fn walk<E>(router: Router, site: &Site, mut take: impl FnMut(TwinFile) -> Result<(), E>) -> Result<(), E> {
    let service = TowerToHyperService::new(router);
    let base = local(&site.home()).to_owned();
    let mut waiting: VecDeque<String> = BEGINNINGS.iter().map(|page| (*page).to_owned()).collect();
    let mut seen: HashSet<String> = waiting.iter().cloned().collect();
    while let Some(page) = waiting.pop_front() {
        let Ok(request) = Request::get(format!("/{page}")).body(Body::empty()) else { continue };
        let answered: Result<_, Infallible> = service.call(request).await;
        let Ok(answer) = answered;
        if answer.status() != StatusCode::OK {
            continue;
        }
        let kind = answer.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default().to_owned();
        let Ok(bytes) = axum::body::to_bytes(answer.into_body(), MOST_BYTES).await else { continue };
        let is_text = ["text/", "+xml", "json"].iter().any(|sign| kind.contains(sign));
        if is_text {
            let found = links(&String::from_utf8_lossy(&bytes), site, &base);
            waiting.extend(found.into_iter().filter(|link| seen.len() < MOST_FILES && seen.insert(link.clone())));
        }
        if let Some(path) = path_of(&page, kind.starts_with("text/html")) {
            take(TwinFile { path, bytes, is_text })?;
        }
    }
    Ok(())
}

/// The addresses on this site that a document leads to, below the site's own path.
fn links(text: &str, site: &Site, base: &str) -> Vec<String> {
    let home = site.home();
    let mut found = Vec::new();
    for sign in LINKS {
        for (at, _) in text.match_indices(sign) {
            let rest = &text[at + sign.len()..];
            let Some(address) = rest.find('"').map(|end| rest[..end].replace("&amp;", "&")) else { continue };
            let path = address.strip_prefix(home.as_str()).or_else(|| address.strip_prefix(base));
            let Some(path) = path.and_then(|path| path.split(['#', '?']).next()) else { continue };
            found.push(path.to_owned());
        }
    }
    found
}

/// The file that a server of plain files finds under an address: for a page without an ending, a
/// folder's index. `None` where a name could lead elsewhere.
fn path_of(page: &str, is_html: bool) -> Option<String> {
    let mut names = Vec::new();
    for segment in page.split('/').filter(|segment| !segment.is_empty()) {
        let name = percent_decode_str(segment).decode_utf8().ok()?;
        if name.starts_with('.') || name.contains(['/', '\\', '\0']) {
            return None;
        }
        names.push(name.into_owned());
    }
    if is_html {
        names.push("index.html".to_owned());
    }
    (!names.is_empty()).then(|| names.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feed::specimen::site;

    #[test]
    fn a_page_is_the_index_of_its_folder_and_a_feed_is_a_file() {
        assert_eq!(path_of("", true).as_deref(), Some("index.html"));
        assert_eq!(path_of("editions/a/2026-11-20", true).as_deref(), Some("editions/a/2026-11-20/index.html"));
        assert_eq!(path_of("feeds/%E8%A6%81%E9%97%BB/rss.xml", false).as_deref(), Some("feeds/要闻/rss.xml"));
        for page in ["a/%2e%2e/b", "a/..%2fb", "%2fetc", ".hidden", "a/%00", "%ff"] {
            assert_eq!(path_of(page, false), None, "{page}");
        }
    }

    #[test]
    fn links_on_the_site_are_followed_and_others_are_not() {
        let site = Site { public_url: "https://news.example.org/paper".to_owned(), ..site() };
        let text = "<a href=\"/paper/a#b\"><link href=\"https://news.example.org/paper/c?x=1&amp;y\"><a href=\"https://else.example/d\"><a href=\"/e\">\"next_url\":\"https://news.example.org/paper/f\"";
        assert_eq!(links(text, &site, "/paper/"), ["a", "c", "f"]);
    }
}
