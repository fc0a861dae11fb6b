//! When an article counts as published and as changed.
//!
//! An edition's articles are published at the paper's hour. So that no two entries of a feed share
//! a time, also where a feed draws from several papers of one hour, every article gets a whole
//! second of its own:
//!
//! - A new article's second is the paper's hour, a minute on for each page before its own, a
//!   second on for each item before it on the page; moved forward to the next free second, and
//!   behind the page's new articles before it.
//! - Where that would lie after now for any of a page's new articles, all of them get the latest
//!   free seconds up to now instead, in page order: nothing is published in the future.
//! - An article that the paper has corrected changes at the latest free second up to now that is
//!   later than its last change. Where there is none (a second correction within the same second, a
//!   clock that was set back), it changes at the first free second after its last change. This is
//!   the one case in which a time may lie after now, for a change that does not move forward is one
//!   that readers miss.
//! - An article of the same bytes that a newer cutter has cut otherwise changes at the first free
//!   second after its last change: whoever holds it sees that it has changed, and an old story does
//!   not rise to the top of a feed because newsboy was improved.
//!
//! A second is free if no article is published or changed at it. All seconds are of the Unix
//! clock. Nothing here reads the store: the caller looks up which seconds are taken, in
//! [`Wanted::spans`], and widens the look-up when it proves too narrow.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use super::page_label;

/// Seconds from one page's articles to the next page's; more items than most pages have.
const SECONDS_PER_PAGE: i64 = 60;

/// The times that a page's change needs.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Wanted<'a> {
    /// The paper's hour on the day of the edition.
    pub(super) hour: i64,
    /// The label of the page.
    pub(super) page: &'a str,
    /// The places on the page of the articles that are new, upwards.
    pub(super) new: Vec<u32>,
    /// When the articles that are revised changed last, in page order.
    pub(super) revised: Vec<i64>,
    /// Whether the page has the bytes it had before, so that newsboy and not the paper has changed
    /// the text.
    pub(super) recut: bool,
    /// The present second.
    pub(super) now: i64,
}

/// The times that were assigned, each list in the order of its counterpart in [`Wanted`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Assigned {
    /// When the new articles are published.
    pub(super) new: Vec<i64>,
    /// When the revised articles change.
    pub(super) revised: Vec<i64>,
}

/// The seconds that articles hold, as far as they were looked up.
#[derive(Debug, Clone, Default)]
pub(super) struct Taken {
    /// Where it was looked.
    pub(super) spans: Vec<RangeInclusive<i64>>,
    /// All the seconds in these spans that are taken.
    pub(super) seconds: BTreeSet<i64>,
}

/// A second was asked for that had not been looked up: look further.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Beyond;

impl Taken {
    fn is_free(&self, second: i64) -> Result<bool, Beyond> {
        if self.spans.iter().any(|span| span.contains(&second)) { Ok(!self.seconds.contains(&second)) } else { Err(Beyond) }
    }

    fn take(&mut self, second: i64) -> i64 {
        self.seconds.insert(second);
        second
    }

    /// The first free second from `start` on.
    fn first_free(&self, start: i64) -> Result<i64, Beyond> {
        let mut second = start;
        while !self.is_free(second)? {
            second = second.checked_add(1).ok_or(Beyond)?;
        }
        Ok(second)
    }

    /// The last free second up to `end` that is later than `floor`; `None` where there is none.
    fn last_free(&self, end: i64, floor: Option<i64>) -> Result<Option<i64>, Beyond> {
        let mut second = end;
        while floor.is_none_or(|floor| second > floor) {
            if self.is_free(second)? {
                return Ok(Some(second));
            }
            second = second.checked_sub(1).ok_or(Beyond)?;
        }
        Ok(None)
    }
}

impl Wanted<'_> {
    /// When the item at `position` would be published if every second were free.
    fn candidate(&self, position: u32) -> i64 {
        let page = i64::from(page_label::ordinal(self.page)) * SECONDS_PER_PAGE;
        self.hour.saturating_add(page).saturating_add(i64::from(position))
    }

    /// Where to look for taken seconds, the wider the greater `reach` is (in seconds). The spans
    /// stand apart from each other.
    pub(super) fn spans(&self, reach: i64) -> Vec<RangeInclusive<i64>> {
        let mut spans: Vec<(i64, i64)> = self.revised.iter().map(|before| (*before, before.saturating_add(reach))).collect();
        spans.push((self.now.saturating_sub(reach), self.now));
        if let (Some(first), Some(last)) = (self.new.first(), self.new.last()) {
            spans.push((self.candidate(*first), self.candidate(*last).saturating_add(reach).min(self.now)));
        }
        spans.sort_unstable();
        let mut apart: Vec<(i64, i64)> = Vec::new();
        for (start, end) in spans {
            match apart.last_mut() {
                Some(last) if start <= last.1 => last.1 = last.1.max(end),
                _ => apart.push((start, end)),
            }
        }
        apart.into_iter().map(|(start, end)| start..=end).collect()
    }

    /// Assigns the times by the rule at the head of this module.
    ///
    /// # Errors
    /// [`Beyond`] where `taken` does not reach far enough: look up the spans of a greater reach
    /// and call again.
    pub(super) fn assign(&self, mut taken: Taken) -> Result<Assigned, Beyond> {
        let new = match self.at_the_hour(&taken)? {
            Some(seconds) => {
                taken.seconds.extend(&seconds);
                seconds
            }
            None => self.up_to_now(&mut taken)?,
        };
        let revised = if self.recut { self.after_their_last_change(&mut taken)? } else { self.corrected_now(&mut taken)? };
        Ok(Assigned { new, revised })
    }

    /// The first free seconds after the last changes.
    fn after_their_last_change(&self, taken: &mut Taken) -> Result<Vec<i64>, Beyond> {
        let after = |before: &i64| Ok(taken.take(taken.first_free(before.saturating_add(1))?));
        self.revised.iter().map(after).collect()
    }

    /// The latest free seconds up to now, or the first ones after a last change that now does not
    /// lie behind.
    fn corrected_now(&self, taken: &mut Taken) -> Result<Vec<i64>, Beyond> {
        let mut seconds = Vec::with_capacity(self.revised.len());
        // From the last to the first, so that the later article gets the later second.
        for before in self.revised.iter().rev() {
            let second = match taken.last_free(self.now, Some(*before))? {
                Some(second) => second,
                None => taken.first_free(before.saturating_add(1))?,
            };
            seconds.push(taken.take(second));
        }
        seconds.reverse();
        Ok(seconds)
    }

    /// The seconds from the paper's hour on; `None` where one of them would lie after now.
    fn at_the_hour(&self, taken: &Taken) -> Result<Option<Vec<i64>>, Beyond> {
        let mut seconds: Vec<i64> = Vec::with_capacity(self.new.len());
        for position in &self.new {
            let mut second = self.candidate(*position);
            if let Some(before) = seconds.last() {
                second = second.max(before.saturating_add(1));
            }
            while second <= self.now && !taken.is_free(second)? {
                second = second.saturating_add(1);
            }
            if second > self.now {
                return Ok(None);
            }
            seconds.push(second);
        }
        Ok(Some(seconds))
    }

    /// The latest free seconds up to now.
    fn up_to_now(&self, taken: &mut Taken) -> Result<Vec<i64>, Beyond> {
        let mut seconds = Vec::with_capacity(self.new.len());
        for _ in &self.new {
            let second = taken.last_free(self.now, None)?.ok_or(Beyond)?;
            seconds.push(taken.take(second));
        }
        seconds.reverse();
        Ok(seconds)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use proptest::prelude::*;

    const HOUR: i64 = 1_676_844_000;
    const LATER: i64 = HOUR + 36_000;

    fn wanted<'a>(page: &'a str, new: impl IntoIterator<Item = u32>, revised: &[i64], now: i64) -> Wanted<'a> {
        Wanted { hour: HOUR, page, new: new.into_iter().collect(), revised: revised.to_vec(), recut: false, now }
    }

    /// Looks up as the store does, beginning with a reach so short that widening is exercised.
    fn assign(wanted: &Wanted, taken: &BTreeSet<i64>) -> Assigned {
        let mut reach = 1;
        loop {
            let spans = wanted.spans(reach);
            let seconds = taken.iter().copied().filter(|second| spans.iter().any(|span| span.contains(second))).collect();
            match wanted.assign(Taken { spans, seconds }) {
                Ok(assigned) => return assigned,
                Err(Beyond) => reach *= 4,
            }
        }
    }

    #[test]
    fn a_page_is_published_at_its_minute_of_the_papers_hour_second_by_second() {
        let assigned = assign(&wanted("03", [0, 1, 2], &[], LATER), &BTreeSet::new());
        assert_eq!(assigned.new, [HOUR + 120, HOUR + 121, HOUR + 122]);
    }

    #[test]
    fn a_taken_second_moves_an_article_and_those_behind_it_forward() {
        let taken = BTreeSet::from([HOUR + 1, HOUR + 2]);
        assert_eq!(assign(&wanted("01", [0, 1, 2, 9], &[], LATER), &taken).new, [HOUR, HOUR + 3, HOUR + 4, HOUR + 9]);
    }

    #[test]
    fn if_one_article_of_a_page_would_be_published_after_now_all_its_new_ones_count_back_from_now() {
        let now = HOUR + 1;
        let taken = BTreeSet::from([now - 1]);
        assert_eq!(assign(&wanted("01", [0, 1, 2], &[], now), &taken).new, [now - 3, now - 2, now]);
    }

    #[test]
    fn an_edition_that_comes_before_the_papers_hour_counts_back_from_now() {
        let now = HOUR - 3_600;
        assert_eq!(assign(&wanted("02", [0, 1], &[], now), &BTreeSet::new()).new, [now - 1, now]);
    }

    #[test]
    fn revised_articles_change_now_in_page_order() {
        let taken = BTreeSet::from([HOUR, HOUR + 1, LATER]);
        assert_eq!(assign(&wanted("01", [], &[HOUR, HOUR + 1], LATER), &taken).revised, [LATER - 2, LATER - 1]);
    }

    #[test]
    fn a_second_correction_within_one_second_still_moves_forward() {
        let taken = BTreeSet::from([LATER, LATER + 1]);
        assert_eq!(assign(&wanted("01", [], &[LATER], LATER), &taken).revised, [LATER + 2]);
    }

    #[test]
    fn a_text_that_a_newer_cutter_cut_otherwise_moves_on_by_a_second_and_not_to_the_top() {
        let taken = BTreeSet::from([HOUR, HOUR + 1, HOUR + 3]);
        let wanted = Wanted { recut: true, ..wanted("01", [], &[HOUR, HOUR + 1], LATER) };
        assert_eq!(assign(&wanted, &taken).revised, [HOUR + 2, HOUR + 4]);
    }

    #[test]
    fn a_clock_that_was_set_back_by_a_year_does_not_move_a_change_backwards() {
        let before = LATER + 365 * 86_400;
        assert_eq!(assign(&wanted("01", [], &[before], LATER), &BTreeSet::from([before])).revised, [before + 1]);
    }

    proptest! {
        #[test]
        fn every_time_is_free_distinct_in_page_order_and_not_after_now(
            page in 1_u32..9,
            new in prop::collection::btree_set(0_u32..80, 0..30),
            changed in prop::collection::vec(-200_i64..900, 0..10),
            others in prop::collection::btree_set(-200_i64..900, 0..400),
            now in -100_i64..900,
            recut in any::<bool>(),
        ) {
            let page = format!("{page:02}");
            let revised: Vec<i64> = changed.iter().map(|c| HOUR + c).collect();
            let taken: BTreeSet<i64> = others.iter().map(|o| HOUR + o).chain(revised.iter().copied()).collect();
            let wanted = Wanted { recut, ..wanted(&page, new, &revised, HOUR + now) };
            let assigned = assign(&wanted, &taken);

            prop_assert_eq!(assigned.new.len(), wanted.new.len());
            prop_assert_eq!(assigned.revised.len(), revised.len());
            let all: BTreeSet<i64> = assigned.new.iter().chain(&assigned.revised).copied().collect();
            prop_assert_eq!(all.len(), wanted.new.len() + revised.len());
            prop_assert!(all.is_disjoint(&taken));
            prop_assert!(assigned.new.is_sorted());
            prop_assert!(assigned.new.iter().all(|second| *second <= wanted.now));
            for (before, after) in revised.iter().zip(&assigned.revised) {
                prop_assert!(after > before);
                let left = |mut seconds: RangeInclusive<i64>| seconds.any(|s| !taken.contains(&s) && !all.contains(&s));
                if recut {
                    prop_assert!(!left(*before + 1..=*after));
                } else {
                    // After now only where no second up to now was left.
                    prop_assert!(*after <= wanted.now || !left(*before + 1..=wanted.now));
                }
            }
            // At the hour, or as late as can be: nothing free is left between them and now.
            let at_the_hour = assigned.new.iter().zip(&wanted.new).all(|(second, position)| *second >= wanted.candidate(*position));
            let first = assigned.new.first().copied().unwrap_or(wanted.now);
            prop_assert!(at_the_hour || (first..=wanted.now).all(|s| taken.contains(&s) || all.contains(&s)));
        }
    }
}
