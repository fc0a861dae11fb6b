//! Puts an item together: paragraphs, dateline, by-line, credit, and the lines over it.

use super::classify::Class;
use super::heads::Role;
use super::lines::Cell;
use super::marks;
use super::script::append_line;
use super::seams::Ground;
use super::weights;
use crate::model::Article;

/// Cells of one item, sorted into what they are.
#[derive(Debug, Clone, Default)]
pub struct Parts {
    /// Body cells in reading order.
    pub body: Vec<usize>,
    /// Display cells with their roles, in stream order.
    pub display: Vec<(usize, Role)>,
    /// By-lines, credits and jump lines that stand alone.
    pub signatures: Vec<usize>,
    /// Log odds that the display lines belong to the body.
    pub owned: f32,
}

/// The log odds from which on a paragraph ends in mid-sentence: a crosshead does, but to break a sentence
/// costs its reader more than to run a crosshead on.
const BROKEN_OFF: f32 = 1.0;

/// How a body sets its lines.
#[derive(Debug, Clone, Copy)]
struct Habits {
    /// The share of lines that are set in.
    indented: f32,
    /// The share of lines that do not fill their column.
    short: f32,
    /// How sure it is that first lines are set in; the page's, for a body may have one paragraph.
    sets_in: f32,
}

impl Habits {
    fn of(ground: &Ground<'_>, body: &[usize]) -> Self {
        let share = |which: fn(&Cell) -> bool| body.iter().filter(|c| which(&ground.cells[**c])).count() as f32 / body.len().max(1) as f32;
        Self { indented: share(|c| c.indent > 0.4), short: share(|c| c.width < c.measure - 1.2), sets_in: ground.sets_in() }
    }

    /// Appends the features that tell whether a paragraph begins at a place of the body.
    fn paragraph_features(self, ground: &Ground<'_>, body: &[usize], at: usize, x: &mut Vec<f32>) {
        let (a, b) = (body[at - 1], body[at]);
        let slack = |n: Option<&usize>| n.map(|n| &ground.cells[*n]).map_or(-1.0, |c| c.width - c.measure);
        let before = at.checked_sub(2).map(|n| body[n]);
        let behind_an_end = before.is_none_or(|n| ground.ends(n));
        // The first line of a paragraph is set in, and full though it is shorter than the others.
        let may_be_first = behind_an_end || ground.opens(a);
        ground.seam_into(a, b, x);
        x.extend([
            slack(before.as_ref()),
            slack(body.get(at + 1)),
            f32::from(a + 1 == b),
            // How often in this body a line after a finished one begins at the edge or within it.
            self.indented,
            self.short,
            at as f32,
            (body.len() - at) as f32,
            f32::from(may_be_first),
            if may_be_first { slack(Some(&a)) + 2.0 } else { 9.0 },
            f32::from(behind_an_end),
            f32::from(ground.ends(b)),
            slack(Some(&b)),
            self.sets_in,
        ]);
    }
}

/// The features that tell whether a paragraph begins with `b`, the cell after `a` in reading order, for fitting.
pub fn paragraph_features(ground: &Ground<'_>, body: &[usize], at: usize) -> Vec<f32> {
    let mut x = Vec::new();
    Habits::of(ground, body).paragraph_features(ground, body, at, &mut x);
    x
}

/// The body as paragraphs of joined lines.
pub(crate) fn paragraphs(ground: &Ground<'_>, body: &[usize]) -> Vec<String> {
    let habits = Habits::of(ground, body);
    let seams = body.len().saturating_sub(1);
    let odds = weights::PARAGRAPH.scores(seams, |n, x| habits.paragraph_features(ground, body, n + 1, x));
    let mut out: Vec<String> = Vec::new();
    for (n, cell) in body.iter().enumerate() {
        let text: String = ground.cells[*cell].chars.iter().collect();
        let goes_on = |before: usize| odds[before] <= if ground.ends(body[before]) { 0.0 } else { BROKEN_OFF };
        match out.last_mut() {
            Some(last) if goes_on(n - 1) => append_line(last, &text),
            _ => out.push(text),
        }
    }
    out
}

/// The features that tell a picture's caption from an article.
pub fn photo_features(ground: &Ground<'_>, parts: &Parts) -> Vec<f32> {
    photo_features_with(ground, parts, paragraphs(ground, &parts.body).len())
}

/// As [`photo_features`], for a body whose paragraphs are counted.
pub(crate) fn photo_features_with(ground: &Ground<'_>, parts: &Parts, paragraphs: usize) -> Vec<f32> {
    let text: Vec<char> = super::seams::text_of(ground.cells, &parts.body);
    let ending = marks::ending(&text);
    let flag = |b: bool| f32::from(b);
    let stops = text.iter().filter(|c| super::script::is_full_stop(**c)).count();
    let signed = parts.signatures.iter().any(|s| marks::is_credit(&ground.cells[*s].chars));
    vec![
        text.len() as f32,
        parts.body.len() as f32,
        stops as f32,
        flag(ending.as_ref().is_some_and(|e| e.picture)),
        flag(ending.is_some()),
        flag(signed),
        flag(marks::opening(&text).is_some()),
        parts.display.len() as f32,
        parts.display.iter().map(|d| ground.cells[d.0].chars.len()).sum::<usize>() as f32,
        ground.cells[parts.body[0]].measure / ground.measure,
        flag(parts.body.iter().any(|c| ground.chances[*c][Class::Signature as usize] > 0.1)),
        text.iter().filter(|c| super::script::is_ideographic(**c)).count() as f32 / text.len().max(1) as f32,
        paragraphs as f32,
        ending.as_ref().map_or(0.0, |e| e.at as f32),
        parts.display.iter().any(|d| d.1 != Role::Headline).into(),
    ]
}

/// Body, dateline, by-line and credit of joined paragraphs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Signed {
    pub(crate) paragraphs: Vec<String>,
    pub(crate) dateline: Option<String>,
    pub(crate) byline: Vec<String>,
    pub(crate) credit: Vec<String>,
}

/// Most marks that are taken off the end of one body: a credit, a by-line, a jump line.
const MAX_ENDINGS: usize = 3;

/// Takes dateline, by-line, credit and jump line off the body.
pub(crate) fn sign(mut paragraphs: Vec<String>) -> Signed {
    let mut out = Signed::default();
    if let Some(first) = paragraphs.first_mut() {
        let chars: Vec<char> = first.chars().collect();
        if let Some(o) = marks::opening(&chars) {
            let slice = |r: std::ops::Range<usize>| chars[r].iter().collect::<String>();
            if !o.dateline.is_empty() {
                out.dateline = Some(slice(o.dateline.clone()).trim().to_owned());
            }
            if !o.byline.is_empty() {
                out.byline.extend(marks::names(&slice(o.byline)));
            }
            *first = slice(o.end..chars.len());
        }
    }
    for _ in 0..MAX_ENDINGS {
        let Some(last) = paragraphs.last_mut() else { break };
        let chars: Vec<char> = last.chars().collect();
        let whole = marks::is_jump(&chars) || ((marks::is_byline(&chars) || marks::is_credit(&chars)) && chars.len() <= 30);
        let ending = if whole && paragraphs.len() > 1 {
            marks::Ending { at: 0, picture: marks::is_credit(&chars), jump: marks::is_jump(&chars) }
        } else if let Some(e) = marks::ending(&chars) {
            e
        } else {
            break;
        };
        if ending.at == 0 && paragraphs.len() == 1 {
            break;
        }
        let text: String = chars[ending.at..].iter().collect();
        if !ending.jump {
            if ending.picture { &mut out.credit } else { &mut out.byline }.extend(marks::names(&text));
        }
        let kept: String = chars[..ending.at].iter().collect();
        if let Some(last) = paragraphs.last_mut() {
            kept.trim_end().clone_into(last);
        }
        if paragraphs.last().is_some_and(|p| p.trim().is_empty()) {
            paragraphs.pop();
        }
    }
    paragraphs.retain(|p| !p.trim().is_empty());
    out.paragraphs = paragraphs;
    out
}

/// The text of display lines of one role, joined as headlines are.
pub(crate) fn display_text(ground: &Ground<'_>, parts: &Parts, role: Role) -> Option<String> {
    let mut text = String::new();
    for (cell, _) in parts.display.iter().filter(|d| d.1 == role) {
        let next: String = ground.cells[*cell].chars.iter().collect();
        append_line(&mut text, &next);
    }
    (!text.is_empty()).then_some(text)
}

/// Characters of a clause of a headline at least: shorter pieces are no clauses.
const MIN_CLAUSE: usize = 4;

/// Closes the blanks that an extractor put around the figures and Latin letters of a Chinese or
/// Japanese text: `2023 年 2 月` was printed without them. What stands between Latin words or between
/// figures stays, and so does every blank of a Korean or Latin text.
pub(crate) fn close_blanks(article: &mut Article) {
    let Article { kicker, headline, deck, dateline, paragraphs, .. } = article;
    let display = || kicker.iter().chain(headline.iter()).chain(deck.iter());
    if !is_without_spaces(display().chain(dateline.iter()).chain(paragraphs.iter())) {
        return;
    }
    for text in [kicker, headline, deck].into_iter().flatten() {
        *text = closed(text, parts_clauses);
    }
    for text in dateline.iter_mut().chain(paragraphs) {
        *text = closed(text, |_, _| false);
    }
}

/// Whether the texts together are in a script without spaces between words: each Latin word and each
/// Hangul syllable counts against it.
fn is_without_spaces<'a>(texts: impl Iterator<Item = &'a String>) -> bool {
    let (mut east, mut others) = (0_usize, 0_usize);
    for text in texts {
        let mut in_word = false;
        for c in text.chars() {
            let is_letter = c.is_alphabetic() && !is_east(c);
            east += usize::from(is_east(c));
            others += usize::from(is_letter && (is_hangul(c) || !in_word));
            in_word = is_letter;
        }
    }
    east > others
}

fn is_hangul(c: char) -> bool {
    matches!(c, '\u{1100}'..='\u{11ff}' | '\u{3130}'..='\u{318f}' | '\u{ac00}'..='\u{d7af}')
}

/// An ideograph or a kana.
fn is_east(c: char) -> bool {
    super::script::is_ideographic(c) && !is_hangul(c)
}

/// A figure or a letter that is set among ideographs.
fn is_figure(c: char) -> bool {
    c.is_alphanumeric() && !super::script::is_ideographic(c)
}

/// What belongs to the figure before it.
fn is_unit(c: char) -> bool {
    matches!(c, '%' | '％' | '‰' | '℃')
}

/// A mark that has its own white space within its square.
fn is_square_mark(c: char) -> bool {
    matches!(c, '\u{3001}'..='\u{3003}' | '\u{3008}'..='\u{301f}' | '！' | '（' | '）' | '，' | '．' | '：' | '；' | '？')
}

/// The text without the blanks at which an ideograph or its mark meets a figure, unless `keeps` says of
/// what stands before and after one that it parts them.
fn closed(text: &str, keeps: impl Fn(&[char], &[char]) -> bool) -> String {
    let chars: Vec<char> = text.chars().collect();
    let square = |c| is_east(c) || is_square_mark(c);
    let meets = |a: char, b: char| {
        (square(a) && is_figure(b)) || ((is_figure(a) || is_unit(a)) && square(b)) || (a.is_numeric() && is_figure(a) && is_unit(b))
    };
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while at < chars.len() {
        let end = at + chars[at..].iter().take_while(|c| c.is_whitespace() && **c != '\n').count();
        if end > at {
            let (before, after) = (&chars[..at], &chars[end..]);
            let closes = before.last().zip(after.first()).is_some_and(|(a, b)| meets(*a, *b));
            if !closes || keeps(before, after) {
                out.extend(&chars[at..end]);
            }
            at = end;
        } else {
            out.push(chars[at]);
            at += 1;
        }
    }
    out
}

/// Whether a blank of a headline parts two clauses (`新校园启用 5000名学生入学`) rather than being the
/// extractor's: both sides are long enough, and the figure is not padded on its other side.
fn parts_clauses(before: &[char], after: &[char]) -> bool {
    fn stands_off<'a>(mut figures: impl Iterator<Item = &'a char>) -> bool {
        figures.find(|c| !(is_figure(**c) || is_unit(**c))).is_none_or(|c| c.is_whitespace())
    }
    let clause = |chars: &mut dyn Iterator<Item = &char>| chars.take_while(|c| !c.is_whitespace()).count();
    let long = clause(&mut before.iter().rev()) >= MIN_CLAUSE && clause(&mut after.iter()) >= MIN_CLAUSE;
    let padded = match after.first() {
        Some(c) if is_figure(*c) => stands_off(after.iter()),
        _ => stands_off(before.iter().rev()),
    };
    long && !padded
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ArticleKind;

    fn with_blanks_closed(headline: &str, paragraph: &str) -> (String, String) {
        let mut article = Article {
            kind: ArticleKind::Article,
            headline: Some(headline.to_owned()),
            paragraphs: vec![paragraph.to_owned()],
            page: "02".to_owned(),
            confidence: 1.0,
            ..Article::default()
        };
        close_blanks(&mut article);
        (article.headline.unwrap_or_default(), article.paragraphs.concat())
    }

    fn body(text: &str) -> String {
        with_blanks_closed("", text).1
    }

    fn headline(text: &str) -> String {
        with_blanks_closed(text, "").0
    }

    #[test]
    fn blanks_around_figures_and_letters_among_ideographs_are_closed() {
        assert_eq!(body("傍晚 7点，2023 年 2 月开工的 AI 大楼已用电 35 %。"), "傍晚7点，2023年2月开工的AI大楼已用电35%。");
        assert_eq!(body("工期（ 2024 年）， 5 月完成"), "工期（2024年），5月完成");
        assert_eq!(body("参加者は 20 人、そのうち 3 人が 5 G を使う"), "参加者は20人、そのうち3人が5 Gを使う");
        assert_eq!(headline("傍晚 7点看灯"), "傍晚7点看灯");
        assert_eq!(headline("今年 2 月 AI 大楼开工"), "今年2月AI大楼开工");
    }

    #[test]
    fn blanks_between_latin_words_and_between_figures_stay() {
        assert_eq!(body("他在墙上写了 Hello World 和号码 6 7 8 三个数"), "他在墙上写了Hello World和号码6 7 8三个数");
        let english = "The sign says 出 5 and means exit 5 on 2 March";
        assert_eq!(body(english), english);
        let korean = "서울 5 일 오전 大 3 개 회사가 참가했다";
        assert_eq!(body(korean), korean);
    }

    #[test]
    fn blanks_between_the_clauses_of_a_headline_stay() {
        for text in ["山坡披绿 村口飘香", "新校园启用 5000名学生入学", "投入资金30亿 打造新港口"] {
            assert_eq!(headline(text), text);
        }
        assert_eq!(headline("全县修路 30 公里 村村通车"), "全县修路30公里 村村通车");
    }

    #[test]
    fn a_body_is_freed_of_its_marks() {
        let signed = sign(vec!["本报讯（记者 田一）桥通了。".into(), "人们很高兴。（通讯员 何二 摄）".into(), "（下转第4版）".into()]);
        assert_eq!(signed.paragraphs, ["桥通了。", "人们很高兴。"]);
        assert_eq!(signed.dateline.as_deref(), Some("本报讯"));
        assert_eq!(signed.byline, ["田一"]);
        assert_eq!(signed.credit, ["何二"]);
    }

    #[test]
    fn a_body_that_is_nothing_but_a_mark_is_kept() {
        assert_eq!(sign(vec!["（记者 田一）".into()]).paragraphs.len(), 0);
        assert_eq!(sign(Vec::new()), Signed::default());
    }
}
