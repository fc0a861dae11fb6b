//! The few words that a digest adds of its own.

use chrono::NaiveDate;

use crate::model::Language;

/// The words of a language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Wording(pub(super) Language);

impl Wording {
    /// The wording for papers of these languages (BCP 47 tags): Chinese where all are Chinese, and
    /// English for all others.
    pub(super) fn of<'a>(languages: impl IntoIterator<Item = &'a str>) -> Self {
        let mut languages = languages.into_iter().peekable();
        let chinese = |tag: &str| tag.split(['-', '_']).next().is_some_and(|primary| primary.eq_ignore_ascii_case("zh"));
        Self(if languages.peek().is_some() && languages.all(chinese) { Language::Chinese } else { Language::English })
    }

    /// The line that leads a digest: paper, date, count. `paper` is `None` where there are several.
    pub(super) fn title(self, paper: Option<&str>, date: NaiveDate, count: usize) -> String {
        match self.0 {
            Language::Chinese => {
                let paper = match paper {
                    Some(name) if name.starts_with('《') => name.to_owned(),
                    Some(name) => format!("《{name}》"),
                    None => String::new(),
                };
                let count = if count == 0 { "无新稿".to_owned() } else { format!("{count} 条") };
                format!("{paper}{date} · {count}")
            }
            Language::English => {
                let paper = paper.map(|name| format!("{name}, ")).unwrap_or_default();
                let count = match count {
                    0 => "nothing new".to_owned(),
                    1 => "1 story".to_owned(),
                    n => format!("{n} stories"),
                };
                format!("{paper}{} · {count}", date.format("%-d %B %Y"))
            }
        }
    }

    /// Where a story stands: its page as the source names it, and its section.
    pub(super) fn place(self, page: &str, section: Option<&str>) -> String {
        let page = match self.0 {
            Language::Chinese => format!("第{page}版"),
            Language::English => format!("p. {page}"),
        };
        section.map_or_else(|| page.clone(), |section| format!("{page} · {section}"))
    }

    /// The words for a link to all stories.
    pub(super) fn open(self) -> &'static str {
        match self.0 {
            Language::Chinese => "查看全部",
            Language::English => "All stories",
        }
    }

    /// The line that says how many stories were left out.
    pub(super) fn more(self, left_out: usize) -> String {
        match self.0 {
            Language::Chinese => format!("另有 {left_out} 条"),
            Language::English if left_out == 1 => "1 more story".to_owned(),
            Language::English => format!("{left_out} more stories"),
        }
    }
}
