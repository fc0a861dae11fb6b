//! The few words that a digest adds of its own, in the language of the paper.

use chrono::NaiveDate;

/// The languages in which a digest can speak; papers in others get English.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wording {
    Chinese,
    English,
}

impl Wording {
    /// The wording for papers of these languages (BCP 47 tags): Chinese where all are Chinese.
    pub(super) fn of<'a>(languages: impl IntoIterator<Item = &'a str>) -> Self {
        let mut languages = languages.into_iter().peekable();
        let chinese = |tag: &str| tag.split(['-', '_']).next().is_some_and(|primary| primary.eq_ignore_ascii_case("zh"));
        if languages.peek().is_some() && languages.all(chinese) { Self::Chinese } else { Self::English }
    }

    /// The line that leads a digest: paper, date, count. `paper` is `None` where there are several.
    pub(super) fn title(self, paper: Option<&str>, date: NaiveDate, count: usize) -> String {
        match self {
            Self::Chinese => {
                let paper = match paper {
                    Some(name) if name.starts_with('《') => name.to_owned(),
                    Some(name) => format!("《{name}》"),
                    None => String::new(),
                };
                let count = if count == 0 { "无新稿".to_owned() } else { format!("{count} 条") };
                format!("{paper}{date} · {count}")
            }
            Self::English => {
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

    /// The line that says how many stories were left out.
    pub(super) fn more(self, left_out: usize) -> String {
        match self {
            Self::Chinese => format!("另有 {left_out} 条"),
            Self::English if left_out == 1 => "1 more story".to_owned(),
            Self::English => format!("{left_out} more stories"),
        }
    }
}
