//! Descriptions of e-paper sites: what to ask for, and where in the answers things stand.
//!
//! A description is made of layers, each the text of a TOML file or a part of one: the ground layer
//! that all sites have in common (`base.toml`), presets (`address/…` for a family of addresses,
//! `template/…` for a kind of page), and what the paper says itself. A later layer's setting takes the
//! place of an earlier one's.

use std::collections::BTreeMap;
use std::fmt;

use chrono::NaiveDate;
use chrono::format::{Item, StrftimeItems};
use encoding_rs::Encoding;
use regex::Regex;
use reqwest::Url;
use serde::{Deserialize, Deserializer, de};

mod pick;
mod presets;
#[cfg(test)]
mod tests;

pub(super) use pick::{Pick, PickPlace, Picks};
pub use presets::{PRESETS, Preset, preset};

use pick::{OneOrMany, expression};

/// A part of a description: every setting may be missing.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Layer {
    fetch: FetchLayer,
    issue: IssueLayer,
    page: PageLayer,
    article: ArticleLayer,
    field: FieldLayer,
    picture: PictureLayer,
    kinds: KindLayer,
    jump: JumpLayer,
    probe: ProbeLayer,
}

/// Declares the settings of a section twice: with each of them missing or not, and with all of them
/// there. What each means stands in `config/sources/base.toml`, which has all of them.
macro_rules! section {
    ($layer:ident, $whole:ident, $($name:ident: $type:ty),* $(,)?) => {
        #[derive(Debug, Clone, Default, PartialEq, Deserialize)]
        #[serde(default, deny_unknown_fields)]
        struct $layer {
            $($name: Option<$type>,)*
        }

        #[derive(Debug, Clone, Default, PartialEq)]
        pub(super) struct $whole {
            $(pub(super) $name: $type,)*
        }

        impl $layer {
            fn over(self, base: Self) -> Self {
                Self { $($name: self.$name.or(base.$name),)* }
            }

            fn whole(self) -> $whole {
                $whole { $($name: self.$name.unwrap_or_default(),)* }
            }
        }
    };
}

section! { FetchLayer, Fetch,
    encoding: Charset,
    user_agent: String,
    min_gap: f64,
    timeout: f64,
    retries: u32,
    robots: Robots,
    hosts: Vec<String>,
    headers: BTreeMap<String, String>,
    post: Patterns,
    post_body: String,
    requests: u32,
    redirects: u32,
    megabytes: u32,
    body_megabytes: u32,
    pdf_megabytes: u32,
}

section! { IssueLayer, Issue,
    code: String,
    url: DatedUrls,
    latest: DatedUrls,
    calendar: DatedUrls,
    calendar_day: Picks,
    calendar_date: Picks,
    calendar_front: Picks,
    date: Picks,
    none: Picks,
}

section! { PageLayer, PageRules,
    list: Picks,
    group: Picks,
    link: Picks,
    label: Picks,
    section: Picks,
    numbers: Picks,
    url: DatedUrls,
    title: Picks,
    form: Patterns,
    image: Picks,
    size: Picks,
    pdf: Picks,
    zones: Picks,
    corners: Picks,
}

section! { ArticleLayer, ArticleRules,
    list: Picks,
    link: Picks,
    title: Picks,
    url: DatedUrls,
    pattern: Patterns,
    drop_query: Vec<String>,
    same_issue_only: bool,
    inline: bool,
    owner: Picks,
    id: Patterns,
    skip_title: Patterns,
}

section! { FieldLayer, Fields,
    kicker: Picks,
    headline: Picks,
    deck: Picks,
    author: Picks,
    body: Picks,
}

section! { PictureLayer, PictureRules,
    inside: Picks,
    caption: Picks,
    strip: Patterns,
    skip: Patterns,
    measure: bool,
}

section! { KindLayer, KindRules,
    ad: Patterns,
    credit: Patterns,
    notice: Patterns,
}

section! { JumpLayer, JumpRules,
    to: Patterns,
    from: Patterns,
}

section! { ProbeLayer, ProbeRules,
    address: Patterns,
}

impl Layer {
    /// Reads the text of a file.
    ///
    /// # Errors
    ///
    /// What is wrong, with line and column.
    pub fn parse(text: &str) -> Result<Self, String> {
        toml::from_str(text).map_err(|error| error.to_string().trim_end().to_owned())
    }

    /// Reads a table of a configuration, with the place in it where something is wrong.
    ///
    /// # Errors
    ///
    /// The place and what is wrong there.
    pub fn of_table(table: toml::Spanned<toml::de::DeValue<'_>>) -> Result<Self, (std::ops::Range<usize>, String)> {
        let whole = table.span();
        let reader = toml::de::ValueDeserializer::from(table);
        Self::deserialize(reader).map_err(|error| (error.span().unwrap_or(whole), error.message().to_owned()))
    }

    /// This layer on top of another one.
    pub fn over(self, base: Self) -> Self {
        Self {
            fetch: self.fetch.over(base.fetch),
            issue: self.issue.over(base.issue),
            page: self.page.over(base.page),
            article: self.article.over(base.article),
            field: self.field.over(base.field),
            picture: self.picture.over(base.picture),
            kinds: self.kinds.over(base.kinds),
            jump: self.jump.over(base.jump),
            probe: self.probe.over(base.probe),
        }
    }

    /// What an address of an issue looks like that this layer describes; its groups are the site, the
    /// first page and the code.
    pub(super) fn probe(self) -> ProbeRules {
        self.probe.whole()
    }
}

/// A site, described.
#[derive(Debug, Clone, PartialEq)]
pub struct Description {
    /// The address that the others are relative to.
    pub(super) site: Url,
    pub(super) fetch: Fetch,
    pub(super) issue: Issue,
    pub(super) page: PageRules,
    pub(super) article: ArticleRules,
    pub(super) field: Fields,
    pub(super) picture: PictureRules,
    pub(super) kinds: KindRules,
    pub(super) jump: JumpRules,
}

impl Description {
    /// The description of the site at `site` by its layers, the first one on top. The ground layer comes
    /// below all of them by itself.
    ///
    /// # Errors
    ///
    /// What is missing, or out of bounds.
    pub fn new(site: Url, layers: impl IntoIterator<Item = Layer>) -> Result<Self, String> {
        if !matches!(site.scheme(), "http" | "https") || !site.has_host() {
            return Err(format!("{site} is no address of a site; it begins with https:// or http://"));
        }
        let whole = layers.into_iter().chain([presets::ground()?]).reduce(|above, below| above.over(below)).unwrap_or_default();
        let mut description = Self {
            site,
            fetch: whole.fetch.whole(),
            issue: whole.issue.whole(),
            page: whole.page.whole(),
            article: whole.article.whole(),
            field: whole.field.whole(),
            picture: whole.picture.whole(),
            kinds: whole.kinds.whole(),
            jump: whole.jump.whole(),
        };
        description.fill_in_code();
        description.check()?;
        Ok(description)
    }

    /// Puts the paper's code where `{code}` stands.
    fn fill_in_code(&mut self) {
        let code = &self.issue.code;
        let addresses = [&mut self.issue.url, &mut self.issue.latest, &mut self.issue.calendar, &mut self.page.url, &mut self.article.url];
        for pattern in addresses.into_iter().flat_map(|urls| &mut urls.0) {
            *pattern = pattern.replace("{code}", code);
        }
        for format in self.page.link.0.iter_mut().filter_map(|pick| pick.format.as_mut()) {
            *format = format.replace("{code}", code);
        }
    }

    fn check(&self) -> Result<(), String> {
        let missing = |what: &str| Err(format!("the description has no {what}; extend an address and a template, or write it"));
        let Self { fetch, issue, page, article, field, .. } = self;
        if issue.url.0.is_empty() && issue.latest.0.is_empty() {
            return missing("[issue] url");
        }
        if page.list.0.is_empty() && page.group.0.is_empty() && page.numbers.0.is_empty() {
            return missing("[page] list");
        }
        if article.list.0.is_empty() {
            return missing("[article] list");
        }
        if field.headline.0.is_empty() || field.body.0.is_empty() {
            return missing("[field] headline or body");
        }
        let bounds = [
            ("min_gap", fetch.min_gap, 0.0..=3600.0),
            ("timeout", fetch.timeout, 1.0..=600.0),
            ("retries", f64::from(fetch.retries), 0.0..=10.0),
            ("requests", f64::from(fetch.requests), 1.0..=100_000.0),
            ("redirects", f64::from(fetch.redirects), 0.0..=20.0),
            ("megabytes", f64::from(fetch.megabytes), 1.0..=10_000.0),
            ("body_megabytes", f64::from(fetch.body_megabytes), 1.0..=100.0),
            ("pdf_megabytes", f64::from(fetch.pdf_megabytes), 0.0..=64.0),
        ];
        for (name, value, range) in bounds {
            if !range.contains(&value) {
                return Err(format!("[fetch] {name}: {value} is out of bounds, expected {} to {}", range.start(), range.end()));
            }
        }
        Ok(())
    }

    /// The address of the site that others are relative to.
    pub fn site(&self) -> &Url {
        &self.site
    }

    /// What the site calls an article, where the description says how its address tells.
    pub(super) fn article_id(&self, url: &Url) -> Option<String> {
        let found = self.article.id.captures(url.as_str())?;
        found.get(1).or(found.get(0)).map(|id| id.as_str().to_owned())
    }

    /// The addresses where an issue may begin.
    pub(super) fn issue_urls(&self, date: NaiveDate) -> Vec<Url> {
        self.issue.url.on(&self.site, date)
    }
}

/// Addresses with a date in them, in the signs of strftime: `%Y-%m/%d/node_1.htm`, relative to the site.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct DatedUrls(pub(super) Vec<String>);

impl DatedUrls {
    /// The addresses of a date, relative ones completed by `base`.
    pub(super) fn on(&self, base: &Url, date: NaiveDate) -> Vec<Url> {
        let mut urls = Vec::new();
        for pattern in &self.0 {
            // The pattern was checked when it was read, so that writing it cannot fail.
            let text = date.format(pattern).to_string();
            if let Ok(url) = base.join(&text)
                && !urls.contains(&url)
            {
                urls.push(url);
            }
        }
        urls
    }
}

impl<'de> Deserialize<'de> for DatedUrls {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let OneOrMany(patterns) = OneOrMany::<String>::deserialize(deserializer)?;
        for pattern in &patterns {
            if StrftimeItems::new(pattern).any(|item| matches!(item, Item::Error)) {
                let hint = "%Y is the year, %m the month, %d the day, and %% a percent sign";
                return Err(de::Error::custom(format!("{pattern:?} holds a sign of strftime that is none; {hint}")));
            }
        }
        Ok(Self(patterns))
    }
}

/// Regular expressions, any of which may fit.
#[derive(Clone, Default)]
pub(super) struct Patterns(pub(super) Vec<Regex>);

impl Patterns {
    /// Whether one of them fits.
    pub(super) fn fit(&self, text: &str) -> bool {
        self.0.iter().any(|pattern| pattern.is_match(text))
    }

    /// What the first of them that fits found.
    pub(super) fn captures<'t>(&self, text: &'t str) -> Option<regex::Captures<'t>> {
        self.0.iter().find_map(|pattern| pattern.captures(text))
    }

    /// `text` without what they match.
    pub(super) fn taken_out(&self, text: &str) -> String {
        self.0.iter().fold(text.to_owned(), |text, pattern| pattern.replace_all(&text, "").into_owned())
    }
}

impl PartialEq for Patterns {
    fn eq(&self, other: &Self) -> bool {
        self.0.iter().map(Regex::as_str).eq(other.0.iter().map(Regex::as_str))
    }
}

impl fmt::Debug for Patterns {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.iter().map(Regex::as_str)).finish()
    }
}

impl<'de> Deserialize<'de> for Patterns {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let OneOrMany(patterns) = OneOrMany::<String>::deserialize(deserializer)?;
        patterns.iter().map(|pattern| expression(pattern)).collect::<Result<_, _>>().map(Self).map_err(de::Error::custom)
    }
}

/// The encoding of a site's pages; without one it is found out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Charset(pub(super) Option<&'static Encoding>);

impl<'de> Deserialize<'de> for Charset {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let label = String::deserialize(deserializer)?;
        if label == "auto" {
            return Ok(Self(None));
        }
        let found = Encoding::for_label(label.as_bytes());
        found
            .map(|found| Self(Some(found)))
            .ok_or_else(|| de::Error::custom(format!("{label:?} is no encoding; write \"auto\", \"utf-8\" or \"gb18030\"")))
    }
}

/// What a site's robots.txt means.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Robots {
    /// It is obeyed.
    #[default]
    Obey,
    /// It is not asked for: the paper is one's own.
    MyOwnPaper,
}
