//! A whole issue: which article stands on which page, what each is, and what goes on where.

use reqwest::Url;

use super::jumps;
use super::page::{self, ArticleLink, PageLink, PageReading};
use super::{ArticleReading, stem};
use crate::model::page_order::by_page;
use crate::model::{Article, ArticleKind, Continuation, Facsimile, OnSite, Problem, Zone};
use crate::source::epaper::describe::Description;

/// A page's link and what its document said; `None` where it could not be read.
pub(in crate::source::epaper) struct PageRead {
    pub(in crate::source::epaper) link: PageLink,
    pub(in crate::source::epaper) reading: Option<PageReading>,
}

/// What was read of an issue.
pub(in crate::source::epaper) struct IssueReading<'r> {
    pub(in crate::source::epaper) pages: &'r [PageRead],
    /// What became of an article's document: what it says, or why there is nothing.
    pub(in crate::source::epaper) article: &'r dyn Fn(&Url) -> Result<ArticleReading, Problem>,
}

/// A page of an issue with its articles.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::source::epaper) struct PageOfIssue {
    /// `01`, `A05`, `B04-05`.
    pub(in crate::source::epaper) label: String,
    /// Its section, where the site names one.
    pub(in crate::source::epaper) section: Option<String>,
    /// Its address, or that of the list it stands in.
    pub(in crate::source::epaper) url: Option<Url>,
    pub(in crate::source::epaper) facsimile: Facsimile,
    pub(in crate::source::epaper) articles: Vec<Article>,
    pub(in crate::source::epaper) problems: Vec<Problem>,
    /// Whether all that stands on it was read, or is known not to be there.
    pub(in crate::source::epaper) whole: bool,
}

/// A page's name, its section, and the articles that it lists.
struct Sheet<'r> {
    label: String,
    section: Option<String>,
    link: &'r PageLink,
    reading: Option<&'r PageReading>,
}

impl<'r> Sheet<'r> {
    /// Its own list, and where there is none, what the list of pages groups under it.
    fn listed(&self) -> &'r [ArticleLink] {
        match self.reading {
            Some(reading) if !reading.articles.is_empty() && self.link.articles.is_empty() => &reading.articles,
            _ => &self.link.articles,
        }
    }

    fn zones(&self, url: &Url) -> Vec<Zone> {
        let zones = self.reading.into_iter().flat_map(|reading| &reading.zones);
        zones.filter(|zone| zone.url == *url).map(|zone| zone.zone.clone()).collect()
    }

    fn has_zone(&self, url: &Url) -> bool {
        self.reading.is_some_and(|reading| reading.zones.iter().any(|zone| zone.url == *url))
    }
}

/// Every article's address once, in the order in which they are to be asked for, with its title.
pub(in crate::source::epaper) fn listed(pages: &[PageRead]) -> Vec<ArticleLink> {
    let mut all: Vec<ArticleLink> = Vec::new();
    for page in pages {
        let zones = page.reading.iter().flat_map(|reading| &reading.zones);
        let from_zones = zones.map(|zone| ArticleLink { url: zone.url.clone(), title: String::new(), inline: None });
        let lists = page.link.articles.iter().chain(page.reading.iter().flat_map(|reading| &reading.articles));
        for link in lists.cloned().chain(from_zones) {
            if !all.iter().any(|known| known.url == link.url) {
                all.push(link);
            }
        }
    }
    all
}

/// Puts an issue together.
pub(in crate::source::epaper) fn assemble(issue: &IssueReading<'_>, description: &Description) -> Vec<PageOfIssue> {
    let mut sheets: Vec<Sheet<'_>> = Vec::new();
    for (n, page) in issue.pages.iter().enumerate() {
        let (mut label, section) = name(page, description, n);
        // Two pages of one name would be one page in the store.
        if sheets.iter().any(|sheet| sheet.label == label) {
            label = format!("{label}-{}", n + 1);
        }
        sheets.push(Sheet { label, section, link: &page.link, reading: page.reading.as_ref() });
    }
    let mut placed: Vec<(usize, Article)> = Vec::new();
    let mut missing: Vec<(usize, Problem)> = Vec::new();
    for link in listed(issue.pages) {
        let read = match &link.inline {
            Some(inline) => Ok((**inline).clone()),
            None => (issue.article)(&link.url),
        };
        let said = read.as_ref().ok().and_then(|reading| reading.page.clone());
        let Some(owner) = owner(&sheets, &link.url, said.as_deref()) else { continue };
        match read {
            Ok(reading) => placed.push((owner, article(&link, reading, &sheets[owner], description))),
            Err(problem) => missing.push((
                owner,
                Problem { message: format!("{} {}: {}", link.title, link.url, problem.message).trim().to_owned(), ..problem },
            )),
        }
    }
    let mut articles: Vec<(String, Article)> =
        placed.iter().map(|(owner, article)| (sheets[*owner].label.clone(), article.clone())).collect();
    jumps::join(&mut articles, description);
    let joined: Vec<(usize, Article)> = placed.iter().zip(articles).map(|((owner, _), (_, article))| (*owner, article)).collect();

    let mut pages: Vec<PageOfIssue> = Vec::new();
    for (n, sheet) in sheets.iter().enumerate().filter(|(_, sheet)| sheet.reading.is_some() || !sheet.link.articles.is_empty()) {
        let place = |article: &Article| {
            let url = article.site.as_deref().map(|site| site.url.as_str()).unwrap_or_default();
            sheet.listed().iter().position(|link| link.url.as_str() == url).unwrap_or(usize::MAX)
        };
        let mut own: Vec<Article> = joined.iter().filter(|(owner, _)| *owner == n).map(|(_, article)| article.clone()).collect();
        own.sort_by_key(place);
        let mut problems: Vec<Problem> = missing.iter().filter(|(owner, _)| *owner == n).map(|(_, problem)| problem.clone()).collect();
        let whole = problems.iter().all(|problem| problem.code == MISSING);
        let facsimile = facsimile(sheet);
        problems.extend(page_problem(&own, &problems, &facsimile));
        let url = sheet.link.url.clone();
        pages.push(PageOfIssue {
            label: sheet.label.clone(),
            section: sheet.section.clone(),
            url,
            facsimile,
            articles: own,
            problems,
            whole,
        });
    }
    pages.sort_by(|a, b| by_page(&a.label, &b.label));
    pages
}

/// The code of an article's problem that the list names and the site has not.
pub(in crate::source::epaper) const MISSING: &str = "article-missing";

/// The code of a page's problem of which the site shows a picture or a file and no text.
pub(in crate::source::epaper) const IMAGE_ONLY: &str = "page-image-only";

/// A page's label and section: as the list calls it, as it calls itself, or as its address does.
fn name(page: &PageRead, description: &Description, place: usize) -> (String, Option<String>) {
    let own = page.reading.as_ref().and_then(|reading| reading.title.as_deref());
    let from_list = page::label(&page.link.text, description);
    let from_page = own.and_then(|text| page::label(text, description));
    match (from_list, from_page) {
        (Some((label, None)), Some((same, section))) if label == same => (label, section),
        (Some(named), _) | (None, Some(named)) => named,
        (None, None) => {
            let section = Some(page.link.text.trim().to_owned()).filter(|text| !text.is_empty()).or(own.map(str::to_owned));
            let label = page.link.url.as_ref().map(page::label_of_url).filter(|label| !label.is_empty() && label.len() <= 16);
            (label.unwrap_or_else(|| format!("{:02}", place + 1)), section)
        }
    }
}

/// The page on which an article stands: the one that has a zone for it; else the one under which a list of
/// the whole issue groups it; else the one that the article names; else the one that lists it, where the front page comes last, for its boxes list other pages'
/// articles.
fn owner(sheets: &[Sheet<'_>], url: &Url, said: Option<&str>) -> Option<usize> {
    let in_zone = sheets.iter().position(|sheet| sheet.has_zone(url));
    let grouped = sheets.iter().position(|sheet| sheet.link.articles.iter().any(|link| link.url == *url));
    let lists = |sheet: &Sheet<'_>| sheet.reading.is_some_and(|reading| reading.articles.iter().any(|link| link.url == *url));
    let listing: Vec<usize> = sheets.iter().enumerate().filter(|(_, sheet)| lists(sheet)).map(|(n, _)| n).collect();
    let named = said
        .and_then(|said| sheets.iter().position(|sheet| crate::model::PageLabel::new(&sheet.label) == crate::model::PageLabel::new(said)));
    in_zone.or(grouped).or(named).or_else(|| listing.iter().copied().find(|n| *n > 0)).or(listing.first().copied())
}

fn article(link: &ArticleLink, reading: ArticleReading, sheet: &Sheet<'_>, description: &Description) -> Article {
    let zones = sheet.zones(&link.url);
    let named = |text: &String| !text.is_empty();
    let headline = reading.headline.or(Some(link.title.clone()).filter(named));
    let kind = kind(headline.as_deref().unwrap_or_default(), &reading.paragraphs, !reading.pictures.is_empty(), description);
    let mut problems = Vec::new();
    if kind.is_news() && headline.is_none() {
        problems
            .push(Problem::new("article-no-headline", format!("{} gives no headline; see whether [field] headline still fits", link.url)));
    }
    if kind == ArticleKind::Article && reading.paragraphs.is_empty() {
        problems.push(Problem::new("article-no-body", format!("{} gives no text; see whether [field] body still fits", link.url)));
    }
    if reading.lost > 0 {
        problems
            .push(Problem::new("text-lost", format!("{} characters of {} are in no encoding that newsboy knows", reading.lost, link.url)));
    }
    let id = description.article_id(&link.url).unwrap_or_else(|| stem(&link.url));
    // A picture's caption is what there is to read of it.
    let captions = reading.pictures.iter().filter_map(|picture| picture.caption.clone());
    let whole = if kind == ArticleKind::Photo { captions.collect() } else { Vec::new() };
    Article {
        kind,
        kicker: reading.kicker,
        headline,
        deck: reading.deck,
        dateline: None,
        byline: reading.author.iter().cloned().collect(),
        credit: Vec::new(),
        paragraphs: reading.paragraphs,
        page: sheet.label.clone(),
        section: sheet.section.clone(),
        confidence: 1.0,
        problems,
        place: None,
        continuation: Continuation::default(),
        site: Some(Box::new(OnSite {
            url: link.url.to_string(),
            id,
            author: reading.author,
            pictures: reading.pictures,
            zones,
            whole,
            ..OnSite::default()
        })),
    }
}

/// What an item is, by its headline and by what it holds.
fn kind(headline: &str, paragraphs: &[String], has_pictures: bool, description: &Description) -> ArticleKind {
    let rules = &description.kinds;
    if rules.ad.fit(headline) {
        ArticleKind::Ad
    } else if rules.credit.fit(headline) {
        ArticleKind::Masthead
    } else if rules.notice.fit(headline) {
        ArticleKind::Notice
    } else if paragraphs.is_empty() && has_pictures {
        ArticleKind::Photo
    } else {
        ArticleKind::Article
    }
}

fn facsimile(sheet: &Sheet<'_>) -> Facsimile {
    let reading = sheet.reading;
    let pdf = reading.and_then(|reading| reading.pdf.as_ref()).or(sheet.link.pdf.as_ref());
    Facsimile {
        image: reading.and_then(|reading| reading.image.as_ref()).map(Url::to_string),
        size: reading.and_then(|reading| reading.size),
        pdf: pdf.map(Url::to_string),
        ..Facsimile::default()
    }
}

/// What is wrong with a page on which nothing stands.
fn page_problem(articles: &[Article], problems: &[Problem], facsimile: &Facsimile) -> Option<Problem> {
    if !articles.is_empty() || !problems.is_empty() {
        return None;
    }
    Some(match (&facsimile.image, &facsimile.pdf) {
        (None, None) => {
            Problem::new("page-no-articles", "the page lists no article and has no picture; see whether [article] list still fits")
        }
        _ => Problem::new(IMAGE_ONLY, "the site has no text of this page, only its picture"),
    })
}
