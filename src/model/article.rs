//! Articles: what is cut out of a page, and what the store keeps of it.

use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::layout::Place;
use super::{ArticleId, OnSite, PageKey, PageLabel, Problem};

/// What an item of a page is. Only articles and photos are news; the rest is kept so that nothing
/// of the page is lost, and stays out of feeds unless a feed asks for it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ArticleKind {
    /// A text with a body.
    #[default]
    Article,
    /// A picture's caption that stands for itself (图片新闻).
    Photo,
    /// An advertisement.
    Ad,
    /// A public notice (公告).
    Notice,
    /// The weather.
    Weather,
    /// Page furniture: folio, masthead, editors' names.
    Masthead,
}

impl ArticleKind {
    /// Every kind, in the order of the enum.
    pub const ALL: [Self; 6] = [Self::Article, Self::Photo, Self::Ad, Self::Notice, Self::Weather, Self::Masthead];

    /// The name used in configuration, in JSON and in the store.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Article => "article",
            Self::Photo => "photo",
            Self::Ad => "ad",
            Self::Notice => "notice",
            Self::Weather => "weather",
            Self::Masthead => "masthead",
        }
    }

    /// Reads a name back.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|k| k.as_str() == name)
    }

    /// Whether a reader came for it.
    pub fn is_news(self) -> bool {
        matches!(self, Self::Article | Self::Photo)
    }
}

impl fmt::Display for ArticleKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One item cut out of a page. Serialized, it is a line of `newsboy articles --json`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Article {
    /// What it is.
    pub kind: ArticleKind,
    /// The line above the headline (引题).
    pub kicker: Option<String>,
    /// The headline (主题); `None` where the page gives none.
    pub headline: Option<String>,
    /// The line below the headline (副题).
    pub deck: Option<String>,
    /// Where and whence the report comes (本报讯; 新华社北京2月20日电), taken out of the body.
    pub dateline: Option<String>,
    /// Who wrote it.
    #[serde(default)]
    pub byline: Vec<String>,
    /// Who took the picture.
    #[serde(default)]
    pub credit: Vec<String>,
    /// The body in reading order.
    pub paragraphs: Vec<String>,
    /// The page it stands on, as the source names it.
    pub page: String,
    /// The section as the paper names it (要闻, 社会), where the page says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub section: Option<String>,
    /// Where it stands on its page, where the page's file tells.
    #[serde(rename = "box", default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    /// Where the rest of its text stands, where a line of it says so.
    #[serde(default, skip_serializing_if = "Continuation::is_empty")]
    pub continuation: Continuation,
    /// How sure the cut is, from 0 to 1.
    pub confidence: f32,
    /// What is doubtful about it.
    #[serde(default)]
    pub problems: Vec<Problem>,
    /// Where it stands on a web site, if it comes from one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub site: Option<Box<OnSite>>,
}

/// The other pages of its edition that a text stands on.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Continuation {
    /// The page that it goes on on (下转第3版).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<PageLabel>,
    /// The page that it comes from (上接第1版).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<PageLabel>,
}

impl Continuation {
    /// Whether all of the text stands on one page, as far as anybody says.
    pub fn is_empty(&self) -> bool {
        self.to.is_none() && self.from.is_none()
    }
}

/// Characters of a first clause that stands in for a missing headline.
const TITLE_CHARS: usize = 30;

impl Article {
    /// The text for readers: what stands on its page, or the whole story where it goes on elsewhere.
    pub fn text(&self) -> &[String] {
        self.site.as_deref().map(|site| site.whole.as_slice()).filter(|whole| !whole.is_empty()).unwrap_or(&self.paragraphs)
    }

    /// The body as one string, paragraphs separated by line ends.
    pub fn body(&self) -> String {
        self.text().join("\n")
    }

    /// Whether it is the rest of another article, which holds it as well.
    pub fn is_continuation(&self) -> bool {
        self.site.as_deref().is_some_and(|site| site.continued_from.is_some())
    }

    /// What to show as its title: the headline, or the body's first clause with an ellipsis where
    /// the page gave no headline. Never empty.
    pub fn title(&self) -> String {
        if let Some(headline) = self.headline.as_deref().filter(|h| !h.trim().is_empty()) {
            return headline.to_owned();
        }
        let lead = self.paragraphs.iter().map(|p| p.trim()).find(|p| !p.is_empty()).unwrap_or_default();
        let clause: String = lead
            .chars()
            .take_while(|c| !matches!(c, '。' | '，' | '；' | '！' | '？' | '、' | ',' | ';' | '!' | '?'))
            .take(TITLE_CHARS)
            .collect();
        match clause.trim() {
            "" => format!("（{}）", self.page),
            clause => format!("{clause}…"),
        }
    }
}

/// An article as the store keeps it: the cut, and what was assigned once.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredArticle {
    /// Given at first sight, kept for good.
    pub id: ArticleId,
    /// The page it stands on.
    pub key: PageKey,
    /// Its place among the items of its page, from 0.
    pub position: u32,
    /// 1 at first sight, one more at each change of its text.
    pub revision: u32,
    /// When it was published, in whole seconds; assigned once.
    pub published: DateTime<Utc>,
    /// When its text last changed, in whole seconds; no two articles of a store share one.
    pub updated: DateTime<Utc>,
    /// Its place in the order in which articles arrived at the store; what a digest covers is
    /// decided by it. A correction does not move it; one that was held arrives anew when it becomes
    /// public.
    pub arrival: i64,
    /// Whether its page no longer has it.
    pub withdrawn: bool,
    /// Whether it is held back because its cut is doubtful. What has been public once is never held.
    pub held: bool,
    /// The cut.
    pub article: Article,
}

impl StoredArticle {
    /// Whether readers see it: it stands on its page and is not held back.
    pub fn is_public(&self) -> bool {
        !self.withdrawn && !self.held
    }
}
