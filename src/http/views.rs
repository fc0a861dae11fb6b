//! What the pages show, as their templates take it: texts, and addresses on this host.

use serde::Serialize;

use super::Shown;
use crate::feed::{FeedConfig, Format, Site, Wording, right_to_left};
use crate::model::{Article, ArticleKind, Facsimile, StoredArticle, Zone};
use crate::store::EditionSummary;

/// The pages' own words.
#[derive(Debug, Serialize)]
pub(super) struct Texts {
    feeds: &'static str,
    earlier: &'static str,
    previous: &'static str,
    next: &'static str,
    home: &'static str,
    nothing_yet: &'static str,
    corrected: &'static str,
    original: &'static str,
    facsimile: &'static str,
    place: &'static str,
}

const CHINESE: Texts = Texts {
    feeds: "订阅",
    earlier: "往期",
    previous: "上一篇",
    next: "下一篇",
    home: "首页",
    nothing_yet: "还没有读到报纸。",
    corrected: "已更正",
    original: "原文",
    facsimile: "版面图",
    place: "在版面上的位置",
};

const ENGLISH: Texts = Texts {
    feeds: "Feeds",
    earlier: "Earlier editions",
    previous: "Previous",
    next: "Next",
    home: "Home",
    nothing_yet: "No edition has been read yet.",
    corrected: "corrected",
    original: "Original",
    facsimile: "Page as printed",
    place: "Where it stands on the page",
};

/// What every page has.
#[derive(Debug, Serialize)]
pub(super) struct Frame {
    language: String,
    direction: &'static str,
    title: String,
    canonical: Option<String>,
    home: String,
    style: String,
    icon: String,
    t: &'static Texts,
    /// Feeds for a reader that looks for them (`link rel=alternate`).
    alternates: Vec<FeedLink>,
}

#[derive(Debug, Serialize)]
struct FeedLink {
    title: String,
    rss: String,
    atom: String,
    json: String,
}

/// A link and what it says.
#[derive(Debug, Serialize)]
pub(super) struct Link {
    href: String,
    text: String,
}

/// The part of an address that a page on the same host needs. A page then works under whatever
/// name it was reached, and behind a proxy that serves newsboy under a path.
pub(super) fn local(address: &str) -> String {
    let behind_scheme = address.split_once("://").map_or(address, |(_, rest)| rest);
    behind_scheme.find('/').map_or("/", |at| &behind_scheme[at..]).to_owned()
}

impl Frame {
    /// The frame of a page in `language`. With `source`, of its feeds only that one is announced.
    pub(super) fn new(shown: &Shown, language: &str, title: String, source: Option<&str>) -> Self {
        let home = local(&shown.site.home());
        Self {
            language: language.to_owned(),
            direction: if right_to_left(language) { "rtl" } else { "ltr" },
            title,
            canonical: None,
            style: format!("{home}style.css"),
            icon: format!("{home}favicon.svg"),
            home,
            t: match Wording::of(language) {
                Wording::Chinese => &CHINESE,
                Wording::English => &ENGLISH,
            },
            alternates: shown
                .feeds
                .iter()
                .filter(|feed| source.is_none_or(|s| feed.sources.iter().any(|of| of == s)))
                .map(|feed| FeedLink::new(&shown.site, feed))
                .collect(),
        }
    }

    /// The page's permanent address.
    pub(super) fn at(mut self, address: String) -> Self {
        self.canonical = Some(address);
        self
    }
}

impl FeedLink {
    fn new(site: &Site, feed: &FeedConfig) -> Self {
        let address = |format| local(&site.feed(&feed.name, format));
        Self { title: feed.title.clone(), rss: address(Format::Rss), atom: address(Format::Atom), json: address(Format::Json) }
    }
}

/// `/`
#[derive(Debug, Serialize)]
pub(super) struct FrontPage {
    pub(super) frame: Frame,
    pub(super) editions: Vec<EditionView>,
    pub(super) earlier: Vec<Link>,
}

/// `/editions/{source}/{date}`
#[derive(Debug, Serialize)]
pub(super) struct EditionPage {
    pub(super) frame: Frame,
    pub(super) edition: EditionView,
    pub(super) previous: Option<Link>,
    pub(super) next: Option<Link>,
}

/// One edition, page by page.
#[derive(Debug, Serialize)]
pub(super) struct EditionView {
    paper: String,
    date: String,
    language: String,
    href: String,
    pages: Vec<PageView>,
}

#[derive(Debug, Serialize)]
struct PageView {
    label: String,
    /// The part of the address behind `#`.
    anchor: String,
    news: Vec<Line>,
    others: Vec<Line>,
}

/// An article in a list.
#[derive(Debug, Serialize)]
struct Line {
    href: String,
    kicker: Option<String>,
    title: String,
    deck: Option<String>,
    /// What it is, where it is no article.
    kind: Option<&'static str>,
}

/// Unique also where a page of the site shows several papers; an `id` holds no white space.
fn anchor(source: &str, page: &str) -> String {
    format!("{source}-{page}").split_whitespace().collect::<Vec<_>>().join("-")
}

impl Line {
    fn new(site: &Site, stored: &StoredArticle, wording: Wording) -> Self {
        let article = &stored.article;
        Self {
            href: local(&site.article(&stored.id)),
            kicker: article.kicker.clone(),
            title: article.title(),
            deck: article.deck.clone(),
            kind: (article.kind != ArticleKind::Article).then(|| wording.kind(article.kind)),
        }
    }
}

impl EditionView {
    /// The edition of these articles, which stand in page order. Withdrawn and held ones and page furniture
    /// are left out, and so is a page that has nothing else.
    pub(super) fn new(site: &Site, edition: &EditionSummary, articles: &[StoredArticle]) -> Self {
        let source = site.source(&edition.source);
        let language = source.map(|s| s.language.clone()).unwrap_or_default();
        let wording = Wording::of(&language);
        let mut pages: Vec<PageView> = Vec::new();
        for stored in articles.iter().filter(|a| a.is_public() && a.article.kind != ArticleKind::Masthead && !a.article.is_continuation()) {
            let label = wording.page(&stored.key.page);
            if pages.last().is_none_or(|page| page.label != label) {
                pages.push(PageView { label, anchor: anchor(&stored.key.source, &stored.key.page), news: Vec::new(), others: Vec::new() });
            }
            let Some(page) = pages.last_mut() else { continue };
            let list = if stored.article.kind.is_news() { &mut page.news } else { &mut page.others };
            list.push(Line::new(site, stored, wording));
        }
        Self {
            paper: source.map_or_else(|| edition.source.clone(), |s| s.title.clone()),
            date: wording.date(edition.date),
            language,
            href: local(&site.edition(&edition.source, edition.date)),
            pages,
        }
    }

    /// The edition's name: paper and date.
    pub(super) fn name(&self) -> String {
        format!("{} {}", self.paper, self.date)
    }
}

/// A link to an edition.
pub(super) fn edition_link(site: &Site, source: &str, date: chrono::NaiveDate, with_paper: bool) -> Link {
    let facts = site.source(source);
    let date_text = Wording::of(facts.map(|s| s.language.as_str()).unwrap_or_default()).date(date);
    let text = match facts.filter(|_| with_paper) {
        Some(facts) => format!("{} {date_text}", facts.title),
        None => date_text,
    };
    Link { href: local(&site.edition(source, date)), text }
}

/// `/articles/{id}`
#[derive(Debug, Serialize)]
pub(super) struct ArticlePage {
    pub(super) frame: Frame,
    pub(super) edition: Link,
    pub(super) page: Link,
    section: Option<String>,
    kind: Option<&'static str>,
    kicker: Option<String>,
    headline: String,
    deck: Option<String>,
    byline: Option<String>,
    dateline: Option<String>,
    paragraphs: Vec<String>,
    credit: Option<String>,
    corrected: bool,
    site: Option<SitePlace>,
    previous: Option<Link>,
    next: Option<Link>,
}

/// Where an article stands on the site that it comes from, and on the printed page.
#[derive(Debug, Serialize)]
struct SitePlace {
    original: String,
    image: Option<String>,
    pdf: Option<String>,
    /// The page's measures, and the corners of the article's zones in them.
    sheet: Option<Sheet>,
}

#[derive(Debug, Serialize)]
struct Sheet {
    width: f32,
    height: f32,
    zones: Vec<String>,
}

impl SitePlace {
    /// `edition` tells how far zones reach where the site does not say how large its page is.
    fn of(stored: &StoredArticle, edition: &[StoredArticle], facsimile: Option<Facsimile>) -> Option<Self> {
        let site = stored.article.site.as_deref()?;
        let facsimile = facsimile.unwrap_or_default();
        let on_page = edition.iter().filter(|other| other.key == stored.key).filter_map(|other| other.article.site.as_deref());
        let corners = on_page.flat_map(|site| &site.zones).flat_map(|zone| &zone.0);
        let reach = corners.fold([0.0_f32, 0.0], |[right, bottom], [x, y]| [right.max(*x), bottom.max(*y)]);
        let said = facsimile.size.map_or([0.0, 0.0], |[width, height]| [width as f32, height as f32]);
        // A page that is said to be smaller than what stands on it is the icon of one.
        let [width, height] = if said[0] >= reach[0] && said[1] >= reach[1] { said } else { reach };
        let points = |zone: &Zone| zone.0.iter().map(|[x, y]| format!("{x},{y}")).collect::<Vec<_>>().join(" ");
        let zones: Vec<String> = site.zones.iter().map(points).collect();
        let sheet = (!zones.is_empty() && width > 0.0 && height > 0.0).then_some(Sheet { width, height, zones });
        Some(Self { original: site.url.clone(), image: facsimile.image, pdf: facsimile.pdf, sheet })
    }
}

impl ArticlePage {
    /// The page of an article; `edition` are the articles of its edition in page order.
    pub(super) fn new(frame: Frame, site: &Site, stored: &StoredArticle, edition: &[StoredArticle], facsimile: Option<Facsimile>) -> Self {
        let Article { kicker, deck, dateline, byline, credit, section, .. } = stored.article.clone();
        let paragraphs = stored.article.text().to_vec();
        let wording = Wording::of(&frame.language);
        let edition_link = edition_link(site, &stored.key.source, stored.key.date, true);
        let page = Link {
            href: format!("{}#{}", edition_link.href, anchor(&stored.key.source, &stored.key.page)),
            text: wording.page(&stored.key.page),
        };
        // From one to the next goes what is news; an advertisement is not in a reader's way.
        let shown: Vec<&StoredArticle> = edition
            .iter()
            .filter(|a| a.id == stored.id || (a.is_public() && a.article.kind.is_news() && !a.article.is_continuation()))
            .collect();
        let place = shown.iter().position(|a| a.id == stored.id);
        let neighbour = |at: Option<usize>| {
            let other = shown.get(at?)?;
            Some(Link { href: local(&site.article(&other.id)), text: other.article.title() })
        };
        Self {
            edition: edition_link,
            page,
            section,
            kind: (stored.article.kind != ArticleKind::Article).then(|| wording.kind(stored.article.kind)),
            kicker,
            headline: stored.article.title(),
            deck,
            byline: (!byline.is_empty()).then(|| wording.byline(&byline)),
            dateline,
            paragraphs: paragraphs.into_iter().filter(|p| !p.trim().is_empty()).collect(),
            credit: (!credit.is_empty()).then(|| wording.credit(&credit)),
            corrected: stored.revision > 1,
            site: SitePlace::of(stored, edition, facsimile),
            previous: neighbour(place.and_then(|p| p.checked_sub(1))),
            next: neighbour(place.map(|p| p + 1)),
            frame,
        }
    }
}

/// A page that only says something.
#[derive(Debug, Serialize)]
pub(super) struct MessagePage {
    pub(super) frame: Frame,
    pub(super) message: String,
    pub(super) link: Option<Link>,
}
