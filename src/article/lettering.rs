//! Letters that were set in a way of their own: headlines that stand upright, one character below the
//! other, and the large initial of a first paragraph. Extractors give each as lines of one character.

use super::lines::Line;
use super::script::is_ideographic;

/// Lines of one character from which on they are a text set upright: what is shorter may be numbers of
/// a list, or what is left over of a paragraph.
const UPRIGHT: usize = 3;

/// Characters that one upright line takes in at most.
const MAX_UPRIGHT: usize = 40;

/// Whether a line is one place of an upright text: a character, or a number of two digits, which is set across.
fn is_one_character(line: &Line) -> bool {
    match line.chars[..] {
        [c] => !c.is_ascii_alphabetic(),
        [a, b] => a.is_ascii_digit() && b.is_ascii_digit(),
        _ => false,
    }
}

/// Lays upright lines down, and puts large initials before what they begin.
pub(super) fn lay_down(lines: Vec<Line>) -> Vec<Line> {
    let mut out: Vec<Line> = Vec::with_capacity(lines.len());
    let mut at = 0;
    while at < lines.len() {
        let run = lines[at..].iter().take(MAX_UPRIGHT).take_while(|l| l.block == lines[at].block && is_one_character(l)).count();
        let ideographs = lines[at..at + run].iter().filter(|l| is_ideographic(l.chars[0])).count();
        if run >= UPRIGHT && ideographs >= UPRIGHT {
            let mut whole = lines[at].clone();
            for line in &lines[at + 1..at + run] {
                whole.chars.extend_from_slice(&line.chars);
                whole.folded += line.folded;
            }
            out.push(whole);
            at += run;
            continue;
        }
        if let Some(next) = lines.get(at + 1)
            && is_initial_of(&lines[at], next)
        {
            let mut whole = Line { start: lines[at].start, ..next.clone() };
            whole.chars.insert(0, lines[at].chars[0]);
            out.push(whole);
            at += 2;
            continue;
        }
        out.push(lines[at].clone());
        at += 1;
    }
    out
}

/// Whether a line is the large first letter of the next one. Of ideographs nothing tells it from the
/// last character of a paragraph.
fn is_initial_of(line: &Line, next: &Line) -> bool {
    let [initial] = line.chars[..] else { return false };
    let [first, second, ..] = next.chars[..] else { return false };
    initial.is_uppercase() && first.is_lowercase() && (second.is_lowercase() || second == ' ') && !next.twin && next.folded == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn laid(texts: &[&str]) -> Vec<String> {
        let mut start = 0;
        let mut lines = Vec::new();
        for text in texts {
            let chars: Vec<char> = text.chars().collect();
            let count = chars.iter().filter(|c| **c != ' ').count();
            lines.push(Line { chars, start, block: 0, indent: 0.0, spaced: false, twin: false, folded: 0 });
            start += count;
        }
        lay_down(lines).into_iter().map(|l| l.chars.into_iter().collect()).collect()
    }

    #[test]
    fn a_headline_set_upright_is_one_line() {
        assert_eq!(laid(&["石", "桥", "今", "日", "通", "车", "本报讯 石桥通车。"]), ["石桥今日通车", "本报讯 石桥通车。"]);
        assert_eq!(laid(&["石", "桥", "10", "月", "通", "车"]), ["石桥10月通车"]);
    }

    #[test]
    fn single_characters_that_are_no_headline_stay() {
        assert_eq!(laid(&["桥。", "车", "石桥"]), ["桥。", "车", "石桥"]);
        assert_eq!(laid(&["1", "2", "3", "4"]), ["1", "2", "3", "4"]);
    }

    #[test]
    fn a_large_initial_begins_its_line() {
        assert_eq!(laid(&["T", "he bridge was opened"]), ["The bridge was opened"]);
        assert_eq!(laid(&["A", "Bridge"]), ["A", "Bridge"]);
    }
}
