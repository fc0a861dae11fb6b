//! The marks newspapers put on their texts: datelines, by-lines, credits, jump lines, and the words
//! of what is not news. Only general forms of the trade stand here, in the languages newsboy
//! meets; what a mark is worth is fitted, not said here.

use std::ops::Range;

use super::script::{ends_sentence, is_full_stop, is_ideographic};
use super::words::{
    AD_WORDS, BULLETS, CONTACT_WORDS, FOLIO_WORDS, JUMPS, LATIN_BY, NOTES, NOTICE_WORDS, PICTURE_ROLES, ROLES, SENDERS, SENT, WEATHER_WORDS,
};

/// Whether `chars` begins with `word`.
pub(crate) fn begins(chars: &[char], word: &str) -> bool {
    let mut rest = chars.iter();
    word.chars().all(|c| rest.next() == Some(&c))
}

/// The marks that a line bears, as every step asks for them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Signs {
    /// It begins with a dateline or a by-line.
    pub(crate) opening: bool,
    /// It ends with a by-line, a credit or a jump line.
    pub(crate) ending: bool,
    /// As a whole it is a by-line.
    pub(crate) byline: bool,
    /// As a whole it is a picture's credit.
    pub(crate) credit: bool,
}

impl Signs {
    pub(crate) fn of(chars: &[char]) -> Self {
        Self { opening: opening(chars).is_some(), ending: ending(chars).is_some(), byline: is_byline(chars), credit: is_credit(chars) }
    }
}

/// How much of the vocabulary of advertisements, notices, weather and folios a line holds.
pub(crate) fn vocabulary(chars: &[char]) -> [f32; 4] {
    [AD_WORDS.count(chars), NOTICE_WORDS.count(chars), WEATHER_WORDS.count(chars), FOLIO_WORDS.count(chars)]
}

/// The longest run of digits that could be a telephone's number; blanks and hyphens may divide it.
pub(crate) fn longest_number(chars: &[char]) -> f32 {
    let (mut best, mut run) = (0, 0);
    for c in chars {
        match c {
            '0'..='9' => run += 1,
            '-' | ' ' | '—' if run > 0 => {}
            _ => run = 0,
        }
        best = best.max(run);
    }
    best as f32
}

/// Whether a line begins with the name of an address, a telephone or a person to ask, and a colon.
pub(crate) fn is_contact(chars: &[char]) -> bool {
    let Some(colon) = chars.iter().take(MOST_BEFORE_COLON + 1).position(|c| matches!(c, '：' | ':')) else { return false };
    CONTACT_WORDS.any(&chars[..colon])
}

/// Characters before the colon of a line of contact: the longest name of one has five.
const MOST_BEFORE_COLON: usize = 6;

/// Whether a line as a whole has the form of a by-line.
pub(crate) fn is_byline(chars: &[char]) -> bool {
    let length = chars.len();
    if length == 0 || length > 48 || NOTES.any(chars) || chars.iter().any(|c| matches!(c, '，' | '。' | '；' | '！' | '？' | '“' | '”'))
    {
        return false;
    }
    if BULLETS.contains(&chars[0]) {
        return length <= 30;
    }
    if LATIN_BY.beginning(chars).is_some() {
        return chars.iter().filter(|c| **c == ' ').count() <= 7 && !ends_sentence(chars);
    }
    let inner = chars.strip_prefix(&['（']).and_then(|c| c.strip_suffix(&['）'])).unwrap_or(chars);
    length <= 30 && ROLES.first(inner).is_some_and(|at| at <= 6) && !ends_sentence(inner)
}

/// Whether a line as a whole has the form of a picture's credit.
pub(crate) fn is_credit(chars: &[char]) -> bool {
    chars.len() <= 40 && PICTURE_ROLES.any(chars) && !chars.iter().any(|c| matches!(c, '，' | '。' | '；'))
}

/// Whether a line as a whole sends the reader to another page, or comes from one.
pub(crate) fn is_jump(chars: &[char]) -> bool {
    chars.len() <= 32 && JUMPS.any(chars) && (chars.iter().any(|c| c.is_ascii_digit() || "一二三四五六七八九十".contains(*c)))
}

/// Whether the line begins with a bullet.
pub(crate) fn begins_with_bullet(chars: &[char]) -> bool {
    chars.first().is_some_and(|c| BULLETS.contains(c))
}

/// What stands before a report's first sentence.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Opening {
    /// The dateline's characters.
    pub dateline: Range<usize>,
    /// The by-line's characters.
    pub byline: Range<usize>,
    /// Where the first sentence begins.
    pub end: usize,
}

fn skip_blanks(chars: &[char], mut at: usize) -> usize {
    while chars.get(at).is_some_and(|c| c.is_whitespace()) {
        at += 1;
    }
    at
}

/// The index of the bracket that closes the one at `open`, at most `within` characters on.
fn closing_of(chars: &[char], open: usize, within: usize) -> Option<usize> {
    let close = match chars.get(open)? {
        '（' => '）',
        '(' => ')',
        '【' => '】',
        '〔' => '〕',
        '[' => ']',
        _ => return None,
    };
    (open + 1..chars.len().min(open + within)).find(|i| chars[*i] == close)
}

/// Longest dateline, longest bracket with makers' names, in characters.
const OPENING_CHARS: usize = 44;

/// Reads a dateline and a by-line at the beginning of a report.
pub(crate) fn opening(chars: &[char]) -> Option<Opening> {
    let from = skip_blanks(chars, 0);
    let mut found = Opening { dateline: from..from, byline: from..from, end: from };
    if let Some(close) = closing_of(chars, from, OPENING_CHARS) {
        let inner = &chars[from + 1..close];
        let sends = SENT.any(inner) || inner.contains(&'＝');
        if sends && (SENDERS.any(inner) || ROLES.any(inner) || inner.contains(&'／') || inner.contains(&'＝')) {
            found.dateline = from..close + 1;
        } else if ROLES.any(inner) && !inner.iter().any(|c| matches!(c, '，' | '。')) {
            found.byline = from..close + 1;
        } else {
            return None;
        }
        found.end = skip_blanks(chars, close + 1);
        return Some(after_dateline(chars, found));
    }
    if let Some(end) = east_asian_dateline(&chars[from..]) {
        found.dateline = from..from + end;
        found.end = skip_blanks(chars, from + end);
        return Some(after_dateline(chars, found));
    }
    let end = latin_dateline(&chars[from..])?;
    found.dateline = from..from + end;
    found.end = skip_blanks(chars, from + end);
    Some(found)
}

/// 本报讯, 新华社…电, 记者…报道 without brackets: where it ends.
fn east_asian_dateline(chars: &[char]) -> Option<usize> {
    let head = &chars[..chars.len().min(28)];
    let stop = head.iter().position(|c| matches!(c, '，' | '。' | '；' | '“' | '！' | '？' | '、')).unwrap_or(head.len());
    let head = &head[..stop];
    let sender = SENDERS.beginning(head).is_some();
    for at in 1..head.len() {
        let rest = &chars[at..];
        let Some(word) = SENT.beginning(rest) else { continue };
        let end = at + word.chars().count();
        let next = chars.get(end).copied().unwrap_or(' ');
        let paper = matches!(chars[at - 1], '报' | '報' | '日' | '网' | '網' | '社');
        let one = matches!(word, "讯" | "訊" | "电" | "電");
        if one
            && (next == ' ' || next == '（' || next == '(' || begins(&chars[end..], "记者") || begins(&chars[end..], "記者"))
            && (sender || paper)
        {
            return Some(end);
        }
        // 本报讯 whose blank was lost: the sender is followed at once by the word.
        if one && sender && at <= 3 && paper {
            return Some(end);
        }
        if !one
            && (sender || begins(head, "记者") || begins(head, "記者"))
            && (word.ends_with('：') || next == ' ' || next == '：')
            && ROLES.any(&head[..at])
        {
            return Some(end + usize::from(next == '：'));
        }
    }
    None
}

/// A town in capitals or with a date, and a dash: where it ends.
fn latin_dateline(chars: &[char]) -> Option<usize> {
    if !chars.first().is_some_and(|c| c.is_uppercase() && !is_ideographic(*c)) {
        return None;
    }
    let head = &chars[..chars.len().min(OPENING_CHARS)];
    let dash = (1..head.len())
        .find(|i| matches!(head[*i], '—' | '–') || (head[*i] == '-' && head[*i - 1] == ' ' && head.get(*i + 1).is_none_or(|c| *c == ' ')));
    if let Some(dash) = dash {
        let before = &head[..dash];
        let capitals = before.iter().take_while(|c| !matches!(c, ',' | '(' | '.' | ' ')).filter(|c| c.is_uppercase()).count();
        let dated = before.contains(&',') && before.iter().any(char::is_ascii_digit);
        let agency = before.contains(&'(');
        let words = before.iter().filter(|c| **c == ' ').count();
        if words <= 6 && (capitals >= 3 || dated || agency) {
            return Some(dash + 1);
        }
    }
    let stop = (1..head.len()).find(|i| head[*i] == '.' || head[*i] == ':')?;
    let before = &head[..stop];
    let letters: Vec<char> = before.iter().copied().filter(|c| c.is_alphabetic()).collect();
    let first_word = before.iter().take_while(|c| **c != ' ' && **c != ',').count();
    let capitals = before[..first_word].iter().all(|c| c.is_uppercase()) && first_word >= 3;
    let agency = before.contains(&'(') && before.contains(&')');
    let dated = before.contains(&',') && before.iter().any(char::is_ascii_digit) && head[stop] == ':';
    (letters.len() >= 3
        && before.iter().filter(|c| **c == ' ').count() <= 3
        && (capitals && (agency || letters.iter().all(|c| c.is_uppercase())) || dated))
        .then_some(stop + 1)
}

/// The by-line that may follow a dateline.
fn after_dateline(chars: &[char], mut found: Opening) -> Opening {
    let at = found.end;
    if let Some(close) = closing_of(chars, at, OPENING_CHARS) {
        let inner = &chars[at + 1..close];
        if ROLES.any(inner) || are_names(inner) {
            found.byline = at..close + 1;
            found.end = skip_blanks(chars, close + 1);
            return found;
        }
    }
    if ["记者", "記者", "通讯员", "通訊員"].iter().any(|r| begins(&chars[at..], r)) {
        let limit = chars.len().min(at + 30);
        if let Some(colon) = (at..limit).find(|i| chars[*i] == '：')
            && !chars[at..colon].iter().any(|c| matches!(c, '，' | '。'))
        {
            found.byline = at..colon;
            found.end = skip_blanks(chars, colon + 1);
            return found;
        }
        // Tokens that are roles with a name, as long as blanks divide them.
        let mut end = at;
        let mut i = at;
        while i < limit {
            let token = (i..limit).take_while(|k| !chars[*k].is_whitespace()).count();
            let text = &chars[i..i + token];
            let name = ["记者", "記者", "通讯员", "通訊員"].iter().find(|r| begins(text, r)).map_or(token, |r| token - r.chars().count());
            if token == 0 || name > 4 || chars.get(i + token).is_none_or(|c| !c.is_whitespace()) {
                break;
            }
            end = i + token;
            i = skip_blanks(chars, end);
        }
        if end > at {
            found.byline = at..end;
            found.end = skip_blanks(chars, end);
        }
    }
    found
}

/// What stands behind a report's last sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ending {
    /// Where the body ends.
    pub at: usize,
    /// Whether it names who took the picture rather than who wrote the text.
    pub picture: bool,
    /// Whether it sends the reader to another page.
    pub jump: bool,
}

/// Longest mark behind a body, in characters.
const ENDING_CHARS: usize = 44;

/// Names alone: words of two to four ideographs, at most four of them.
pub(super) fn are_names(chars: &[char]) -> bool {
    let text: String = chars.iter().collect();
    let mut words = 0;
    for word in text.split([' ', '　', '、', '/', '／']).filter(|w| !w.is_empty()) {
        let length = word.chars().count();
        if !(2..=4).contains(&length) || !word.chars().all(is_ideographic) {
            return false;
        }
        words += 1;
    }
    (1..=4).contains(&words)
}

/// Reads the mark at the end of a body: a by-line or credit in brackets, behind a bullet, or in
/// bare words; a jump line.
pub(crate) fn ending(chars: &[char]) -> Option<Ending> {
    let length = chars.len() - chars.iter().rev().take_while(|c| c.is_whitespace()).count();
    let chars = &chars[..length];
    let from = length.saturating_sub(ENDING_CHARS);
    let trimmed = |at: usize| at - chars[..at].iter().rev().take_while(|c| c.is_whitespace()).count();
    let mark = |at: usize| {
        let tail = &chars[at..];
        Ending { at: trimmed(at), picture: PICTURE_ROLES.any(tail), jump: is_jump(tail) }
    };
    if matches!(chars.last(), Some('）' | ')' | '】' | ']')) {
        let open = (from..length - 1).rev().find(|i| matches!(chars[*i], '（' | '(' | '【' | '['))?;
        let inner = &chars[open + 1..length - 1];
        let after_sentence = ends_sentence(&chars[..trimmed(open)]) || open == 0;
        // A note on who the author is, or who helped, is text; a name alone is a signature.
        let note = NOTES.any(inner);
        let maker = !note && (ROLES.any(inner) || PICTURE_ROLES.any(inner));
        let agency = (inner.len() <= 8 && SENDERS.beginning(inner).is_some_and(|s| s != "据"))
            || (inner.len() <= 8
                && !inner.contains(&' ')
                && inner.iter().all(|c| c.is_alphabetic() || *c == '.')
                && !inner.iter().any(|c| is_ideographic(*c)));
        if is_jump(&chars[open..])
            || (maker && !inner.iter().any(|c| matches!(c, '。' | '，')))
            || (after_sentence && (are_names(inner) || agency || latin_name(inner)))
        {
            let mut found = mark(open);
            // 新华社发（… 摄）: the words before the bracket belong to the credit.
            if let Some(stop) = (from..found.at).rev().find(|i| is_full_stop(chars[*i]) || chars[*i] == '”')
                && found.at - stop - 1 <= 12
                && (ROLES.any(&chars[stop + 1..found.at]) || PICTURE_ROLES.any(&chars[stop + 1..found.at]))
            {
                found.at = trimmed(stop + 1);
                found.picture |= PICTURE_ROLES.any(&chars[stop + 1..]);
            }
            return Some(found);
        }
        return None;
    }
    if let Some(bullet) = (from..length).rev().find(|i| BULLETS.contains(&chars[*i]))
        && bullet > 0
        && !chars[bullet..].iter().any(|c| matches!(c, '。' | '，'))
    {
        return Some(mark(bullet));
    }
    // Bare words behind the last full stop.
    let stop = (from..length)
        .rev()
        .find(|i| is_full_stop(chars[*i]) && !(chars[*i] == '.' && chars.get(i + 1).is_some_and(|c| !c.is_whitespace())));
    let mut begin =
        stop.map(|s| (s + 1..length).find(|i| !matches!(chars[*i], '”' | '』' | '」' | '’' | '"' | '»' | ')' | '）')).unwrap_or(length));
    if begin == Some(length) {
        // A sentence that ends with a full stop: Latin credits may carry one.
        begin = None;
    }
    let begin = begin?;
    let tail = &chars[begin..];
    if tail.len() > 32 || tail.iter().any(|c| matches!(c, '，' | '。' | '；')) {
        return None;
    }
    if NOTES.any(tail) {
        return None;
    }
    let says = PICTURE_ROLES.any(tail) || ROLES.first(tail).is_some_and(|at| at <= 6) || is_jump(tail);
    let dash = !tail.iter().any(|c| is_ideographic(*c)) && tail.iter().find(|c| !c.is_whitespace()).is_some_and(|c| matches!(c, '—' | '–'));
    let signed = chars[begin].is_whitespace() && latin_name(&tail[1..]);
    (says || (dash && tail.len() <= 24) || signed).then(|| mark(begin))
}

/// Two or three capitalised words of Latin script.
pub(super) fn latin_name(chars: &[char]) -> bool {
    let text: String = chars.iter().collect();
    let words: Vec<&str> = text.split_whitespace().collect();
    (2..=3).contains(&words.len())
        && words.iter().all(|w| {
            w.chars().next().is_some_and(|c| c.is_uppercase() && !is_ideographic(c))
                && w.chars().all(|c| c.is_alphabetic() || matches!(c, '.' | '-' | '\'' | '’'))
        })
}

/// The names in a by-line or credit.
pub(crate) fn names(text: &str) -> Vec<String> {
    let mut rest = text.to_owned();
    for word in [
        "全媒体",
        "见习",
        "實習",
        "实习",
        "特约",
        "特約",
        "摄影报道",
        "摄影",
        "攝影",
        "通讯员",
        "通訊員",
        "评论员",
        "新华社发",
        "新华社",
        "中新社",
        "本报",
        "本報",
        "本网",
        "记者",
        "記者",
        "报道",
        "報道",
        "報導",
        "整理",
        "综合",
        "綜合",
        "采写",
        "编译",
        "编辑",
        "供图",
        "供圖",
        "图片由",
        "提供",
        "文图",
        "图文",
        "撰文",
        "作者",
        "撮影",
        "来源",
        "資料圖片",
        "资料图片",
        "By ",
        "BY ",
        "by ",
        "Par ",
        "par ",
        "Von ",
        "VON ",
        "von ",
        "di ",
        "Di ",
        "De notre correspondant",
        "De notre envoyé spécial",
        "dal nostro inviato",
        "dal nostro corrispondente",
        "Photograph",
        "Photo by",
        "Photo",
        "PHOTO",
        "Foto",
        "FOTO",
        "foto",
        "photo",
        "Bild",
        "Staff Writer",
        "Correspondent",
    ] {
        if rest.contains(word) {
            rest = rest.replace(word, " ");
        }
    }
    let cut = |c: char| c.is_whitespace() || "（）()【】〔〕[]/／：:、，,■□●◎▲△○◆◇★©。—–".contains(c);
    let western = !rest.chars().any(is_ideographic);
    let parts: Vec<&str> = if western {
        rest.split(|c: char| "()[]/:,■□●◎©—–".contains(c))
            .flat_map(|p| p.split(" and "))
            .flat_map(|p| p.split(" und "))
            .map(str::trim)
            .collect()
    } else {
        rest.split(cut).collect()
    };
    let alone = ["摄", "攝", "文", "图", "圖", "讯", "发"];
    let mut found: Vec<String> = Vec::new();
    for part in parts {
        let part = part.trim_matches(|c: char| c == '.' || c.is_whitespace());
        if part.is_empty() || alone.contains(&part) {
            continue;
        }
        let part = if part.chars().count() > 2 { part.strip_suffix(['摄', '攝']).unwrap_or(part) } else { part };
        // A name of two characters set with a blank between them: 王 强.
        let single = |s: &str| s.chars().count() == 1 && s.chars().all(is_ideographic);
        match found.last_mut() {
            Some(last) if single(last) && single(part) => last.push_str(part),
            _ => found.push(part.to_owned()),
        }
    }
    found
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn chars(text: &str) -> Vec<char> {
        text.chars().collect()
    }

    fn body(text: &str) -> String {
        let c = chars(text);
        c[opening(&c).map_or(0, |o| o.end)..].iter().collect()
    }

    #[test]
    fn a_line_of_contact_begins_with_what_it_gives() {
        let is = |line: &str| super::is_contact(&line.chars().collect::<Vec<_>>());
        assert!(is("地址：滨河路12号（文化广场南侧）"));
        assert!(is("报名热线：81234567"));
        assert!(!is("他说：电话打不通。"));
        assert!(!is("记者昨日获悉，热线：开通"));
    }

    #[test]
    fn datelines_of_many_papers_are_read() {
        for text in [
            "本报讯（记者 田一 通讯员 何二）桥通了。",
            "本报讯 桥通了。",
            "新华社柳城3月4日电 桥通了。",
            "（本报记者 田一）桥通了。",
            "【本報訊】桥通了。",
            "【本報記者田一柳城報道】桥通了。",
            "本报讯 记者 田一 报道：桥通了。",
            "本报讯 记者田一 通讯员何二 桥通了。",
            "柳城日报讯（记者 田一）桥通了。",
        ] {
            assert_eq!(body(text), "桥通了。", "{text}");
        }
        assert_eq!(body("LINDEN (AP) — The bridge opened."), "The bridge opened.");
        assert_eq!(body("Linden, le 3 mai. — Le pont est ouvert."), "Le pont est ouvert.");
        assert_eq!(body("LINDEN. Die Brücke ist offen."), "Die Brücke ist offen.");
    }

    #[test]
    fn a_plain_sentence_has_no_dateline() {
        for text in [
            "本报在昨日的报道中说，桥通了。",
            "供电所说，今天来电。",
            "The bridge — the old one — opened.",
            "Le pont, long de 30 mètres, est ouvert.",
        ] {
            assert_eq!(body(text), text);
        }
    }

    #[test]
    fn credits_and_by_lines_behind_a_body_are_cut_off() {
        let kept = |text: &str| {
            let c = chars(text);
            ending(&c).map(|e| (c[..e.at].iter().collect::<String>(), e.picture))
        };
        assert_eq!(kept("桥通了。（记者 田一）"), Some(("桥通了。".into(), false)));
        assert_eq!(kept("桥通了。 ■摄影 田 一 何二"), Some(("桥通了。".into(), true)));
        assert_eq!(kept("桥通了。 新华社发（田一 摄）"), Some(("桥通了。".into(), true)));
        assert_eq!(kept("桥通了。 田一 供图"), Some(("桥通了。".into(), true)));
        assert_eq!(kept("桥通了。（田一 何二）"), Some(("桥通了。".into(), false)));
        assert_eq!(kept("桥通了（见图）。"), None);
        assert_eq!(kept("他来到（柳城）"), None);
        assert_eq!(kept("桥通了。（作者为柳城大学教授）"), None);
        assert_eq!(kept("桥通了。——编者"), Some(("桥通了。".into(), false)));
        assert_eq!(kept("The bridge opened. Photo: Ann Lee"), Some(("The bridge opened.".into(), true)));
    }

    #[test]
    fn names_are_read_out_of_marks() {
        assert_eq!(names("（记者 田一 通讯员 何二三）"), ["田一", "何二三"]);
        assert_eq!(names("■摄影 田 一 何二"), ["田一", "何二"]);
        assert_eq!(names("By Ann Lee and Tom Ray"), ["Ann Lee", "Tom Ray"]);
        assert_eq!(names("新华社发（田一 摄）"), ["田一"]);
    }

    #[test]
    fn bylines_and_jumps_are_told_from_sentences() {
        assert!(is_byline(&chars("□本报记者 田一 何二")));
        assert!(is_byline(&chars("文/田一 图/何二")));
        assert!(!is_byline(&chars("记者来到桥头，看见了船。")));
        assert!(is_jump(&chars("（下转第4版）")));
        assert!(!is_jump(&chars("下转的道路")));
    }
}
