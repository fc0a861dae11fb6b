//! What the scripts of newspapers agree on: brackets, quotation marks, and where a line may break.

/// Whether the character belongs to a script that is written without spaces between words:
/// ideographs and kana. Hangul has spaces.
pub fn is_ideograph(c: char) -> bool {
    matches!(c,
        '\u{3005}'..='\u{3007}' | '\u{3040}'..='\u{30ff}' | '\u{31f0}'..='\u{31ff}' | '\u{3400}'..='\u{4dbf}'
        | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

/// Whether the character opens a bracket or a quotation in some language. `“` and `»` open in one
/// language and close in another.
pub fn opens(c: char) -> bool {
    matches!(
        c,
        '“' | '‘'
            | '「'
            | '『'
            | '《'
            | '〈'
            | '（'
            | '('
            | '['
            | '【'
            | '〔'
            | '［'
            | '｛'
            | '{'
            | '«'
            | '»'
            | '‹'
            | '„'
            | '‚'
            | '¿'
            | '¡'
    )
}

/// Whether the character closes a bracket or a quotation and nothing else.
pub fn closes(c: char) -> bool {
    matches!(c, '”' | '’' | '」' | '』' | '》' | '〉' | '）' | ')' | ']' | '】' | '〕' | '］' | '｝' | '}' | '›')
}

/// What closes what `c` opens; `None` where it opens nothing that is closed by one sign.
fn closer(c: char) -> Option<char> {
    Some(match c {
        '“' => '”',
        '‘' => '’',
        '「' => '」',
        '『' => '』',
        '《' => '》',
        '〈' => '〉',
        '（' => '）',
        '(' => ')',
        '[' => ']',
        '【' => '】',
        '〔' => '〕',
        '［' => '］',
        '｛' => '｝',
        '{' => '}',
        '«' => '»',
        '»' => '«',
        '‹' => '›',
        '„' => '“',
        '‚' => '‘',
        '"' => '"',
        _ => return None,
    })
}

/// How many brackets may be open at once; more are the work of a broken page, and looking through
/// them at every character would take long.
const MAX_OPEN: usize = 32;

/// For every place between two characters, how many pairs of brackets and quotation marks stand
/// around it. A bracket without its partner counts for nothing: a page that lost one must not make
/// one sentence of the rest of its paragraph.
pub fn nesting(text: &[(usize, char)]) -> Vec<usize> {
    let mut open: Vec<(usize, char)> = Vec::new();
    let mut change = vec![0_isize; text.len() + 1];
    for (n, (_, c)) in text.iter().enumerate() {
        if let Some(level) = open.iter().rposition(|(_, expected)| expected == c) {
            let (start, _) = open[level];
            open.truncate(level);
            // Around the places behind the opening mark up to the one before the closing mark.
            change[start + 1] += 1;
            change[n + 1] -= 1;
        } else if let Some(expected) = closer(*c).filter(|_| open.len() < MAX_OPEN) {
            open.push((n, expected));
        }
    }
    let mut depth = 0;
    change
        .into_iter()
        .map(|c| {
            depth += c;
            depth.unsigned_abs()
        })
        .collect()
}

/// Whether a text that is too long may be cut between `before` and `after`: not within a word or a
/// number, not ahead of a mark, not behind an opening bracket.
pub fn can_break(before: char, after: char) -> bool {
    if before.is_whitespace() || after.is_whitespace() {
        return true;
    }
    (is_ideograph(before) || is_ideograph(after)) && (after.is_alphanumeric() || opens(after)) && !opens(before)
}
