//! The search for people, and the list of feeds with the form that builds one.

use std::sync::Arc;

use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde::Serialize;

use super::asked::SearchAsked;
use super::language::interface;
use super::views::{FeedLink, Frame, Link, direction, edition_link};
use super::{Served, Shown, feeds, pages};
use crate::feed::{Heading, Wording, local};
use crate::model::{ArticleKind, StoredArticle};
use crate::search::{Piece, Query, highlight, snippet};
use crate::store::{Found, MOST_COUNTED, StoreError};

/// Articles of a page of results.
const PAGE: u32 = 20;

/// Characters of what is shown of an article around its first hit.
const SNIPPET_CHARS: usize = 120;

/// Articles that the form shows of the feed that it built.
const PREVIEW: u32 = 5;

/// `/search`
#[derive(Debug, Serialize)]
struct SearchPage {
    frame: Frame,
    heading: String,
    asked: bool,
    count: String,
    feed: Option<FeedLink>,
    hits: Vec<Hit>,
    previous: Option<Link>,
    next: Option<Link>,
}

/// `/feeds`
#[derive(Debug, Serialize)]
struct FeedsPage {
    frame: Frame,
    feeds: Vec<FeedLink>,
    opml: String,
    builder: Option<Builder>,
    made: Option<FeedLink>,
    count: String,
    hits: Vec<Hit>,
}

/// The form, as it was filled in.
#[derive(Debug, Default, Serialize)]
struct Builder {
    any: String,
    none: String,
    sources: Vec<Choice>,
    sections: Vec<Choice>,
    kinds: Vec<Choice>,
    is_short: bool,
}

#[derive(Debug, Serialize)]
struct Choice {
    value: String,
    text: String,
    is_chosen: bool,
}

/// An article that was found.
#[derive(Debug, Serialize)]
struct Hit {
    href: String,
    language: String,
    direction: &'static str,
    title: Vec<Marked>,
    snippet: Vec<Marked>,
    place: String,
}

/// A piece of a text, marked where it is what was looked for.
#[derive(Debug, Serialize)]
struct Marked {
    text: String,
    is_hit: bool,
}

fn marked(pieces: Vec<Piece>) -> Vec<Marked> {
    pieces.into_iter().map(|Piece { text, is_hit }| Marked { text, is_hit }).collect()
}

impl Hit {
    fn new(shown: &Shown, stored: &StoredArticle, query: &Query, wording: Wording) -> Self {
        let language = shown.site.source(&stored.key.source).map(|s| s.language.clone()).unwrap_or_default();
        let edition = edition_link(&shown.site, &stored.key.source, stored.key.date, true, wording);
        Self {
            href: local(&shown.site.article(&stored.id)).to_owned(),
            direction: direction(&language),
            language,
            title: marked(highlight(&stored.article.title(), query)),
            snippet: marked(snippet(stored.article.text().iter().map(String::as_str), query, SNIPPET_CHARS)),
            place: format!("{} {}", edition.text, wording.page(&stored.key.page)),
        }
    }
}

fn hits(shown: &Shown, found: &Found, query: &Query, wording: Wording) -> Vec<Hit> {
    found.articles.iter().map(|stored| Hit::new(shown, stored, query, wording)).collect()
}

fn count(found: &Found, wording: Wording) -> String {
    wording.found(found.total, found.total == MOST_COUNTED)
}

/// The feed of a search.
fn feed_of(asked: &SearchAsked, raw: &str, shown: &Shown) -> FeedLink {
    let all = || shown.site.sources.iter().map(|source| source.name.clone()).collect();
    let sources = if asked.request.sources.is_empty() { all() } else { asked.request.sources.clone() };
    FeedLink::of(&Heading::search(&asked.typed, raw, sources, asked.is_full, &shown.site))
}

/// `/search`
pub(super) async fn search(State(served): State<Arc<Served>>, query: RawQuery, headers: HeaderMap) -> Response {
    let shown = served.shown.load_full();
    let wording = interface(&headers, pages::first_language(&shown));
    let mut asked = SearchAsked::parse(query.0.as_deref().unwrap_or_default());
    let is_asked = !asked.is_empty();
    (asked.request.limit, asked.request.offset) = (PAGE, (asked.page - 1) * PAGE);
    let found = match is_asked {
        true => served.store.search(&asked.request).await,
        false => Ok(Found::default()),
    };
    let found = match found {
        Ok(found) => found,
        Err(error) => return pages::store_fails(&shown, &headers, &error),
    };
    let raw = asked.without_page();
    let leaf = |page: u32, text: &str| {
        let address = shown.site.search(&format!("{raw}&n={page}"));
        Link { href: local(&address).to_owned(), text: text.to_owned() }
    };
    let mut frame = Frame::new(&shown, wording, String::new(), None).at(shown.site.search(&raw));
    let texts = frame.texts();
    let heading = if asked.typed.is_empty() { texts.search.to_owned() } else { asked.typed.clone() };
    let feed = is_asked.then(|| feed_of(&asked, &raw, &shown));
    frame.name(format!("{heading} · {}", texts.search));
    frame.typed = asked.typed.clone();
    if is_asked {
        // A reader that is pointed at this page is to find the feed of this search.
        frame.alternates = vec![feed_of(&asked, &raw, &shown)];
    }
    let page = SearchPage {
        heading,
        asked: is_asked,
        count: count(&found, wording),
        feed,
        hits: hits(&shown, &found, &asked.request.query, wording),
        previous: (asked.page > 1).then(|| leaf(asked.page - 1, texts.previous_page)),
        next: (asked.page * PAGE < found.total).then(|| leaf(asked.page + 1, texts.next_page)),
        frame,
    };
    pages::send(&headers, StatusCode::OK, "search.html", &page)
}

/// `/feeds`
pub(super) async fn feeds(State(served): State<Arc<Served>>, query: RawQuery, headers: HeaderMap) -> Response {
    let shown = served.shown.load_full();
    let wording = interface(&headers, pages::first_language(&shown));
    match feeds_page(&served, &shown, query.0.as_deref().unwrap_or_default(), wording).await {
        Ok(page) => pages::send(&headers, StatusCode::OK, "feeds.html", &page),
        Err(error) => pages::store_fails(&shown, &headers, &error),
    }
}

async fn feeds_page(served: &Served, shown: &Shown, raw: &str, wording: Wording) -> Result<FeedsPage, StoreError> {
    let frame = Frame::new(shown, wording, String::new(), None).at(shown.site.feeds_page(""));
    let mut page = FeedsPage {
        feeds: feeds::listed(&*served.store, shown).await?.iter().map(FeedLink::of_listed).collect(),
        opml: local(&shown.site.opml()).to_owned(),
        builder: None,
        made: None,
        count: String::new(),
        hits: Vec::new(),
        frame,
    };
    page.frame.name(format!("{} · {}", page.frame.texts().feeds, pages::site_title(shown)));
    if shown.site.is_static {
        return Ok(page);
    }
    let filled: Vec<(String, String)> = form_urlencoded::parse(raw.as_bytes()).into_owned().collect();
    let builder = builder(served, shown, &filled, wording).await?;
    if let Some(address) = builder.address(&filled) {
        let mut asked = SearchAsked::parse(&address);
        page.made = Some(feed_of(&asked, &address, shown));
        asked.request.limit = PREVIEW;
        asked.request.order = crate::store::SearchOrder::Newest;
        let found = served.store.search(&asked.request).await?;
        page.count = count(&found, wording);
        page.hits = hits(shown, &found, &asked.request.query, wording);
    }
    page.builder = Some(builder);
    Ok(page)
}

fn value<'f>(filled: &'f [(String, String)], name: &str) -> &'f str {
    filled.iter().find(|(key, _)| key == name).map(|(_, value)| value.trim()).unwrap_or_default()
}

async fn builder(served: &Served, shown: &Shown, filled: &[(String, String)], wording: Wording) -> Result<Builder, StoreError> {
    let choice = |name: &str, value_of: &str, text: &str| Choice {
        value: value_of.to_owned(),
        text: text.to_owned(),
        is_chosen: value(filled, name) == value_of,
    };
    let mut sections: Vec<String> = Vec::new();
    for source in &shown.site.sources {
        sections.extend(served.store.sections(&source.name).await?.into_iter().map(|section| section.name));
    }
    sections.sort();
    sections.dedup();
    let kinds = ArticleKind::ALL.into_iter().filter(|kind| *kind != ArticleKind::Masthead);
    Ok(Builder {
        any: value(filled, "any").to_owned(),
        none: value(filled, "none").to_owned(),
        sources: shown.site.sources.iter().map(|source| choice("source", &source.name, &source.title)).collect(),
        sections: sections.iter().map(|section| choice("section", section, section)).collect(),
        kinds: kinds.map(|kind| choice("kind", kind.as_str(), wording.kind(kind))).collect(),
        is_short: value(filled, "full") == "0",
    })
}

impl Builder {
    /// What stands behind the `?` of the feed's address; `None` where the form is empty.
    fn address(&self, filled: &[(String, String)]) -> Option<String> {
        let any: Vec<String> = words(&self.any).collect();
        let none: Vec<String> = words(&self.none).map(|word| format!("-{word}")).collect();
        let wanted = any.join(" OR ");
        let query = [wanted].into_iter().filter(|any| !any.is_empty()).chain(none).collect::<Vec<_>>().join(" ");
        let mut address = form_urlencoded::Serializer::new(String::new());
        let mut is_empty = true;
        let fields = [("q", query.as_str()), ("source", value(filled, "source")), ("section", value(filled, "section"))];
        for (name, value) in fields.into_iter().filter(|(_, value)| !value.is_empty()) {
            address.append_pair(name, value);
            is_empty = false;
        }
        let kind = value(filled, "kind");
        if !kind.is_empty() {
            address.append_pair("kind", kind);
        }
        if self.is_short {
            address.append_pair("full", "0");
        }
        (!is_empty).then(|| address.finish())
    }
}

/// The words of a field, each in quotes, so that no sign of the query's language is read into it.
fn words(field: &str) -> impl Iterator<Item = String> {
    let is_between = |c: char| c.is_whitespace() || matches!(c, ',' | '，' | '、' | ';' | '；');
    field.split(is_between).map(|word| word.replace(['"', '“', '”'], "")).filter(|word| !word.is_empty()).map(|word| format!("\"{word}\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_form_becomes_the_address_of_a_search() {
        let filled = |fields: &[(&str, &str)]| -> Vec<(String, String)> {
            fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
        };
        let address = |any: &str, none: &str, fields: &[(&str, &str)]| {
            let builder = Builder { any: any.to_owned(), none: none.to_owned(), ..Builder::default() };
            builder.address(&filled(fields))
        };
        let found = address("新能源，氢能", "广告", &[("source", "a"), ("kind", "photo")]).unwrap_or_default();
        let asked = SearchAsked::parse(&found);
        assert_eq!(asked.typed, "\"新能源\" OR \"氢能\" -\"广告\"");
        assert_eq!((asked.request.sources, asked.request.kinds), (vec!["a".to_owned()], vec![ArticleKind::Photo]));
        assert_eq!(address("", " ", &[("kind", "photo")]), None);
        assert!(address("", "", &[("section", "要闻")]).is_some());
    }
}
