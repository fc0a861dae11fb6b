//! HTML to plain text: one line, or paragraphs.

use std::sync::LazyLock;

use ego_tree::NodeRef;
use scraper::{Html, Node, Selector};

use crate::model::text::clean;

/// Elements that a body may hold. All others are taken away around their text, and the text of scripts
/// and styles with them.
const TAGS: [&str; 36] = [
    "a",
    "article",
    "b",
    "blockquote",
    "br",
    "caption",
    "center",
    "dd",
    "div",
    "dl",
    "dt",
    "em",
    "font",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "i",
    "img",
    "li",
    "ol",
    "p",
    "pre",
    "section",
    "span",
    "strong",
    "sub",
    "sup",
    "table",
    "tbody",
    "td",
    "th",
    "tr",
    "ul",
];

/// Elements whose text is none to read.
const UNREAD: [&str; 8] = ["script", "style", "noscript", "template", "iframe", "object", "textarea", "title"];

/// Characters of a body that are read; a page of print holds some ten thousand.
const MAX_CHARS: usize = 400_000;

static SANITISER: LazyLock<ammonia::Builder<'static>> = LazyLock::new(|| {
    let mut builder = ammonia::Builder::empty();
    builder.tags(TAGS.into_iter().collect()).clean_content_tags(UNREAD.into_iter().collect()).strip_comments(true);
    builder
});

/// `html` without the elements that `remove` selects.
pub(super) fn without(html: &str, remove: &[Selector]) -> String {
    if remove.is_empty() {
        return html.to_owned();
    }
    let mut fragment = Html::parse_fragment(html);
    let gone: Vec<_> =
        remove.iter().flat_map(|selector| fragment.select(selector).map(|element| element.id()).collect::<Vec<_>>()).collect();
    for id in gone {
        if let Some(mut node) = fragment.tree.get_mut(id) {
            node.detach();
        }
    }
    fragment.root_element().inner_html()
}

/// The text of `html` in one line; a line end in it is a space.
pub(super) fn one_line(html: &str) -> String {
    let line = read(html).into_iter().flatten().filter(|line| !line.text.is_empty()).map(|line| line.text).collect::<Vec<_>>().join(" ");
    clean(&line).0.into_owned()
}

/// The paragraphs of `html`.
///
/// Each block element is one. A `<br>` begins a new one where the next line is indented as print does it,
/// where it comes twice, or where the body has no other paragraphs; otherwise it is a line end, as in
/// verse.
pub(super) fn paragraphs(html: &str) -> Vec<String> {
    let blocks = read(html);
    let filled = blocks.iter().filter(|block| block.iter().any(|line| !line.text.is_empty())).count();
    let mut paragraphs = Vec::new();
    for block in blocks {
        let by_indent = block.iter().skip(1).any(|line| line.indented && !line.text.is_empty());
        let by_gap = block.iter().any(|line| line.text.is_empty());
        let by_line = !by_indent && !by_gap && filled == 1;
        let mut paragraph: Vec<String> = Vec::new();
        let mut flush = |paragraph: &mut Vec<String>| {
            if !paragraph.is_empty() {
                paragraphs.push(std::mem::take(paragraph).join("\n"));
            }
        };
        for line in block {
            if line.text.is_empty() || by_line || (by_indent && line.indented) {
                flush(&mut paragraph);
            }
            for (n, part) in at_indents(&line.text).into_iter().enumerate() {
                if n > 0 {
                    flush(&mut paragraph);
                }
                paragraph.extend(Some(part.to_owned()).filter(|part| !part.is_empty()));
            }
        }
        flush(&mut paragraph);
    }
    let clean = |text: String| clean(&text).0.trim().to_owned();
    paragraphs.into_iter().map(clean).filter(|text| !text.is_empty()).collect()
}

/// A line cut where a new paragraph is indented in the middle of it: behind the end of a sentence.
fn at_indents(line: &str) -> Vec<&str> {
    let (mut parts, mut from) = (Vec::new(), 0);
    for (at, indent) in line.match_indices("\u{3000}\u{3000}") {
        if at >= from && line[from..at].trim_end().ends_with(['。', '！', '？', '”', '）', '…']) {
            parts.push(line[from..at].trim());
            from = at + indent.len();
        }
    }
    parts.push(line[from..].trim());
    parts
}

/// A line of a block.
#[derive(Default)]
struct Line {
    text: String,
    /// Whether it begins with the white space of print.
    indented: bool,
}

/// The blocks of `html`, each with its lines. What it holds is sanitised first.
fn read(html: &str) -> Vec<Vec<Line>> {
    let safe = SANITISER.clean(html).to_string();
    let fragment = Html::parse_fragment(&safe);
    let mut reader = Reader { blocks: vec![vec![Builder::default()]], left: MAX_CHARS };
    reader.walk(*fragment.root_element());
    let finish = |block: Vec<Builder>| block.into_iter().map(Builder::finish).collect();
    reader.blocks.into_iter().map(finish).collect()
}

struct Reader {
    /// Never empty, nor is one of them.
    blocks: Vec<Vec<Builder>>,
    left: usize,
}

impl Reader {
    /// Without recursion: pages nest as deep as they like.
    fn walk(&mut self, root: NodeRef<'_, Node>) {
        for edge in root.traverse() {
            match edge {
                ego_tree::iter::Edge::Open(node) => match node.value() {
                    Node::Text(text) => self.text(text),
                    Node::Element(element) => match element.name() {
                        "br" => self.line(),
                        "td" | "th" => self.text(" "),
                        name if is_block(name) => self.block(),
                        _ => {}
                    },
                    _ => {}
                },
                ego_tree::iter::Edge::Close(node) => {
                    if node.value().as_element().is_some_and(|element| is_block(element.name())) {
                        self.block();
                    }
                }
            }
        }
    }

    fn block(&mut self) {
        self.blocks.push(vec![Builder::default()]);
    }

    fn line(&mut self) {
        if let Some(block) = self.blocks.last_mut() {
            block.push(Builder::default());
        }
    }

    fn text(&mut self, text: &str) {
        if let Some(line) = self.blocks.last_mut().and_then(|block| block.last_mut()) {
            for c in text.chars().take(self.left) {
                line.push(c);
            }
            self.left -= text.chars().count().min(self.left);
        }
    }
}

fn is_block(name: &str) -> bool {
    matches!(
        name,
        "p" | "div"
            | "li"
            | "ul"
            | "ol"
            | "dl"
            | "dt"
            | "dd"
            | "tr"
            | "table"
            | "tbody"
            | "caption"
            | "blockquote"
            | "pre"
            | "section"
            | "article"
            | "center"
    ) || (name.len() == 2 && name.starts_with('h') && name.ends_with(|c: char| c.is_ascii_digit()))
}

/// A line as it is written: runs of white space become one space, and none where the source's own line
/// ends stand between ideographs.
#[derive(Default)]
struct Builder {
    text: String,
    indent: usize,
    gap: Gap,
}

#[derive(Default, Clone, Copy, PartialEq)]
enum Gap {
    #[default]
    None,
    Space,
    LineEnd,
}

impl Builder {
    fn push(&mut self, c: char) {
        match c {
            '\n' | '\r' => self.gap = Gap::LineEnd,
            ' ' | '\t' if self.gap == Gap::None => self.gap = Gap::Space,
            ' ' | '\t' => {}
            '\u{3000}' | '\u{a0}' | '\u{2002}' | '\u{2003}' if self.text.is_empty() => self.indent += 1,
            '\u{a0}' | '\u{2002}' | '\u{2003}' => self.gap = if self.gap == Gap::LineEnd { Gap::LineEnd } else { Gap::Space },
            '\u{feff}' | '\u{200b}' => {}
            c => {
                let between = |c: char| is_ideographic(c);
                let vanishes = self.gap == Gap::LineEnd && self.text.ends_with(between) && between(c);
                if self.gap != Gap::None && !self.text.is_empty() && !vanishes {
                    self.text.push(' ');
                }
                self.gap = Gap::None;
                self.text.push(c);
            }
        }
    }

    fn finish(self) -> Line {
        Line { indented: self.indent > 0, text: self.text.trim().to_owned() }
    }
}

fn is_ideographic(c: char) -> bool {
    matches!(c, '\u{2e80}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{ff00}'..='\u{ffef}' | '\u{20000}'..='\u{3ffff}' | '“' | '”' | '‘' | '’' | '…')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn paragraphs_are_blocks_indented_lines_or_lines() {
        for (html, expected) in [
            ("<p>　　堤岸加固。</p><p>　　水位回落。</p>", vec!["堤岸加固。", "水位回落。"]),
            ("　　堤岸加固。<br>　　水位回落。<br/>", vec!["堤岸加固。", "水位回落。"]),
            ("&nbsp;&nbsp;堤岸加固，<br>&nbsp;&nbsp;水位回落。", vec!["堤岸加固，", "水位回落。"]),
            ("堤岸加固。<br><br>水位回落。", vec!["堤岸加固。", "水位回落。"]),
            ("堤岸加固。<br>水位回落。", vec!["堤岸加固。", "水位回落。"]),
            ("　　堤岸加固。　　水位回落。", vec!["堤岸加固。", "水位回落。"]),
            ("<p>灯火<br>一盏</p><p>又一盏</p>", vec!["灯火\n一盏", "又一盏"]),
            ("<div><div>堤岸\n加固 <b>了</b></div> A\nB</div>", vec!["堤岸加固 了", "A B"]),
            ("<table><tr><td>一</td><td>二</td></tr><tr><td>三</td></tr></table>", vec!["一 二", "三"]),
            ("<p>&nbsp;</p><p></p>", vec![]),
        ] {
            assert_eq!(paragraphs(html), expected, "{html}");
        }
    }

    #[test]
    fn what_runs_or_is_hidden_markup_leaves_no_text() {
        let html = "<p>堤岸<script>alert(1)</script><style>p{}</style><!-- x --><img src=x onerror=alert(2)><a href='javascript:alert(3)'>加固</a></p>";
        assert_eq!(paragraphs(html), ["堤岸加固"]);
        assert_eq!(one_line("简讯两则<br>明日<i>降温</i>"), "简讯两则 明日降温");
    }

    #[test]
    fn what_is_removed_is_gone_with_all_in_it() {
        let selectors: Vec<Selector> = ["h1", ".ad"].iter().filter_map(|css| Selector::parse(css).ok()).collect();
        assert_eq!(without("<h1>题</h1><p>文<span class=ad>广<b>告</b></span></p>", &selectors), "<p>文</p>");
    }

    proptest! {
        #[test]
        fn no_text_is_made_up(html in "(<(p|br|div|td|b)>|</p>|</div>|[堤岸加。　 \n&<>x]){0,40}") {
            let mut source: Vec<char> = html.chars().collect();
            for c in paragraphs(&html).concat().chars().filter(|c| "堤岸加".contains(*c)) {
                let at = source.iter().position(|other| *other == c);
                prop_assert!(at.is_some());
                source.remove(at.unwrap_or_default());
            }
        }
    }
}
