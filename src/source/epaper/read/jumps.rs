//! Articles that go on elsewhere (下转, 上接): matched by page number and headline, and joined.

use crate::model::{Article, OnSite, Problem};
use crate::source::epaper::describe::Description;

use super::page::chinese_number;

/// Paragraphs at a body's end and beginning in which the words of a jump stand.
const WITHIN: usize = 2;

/// Articles that one story goes on through at most.
const MAX_LEGS: usize = 8;

/// How alike headlines must be, from 0 to 1, where the numbers of pages fit and neither holds the other.
const ALIKE: f64 = 0.5;

/// An article of an issue with its page, as far as jumps are concerned.
struct Leg {
    page: String,
    headline: String,
    to: Option<String>,
    from: Option<String>,
}

/// Finds which article goes on in which, writes it into both, and gives the first of each chain the
/// whole story. `articles` are those of a whole issue, each with the label of its page.
pub(super) fn join(articles: &mut [(String, Article)], description: &Description) {
    let legs: Vec<Leg> = articles.iter().map(|(page, article)| leg(page, article, description)).collect();
    let mut pairs: Vec<(usize, usize)> = Vec::new();
    for (n, leg) in legs.iter().enumerate() {
        let Some(to) = &leg.to else { continue };
        let fits = |(other, candidate): &(usize, &Leg)| {
            *other != n
                && !pairs.iter().any(|(_, taken)| taken == other)
                && candidate.from.as_deref().is_some_and(|from| same_page(from, &leg.page))
                && same_page(to, &candidate.page)
        };
        let candidates: Vec<(usize, &Leg)> = legs.iter().enumerate().filter(fits).collect();
        let by_headline = candidates.iter().map(|(other, candidate)| (alike(&leg.headline, &candidate.headline), *other));
        let best = by_headline.filter(|(sure, _)| *sure >= ALIKE).max_by(|a, b| a.0.total_cmp(&b.0));
        if let Some((_, other)) = best {
            pairs.push((n, other));
        }
    }
    let id = |articles: &[(String, Article)], n: usize| articles[n].1.site.as_deref().map(|site| site.id.clone());
    for (first, second) in &pairs {
        let ids = (id(articles, *first), id(articles, *second));
        with_site(&mut articles[*first].1, |site| site.continues_on = ids.1);
        with_site(&mut articles[*second].1, |site| site.continued_from = ids.0);
    }
    for n in 0..articles.len() {
        let begins = pairs.iter().any(|(first, _)| *first == n) && !pairs.iter().any(|(_, second)| *second == n);
        if begins {
            let whole = whole(n, articles, &pairs, description);
            with_site(&mut articles[n].1, |site| site.whole = whole);
        }
    }
    for (n, leg) in legs.iter().enumerate() {
        let unmatched = |what: &str, page: &str| Problem::new("jump-unmatched", format!("it {what} page {page}, where nothing fits it"));
        if let Some(to) = leg.to.as_deref().filter(|_| !pairs.iter().any(|(first, _)| *first == n)) {
            articles[n].1.problems.push(unmatched("goes on on", to));
        }
        if let Some(from) = leg.from.as_deref().filter(|_| !pairs.iter().any(|(_, second)| *second == n)) {
            articles[n].1.problems.push(unmatched("goes on from", from));
        }
    }
}

fn with_site(article: &mut Article, change: impl FnOnce(&mut OnSite)) {
    if let Some(site) = article.site.as_deref_mut() {
        change(site);
    }
}

fn leg(page: &str, article: &Article, description: &Description) -> Leg {
    let rules = &description.jump;
    let number = |text: &str, patterns: &crate::source::epaper::describe::Patterns| {
        patterns.captures(text).and_then(|found| found.get(1)).map(|page| page.as_str().to_owned())
    };
    let headline = article.headline.clone().unwrap_or_default();
    let heads = [Some(&headline), article.deck.as_ref(), article.kicker.as_ref()];
    let heads: Vec<&str> = heads.into_iter().flatten().map(String::as_str).collect();
    let first = article.paragraphs.iter().take(WITHIN).map(String::as_str);
    let last = article.paragraphs.iter().rev().take(WITHIN).map(String::as_str);
    Leg {
        page: page.to_owned(),
        to: last.chain(heads.iter().copied()).find_map(|text| number(text, &rules.to)),
        from: heads.iter().copied().chain(first).find_map(|text| number(text, &rules.from)),
        headline: solid(&rules.to.taken_out(&rules.from.taken_out(&headline))),
    }
}

/// A headline without what sets its parts apart.
fn solid(headline: &str) -> String {
    headline.chars().filter(|c| c.is_alphanumeric()).collect()
}

fn alike(a: &str, b: &str) -> f64 {
    match (a.is_empty(), b.is_empty()) {
        (true, _) | (_, true) => 0.0,
        _ if a == b => 2.0,
        _ if a.contains(b) || b.contains(a) => 1.0,
        _ => strsim::normalized_levenshtein(a, b),
    }
}

/// Whether a page that a text names (`4`, `B4`, 四) is the one of a label (`04`, `B04-05`).
fn same_page(named: &str, label: &str) -> bool {
    let (letters, numbers) = parts(named);
    let (label_letters, label_numbers) = parts(label);
    let shared = numbers.first().is_some_and(|number| match label_numbers.as_slice() {
        // A double page bears both numbers, or the first and the last of several.
        [first, .., last] => (first..=last).contains(&number),
        numbers => numbers.contains(number),
    });
    // Within a section papers leave its letter out.
    shared && (letters.is_empty() || label_letters.is_empty() || letters == label_letters)
}

/// The letters a label begins with, and its numbers.
fn parts(label: &str) -> (String, Vec<u32>) {
    let letters = label.chars().take_while(char::is_ascii_alphabetic).collect::<String>().to_ascii_uppercase();
    let numbers: Vec<u32> = label.split(|c: char| !c.is_ascii_digit()).filter_map(|digits| digits.parse().ok()).collect();
    match numbers.is_empty() {
        true => (letters, chinese_number(label).into_iter().collect()),
        false => (letters, numbers),
    }
}

/// The paragraphs of a story through all its legs, without the words of its jumps. A paragraph that broke
/// off in the middle goes on in the next leg's first.
fn whole(first: usize, articles: &[(String, Article)], pairs: &[(usize, usize)], description: &Description) -> Vec<String> {
    let without = |text: &str| {
        let text = description.jump.to.taken_out(&description.jump.from.taken_out(text));
        text.trim().to_owned()
    };
    let (mut whole, mut at): (Vec<String>, usize) = (Vec::new(), first);
    for _ in 0..MAX_LEGS {
        let mut paragraphs = articles[at].1.paragraphs.iter().map(|text| without(text)).filter(|text| !text.is_empty());
        if let Some(last) = whole.last_mut().filter(|last| !ends(last))
            && let Some(rest) = paragraphs.next()
        {
            last.push_str(&rest);
        }
        whole.extend(paragraphs);
        match pairs.iter().find(|(first, _)| *first == at) {
            Some((_, next)) => at = *next,
            None => break,
        }
    }
    whole
}

/// Whether a paragraph ends as one does.
fn ends(text: &str) -> bool {
    text.ends_with(['。', '！', '？', '…', '”', '）', '：', '.', '!', '?', ')', '」', '』'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_named_with_or_without_its_letter_and_zeros() {
        for (named, label, same) in [
            ("4", "04", true),
            ("4", "B04-05", true),
            ("5", "B04-05", true),
            ("B5", "B04-05", true),
            ("A4", "B04-05", false),
            ("1", "A01", true),
            ("四", "04", true),
            ("十二", "12", true),
            ("4", "14", false),
            ("", "", false),
        ] {
            assert_eq!(same_page(named, label), same, "{named} {label}");
        }
    }
}
