//! The few words that newsboy itself says to readers, in the paper's language: Chinese where the
//! paper is Chinese, English for every other.

use chrono::{Datelike, NaiveDate};

use crate::model::ArticleKind;

/// The language in which newsboy names things.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wording {
    /// Simplified Chinese.
    Chinese,
    /// English.
    English,
}

impl Wording {
    /// The wording for texts in `language`, a BCP 47 tag.
    pub fn of(language: &str) -> Self {
        match language.split('-').next() {
            Some(primary) if primary.eq_ignore_ascii_case("zh") => Self::Chinese,
            _ => Self::English,
        }
    }

    /// A page: `第02版`, `page 2`, `page A5`. Chinese papers print the leading zero, English text does
    /// not. A label that already says what it is (`第3版`, `头版`) stays.
    pub fn page(self, page: &str) -> String {
        match self {
            Self::Chinese if page.ends_with('版') => page.to_owned(),
            Self::Chinese => format!("第{page}版"),
            Self::English => {
                let (section, number) = page.split_at(page.find(|c: char| c.is_ascii_digit()).unwrap_or(page.len()));
                match number.trim_start_matches('0') {
                    "" => format!("page {page}"),
                    number => format!("page {section}{number}"),
                }
            }
        }
    }

    /// A kind.
    pub fn kind(self, kind: ArticleKind) -> &'static str {
        match (self, kind) {
            (Self::Chinese, ArticleKind::Article) => "报道",
            (Self::Chinese, ArticleKind::Photo) => "图片新闻",
            (Self::Chinese, ArticleKind::Ad) => "广告",
            (Self::Chinese, ArticleKind::Notice) => "公告",
            (Self::Chinese, ArticleKind::Weather) => "天气",
            (Self::Chinese, ArticleKind::Masthead) => "报头",
            (Self::English, ArticleKind::Article) => "article",
            (Self::English, ArticleKind::Photo) => "photo",
            (Self::English, ArticleKind::Ad) => "advertisement",
            (Self::English, ArticleKind::Notice) => "notice",
            (Self::English, ArticleKind::Weather) => "weather",
            (Self::English, ArticleKind::Masthead) => "masthead",
        }
    }

    /// Names side by side.
    pub fn list(self, names: &[String]) -> String {
        names.join(match self {
            Self::Chinese => "、",
            Self::English => ", ",
        })
    }

    /// Who wrote it.
    pub fn byline(self, names: &[String]) -> String {
        match self {
            Self::Chinese => format!("作者：{}", self.list(names)),
            Self::English => format!("By {}", self.list(names)),
        }
    }

    /// Who took the picture.
    pub fn credit(self, names: &[String]) -> String {
        match self {
            Self::Chinese => format!("摄影：{}", self.list(names)),
            Self::English => format!("Photo: {}", self.list(names)),
        }
    }

    /// A date as people write it.
    pub fn date(self, date: NaiveDate) -> String {
        match self {
            Self::Chinese => format!("{}年{}月{}日", date.year(), date.month(), date.day()),
            Self::English => date.format("%-d %B %Y").to_string(),
        }
    }

    /// What stands between a dateline and the text that follows it.
    pub(super) fn after_dateline(self) -> &'static str {
        match self {
            Self::Chinese => "\u{3000}",
            Self::English => " — ",
        }
    }

    /// What a feed is, in one line.
    pub(super) fn feed_description(self, papers: &[String], is_full: bool) -> String {
        match (self, is_full) {
            (Self::Chinese, true) => format!("{}：报道全文", self.list(papers)),
            (Self::Chinese, false) => format!("{}：报道摘要", self.list(papers)),
            (Self::English, true) => format!("{}: articles in full", self.list(papers)),
            (Self::English, false) => format!("{}: summaries", self.list(papers)),
        }
    }

    /// Where on a page an article stands: `第02版 第3条，共8条`.
    pub fn place(self, page: &str, number: usize, of: usize) -> String {
        match self {
            Self::Chinese => format!("{}，第{number}篇（共{of}篇）", self.page(page)),
            Self::English => format!("{}, {number} of {of}", self.page(page)),
        }
    }

    /// How many articles were found; `is_more` where not all were counted.
    pub fn found(self, count: u32, is_more: bool) -> String {
        match (self, count, is_more) {
            (Self::Chinese, _, false) => format!("找到 {count} 篇"),
            (Self::Chinese, _, true) => format!("找到 {count} 篇以上"),
            (Self::English, 1, _) => "1 article".to_owned(),
            (Self::English, _, false) => format!("{count} articles"),
            (Self::English, _, true) => format!("more than {count} articles"),
        }
    }

    /// That an article has been changed since it was published.
    pub fn corrected(self) -> &'static str {
        match self {
            Self::Chinese => "已更正",
            Self::English => "corrected",
        }
    }

    /// What the feed of a query is called.
    pub(super) fn search(self, typed: &str) -> String {
        match self {
            Self::Chinese => format!("搜索：{typed}"),
            Self::English => format!("Search: {typed}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_named_as_the_language_names_it() {
        assert_eq!(Wording::of("zh-Hans").page("02"), "第02版");
        assert_eq!(Wording::of("zh").page("头版"), "头版");
        assert_eq!(Wording::of("en").page("02"), "page 2");
        assert_eq!(Wording::of("en").page("A05"), "page A5");
        assert_eq!(Wording::of("en").page("A5"), "page A5");
        assert_eq!(Wording::of("en").page("00"), "page 00");
    }

    #[test]
    fn the_primary_subtag_decides_the_wording() {
        assert_eq!(Wording::of("ZH-cn"), Wording::Chinese);
        assert_eq!(Wording::of("zha"), Wording::English);
    }
}
