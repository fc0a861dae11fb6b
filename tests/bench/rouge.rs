//! ROUGE-1: what a summary and a reference share, as the harmonic mean of precision and recall.

use std::collections::HashMap;

/// The units of a text: each ideograph and each mark for itself where the text is written in
/// ideographs, words in lower case where it is not.
fn units(text: &str) -> Vec<String> {
    let is_ideograph = |c: char| matches!(c, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}');
    if text.chars().any(is_ideograph) {
        return text.chars().filter(|c| !c.is_whitespace()).map(|c| c.to_lowercase().to_string()).collect();
    }
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_lowercase).collect()
}

/// F1 of the units that `summary` shares with `reference`, from 0 to 1.
pub fn rouge_1(summary: &str, reference: &str) -> f64 {
    let (summary, reference) = (units(summary), units(reference));
    let mut left: HashMap<&str, usize> = HashMap::new();
    for unit in &reference {
        *left.entry(unit).or_default() += 1;
    }
    let mut shared = 0;
    for unit in &summary {
        if let Some(count) = left.get_mut(unit.as_str()).filter(|count| **count > 0) {
            *count -= 1;
            shared += 1;
        }
    }
    if shared == 0 {
        return 0.0;
    }
    2.0 * f64::from(shared) / (summary.len() + reference.len()) as f64
}
