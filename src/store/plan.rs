//! What a page's change does to the articles that are known: decided here from values alone, so
//! that every engine decides alike.

use std::collections::{HashMap, HashSet};

use chrono::DateTime;

use super::times::{Assigned, Wanted};
use super::{Changes, IdentifiedArticle, PageChange, StoreError};
use crate::model::{Article, ArticleId, PageKey, StoredArticle};

/// What becomes of the articles of a page.
#[derive(Debug, Default)]
pub(super) struct Plan {
    new: Vec<Placed>,
    /// With the articles as they were.
    revised: Vec<(Placed, StoredArticle)>,
    /// With the articles as they were.
    same: Vec<(Placed, StoredArticle)>,
    /// The articles that are no longer on the page.
    pub(super) withdrawn: Vec<ArticleId>,
    /// How many articles are touched.
    pub(super) changes: Changes,
    /// How many articles that were held become public.
    freed: usize,
}

/// An item in its place on the page.
#[derive(Debug)]
struct Placed {
    position: u32,
    cut: IdentifiedArticle,
}

/// A row to be written.
#[derive(Debug, PartialEq)]
pub(super) enum Write {
    /// An article that is new.
    Insert(StoredArticle),
    /// A known article as it was, whose text goes into the revisions.
    Keep(StoredArticle),
    /// A known article as it becomes.
    Update(StoredArticle),
    /// A known article that was held, as it becomes public with an arrival of its own.
    Free(StoredArticle),
}

/// Whether a reader would read the same: kind, section, page, confidence and problems are what
/// newsboy says of a text, and no part of it.
fn same_text(a: &Article, b: &Article) -> bool {
    let heads = |a: &Article, b: &Article| (&a.kicker, &a.headline, &a.deck, &a.dateline) == (&b.kicker, &b.headline, &b.deck, &b.dateline);
    // A story that goes on elsewhere is read as a whole, and a picture by what stands below it.
    let captions = |a: &Article| a.site.iter().flat_map(|site| &site.pictures).map(|p| p.caption.clone()).collect::<Vec<_>>();
    let pictures = captions(a) == captions(b) && a.text() == b.text();
    heads(a, b) && (&a.byline, &a.credit, &a.paragraphs) == (&b.byline, &b.credit, &b.paragraphs) && pictures
}

impl Plan {
    /// Decides what becomes of the articles of `change`. `known` holds every article that stands
    /// on the page, withdrawn or not, and every article that has an id of the change.
    pub(super) fn of(change: &PageChange, known: Vec<StoredArticle>) -> Result<Self, StoreError> {
        let refuse = |id: &ArticleId, why| {
            let page = format!("{} {} {}", change.key.source, change.key.date, change.key.page);
            StoreError::IdTaken { page, id: id.clone(), why }
        };
        let mut known: HashMap<ArticleId, StoredArticle> = known.into_iter().map(|article| (article.id.clone(), article)).collect();
        let (mut plan, mut seen) = (Self::default(), HashSet::new());
        for (cut, position) in change.articles.iter().zip(0..) {
            if !seen.insert(&cut.id) {
                return Err(refuse(&cut.id, "stands twice among its items"));
            }
            let placed = Placed { position, cut: cut.clone() };
            let Some(before) = known.remove(&cut.id) else {
                plan.changes.added += 1;
                plan.changes.held += usize::from(cut.doubtful);
                plan.new.push(placed);
                continue;
            };
            if (&before.key.source, before.key.date) != (&change.key.source, change.key.date) {
                return Err(refuse(&cut.id, "belongs to an article of another edition"));
            }
            plan.changes.held += usize::from(before.held && cut.doubtful);
            plan.freed += usize::from(before.held && !cut.doubtful);
            if !same_text(&before.article, &cut.article) {
                plan.changes.revised += 1;
                plan.revised.push((placed, before));
                continue;
            }
            if before.withdrawn {
                plan.changes.restored += 1;
            } else {
                plan.changes.unchanged += 1;
            }
            plan.same.push((placed, before));
        }
        plan.withdrawn = known.into_values().filter(|a| a.key == change.key && !a.withdrawn).map(|a| a.id).collect();
        plan.withdrawn.sort();
        plan.changes.withdrawn = plan.withdrawn.len();
        Ok(plan)
    }

    /// The times that have to be assigned. `recut` tells that the page had the same bytes before.
    pub(super) fn wanted<'a>(&self, change: &'a PageChange, recut: bool) -> Wanted<'a> {
        Wanted {
            hour: change.hour.timestamp(),
            page: &change.key.page,
            new: self.new.iter().map(|placed| placed.position).collect(),
            revised: self.revised.iter().map(|(_, before)| before.updated.timestamp()).collect(),
            recut,
            now: change.now.timestamp(),
        }
    }

    /// How many arrivals are needed: one for each new article, and one for each that becomes public.
    pub(super) fn arrivals(&self) -> usize {
        self.new.len() + self.freed
    }

    /// The rows to be written in this order, once the times are assigned and [`Self::arrivals`] from
    /// `first_arrival` on are reserved.
    pub(super) fn writes(self, change: &PageChange, times: &Assigned, first_arrival: i64) -> Vec<Write> {
        // Assigned seconds lie near the present or a stored time: every one of them is an instant.
        let instant = |second: &i64| DateTime::from_timestamp(*second, 0).unwrap_or(change.now);
        let mut writes = Vec::new();
        let mut arrivals = first_arrival..;
        let new: Vec<_> = self.new.into_iter().zip(&times.new).collect();
        for ((placed, second), arrival) in new.into_iter().zip(arrivals.by_ref()) {
            let published = instant(second);
            writes.push(Write::Insert(StoredArticle {
                id: placed.cut.id,
                key: change.key.clone(),
                position: placed.position,
                revision: 1,
                published,
                updated: published,
                arrival,
                withdrawn: false,
                held: placed.cut.doubtful,
                article: placed.cut.article,
            }));
        }
        let mut as_it_becomes = |before: &StoredArticle, after: StoredArticle| {
            let freed = before.held && !after.held;
            // The range has no end, so there is an arrival for each.
            match arrivals.by_ref().take(usize::from(freed)).next() {
                Some(arrival) => Write::Free(StoredArticle { arrival, ..after }),
                None => Write::Update(after),
            }
        };
        for ((placed, before), second) in self.revised.into_iter().zip(&times.revised) {
            let after = StoredArticle {
                revision: before.revision.saturating_add(1),
                updated: instant(second),
                ..moved(&before, placed, &change.key)
            };
            let after = as_it_becomes(&before, after);
            writes.extend([Write::Keep(before), after]);
        }
        for (placed, before) in self.same {
            let after = moved(&before, placed, &change.key);
            if after != before {
                writes.push(as_it_becomes(&before, after));
            }
        }
        writes
    }
}

/// A known article with its new cut, in its new place.
fn moved(before: &StoredArticle, placed: Placed, key: &PageKey) -> StoredArticle {
    let Placed { position, cut } = placed;
    let held = before.held && cut.doubtful;
    StoredArticle { key: key.clone(), position, withdrawn: false, held, article: cut.article, ..before.clone() }
}
