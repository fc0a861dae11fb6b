//! A page of an issue as its site shows it: the list of pages, its own articles, zones, picture and PDF.

use chrono::NaiveDate;
use reqwest::Url;

use super::dates::{date_in_text, date_in_url};
use super::document::{Document, Spot, is_pdf};
use super::links::{folded, stem};
use crate::model::Zone;
use crate::source::epaper::describe::Description;

/// Pages of an issue, articles of a page and zones of a page at most; more are a list of something else.
const MAX_PAGES: usize = 400;
const MAX_ARTICLES: usize = 500;
const MAX_CORNERS: usize = 200;

/// A page in the list of pages.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::source::epaper) struct PageLink {
    /// Where it is; `None` where the list alone tells of it.
    pub(in crate::source::epaper) url: Option<Url>,
    /// What the list calls it.
    pub(in crate::source::epaper) text: String,
    /// The PDF in its row of the list.
    pub(in crate::source::epaper) pdf: Option<Url>,
    /// The articles that the list groups under it.
    pub(in crate::source::epaper) articles: Vec<ArticleLink>,
    /// What the list's own document holds of it, where it is no document of its own.
    pub(in crate::source::epaper) part: Option<Box<PageReading>>,
}

/// An article in a list.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::source::epaper) struct ArticleLink {
    /// Its address, folded.
    pub(in crate::source::epaper) url: Url,
    /// The title in the list.
    pub(in crate::source::epaper) title: String,
    /// The whole article, where the list holds it.
    pub(in crate::source::epaper) inline: Option<Box<super::ArticleReading>>,
}

/// An article's place on a page.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::source::epaper) struct ZoneLink {
    /// The article's address, folded.
    pub(in crate::source::epaper) url: Url,
    /// The corners.
    pub(in crate::source::epaper) zone: Zone,
}

/// What a page's document says.
#[derive(Debug, Clone, Default, PartialEq)]
pub(in crate::source::epaper) struct PageReading {
    /// The pages of the issue, each once, in the order of the list.
    pub(in crate::source::epaper) pages: Vec<PageLink>,
    /// What the page calls itself.
    pub(in crate::source::epaper) title: Option<String>,
    /// Its articles, each once.
    pub(in crate::source::epaper) articles: Vec<ArticleLink>,
    /// Its zones, each once.
    pub(in crate::source::epaper) zones: Vec<ZoneLink>,
    /// Its picture.
    pub(in crate::source::epaper) image: Option<Url>,
    /// The picture's size where the page tells it.
    pub(in crate::source::epaper) size: Option<[u32; 2]>,
    /// Its PDF.
    pub(in crate::source::epaper) pdf: Option<Url>,
    /// The date that it prints.
    pub(in crate::source::epaper) date: Option<NaiveDate>,
    /// Whether it says that there is no issue.
    pub(in crate::source::epaper) says_none: bool,
    /// Links that were left out because they lead to other issues, by date.
    pub(in crate::source::epaper) elsewhere: Vec<NaiveDate>,
}

/// Reads a page of the issue of `date`.
pub(in crate::source::epaper) fn page(document: &Document, description: &Description, date: NaiveDate) -> PageReading {
    let rules = &description.page;
    let mut reading = PageReading {
        title: document.line(&rules.title, Spot::Whole),
        image: document.links(&rules.image, Spot::Whole).into_iter().next().map(|url| stripped(url, description)),
        size: size(document, description),
        pdf: document.links(&rules.pdf, Spot::Whole).into_iter().find(is_pdf),
        date: document.lines(&description.issue.date, Spot::Whole).iter().find_map(|line| date_in_text(line)),
        says_none: document.line(&description.issue.none, Spot::Whole).is_some(),
        ..PageReading::default()
    };
    let mut lists = Lists { document, description, date, elsewhere: Vec::new() };
    reading.pages = lists.pages();
    reading.articles = lists.articles(Spot::Whole);
    reading.zones = lists.zones(Spot::Whole);
    reading.elsewhere = lists.elsewhere;
    reading
}

struct Lists<'d> {
    document: &'d Document,
    description: &'d Description,
    date: NaiveDate,
    elsewhere: Vec<NaiveDate>,
}

impl<'d> Lists<'d> {
    /// Whether an address belongs to the issue, as far as it tells.
    fn is_of_issue(&mut self, url: &Url) -> bool {
        match date_in_url(url).filter(|date| *date != self.date) {
            Some(other) => {
                self.elsewhere.push(other);
                false
            }
            None => true,
        }
    }

    fn pages(&mut self) -> Vec<PageLink> {
        let rules = &self.description.page;
        if !rules.group.0.is_empty() {
            let grouped = self.grouped();
            if !grouped.is_empty() {
                return grouped;
            }
        }
        let mut pages: Vec<PageLink> = Vec::new();
        let listed = self.document.spots(&rules.list, Spot::Whole);
        let mut fragments: Vec<String> = Vec::new();
        for spot in listed.iter().take(MAX_PAGES * 3) {
            if let Some(fragment) = self.document.fragment_of(*spot) {
                let is_known = fragments.contains(&fragment);
                if let Some(page) = self.in_document(*spot, &fragment).filter(|_| !is_known && pages.len() < MAX_PAGES) {
                    pages.push(page);
                }
                fragments.push(fragment);
                continue;
            }
            let link = if rules.link.0.is_empty() { self.document.link_of(*spot, &[]) } else { self.document.link(&rules.link, *spot) };
            let Some(url) = link.map(|url| self.fold(url)).filter(|url| self.is_of_issue(url)) else { continue };
            if is_pdf(&url) {
                continue;
            }
            let text = self.label(*spot);
            let pdf = self.pdf_of_row(*spot, &listed);
            let is_full = pages.len() >= MAX_PAGES;
            match pages.iter_mut().find(|page| page.url.as_ref() == Some(&url)) {
                // Navigation lists a page several times, and not always with its name.
                Some(known) => {
                    if known.text.is_empty() {
                        known.text = text;
                    }
                    known.pdf = known.pdf.take().or(pdf);
                }
                None if is_full => break,
                None => pages.push(PageLink { url: Some(url), text, pdf, articles: Vec::new(), part: None }),
            }
        }
        if pages.is_empty() { self.numbered() } else { pages }
    }

    /// A page that is a part of the list's own document: `#page=2`.
    fn in_document(&mut self, spot: Spot<'d>, fragment: &str) -> Option<PageLink> {
        let part = self.document.part_of(fragment)?;
        let articles = self.articles(part);
        let pdf = self.document.links(&self.description.page.pdf, part).into_iter().find(is_pdf);
        let part = self.part(part, &articles);
        Some(PageLink { url: None, text: self.label(spot), pdf, articles, part })
    }

    /// What stands in a part of a document besides its articles: their zones, wherever these are drawn, and
    /// the picture.
    fn part(&mut self, within: Spot<'d>, articles: &[ArticleLink]) -> Option<Box<PageReading>> {
        let mut zones = self.zones(within);
        if zones.is_empty() {
            zones = self.zones(Spot::Whole);
            zones.retain(|zone| articles.iter().any(|article| article.url == zone.url));
        }
        let image = self.document.links(&self.description.page.image, within).into_iter().next();
        let image = image.map(|url| stripped(url, self.description));
        let is_empty = zones.is_empty() && image.is_none();
        (!is_empty).then(|| Box::new(PageReading { zones, image, ..PageReading::default() }))
    }

    /// The pages of a list that groups articles under each.
    fn grouped(&mut self) -> Vec<PageLink> {
        let rules = &self.description.page;
        let mut pages: Vec<PageLink> = Vec::new();
        for group in self.document.spots(&rules.group, Spot::Whole).into_iter().take(MAX_PAGES) {
            let head = if rules.list.0.is_empty() { None } else { self.document.spots(&rules.list, group).into_iter().next() };
            let spot = head.unwrap_or(group);
            let link = if rules.link.0.is_empty() { self.document.link_of(spot, &[]) } else { self.document.link(&rules.link, spot) };
            let url = link.map(|url| self.fold(url));
            if url.as_ref().is_some_and(|url| !self.is_of_issue(url)) {
                continue;
            }
            let articles = self.articles(group);
            let pdf = self.document.links(&rules.pdf, group).into_iter().find(is_pdf);
            let text = self.label(spot);
            if url.is_none() && articles.is_empty() && text.is_empty() {
                continue;
            }
            if url.is_some() && pages.iter().any(|page| page.url == url) {
                continue;
            }
            let part = if url.is_none() { self.part(group, &articles) } else { None };
            pages.push(PageLink { url, text, pdf, articles, part });
        }
        pages
    }

    /// The pages whose numbers stand in a script.
    fn numbered(&self) -> Vec<PageLink> {
        let rules = &self.description.page;
        let mut pages: Vec<PageLink> = Vec::new();
        for number in self.document.lines(&rules.numbers, Spot::Whole).into_iter().take(MAX_PAGES) {
            // A sign that means something in an address is none of a number.
            if !number.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_')) {
                continue;
            }
            let patterns = rules.url.0.iter().map(|pattern| pattern.replace("{page}", &number)).collect();
            let url = crate::source::epaper::describe::DatedUrls(patterns).on(&self.description.site, self.date).into_iter().next();
            if url.is_some() && !pages.iter().any(|page| page.url == url) {
                pages.push(PageLink { url, text: number, pdf: None, articles: Vec::new(), part: None });
            }
        }
        pages
    }

    fn label(&self, spot: Spot<'_>) -> String {
        let rules = &self.description.page;
        let label = self.document.line(&rules.label, spot).unwrap_or_default();
        match self.document.line(&rules.section, spot) {
            Some(section) => format!("{label}：{section}"),
            None => label,
        }
    }

    fn pdf_of_row(&self, spot: Spot<'_>, listed: &[Spot<'_>]) -> Option<Url> {
        let Spot::Element(element) = spot else { return None };
        let is_other = |link: scraper::ElementRef<'_>| {
            link.id() != element.id() && listed.iter().any(|other| matches!(other, Spot::Element(other) if other.id() == link.id()))
        };
        self.document.pdf_in_row(element, is_other)
    }

    fn articles(&mut self, within: Spot<'d>) -> Vec<ArticleLink> {
        let rules = &self.description.article;
        let mut articles: Vec<ArticleLink> = Vec::new();
        for spot in self.document.spots(&rules.list, within) {
            let link = if !rules.url.0.is_empty() {
                self.built(spot)
            } else if rules.link.0.is_empty() {
                self.document.link_of(spot, &[])
            } else {
                self.document.link(&rules.link, spot)
            };
            let link = if rules.inline { link.or_else(|| self.numbered_anchor(spot, articles.len())) } else { link };
            let Some(url) = link.and_then(|url| self.of_article(url)) else { continue };
            let title = self.document.line(&rules.title, spot).unwrap_or_default();
            if rules.skip_title.fit(&title) {
                continue;
            }
            let is_full = articles.len() >= MAX_ARTICLES;
            match articles.iter_mut().find(|article| article.url == url) {
                Some(known) if known.title.is_empty() => known.title = title,
                Some(_) => {}
                None if is_full => break,
                None => {
                    let inline = rules.inline.then(|| Box::new(super::article::read(self.document, spot, self.description)));
                    articles.push(ArticleLink { url, title, inline });
                }
            }
        }
        articles
    }

    /// The address of an article that is built from what the list says of it: `con-{}.html`.
    fn built(&self, spot: Spot<'_>) -> Option<Url> {
        let rules = &self.description.article;
        let value = self.document.line(&rules.link, spot)?;
        let patterns = rules.url.0.iter().map(|pattern| pattern.replace("{}", &value)).collect();
        crate::source::epaper::describe::DatedUrls(patterns).on(&self.document.url, self.date).into_iter().next()
    }

    /// The address of an article that has none of its own because it stands in the page's document.
    fn numbered_anchor(&self, spot: Spot<'_>, number: usize) -> Option<Url> {
        let mut url = self.document.url.clone();
        let name = self.document.line(&self.description.article.title, spot).filter(|title| !title.is_empty());
        url.query_pairs_mut().append_pair("article", &name.unwrap_or_else(|| number.to_string()));
        Some(url)
    }

    /// An address as that of an article of this issue.
    fn of_article(&mut self, url: Url) -> Option<Url> {
        let rules = &self.description.article;
        let url = self.fold(url);
        let fits = rules.pattern.0.is_empty() || rules.pattern.fit(url.as_str());
        (fits && !is_pdf(&url) && (!rules.same_issue_only || self.is_of_issue(&url))).then_some(url)
    }

    fn fold(&self, url: Url) -> Url {
        folded(url, &self.description.article.drop_query)
    }

    fn zones(&mut self, within: Spot<'d>) -> Vec<ZoneLink> {
        let rules = &self.description.page;
        let mut zones: Vec<ZoneLink> = Vec::new();
        for spot in self.document.all_spots(&rules.zones, within).into_iter().take(MAX_ARTICLES * 3) {
            let link = if self.description.article.url.0.is_empty() { self.document.link_of(spot, &[]) } else { self.built(spot) };
            let Some(url) = link.and_then(|url| self.of_article(url)) else { continue };
            let Some(zone) = self.document.line(&rules.corners, spot).and_then(|corners| polygon(&corners)) else { continue };
            let zone = ZoneLink { url, zone };
            if !zones.contains(&zone) {
                zones.push(zone);
            }
        }
        zones
    }
}

/// The polygon of a list of numbers; two corners are those of a rectangle.
fn polygon(text: &str) -> Option<Zone> {
    let numbers = text.split(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | '-')));
    let numbers: Vec<f32> = numbers.filter_map(|number| number.parse().ok()).filter(|number: &f32| number.is_finite()).collect();
    let corners: Vec<[f32; 2]> = numbers.chunks_exact(2).map(|pair| [pair[0], pair[1]]).collect();
    match corners.as_slice() {
        [[left, top], [right, bottom]] => Some(Zone(vec![[*left, *top], [*right, *top], [*right, *bottom], [*left, *bottom]])),
        [_, _, _, ..] if corners.len() <= MAX_CORNERS && numbers.len().is_multiple_of(2) => Some(Zone(corners)),
        _ => None,
    }
}

/// The size of the page's picture, where something says it.
fn size(document: &Document, description: &Description) -> Option<[u32; 2]> {
    for spot in document.all_spots(&description.page.size, Spot::Whole) {
        let Spot::Element(element) = spot else { continue };
        let number = |name: &str| element.attr(name).and_then(|value| value.trim().trim_end_matches("px").parse::<u32>().ok());
        if let Some((width, height)) = number("width").zip(number("height")).filter(|(width, height)| *width >= 100 && *height >= 100) {
            return Some([width, height]);
        }
    }
    None
}

/// An address of a picture without what makes it a smaller one.
pub(super) fn stripped(mut url: Url, description: &Description) -> Url {
    let path = description.picture.strip.taken_out(url.path());
    if path != url.path() {
        url.set_path(&path);
    }
    url
}

/// A page's number and section, as a label writes them: `第01版：要闻`, `A01： 要闻`, `B04-05`.
pub(super) fn label(text: &str, description: &Description) -> Option<(String, Option<String>)> {
    let found = description.page.form.captures(text.trim())?;
    let number = found.name("page")?.as_str();
    let number: String = number.chars().filter(|c| !c.is_whitespace()).collect();
    let number = chinese_number(&number).map_or(number, |number| format!("{number:02}"));
    let section = found.name("section").map(|section| section.as_str().trim().trim_matches([':', '：', '·', '|']).trim().to_owned());
    Some((number, section.filter(|section| !section.is_empty())))
}

/// 一 to 九十九.
pub(super) fn chinese_number(text: &str) -> Option<u32> {
    let digit = |c: char| "〇一二三四五六七八九".chars().position(|d| d == c).and_then(|place| u32::try_from(place).ok());
    let chars: Vec<char> = text.chars().collect();
    match chars.as_slice() {
        ['十'] => Some(10),
        ['十', ones] => digit(*ones).map(|ones| 10 + ones),
        [tens, '十'] => digit(*tens).map(|tens| tens * 10),
        [tens, '十', ones] => digit(*tens).zip(digit(*ones)).map(|(tens, ones)| tens * 10 + ones),
        [ones] => digit(*ones),
        _ => None,
    }
}

/// The label of a page that says none: what the site calls its document.
pub(super) fn label_of_url(url: &Url) -> String {
    let stem = stem(url);
    stem.strip_prefix("node_").unwrap_or(&stem).to_owned()
}
