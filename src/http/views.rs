//! What the pages show, as their templates take it: texts, and addresses on this host.

use serde::Serialize;

use super::Shown;
use super::texts::Texts;
use crate::feed::{Format, Heading, Listed, Site, Wording, local, right_to_left};
use crate::model::{Article, ArticleKind, Facsimile, StoredArticle, Zone};
use crate::store::EditionSummary;

/// Characters of an article that stand below its headline on a page of the paper.
const LEAD_CHARS: usize = 90;

/// What every page has.
#[derive(Debug, Serialize)]
pub(super) struct Frame {
    title: String,
    canonical: Option<String>,
    home: String,
    style: String,
    icon: String,
    /// The list of feeds.
    feeds: String,
    /// Where words are looked for; nowhere where nobody is there to look.
    search: Option<String>,
    /// What was looked for.
    pub(super) typed: String,
    /// The way from the front page to here.
    pub(super) trail: Vec<Link>,
    t: &'static Texts,
    /// Feeds for a reader that looks for them (`link rel=alternate`).
    pub(super) alternates: Vec<FeedLink>,
    #[serde(skip)]
    pub(super) wording: Wording,
}

/// The addresses of a feed.
#[derive(Debug, Serialize)]
pub(super) struct FeedLink {
    title: String,
    rss: String,
    atom: String,
    json: String,
    /// Sections and pages.
    parts: Vec<FeedLink>,
}

/// A link and what it says.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Link {
    pub(super) href: String,
    pub(super) text: String,
}

fn here(address: &str) -> String {
    local(address).to_owned()
}

/// `ltr` or `rtl`.
pub(super) fn direction(language: &str) -> &'static str {
    if right_to_left(language) { "rtl" } else { "ltr" }
}

impl Frame {
    /// The frame of a page that speaks in `wording`. With `source`, of the papers' feeds only that one
    /// is announced. A feed that needs a token is announced nowhere.
    pub(super) fn new(shown: &Shown, wording: Wording, title: String, source: Option<&str>) -> Self {
        let site = &shown.site;
        let home = here(&site.home());
        let public = shown.feeds.iter().filter(|feed| feed.token.is_none());
        Self {
            title,
            canonical: None,
            style: format!("{home}style.css"),
            icon: format!("{home}favicon.svg"),
            feeds: here(&site.feeds_page("")),
            search: (!site.is_static).then(|| here(&site.search(""))),
            typed: String::new(),
            trail: Vec::new(),
            home,
            t: Texts::of(wording),
            alternates: public
                .filter(|feed| source.is_none_or(|s| feed.sources.iter().any(|of| of == s)))
                .map(|feed| FeedLink::of(&Heading::feed(feed, site)))
                .collect(),
            wording,
        }
    }

    /// The page's permanent address.
    pub(super) fn at(self, address: String) -> Self {
        Self { canonical: Some(address), ..self }
    }

    /// The way from the front page to here.
    pub(super) fn behind(self, trail: Vec<Link>) -> Self {
        Self { trail, ..self }
    }

    /// Gives the page its title.
    pub(super) fn name(&mut self, title: String) {
        self.title = title;
    }

    /// The page's own words.
    pub(super) fn texts(&self) -> &'static Texts {
        self.t
    }
}

impl FeedLink {
    /// The addresses of a feed and of its parts.
    pub(super) fn of_listed(listed: &Listed) -> Self {
        Self { parts: listed.parts.iter().map(Self::of).collect(), ..Self::of(&listed.feed) }
    }

    /// The addresses of the feed under a heading.
    pub(super) fn of(heading: &Heading) -> Self {
        let address = |format| here(heading.address(format));
        Self {
            title: heading.title().to_owned(),
            rss: address(Format::Rss),
            atom: address(Format::Atom),
            json: address(Format::Json),
            parts: Vec::new(),
        }
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
    /// The pages, to leaf through.
    pub(super) leaves: Vec<Link>,
    /// The page that is shown, where it is one of them.
    pub(super) page: Option<String>,
    /// The edition as a feed.
    pub(super) feed: FeedLink,
    pub(super) previous: Option<Link>,
    pub(super) next: Option<Link>,
}

/// One edition, page by page.
#[derive(Debug, Serialize)]
pub(super) struct EditionView {
    paper: String,
    date: String,
    language: String,
    direction: &'static str,
    href: String,
    pages: Vec<PageView>,
}

#[derive(Debug, Serialize)]
struct PageView {
    label: String,
    href: String,
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
    /// How it begins, where there is room for it.
    lead: Option<String>,
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
            href: here(&site.article(&stored.id)),
            kicker: article.kicker.clone(),
            title: article.title(),
            deck: article.deck.clone(),
            lead: None,
            kind: (article.kind != ArticleKind::Article).then(|| wording.kind(article.kind)),
        }
    }
}

impl EditionView {
    /// The edition of these articles, which stand in page order. Withdrawn and held ones and page furniture
    /// are left out, and so is a page that has nothing else.
    pub(super) fn new(site: &Site, edition: &EditionSummary, articles: &[StoredArticle], wording: Wording) -> Self {
        let source = site.source(&edition.source);
        let language = source.map(|s| s.language.clone()).unwrap_or_default();
        let mut pages: Vec<PageView> = Vec::new();
        for stored in articles.iter().filter(|a| a.is_public() && a.article.kind != ArticleKind::Masthead && !a.article.is_continuation()) {
            let label = wording.page(&stored.key.page);
            if pages.last().is_none_or(|page| page.label != label) {
                pages.push(PageView {
                    label,
                    href: here(&site.edition_page(&edition.source, edition.date, &stored.key.page)),
                    anchor: anchor(&stored.key.source, &stored.key.page),
                    news: Vec::new(),
                    others: Vec::new(),
                });
            }
            let Some(page) = pages.last_mut() else { continue };
            let list = if stored.article.kind.is_news() { &mut page.news } else { &mut page.others };
            list.push(Line::new(site, stored, wording));
        }
        Self {
            paper: source.map_or_else(|| edition.source.clone(), |s| s.title.clone()),
            date: wording.date(edition.date),
            direction: direction(&language),
            language,
            href: here(&site.edition(&edition.source, edition.date)),
            pages,
        }
    }

    /// The edition's name: paper and date.
    pub(super) fn name(&self) -> String {
        format!("{} {}", self.paper, self.date)
    }

    /// A link to each page.
    pub(super) fn leaves(&self) -> Vec<Link> {
        self.pages.iter().map(|page| Link { href: page.href.clone(), text: page.label.clone() }).collect()
    }

    /// The edition with one page alone, each of its stories with how it begins. `articles` are those of
    /// the edition.
    pub(super) fn only(mut self, label: &str, articles: &[StoredArticle], site: &Site) -> Self {
        self.pages.retain(|page| page.label == label);
        for line in self.pages.iter_mut().flat_map(|page| &mut page.news) {
            let stored = articles.iter().find(|stored| here(&site.article(&stored.id)) == line.href);
            let text = stored.map(|stored| stored.article.text().join("")).unwrap_or_default();
            let lead: String = text.chars().take(LEAD_CHARS).collect();
            let rest = if lead.len() < text.len() { "…" } else { "" };
            line.lead = Some(format!("{lead}{rest}")).filter(|lead| !lead.is_empty());
        }
        self
    }
}

/// A link to an edition.
pub(super) fn edition_link(site: &Site, source: &str, date: chrono::NaiveDate, with_paper: bool, wording: Wording) -> Link {
    let facts = site.source(source);
    let date_text = wording.date(date);
    let text = match facts.filter(|_| with_paper) {
        Some(facts) => format!("{} {date_text}", facts.title),
        None => date_text,
    };
    Link { href: here(&site.edition(source, date)), text }
}

/// `/articles/{id}`
#[derive(Debug, Serialize)]
pub(super) struct ArticlePage {
    pub(super) frame: Frame,
    language: String,
    direction: &'static str,
    /// Which page of the paper it stands on, and where on it.
    place: String,
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
    pub(super) fn new(
        frame: Frame,
        site: &Site,
        language: &str,
        stored: &StoredArticle,
        edition: &[StoredArticle],
        facsimile: Option<Facsimile>,
    ) -> Self {
        let Article { kicker, deck, dateline, byline, credit, section, .. } = stored.article.clone();
        let paragraphs = stored.article.text().to_vec();
        let (wording, own) = (frame.wording, Wording::of(language));
        let edition_link = edition_link(site, &stored.key.source, stored.key.date, true, wording);
        let page = Link {
            href: here(&site.edition_page(&stored.key.source, stored.key.date, &stored.key.page)),
            text: wording.page(&stored.key.page),
        };
        // From one to the next goes what is news; an advertisement is not in a reader's way.
        let shown: Vec<&StoredArticle> = edition
            .iter()
            .filter(|a| a.id == stored.id || (a.is_public() && a.article.kind.is_news() && !a.article.is_continuation()))
            .collect();
        let at = shown.iter().position(|a| a.id == stored.id);
        let neighbour = |at: Option<usize>| {
            let other = shown.get(at?)?;
            Some(Link { href: here(&site.article(&other.id)), text: other.article.title() })
        };
        let on_page: Vec<_> = shown.iter().filter(|a| a.key.page == stored.key.page).collect();
        let number = on_page.iter().position(|a| a.id == stored.id).map_or(1, |n| n + 1);
        Self {
            direction: direction(language),
            language: language.to_owned(),
            place: own.place(&stored.key.page, number, on_page.len()),
            section,
            kind: (stored.article.kind != ArticleKind::Article).then(|| own.kind(stored.article.kind)),
            kicker,
            headline: stored.article.title(),
            deck,
            byline: (!byline.is_empty()).then(|| own.byline(&byline)),
            dateline,
            paragraphs: paragraphs.into_iter().filter(|p| !p.trim().is_empty()).collect(),
            credit: (!credit.is_empty()).then(|| own.credit(&credit)),
            corrected: stored.revision > 1,
            site: SitePlace::of(stored, edition, facsimile),
            previous: neighbour(at.and_then(|p| p.checked_sub(1))),
            next: neighbour(at.map(|p| p + 1)),
            frame: frame.behind(vec![edition_link, page]),
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
