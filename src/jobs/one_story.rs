//! One story once: of the articles that tell the same story, a digest shows one and names the places of
//! the others.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Days, Duration, NaiveDate, Utc};

use crate::digest::Selection;
use crate::model::StoredArticle;
use crate::store::{Store, StoreError};
use crate::story::{DAYS_APART, Telling, WORTH_COMPARING, groups};

/// Articles that an article is compared with at most, of those that share most with it.
const MOST_COMPARED: u32 = 24;

/// The longest that two tellings of a story are apart when they are told of, with a day for what comes late.
const TOLD_WITHIN: Duration = Duration::days(DAYS_APART as i64 + 1);

/// A paper does not print one text twice in an edition. Where it tells a story twice, the one is the beginning
/// of the other, and at most this share of its length.
const TEASER: f64 = 0.7;

/// Makes one item of each story in `selection`: the fullest telling, with the places of all others that
/// the webhook's feeds take. A story that the webhook was told of before is taken out.
///
/// # Errors
///
/// The store failed.
pub async fn tell_once(
    store: &dyn Store,
    webhook: &str,
    selects: &(dyn Fn(&StoredArticle) -> bool + Sync),
    selection: &mut Selection<'_>,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let mut articles: Vec<StoredArticle> = selection.shortlist().cloned().collect();
    let listed = articles.len();
    let mut tellings: Vec<Telling> = articles.iter().map(|stored| Telling::of(&stored.article)).collect();
    let mut known: BTreeSet<_> = articles.iter().map(|article| article.id.clone()).collect();
    for n in 0..listed {
        if tellings[n].sketch().is_empty() {
            continue;
        }
        let near = store.alike(tellings[n].sketch(), WORTH_COMPARING, &around(articles[n].key.date), MOST_COMPARED).await?;
        for other in near.into_iter().filter(|other| selects(other)) {
            if known.insert(other.id.clone()) {
                tellings.push(Telling::of(&other.article));
                articles.push(other);
            }
        }
    }
    let may = |a: usize, b: usize| may_be_one(&articles[a], &articles[b], &tellings[a], &tellings[b]);
    let mut stories: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (n, story) in groups(&tellings, &may).into_iter().enumerate() {
        stories.entry(story).or_default().push(n);
    }
    stories.retain(|_, members| members.len() > 1 && members[0] < listed);

    let outside: Vec<_> = stories.values().flatten().filter(|n| **n >= listed).map(|n| articles[*n].id.clone()).collect();
    let told: BTreeSet<_> =
        if outside.is_empty() { BTreeSet::new() } else { store.told(webhook, &outside, now - TOLD_WITHIN).await?.into_iter().collect() };
    let mut out = BTreeSet::new();
    for members in stories.into_values() {
        let (inside, outside): (Vec<usize>, Vec<usize>) = members.into_iter().partition(|n| *n < listed);
        if outside.iter().any(|n| told.contains(&articles[*n].id)) {
            out.extend(inside.iter().map(|n| articles[*n].id.clone()));
            continue;
        }
        // Of equally full ones the first in the list.
        let Some(fullest) = inside.iter().copied().min_by_key(|n| (std::cmp::Reverse(tellings[*n].len()), *n)) else { continue };
        out.extend(inside.iter().filter(|n| **n != fullest).map(|n| articles[*n].id.clone()));
        let also = inside.iter().chain(&outside).filter(|n| **n != fullest).map(|n| articles[*n].clone()).collect();
        selection.tell_of(&articles[fullest].id, also);
    }
    selection.take_out(&out);
    Ok(())
}

/// The dates of the editions that may tell the same story as one of `date`.
fn around(date: NaiveDate) -> Vec<NaiveDate> {
    let days = (1..=DAYS_APART).flat_map(|n| [date.checked_sub_days(Days::new(n)), date.checked_add_days(Days::new(n))]);
    days.flatten().chain([date]).collect()
}

/// Whether two articles can be one story by where they stand: in two papers within days, or in one
/// edition of a paper as a beginning and the whole. What a paper prints again the day after is meant to be
/// read again.
fn may_be_one(a: &StoredArticle, b: &StoredArticle, a_telling: &Telling, b_telling: &Telling) -> bool {
    if a.key.source != b.key.source {
        return (a.key.date - b.key.date).abs() <= Duration::days(DAYS_APART as i64);
    }
    let (short, long) = (a_telling.len().min(b_telling.len()), a_telling.len().max(b_telling.len()));
    a.key.date == b.key.date && short as f64 <= long as f64 * TEASER
}

#[cfg(test)]
mod tests;
