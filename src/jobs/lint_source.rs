//! Looks through a source's last editions for what is likely wrong with them.
//!
//! Nothing of it is certain: a headline may end in a comma, a paper may print half an edition on a
//! holiday. It is a list of where to look first.

use std::collections::{BTreeMap, HashMap};
use std::fmt;

use chrono::NaiveDate;

use crate::article::DOUBTFUL;
use crate::model::{Article, ArticleId, ArticleKind, StoredArticle};
use crate::store::{Store, StoreError, StoredPage};

/// Editions from which it is learnt how large one usually is.
const USUAL_OF: u32 = 10;

/// Editions that must be there besides one to say that it is smaller than usual.
const USUAL_FROM: usize = 2;

/// Characters of a headline from which on two were likely run together.
const LONG_HEADLINE: usize = 40;

/// Characters below which a body is likely the rest of another one.
const SHORT_BODY: usize = 30;

/// Characters of a line in a column, about. The store keeps paragraphs and no lines.
const LINE: usize = 16;

/// What can be wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fault {
    /// An article without a headline.
    HeadlineMissing,
    /// A headline that is too long.
    HeadlineLong,
    /// A headline that ends in an open bracket or a comma.
    HeadlineOpen,
    /// A headline that stands twice in an edition.
    HeadlineTwice,
    /// An article of whose cut the cutter is not sure.
    CutDoubtful,
    /// An article that is held back.
    Held,
    /// A body that ends without the end of a sentence.
    BodyUnended,
    /// A body of a few words.
    BodyShort,
    /// A page without articles and pictures.
    PageWithoutArticles,
    /// A page of which more than a third is furniture.
    PageOfFurniture,
    /// A number that is missing among the pages.
    PageMissing,
    /// An edition of half the usual articles or less.
    EditionSmall,
}

impl Fault {
    /// Its name, stable for scripts.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::HeadlineMissing => "headline-missing",
            Self::HeadlineLong => "headline-long",
            Self::HeadlineOpen => "headline-open",
            Self::HeadlineTwice => "headline-twice",
            Self::CutDoubtful => "cut-doubtful",
            Self::Held => "held",
            Self::BodyUnended => "body-unended",
            Self::BodyShort => "body-short",
            Self::PageWithoutArticles => "page-without-articles",
            Self::PageOfFurniture => "page-of-furniture",
            Self::PageMissing => "page-missing",
            Self::EditionSmall => "edition-small",
        }
    }
}

/// One thing that looks wrong. Printed, it is one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What it is.
    pub fault: Fault,
    /// The edition.
    pub date: NaiveDate,
    /// The page, unless it is of the whole edition.
    pub page: Option<String>,
    /// The article, unless it is of the page.
    pub article: Option<ArticleId>,
    /// What was found.
    pub detail: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.date)?;
        if let Some(page) = &self.page {
            write!(f, " page {page}")?;
        }
        if let Some(article) = &self.article {
            write!(f, " {article}")?;
        }
        write!(f, " {}: {}", self.fault.as_str(), self.detail)
    }
}

/// What a look at a source's editions gave.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LintReport {
    /// What looks wrong: the newest edition first, each in the order of its pages.
    pub findings: Vec<Finding>,
    /// How many editions were looked at.
    pub editions: usize,
    /// How many pages.
    pub pages: usize,
    /// How many articles and pictures.
    pub articles: usize,
}

impl LintReport {
    /// How often each fault was found, without those that were not.
    pub fn counts(&self) -> BTreeMap<Fault, usize> {
        let mut counts = BTreeMap::new();
        for finding in &self.findings {
            *counts.entry(finding.fault).or_default() += 1;
        }
        counts
    }
}

/// Looks at the last `editions` editions that the store has of a source.
///
/// # Errors
/// The store failed.
pub async fn lint(store: &dyn Store, source: &str, editions: u32) -> Result<LintReport, StoreError> {
    let wanted = usize::try_from(editions).unwrap_or(usize::MAX);
    let (mut report, mut sizes) = (LintReport::default(), Vec::new());
    for (place, date) in store.source_dates(source, editions.max(USUAL_OF)).await?.into_iter().enumerate() {
        let mut articles = store.edition(source, date).await?;
        articles.retain(|article| !article.withdrawn);
        let news = articles.iter().filter(|article| article.article.kind.is_news()).count();
        sizes.push((date, news));
        if place < wanted {
            let pages = store.pages(source, date).await?;
            report.editions += 1;
            report.pages += pages.len();
            report.articles += news;
            report.findings.extend(edition(date, &pages, &articles));
        }
    }
    report
        .findings
        .extend(small_editions(&sizes).into_iter().filter(|finding| sizes.iter().take(wanted).any(|(date, _)| *date == finding.date)));
    report.findings.sort_by_key(|finding| std::cmp::Reverse(finding.date));
    Ok(report)
}

/// What looks wrong with an edition by itself.
fn edition(date: NaiveDate, pages: &[StoredPage], articles: &[StoredArticle]) -> Vec<Finding> {
    let mut findings = missing_pages(date, pages);
    let mut headlines: HashMap<String, &StoredArticle> = HashMap::new();
    for page in pages {
        let on_page: Vec<&StoredArticle> = articles.iter().filter(|article| article.key == page.key).collect();
        findings.extend(page_itself(date, page, &on_page));
        for stored in on_page.into_iter().filter(|stored| stored.article.kind.is_news()) {
            let found =
                |(fault, detail)| Finding { fault, date, page: Some(page.key.page.to_string()), article: Some(stored.id.clone()), detail };
            findings.extend(article_itself(stored).into_iter().map(found));
            let Some(headline) = &stored.article.headline else { continue };
            let solid: String = headline.chars().filter(|c| !c.is_whitespace()).collect();
            if let Some(first) = headlines.get(&solid) {
                findings.push(found((Fault::HeadlineTwice, format!("{headline}, as {} on page {}", first.id, first.key.page))));
            } else {
                headlines.insert(solid, stored);
            }
        }
    }
    findings
}

/// What looks wrong with a page besides its articles.
fn page_itself(date: NaiveDate, page: &StoredPage, articles: &[&StoredArticle]) -> Vec<Finding> {
    let found = |fault, detail| Finding { fault, date, page: Some(page.key.page.to_string()), article: None, detail };
    let mut findings = Vec::new();
    if !articles.iter().any(|article| article.article.kind.is_news()) {
        findings.push(found(Fault::PageWithoutArticles, format!("nothing on it is an article or a picture ({})", page.origin)));
    }
    let count = |articles: &mut dyn Iterator<Item = &&StoredArticle>| articles.map(|stored| lines(&stored.article)).sum::<usize>();
    let all = count(&mut articles.iter());
    let furniture = count(&mut articles.iter().filter(|stored| stored.article.kind == ArticleKind::Masthead));
    if furniture * 3 > all {
        findings.push(found(Fault::PageOfFurniture, format!("about {furniture} of its {all} lines belong to no item ({})", page.origin)));
    }
    findings
}

/// How many lines of the page an item took, about.
fn lines(article: &Article) -> usize {
    let heads = [&article.kicker, &article.headline, &article.deck].into_iter().flatten().count();
    heads + article.paragraphs.iter().map(|paragraph| paragraph.chars().count().div_ceil(LINE).max(1)).sum::<usize>()
}

/// What looks wrong with an article or a picture by itself.
fn article_itself(stored: &StoredArticle) -> Vec<(Fault, String)> {
    let article = &stored.article;
    let title = article.title();
    let is_text = article.kind == ArticleKind::Article;
    let mut found = Vec::new();
    if stored.held {
        let reasons: Vec<&str> = article.problems.iter().map(|problem| &*problem.code).collect();
        let reasons = if reasons.is_empty() { String::new() } else { format!(", {}", reasons.join(", ")) };
        found.push((Fault::Held, format!("{title} (confidence {:.2}{reasons})", article.confidence)));
    } else if article.confidence < DOUBTFUL {
        found.push((Fault::CutDoubtful, format!("{title} (confidence {:.2})", article.confidence)));
    }
    match article.headline.as_deref().map(str::trim).filter(|headline| !headline.is_empty()) {
        None if is_text => found.push((Fault::HeadlineMissing, title)),
        None => {}
        Some(headline) => {
            let chars = headline.chars().count();
            if chars > LONG_HEADLINE {
                found.push((Fault::HeadlineLong, format!("{headline} ({chars} characters)")));
            }
            if headline.ends_with(is_open) {
                found.push((Fault::HeadlineOpen, headline.to_owned()));
            }
        }
    }
    if is_text {
        let body = article.body();
        let chars = body.chars().filter(|c| !c.is_whitespace()).count();
        if chars < SHORT_BODY {
            found.push((Fault::BodyShort, format!("{chars} characters: {}", end_of(&body))));
        }
        if chars > 0 && !ends_sentence(&body) {
            found.push((Fault::BodyUnended, end_of(&body)));
        }
    }
    found
}

/// Whether something has to follow a character: an opening bracket or quotation mark, or a comma.
fn is_open(c: char) -> bool {
    matches!(c, '（' | '(' | '《' | '〈' | '「' | '『' | '“' | '‘' | '【' | '［' | '[' | '，' | ',' | '、')
}

/// Whether a text ends as a sentence does; brackets and quotation marks may close behind its end.
fn ends_sentence(text: &str) -> bool {
    let closes = |c: char| matches!(c, '”' | '’' | '"' | '\'' | '」' | '』' | '）' | ')' | '》' | '】' | ']');
    let end = text.trim_end();
    // What stands in brackets at the end (a signature, a source) ends a text whatever is in it.
    end.ends_with(['）', ')', '】']) || end.trim_end_matches(closes).ends_with(['。', '！', '？', '…', '.', '!', '?', '．', '｡'])
}

/// Characters of a text's end that are shown.
const SHOWN_END: usize = 24;

/// The end of a text in one line.
fn end_of(text: &str) -> String {
    let solid: Vec<char> = text.split_whitespace().collect::<Vec<_>>().join(" ").chars().collect();
    match solid.len().checked_sub(SHOWN_END).filter(|left_out| *left_out > 0) {
        Some(from) => format!("…{}", solid[from..].iter().collect::<String>()),
        None => solid.iter().collect(),
    }
}

/// The numbers that are missing among an edition's pages, a finding for each gap. Pages of other labels
/// than letters and a number (`头版`, `3B`) are in no sequence.
fn missing_pages(date: NaiveDate, pages: &[StoredPage]) -> Vec<Finding> {
    let mut sections: BTreeMap<&str, Vec<u64>> = BTreeMap::new();
    for page in pages {
        let label = page.key.page.as_str();
        let (letters, digits) = label.split_at(label.find(|c: char| c.is_ascii_digit()).unwrap_or(label.len()));
        if let Ok(number) = digits.parse() {
            sections.entry(letters).or_default().push(number);
        }
    }
    let mut findings = Vec::new();
    for (letters, mut numbers) in sections {
        numbers.sort_unstable();
        let before = std::iter::once(0).chain(numbers.iter().copied());
        for (before, number) in before.zip(&numbers) {
            let name = |number: u64| format!("{letters}{number:02}");
            let detail = match number.saturating_sub(before) {
                0 | 1 => continue,
                2 => format!("there is no page {}", name(before + 1)),
                _ => format!("there are no pages {} to {}", name(before + 1), name(number - 1)),
            };
            findings.push(Finding { fault: Fault::PageMissing, date, page: None, article: None, detail });
        }
    }
    findings
}

/// The editions of half as many articles as the middle one of the others, or fewer.
fn small_editions(sizes: &[(NaiveDate, usize)]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (place, (date, size)) in sizes.iter().enumerate() {
        let mut others: Vec<usize> = sizes.iter().enumerate().filter(|(other, _)| *other != place).map(|(_, (_, size))| *size).collect();
        others.sort_unstable();
        if others.len() < USUAL_FROM {
            continue;
        }
        // The lower of two middle ones: rather miss a small edition than accuse a usual one.
        let usual = others[(others.len() - 1) / 2];
        if size * 2 <= usual && usual > 0 {
            let detail = format!("{size} articles, and {usual} are usual");
            findings.push(Finding { fault: Fault::EditionSmall, date: *date, page: None, article: None, detail });
        }
    }
    findings
}

#[cfg(test)]
mod tests;
