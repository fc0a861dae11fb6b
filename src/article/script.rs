//! What a character is to a compositor: how wide it is set, whether it may stand at a line's
//! beginning, whether its neighbours are joined by a space.

/// Whether `c` belongs to a script that is written without spaces between words.
pub(crate) fn is_ideographic(c: char) -> bool {
    matches!(c, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}'
        | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}' | '々' | '〇')
}

/// Whether `c` is a mark of East Asian typesetting, set on a full square.
fn is_wide_mark(c: char) -> bool {
    matches!(c, '\u{3000}'..='\u{303f}' | '\u{ff00}'..='\u{ff60}' | '\u{ffe0}'..='\u{ffe6}' | '“' | '”' | '‘' | '’' | '…' | '—' | '·' | '×'
        | '\u{2460}'..='\u{25ff}' | '℃' | '\u{2e80}'..='\u{2fdf}')
}

/// The width of `c` in em: a full square or half of one, as text faces of newspapers come close to.
pub(crate) fn width_of(c: char) -> f32 {
    if is_ideographic(c) || is_wide_mark(c) { 1.0 } else { 0.5 }
}

/// The width of a line in em.
pub(crate) fn width(chars: &[char]) -> f32 {
    chars.iter().map(|c| width_of(*c)).sum()
}

/// Marks that close something and may not begin a line.
pub(crate) fn is_closing(c: char) -> bool {
    matches!(
        c,
        '，' | '。'
            | '、'
            | '；'
            | '：'
            | '？'
            | '！'
            | '）'
            | '》'
            | '」'
            | '』'
            | '】'
            | '〉'
            | '〕'
            | '”'
            | '’'
            | '…'
            | '·'
            | '%'
            | '％'
            | '℃'
            | ','
            | '.'
            | ';'
            | ':'
            | '!'
            | '?'
            | ')'
            | ']'
            | '»'
    )
}

/// Marks that open something and may not end a line.
pub(crate) fn is_opening(c: char) -> bool {
    matches!(c, '（' | '《' | '「' | '『' | '【' | '〈' | '〔' | '“' | '‘' | '(' | '[' | '«')
}

/// Marks that only close what was quoted or bracketed: a sentence's end stands before them.
fn is_closing_bracket(c: char) -> bool {
    matches!(c, '”' | '’' | '」' | '』' | '）' | ')' | '》' | '"' | '\'' | '»' | '】' | '〉' | ' ')
}

/// Full stops and their kin.
pub(crate) fn is_full_stop(c: char) -> bool {
    matches!(c, '。' | '！' | '？' | '…' | '.' | '!' | '?' | '．')
}

/// Commas and their kin: the sentence goes on.
pub(crate) fn is_pause(c: char) -> bool {
    matches!(c, '，' | '、' | '；' | '：' | ',' | ';' | ':')
}

/// What a character is, as a number for the forests; 0 stands for none.
pub(crate) fn kind(c: Option<&char>) -> f32 {
    match c {
        None => 0.0,
        Some(c) if is_ideographic(*c) => 1.0,
        Some(c) if is_full_stop(*c) => 2.0,
        Some(c) if is_pause(*c) => 3.0,
        Some(c) if is_opening(*c) => 4.0,
        Some(c) if is_closing(*c) => 5.0,
        Some(c) if c.is_ascii_digit() => 6.0,
        Some(c) if c.is_lowercase() => 7.0,
        Some(c) if c.is_uppercase() => 8.0,
        Some('-') => 9.0,
        Some(_) => 10.0,
    }
}

/// Whether the text ends a sentence, closing quotes and brackets aside.
pub(crate) fn ends_sentence(chars: &[char]) -> bool {
    chars.iter().rev().find(|c| !is_closing_bracket(**c)).is_some_and(|c| is_full_stop(*c))
}

/// How many quotes and brackets the text leaves open (positive) or closes without opening (negative):
/// `(closed before opened, left open)`.
pub(crate) fn balance(chars: &[char]) -> (i32, i32) {
    let (mut unopened, mut open) = (0, 0);
    for c in chars {
        match c {
            '“' | '「' | '『' | '（' | '《' | '【' | '(' | '«' | '‘' => open += 1,
            '”' | '」' | '』' | '）' | '》' | '】' | ')' | '»' => {
                if open > 0 {
                    open -= 1;
                } else {
                    unopened += 1;
                }
            }
            _ => {}
        }
    }
    (unopened, open)
}

/// Whether two texts that end with `a` and begin with `b` are joined without a space.
pub(crate) fn joins_closely(a: char, b: char) -> bool {
    let east = |c: char| is_ideographic(c) || (is_wide_mark(c) && !matches!(c, '“' | '”' | '‘' | '’' | '…' | '—' | '·' | '×'));
    east(a) || east(b) || (is_wide_mark(a) && is_wide_mark(b) && !matches!(a, '…' | '—' | '”' | '’'))
}

/// Appends `next` to `text` as a line is appended to the line before: East Asian text closely, a
/// word that a hyphen divides at the line's end as one word, everything else with a space.
pub(crate) fn append_line(text: &mut String, next: &str) {
    let (Some(a), Some(b)) = (text.chars().next_back(), next.chars().next()) else {
        text.push_str(next);
        return;
    };
    if a == '-' || a == '\u{ad}' || a == '¬' {
        let before = text.chars().rev().nth(1);
        if before.is_some_and(char::is_alphabetic) && b.is_lowercase() {
            text.pop();
        }
        text.push_str(next);
        return;
    }
    if !joins_closely(a, b) {
        text.push(' ');
    }
    text.push_str(next);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn joined(a: &str, b: &str) -> String {
        let mut text = a.to_owned();
        append_line(&mut text, b);
        text
    }

    #[test]
    fn east_asian_lines_are_joined_closely_and_others_with_a_space() {
        assert_eq!(joined("河边的柳", "树绿了"), "河边的柳树绿了");
        assert_eq!(joined("the old", "mill"), "the old mill");
        assert_eq!(joined("共有 35", "人"), "共有 35人");
    }

    #[test]
    fn a_word_divided_at_the_line_end_is_one_word_and_a_compound_keeps_its_hyphen() {
        assert_eq!(joined("the news-", "paper"), "the newspaper");
        assert_eq!(joined("Alsace-", "Lorraine"), "Alsace-Lorraine");
    }

    #[test]
    fn a_full_stop_counts_before_closing_quotes() {
        let chars: Vec<char> = "他说：“好。”".chars().collect();
        assert!(ends_sentence(&chars));
        assert_eq!(balance(&chars), (0, 0));
        assert_eq!(balance(&"”和“".chars().collect::<Vec<_>>()), (1, 1));
    }
}
