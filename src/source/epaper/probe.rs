//! Finding out how a site is built that nobody has described: the presets that fit it.

use std::collections::HashMap;
use std::fmt;

use chrono::NaiveDate;
use reqwest::Url;
use thiserror::Error;

use super::describe::{Description, Layer, PRESETS, Picks};
use super::fetch::{FetchError, Got, Session};
use super::read::{ArticleReading, Document, IssueReading, PageRead, PageReading, article, assemble, date_in_url, listed, page};
use super::world::World;
use crate::model::{Article, Problem};

/// Pages and articles that are asked for to see whether a preset fits.
const PAGES: usize = 3;
const ARTICLES: usize = 6;

/// Templates of lists of the whole issue, which go on top of one for the articles.
const LISTS: [&str; 2] = ["template/paperindex-whole", "template/tree"];

/// Points for a list that groups the articles under their pages.
const GROUPED: u32 = 12;

/// Why nothing is known of the site.
#[derive(Debug, Error)]
pub enum ProbeError {
    /// It could not be asked.
    #[error("{0}")]
    Fetch(String),
    /// It has nothing there.
    #[error("{0} is not there: give the address of an issue's first page, or the one that leads to the latest issue")]
    Nothing(Url),
    /// No preset fits its addresses.
    #[error(
        "{url} is no address of a family that newsboy knows; known are {known}. Write [issue], [page], [article] and [field] for it, see config/sources/base.toml"
    )]
    Unknown {
        /// The address that was come to.
        url: Url,
        /// The families.
        known: String,
    },
}

/// How well a template fits.
#[derive(Debug, Clone, PartialEq)]
pub struct Fit {
    /// Its name, behind that of the list that goes on top of it.
    pub template: String,
    /// A sum of points; 0 fits not at all.
    pub score: u32,
    /// What it found, for people.
    pub found: String,
}

/// What was found out of a site.
#[derive(Debug, Clone)]
pub struct Probe {
    /// The address of the issue that was looked at.
    pub issue: Url,
    /// Its date.
    pub date: Option<NaiveDate>,
    /// The templates that fit, the best one first.
    pub fits: Vec<Fit>,
    /// What the best one extracts: the pages' names, and the articles that were asked for.
    pub pages: Vec<String>,
    /// Articles as they would come into the store.
    pub articles: Vec<Article>,
    /// The lines of a configuration.
    pub lines: String,
}

/// A family of addresses that fits an address.
struct Family {
    name: &'static str,
    layer: Layer,
    site: Url,
    code: Option<String>,
    first: Option<String>,
}

/// Looks at the issue at `url` and finds the presets that fit it. `own` are settings that hold
/// while probing, such as those of `[fetch]`.
///
/// # Errors
///
/// The site cannot be asked, or belongs to no family that is known.
pub async fn probe(url: &Url, own: Layer, world: &World, today: NaiveDate) -> Result<Probe, ProbeError> {
    let at = resolve(url, own.clone(), world).await?;
    let families = families(&at);
    if families.is_empty() {
        let known: Vec<&str> = PRESETS.iter().map(|preset| preset.name).filter(|name| name.starts_with("address/")).collect();
        return Err(ProbeError::Unknown { url: at, known: known.join(", ") });
    }
    let date = date_in_url(&at);
    let mut memory = Memory::default();
    let mut best: Option<(Seen, &Family, Vec<&'static str>)> = None;
    let mut fits = Vec::new();
    for family in &families {
        for templates in templates() {
            let layers = templates.iter().copied().filter_map(named).chain([family.layer.clone()]);
            let layers = [own.clone(), family.named()].into_iter().chain(layers);
            let Ok(description) = Description::new(family.site.clone(), layers) else { continue };
            let seen = look(&description, &at, date.unwrap_or(today), world, &mut memory).await?;
            if seen.score == 0 {
                continue;
            }
            fits.push(Fit { template: templates.join(" over "), score: seen.score, found: seen.told() });
            if best.as_ref().is_none_or(|(other, ..)| seen.score > other.score) {
                best = Some((seen, family, templates));
            }
        }
    }
    fits.sort_by_key(|fit| std::cmp::Reverse(fit.score));
    let Some((seen, family, templates)) = best else {
        return Ok(Probe { issue: at, date, fits, pages: Vec::new(), articles: Vec::new(), lines: String::new() });
    };
    let lines = family.lines(&templates, seen.first.as_ref().unwrap_or(&at), date);
    Ok(Probe { issue: at, date, fits, pages: seen.pages, articles: seen.articles, lines })
}

/// The templates that may fit, alone and below a list of the whole issue.
fn templates() -> Vec<Vec<&'static str>> {
    let is_whole = |name: &&str| name.starts_with("template/") && !LISTS.contains(name);
    let whole: Vec<&str> = PRESETS.iter().map(|preset| preset.name).filter(is_whole).collect();
    let alone = whole.iter().map(|name| vec![*name]);
    alone.chain(LISTS.iter().flat_map(|list| whole.iter().map(move |name| vec![*list, *name]))).collect()
}

/// The address at which an issue begins, from one that leads there.
async fn resolve(url: &Url, own: Layer, world: &World) -> Result<Url, ProbeError> {
    let layers = [own, Layer::default()].into_iter().chain(["template/amucsite", "address/founder-new"].into_iter().filter_map(named));
    let description = Description::new(url.clone(), layers).map_err(ProbeError::Fetch)?;
    let mut session = Session::new("probe", &description, world);
    match session.get(url).await {
        Ok(Got::Document { url: at, text, .. }) => {
            // An index without a date leads to the issue by its links.
            if date_in_url(&at).is_some() {
                return Ok(at);
            }
            let document = Document::parse(at.clone(), text.to_string());
            let first = dated_links(&document).into_iter().find(|link| !families(link).is_empty());
            Ok(first.unwrap_or(at))
        }
        Ok(_) => Err(ProbeError::Nothing(url.clone())),
        Err(error) => Err(ProbeError::Fetch(error.to_string())),
    }
}

fn named(name: &str) -> Option<Layer> {
    Layer::parse(super::preset(name)?.text).ok()
}

/// The links of a page with a date in them.
fn dated_links(document: &Document) -> Vec<Url> {
    document.anchors().into_iter().filter(|link| date_in_url(link).is_some()).collect()
}

fn families(url: &Url) -> Vec<Family> {
    let addresses = PRESETS.iter().filter(|preset| preset.name.starts_with("address/"));
    addresses
        .filter_map(|preset| {
            let layer = Layer::parse(preset.text).ok()?;
            let rules = layer.clone().probe();
            let found = rules.address.captures(url.as_str())?;
            let group = |name: &str| found.name(name).map(|group| group.as_str().to_owned());
            let site = Url::parse(&group("site")?).ok()?;
            Some(Family { name: preset.name, layer, site, code: group("code"), first: group("first") })
        })
        .collect()
}

impl Family {
    /// The paper's own code as a layer.
    fn named(&self) -> Layer {
        let code = self.code.as_deref().unwrap_or_default();
        Layer::parse(&format!("issue.code = {code:?}")).unwrap_or_default()
    }

    /// The lines of a configuration.
    fn lines(&self, templates: &[&str], at: &Url, date: Option<NaiveDate>) -> String {
        // What is on top comes first.
        let extends = match templates {
            [list, whole] => format!("\"{list}\", \"{}\", \"{whole}\"", self.name),
            _ => format!("\"{}\", \"{}\"", self.name, templates.concat()),
        };
        let name = at.host_str().unwrap_or("paper").trim_start_matches("www.").replace(['.', ':', '[', ']'], "-");
        let mut lines = format!(
            "[[source]]\nname = {name:?}\nkind = \"epaper\"\nsite = \"{}\"\nextends = [{extends}]\nlanguage = \"zh-Hans\"\ntimezone = \"Asia/Shanghai\"\n",
            self.site
        );
        if let Some(code) = &self.code {
            lines.push_str(&format!("issue.code = {code:?}\n"));
        }
        // An issue that begins at a page the preset does not try.
        let known = date.is_none_or(|date| {
            let layers = [self.named()].into_iter().chain(templates.iter().copied().filter_map(named)).chain([self.layer.clone()]);
            Description::new(self.site.clone(), layers).is_ok_and(|description| description.issue_urls(date).contains(at))
        });
        if let (false, Some(first), Some(date)) = (known, &self.first, date) {
            let path = at.as_str().strip_prefix(self.site.as_str()).unwrap_or_default();
            let written = [("%Y-%m/%d", date.format("%Y-%m/%d")), ("%Y%m/%d", date.format("%Y%m/%d")), ("%Y%m%d", date.format("%Y%m%d"))];
            let pattern =
                written.iter().find(|(_, text)| path.contains(&text.to_string())).map(|(sign, text)| path.replace(&text.to_string(), sign));
            if let Some(pattern) = pattern.filter(|_| !first.is_empty()) {
                lines.push_str(&format!("issue.url = [{pattern:?}]\n"));
            }
        }
        lines
    }
}

/// Answers that were read while probing, so that each is asked for once whatever the number of templates.
#[derive(Default)]
struct Memory(HashMap<Url, Option<(Url, String)>>);

impl Memory {
    async fn get(&mut self, session: &mut Session<'_>, url: &Url) -> Result<Option<(Url, String)>, ProbeError> {
        if let Some(known) = self.0.get(url) {
            return Ok(known.clone());
        }
        let got = match session.get(url).await {
            Ok(Got::Document { url, text, .. }) => Some((url, text.to_string())),
            Ok(_) => None,
            Err(error) if error.ends_pass() => return Err(ProbeError::Fetch(error.to_string())),
            Err(FetchError::Unanswered(why)) => return Err(ProbeError::Fetch(why)),
            Err(_) => None,
        };
        self.0.insert(url.clone(), got.clone());
        Ok(got)
    }
}

/// What a description makes of an issue.
#[derive(Default)]
struct Seen {
    score: u32,
    /// The first page in the list of pages.
    first: Option<Url>,
    pages: Vec<String>,
    articles: Vec<Article>,
    listed: usize,
    zones: usize,
}

impl Seen {
    fn told(&self) -> String {
        let with = |what: fn(&Article) -> bool| self.articles.iter().filter(|article| what(article)).count();
        format!(
            "{} pages, {} articles listed, {} zones; of {} articles {} with a headline, {} with text, {} with an author",
            self.pages.len(),
            self.listed,
            self.zones,
            self.articles.len(),
            with(|article| article.headline.is_some()),
            with(|article| !article.paragraphs.is_empty()),
            with(|article| !article.byline.is_empty()),
        )
    }
}

async fn look(description: &Description, at: &Url, date: NaiveDate, world: &World, memory: &mut Memory) -> Result<Seen, ProbeError> {
    let mut session = Session::new("probe", description, world);
    let Some(front) = memory.get(&mut session, at).await? else { return Ok(Seen::default()) };
    let (front, mut closeness) = read_page(&front, description, date);
    if front.pages.is_empty() {
        return Ok(Seen::default());
    }
    let mut pages = Vec::new();
    for link in front.pages.iter().take(PAGES).cloned() {
        let reading = match &link.url {
            Some(url) => memory.get(&mut session, url).await?.map(|got| read_page(&got, description, date).0),
            None => link.part.as_deref().cloned(),
        };
        pages.push(PageRead { link, reading });
    }
    let links = listed(&pages);
    let mut readings: HashMap<Url, ArticleReading> = HashMap::new();
    for link in links.iter().filter(|link| link.inline.is_none()).take(ARTICLES) {
        if let Some((url, text)) = memory.get(&mut session, &link.url).await? {
            let document = Document::parse(url, text);
            if readings.is_empty() {
                closeness += close(&document, &description.field.headline) + close(&document, &description.field.body);
            }
            readings.insert(link.url.clone(), article(&document, description));
        }
    }
    let find = |url: &Url| readings.get(url).cloned().ok_or_else(|| Problem::new("article-unread", "it was not asked for"));
    let assembled = assemble(&IssueReading { pages: &pages, article: &find }, description);
    let zones = pages.iter().filter_map(|page| page.reading.as_ref()).map(|reading| reading.zones.len()).sum();
    let articles: Vec<Article> = assembled.into_iter().flat_map(|page| page.articles).collect();
    let names = front.pages.iter().map(|page| page.text.clone()).collect();
    let first = front.pages.first().and_then(|page| page.url.clone());
    let fits = score(&articles, links.len(), zones, &pages);
    let score = if fits == 0 { 0 } else { fits + closeness };
    Ok(Seen { score, first, pages: names, articles, listed: links.len(), zones })
}

/// A page as a description reads it, and how close the description is to it.
fn read_page((url, text): &(Url, String), description: &Description, date: NaiveDate) -> (PageReading, u32) {
    let document = Document::parse(url.clone(), text.clone());
    let closeness = close(&document, &description.page.list) + close(&document, &description.article.list);
    (page(&document, description, date), closeness)
}

/// Points for the alternative that gives something: the first is what the template is made for, the
/// further ones are what others have as well.
fn close(document: &Document, picks: &Picks) -> u32 {
    document.alternative(picks).map_or(0, |place| 24 / (u32::try_from(place).unwrap_or(u32::MAX).saturating_add(1)))
}

/// Points for what was found: of articles the average, since templates list different ones. Without
/// pages, articles and texts a template does not fit.
fn score(articles: &[Article], listed: usize, zones: usize, pages: &[PageRead]) -> u32 {
    let with = |what: fn(&Article) -> bool| articles.iter().filter(|article| what(article)).count() as u32;
    let texts = with(|article| !article.text().is_empty());
    let headlines = with(|article| article.headline.is_some());
    if listed == 0 || texts == 0 || headlines == 0 {
        return 0;
    }
    let captioned =
        |article: &Article| article.site.as_ref().is_some_and(|site| site.pictures.iter().any(|picture| picture.caption.is_some()));
    let sum = texts * 20
        + headlines * 10
        + with(|article| article.kicker.is_some()) * 5
        + with(|article| article.deck.is_some()) * 5
        + with(|article| !article.byline.is_empty()) * 5
        + with(captioned) * 5
        + with(|article| article.problems.is_empty()) * 5;
    let of_pages =
        |what: fn(&PageReading) -> bool| pages.iter().filter_map(|page| page.reading.as_ref()).filter(|page| what(page)).count() as u32;
    let named = pages.iter().filter(|page| !page.link.text.is_empty()).count() as u32;
    let grouped = pages.iter().filter(|page| !page.link.articles.is_empty()).count() * 2 > pages.len();
    let few = |count: usize| u32::try_from(count.min(30)).unwrap_or(30);
    sum / articles.len().max(1) as u32
        + (named * 6 + of_pages(|page| page.image.is_some()) * 3 + of_pages(|page| page.pdf.is_some()) * 3) / pages.len().max(1) as u32
        + if grouped { GROUPED } else { 0 }
        + few(listed)
        + few(zones) / 2
}

impl fmt::Display for Fit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({} points): {}", self.template, self.score, self.found)
    }
}
