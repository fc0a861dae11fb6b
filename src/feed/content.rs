//! Texts for readers: cleaned, on one line, defused, escaped; and an article's body as HTML.

use std::borrow::Cow;

use super::Wording;
use super::language::right_to_left;
use crate::model::{Article, ArticleKind, text};

/// How texts of one language are brought into a feed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Texts {
    rtl: bool,
}

impl Texts {
    /// The language decides whether balanced isolates stay.
    pub(super) fn of(language: Option<&str>) -> Self {
        Self { rtl: language.is_some_and(right_to_left) }
    }

    /// `text` through the boundary's filter once more: what comes from a configuration has not
    /// passed it yet, and a feed that holds one forbidden character is lost as a whole. Line ends
    /// become `\n`, for XML readers make that of them anyway.
    pub(super) fn clean(self, text: &str) -> Cow<'_, str> {
        let (clean, _) = if self.rtl { text::clean_rtl(text) } else { text::clean(text) };
        if clean.contains('\r') { clean.replace("\r\n", "\n").replace('\r', "\n").into() } else { clean }
    }

    /// `text` clean and on one line: runs of spaces, tabs and line ends become one space. An
    /// ideographic space between other characters is part of a Chinese headline and stays.
    pub(super) fn one_line(self, text: &str) -> String {
        let clean = self.clean(text);
        let trimmed = clean.trim();
        if !trimmed.contains(['\t', '\n', '\u{2028}', '\u{2029}']) && !trimmed.contains("  ") {
            return trimmed.to_owned();
        }
        let mut line = String::with_capacity(trimmed.len());
        for c in trimmed.chars() {
            match c {
                ' ' | '\t' | '\n' | '\u{2028}' | '\u{2029}' => {
                    if !line.ends_with(' ') {
                        line.push(' ');
                    }
                }
                c => line.push(c),
            }
        }
        line
    }

    /// `text` clean, on one line and defused: a title, a name, a category.
    pub(super) fn label(self, text: &str) -> String {
        defuse(self.one_line(text))
    }
}

/// `line` with what reads as markup made harmless to look at: whether a title in RSS is HTML
/// nobody knows, so that `<b>` would show in one reader, vanish in the next and run in a third.
/// Only a `<` that could open a tag and an `&` that could open an entity change, into their
/// full-width forms; `PM2.5 < 35` and `A & B` stay as they are.
fn defuse(line: String) -> String {
    if !line.contains(['<', '&']) {
        return line;
    }
    let mut out = String::with_capacity(line.len());
    for (at, c) in line.char_indices() {
        let behind = &line[at + c.len_utf8()..];
        out.push(match c {
            '<' if behind.starts_with(|n: char| n.is_ascii_alphabetic() || matches!(n, '/' | '!' | '?')) => '＜',
            '&' if opens_entity(behind) => '＆',
            c => c,
        });
    }
    out
}

/// Whether what stands behind an `&` makes it an entity: `amp;`, `#38;`, `#x26;`. HTML's readers
/// take `&copy` without the semicolon, too.
fn opens_entity(behind: &str) -> bool {
    behind.strip_prefix('#').unwrap_or(behind).starts_with(|c: char| c.is_ascii_alphanumeric())
}

/// Appends `text` as the text of an HTML element, where quotation marks mean nothing.
fn push_escaped(html: &mut String, text: &str) {
    let mut rest = text;
    while let Some(at) = memchr::memchr3(b'<', b'>', b'&', rest.as_bytes()) {
        html.push_str(&rest[..at]);
        html.push_str(match rest.as_bytes()[at] {
            b'<' => "&lt;",
            b'>' => "&gt;",
            _ => "&amp;",
        });
        rest = &rest[at + 1..];
    }
    html.push_str(rest);
}

/// `text` as the text of an HTML element.
pub(super) fn escape(text: &str) -> String {
    let mut html = String::with_capacity(text.len() + text.len() / 16);
    push_escaped(&mut html, text);
    html
}

/// The content of an entry that has only its summary, or its title where there is none; never empty.
pub(super) fn abstract_of(summary: &str, title: &str) -> String {
    format!("<p>{}</p>", escape(if summary.is_empty() { title } else { summary }))
}

/// An article's body as HTML: kicker, deck, by-line, paragraphs with the dateline in front, credit,
/// and the page it stands on. The headline is not repeated, for every reader shows the title.
/// Nothing in it is relative, nothing runs, and every text is escaped. Never empty.
pub(super) fn body(article: &Article, paper: &str, section: Option<&str>, page: &str, language: &str) -> String {
    let texts = Texts::of(Some(language));
    let wording = Wording::of(language);
    let size: usize = article.text().iter().map(|p| p.len() + 16).sum();
    let mut html = String::with_capacity(size + 512);
    let names = |names: &[String]| -> Vec<String> { names.iter().map(|n| texts.one_line(n)).filter(|n| !n.is_empty()).collect() };

    let part = |html: &mut String, open: &str, text: &str, close: &str| {
        if !text.is_empty() {
            html.push_str(open);
            push_escaped(html, text);
            html.push_str(close);
        }
    };
    let line = |text: &Option<String>| text.as_deref().map(|t| texts.one_line(t)).unwrap_or_default();
    part(&mut html, "<p><em>", &line(&article.kicker), "</em></p>");
    part(&mut html, "<p><strong>", &line(&article.deck), "</strong></p>");
    let byline = names(&article.byline);
    if !byline.is_empty() {
        part(&mut html, "<p>", &wording.byline(&byline), "</p>");
    }

    let pictures = article.site.as_deref().map(|site| site.pictures.as_slice()).unwrap_or_default();
    // What there is to read of a picture stands below it.
    let text = if article.kind == ArticleKind::Photo && !pictures.is_empty() { &[] } else { article.text() };
    let mut dateline = line(&article.dateline);
    for paragraph in text {
        let paragraph = texts.clean(paragraph);
        let paragraph = paragraph.trim();
        if paragraph.is_empty() {
            continue;
        }
        html.push_str("<p>");
        if !dateline.is_empty() {
            push_escaped(&mut html, &std::mem::take(&mut dateline));
            html.push_str(wording.after_dateline());
        }
        for (n, line) in paragraph.split('\n').enumerate() {
            if n > 0 {
                html.push_str("<br>");
            }
            push_escaped(&mut html, line.trim_end());
        }
        html.push_str("</p>");
    }
    // A report of nothing but its dateline.
    part(&mut html, "<p>", &dateline, "</p>");

    for picture in pictures {
        html.push_str("<figure><img alt=\"\" src=\"");
        html.push_str(&escape(&picture.url).replace('"', "&quot;"));
        html.push_str("\">");
        part(&mut html, "<figcaption>", &line(&picture.caption), "</figcaption>");
        html.push_str("</figure>");
    }
    let credit = names(&article.credit);
    if !credit.is_empty() {
        part(&mut html, "<p>", &wording.credit(&credit), "</p>");
    }
    let page = if page.is_empty() { String::new() } else { wording.page(page) };
    let place: Vec<&str> = [paper, &page, section.unwrap_or_default()].into_iter().filter(|p| !p.is_empty()).collect();
    part(&mut html, "<p><small>", &place.join(" · "), "</small></p>");
    html
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_line_keeps_its_ideographic_space_and_loses_line_ends() {
        assert_eq!(Texts::of(None).one_line(" 春耕\u{3000}备耕\r\n\t正  忙\u{0} "), "春耕\u{3000}备耕 正 忙");
    }

    #[test]
    fn markup_in_a_title_is_defused_and_comparison_and_ampersand_stay() {
        assert_eq!(defuse("<b>粗</b><!-- x --> &lt;i&gt; &#60; &copy".to_owned()), "＜b>粗＜/b>＜!-- x --> ＆lt;i＆gt; ＆#60; ＆copy");
        assert_eq!(defuse("PM2.5 < 35, A & B, 3<5".to_owned()), "PM2.5 < 35, A & B, 3<5");
    }

    #[test]
    fn escaping_leaves_nothing_that_opens_markup() {
        assert_eq!(escape("a<b>&\"'中"), "a&lt;b&gt;&amp;\"'中");
    }

    proptest! {
        #[test]
        fn every_special_character_is_found_wherever_it_stands(text in "[a中<>&\"']{0,100}", pad in 0_usize..80) {
            let text = "文".repeat(pad) + &text;
            let expected = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
            prop_assert_eq!(escape(&text), expected);
        }
    }

    #[test]
    fn isolates_stay_in_right_to_left_text_alone() {
        assert_eq!(Texts::of(Some("he")).clean("\u{2067}שלום\u{2069}"), "\u{2067}שלום\u{2069}");
        assert_eq!(Texts::of(Some("zh")).clean("\u{2067}שלום\u{2069}"), "שלום");
    }
}
