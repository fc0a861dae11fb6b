//! The markups that several services share: CommonMark, the poorer Markdown of some chats, and HTML.

use super::pack::Shown;

/// What has a meaning anywhere in a line of CommonMark or of the dialects that grew from it.
const MARKDOWN_SIGNS: [char; 13] = ['\\', '`', '*', '_', '[', ']', '<', '>', '~', '|', '&', '#', '$'];

/// What parts an `@` from its name, so that nobody is mentioned: a zero width space.
pub(super) const APART: &str = "@\u{200b}";

/// `text` in CommonMark, every sign that could mean something behind a backslash, and names behind an `@`
/// taken apart: <https://spec.commonmark.org/0.31.2/#backslash-escapes>.
pub(super) fn commonmark(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    let mut is_first = true;
    let mut only_digits = true;
    for c in text.chars() {
        // At the beginning of a line these make headings, quotes and lists.
        let begins = is_first && matches!(c, '+' | '-' | '=');
        let numbers = !is_first && only_digits && matches!(c, '.' | ')');
        if MARKDOWN_SIGNS.contains(&c) || begins || numbers {
            out.push('\\');
        }
        if c == '@' {
            out.push_str(APART)
        } else {
            out.push(c)
        }
        only_digits &= c.is_ascii_digit();
        is_first = false;
    }
    out
}

/// `text` for a Markdown that is not known to honour the backslash: what would mean something becomes
/// its full-width twin, which looks alike and does nothing.
pub(super) fn full_width(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '<' => '＜',
            '>' => '＞',
            '[' => '［',
            ']' => '］',
            '*' => '＊',
            '_' => '＿',
            '`' => '｀',
            '#' => '＃',
            '@' => '＠',
            '~' => '～',
            '\\' => '＼',
            '|' => '｜',
            '&' => '＆',
            c => c,
        })
        .collect()
}

/// A text, escaped, as a link of Markdown.
pub(super) fn markdown_link(text: &str, url: Option<&str>) -> String {
    match url {
        Some(url) => format!("[{text}]({})", url.replace('(', "%28").replace(')', "%29")),
        None => text.to_owned(),
    }
}

/// An item of Markdown: the title as a bold link, its place, and the summary below.
pub(super) fn markdown_item(shown: &Shown<'_>, escape: fn(&str) -> String, bold: &str, below: &str) -> String {
    let title = markdown_link(&escape(&shown.title), shown.url);
    let summary = shown.summary.map(|s| format!("{below}{}", escape(s))).unwrap_or_default();
    format!("{bold}{title}{bold}{}{summary}", shown.behind_title(escape))
}

/// `text` in HTML, fit for attributes too; the four entities are those that Telegram knows:
/// <https://core.telegram.org/bots/api#html-style>.
pub(super) fn html(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// A text, escaped, as a link of HTML.
pub(super) fn html_link(text: &str, url: Option<&str>) -> String {
    match url {
        Some(url) => format!("<a href=\"{}\">{text}</a>", html(url)),
        None => text.to_owned(),
    }
}

/// `text` as it is.
pub(super) fn plain(text: &str) -> String {
    text.to_owned()
}

/// A text with its address behind it.
pub(super) fn plain_link(text: &str, url: Option<&str>) -> String {
    url.map_or_else(|| text.to_owned(), |url| format!("{text} {url}"))
}

/// An item without markup: title, place, summary and address, a line each.
pub(super) fn plain_item(shown: &Shown<'_>) -> String {
    let below = [shown.summary, shown.url];
    let title = format!("{}{}", shown.title, shown.behind_title(plain));
    below.into_iter().flatten().fold(title, |lines, line| format!("{lines}\n{line}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_a_text_means_anything_in_commonmark() {
        assert_eq!(commonmark("*粗* [a](b) <@U1> @here &lt; a|b"), "\\*粗\\* \\[a\\](b) \\<@\u{200b}U1\\> @\u{200b}here \\&lt; a\\|b");
        assert_eq!(commonmark("# 题"), r"\# 题");
        assert_eq!(commonmark("12. 十二"), r"12\. 十二");
        assert_eq!(commonmark("3.5 亿"), r"3\.5 亿");
        assert_eq!(commonmark("+1"), r"\+1");
        assert_eq!(commonmark("a-b+c=d. e)"), "a-b+c=d. e)");
    }

    #[test]
    fn a_link_ends_where_it_should() {
        assert_eq!(markdown_link("题", Some("https://news.example/a(b)c")), "[题](https://news.example/a%28b%29c)");
        assert_eq!(
            html_link("题", Some("https://news.example/?a=1&b=\"2\"")),
            "<a href=\"https://news.example/?a=1&amp;b=&quot;2&quot;\">题</a>"
        );
    }
}
