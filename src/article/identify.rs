//! Which of the freshly cut items are known articles: ids stay with their stories.

use std::collections::{HashMap, HashSet};

use crate::model::{Article, ArticleId, PageKey, StoredArticle};

/// The likeness from which on two texts are one story. A corrected story keeps nearly all of its
/// text, one that a better cut makes whole keeps at least the half it had; two stories of one page
/// share a few names and figures.
const SAME_STORY: f64 = 0.45;

/// What an equal headline adds to the likeness of two items: a story that was written anew under its
/// old headline is the same story.
const SAME_HEADLINE: f64 = 0.3;

/// Pairs of adjacent characters, each with how often it stands in a text.
struct Pairs {
    counts: HashMap<(char, char), u32>,
    total: u32,
}

impl Pairs {
    /// White space is no part of a text: a better cut joins lines differently.
    fn of(text: &str) -> Self {
        let chars: Vec<char> = text.chars().filter(|c| !c.is_whitespace()).collect();
        let mut counts = HashMap::new();
        for pair in chars.windows(2) {
            *counts.entry((pair[0], pair[1])).or_insert(0) += 1;
        }
        Self { counts, total: chars.len().saturating_sub(1) as u32 }
    }

    /// Dice's coefficient: twice what both have, over all that they have; 0 to 1.
    fn likeness(&self, other: &Self) -> f64 {
        let (fewer, more) = if self.counts.len() <= other.counts.len() { (self, other) } else { (other, self) };
        let all = f64::from(self.total) + f64::from(other.total);
        // Even if all of the shorter stood in the longer, it would not be enough.
        if all == 0.0 || 2.0 * f64::from(self.total.min(other.total)) / all + SAME_HEADLINE < SAME_STORY {
            return 0.0;
        }
        let shared: u32 = fewer.counts.iter().map(|(pair, n)| more.counts.get(pair).map_or(0, |m| *n.min(m))).sum();
        2.0 * f64::from(shared) / all
    }
}

/// An item, ready to be compared.
struct Item<'a> {
    headline: Option<&'a str>,
    text: String,
    pairs: Pairs,
}

impl<'a> Item<'a> {
    fn of(article: &'a Article) -> Self {
        let headline = article.headline.as_deref().filter(|h| !h.trim().is_empty());
        let text = format!("{}{}", headline.unwrap_or_default(), article.body());
        Self { headline, pairs: Pairs::of(&text), text }
    }

    fn likeness(&self, other: &Self) -> f64 {
        if self.text == other.text {
            return 1.0 + SAME_HEADLINE;
        }
        let headline = if self.headline.is_some() && self.headline == other.headline { SAME_HEADLINE } else { 0.0 };
        self.pairs.likeness(&other.pairs) + headline
    }
}

/// Gives each item of a page its id: that of the known article it is a version of, or a new one.
///
/// `known` holds the articles of the page's edition. An item may be a version of an article of its
/// own page, or of one that another page has lost; never of one that stands on another page, for a
/// story that jumps to another page has its headline there too. The most alike pair is matched
/// first, each article once. No id is given twice, and none that a known article has goes to an item
/// that is not its version. The items stay in their order.
pub fn identify(key: &PageKey, known: &[StoredArticle], cut: Vec<Article>) -> Vec<(ArticleId, Article)> {
    let candidates: Vec<&StoredArticle> = known.iter().filter(|k| k.key.page == key.page || k.withdrawn).collect();
    let matched = matches(&candidates, &cut);
    let mut used: HashSet<ArticleId> = known.iter().map(|k| k.id.clone()).collect();
    let mut identified = Vec::with_capacity(cut.len());
    for (article, known) in cut.into_iter().zip(matched) {
        let id = known.map_or_else(|| new_id(key, &article, &used), |k| candidates[k].id.clone());
        used.insert(id.clone());
        identified.push((id, article));
    }
    identified
}

/// For each cut item the candidate it is a version of.
fn matches(candidates: &[&StoredArticle], cut: &[Article]) -> Vec<Option<usize>> {
    let known: Vec<Item<'_>> = candidates.iter().map(|k| Item::of(&k.article)).collect();
    let items: Vec<Item<'_>> = cut.iter().map(Item::of).collect();
    let mut pairs = Vec::new();
    for (c, item) in items.iter().enumerate() {
        for (k, candidate) in known.iter().enumerate() {
            let likeness = item.likeness(candidate);
            if likeness >= SAME_STORY {
                pairs.push((likeness, c, k));
            }
        }
    }
    // Of pairs that are equally alike, the one higher on the page comes first.
    pairs.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| (a.1, a.2).cmp(&(b.1, b.2))));
    let (mut matched, mut taken) = (vec![None; cut.len()], HashSet::new());
    for (_, c, k) in pairs {
        if matched[c].is_none() && taken.insert(k) {
            matched[c] = Some(k);
        }
    }
    matched
}

/// An id that nothing has yet, fixed by where the item stands and what it says.
fn new_id(key: &PageKey, article: &Article, used: &HashSet<ArticleId>) -> ArticleId {
    let date = key.date.to_string();
    let headline = article.headline.as_deref().unwrap_or_default();
    let body = article.body();
    let assign = |n: u64| {
        let parts: [&[u8]; 7] = [
            key.source.as_bytes(),
            date.as_bytes(),
            key.page.as_bytes(),
            article.kind.as_str().as_bytes(),
            headline.as_bytes(),
            body.as_bytes(),
            &n.to_be_bytes(),
        ];
        ArticleId::assign(&parts)
    };
    // The same text may stand on a page twice; counting ends, for `used` is finite.
    (0..).map(assign).find(|id| !used.contains(id)).unwrap_or_else(|| assign(u64::MAX))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use chrono::{DateTime, NaiveDate};
    use proptest::prelude::*;

    use super::*;
    use crate::model::ArticleKind;

    fn key(page: &str) -> PageKey {
        PageKey { source: "county".to_owned(), date: NaiveDate::from_ymd_opt(2026, 11, 20).unwrap(), page: page.to_owned() }
    }

    fn item(headline: &str, body: &str) -> Article {
        Article {
            kind: ArticleKind::Article,
            kicker: None,
            headline: (!headline.is_empty()).then(|| headline.to_owned()),
            deck: None,
            dateline: None,
            byline: Vec::new(),
            credit: Vec::new(),
            paragraphs: body.lines().map(str::to_owned).collect(),
            page: "02".to_owned(),
            section: None,
            confidence: 1.0,
            problems: Vec::new(),
        }
    }

    /// The page as the store would give it back.
    fn stored(page: &str, identified: Vec<(ArticleId, Article)>) -> Vec<StoredArticle> {
        let store = |(n, (id, article)): (usize, (ArticleId, Article))| StoredArticle {
            id,
            key: key(page),
            position: n as u32,
            revision: 1,
            published: DateTime::UNIX_EPOCH,
            updated: DateTime::UNIX_EPOCH,
            arrival: n as i64 + 1,
            withdrawn: false,
            article,
        };
        identified.into_iter().enumerate().map(store).collect()
    }

    fn ids(identified: &[(ArticleId, Article)]) -> Vec<ArticleId> {
        identified.iter().map(|(id, _)| id.clone()).collect()
    }

    const BRIDGE: &str = "柳坞镇的新桥昨天上午通车，两岸村民不再绕行。\n桥长86米，双向两车道，桥面铺了防滑层。";
    const CANAL: &str = "蓼河南岸的灌渠修缮完工，沿线三个村的农田有了稳定水源。\n工程队更换了七座闸门。";

    #[test]
    fn a_corrected_story_keeps_its_id_wherever_it_moves_on_its_page() {
        let first = identify(&key("02"), &[], vec![item("新桥通车", BRIDGE), item("灌渠完工", CANAL)]);
        let (bridge, canal) = (first[0].0.clone(), first[1].0.clone());
        let known = stored("02", first);
        let again = vec![item("灌渠修缮完工", CANAL), item("新桥通车", &BRIDGE.replace("86米", "68米"))];
        assert_eq!(ids(&identify(&key("02"), &known, again)), [canal, bridge]);
    }

    #[test]
    fn a_story_that_a_better_cut_makes_whole_keeps_its_id() {
        let half = BRIDGE.lines().next().unwrap();
        let known = stored("02", identify(&key("02"), &[], vec![item("", half)]));
        assert_eq!(identify(&key("02"), &known, vec![item("新桥通车", BRIDGE)])[0].0, known[0].id);
    }

    #[test]
    fn another_story_gets_an_id_of_its_own() {
        let known = stored("02", identify(&key("02"), &[], vec![item("新桥通车", BRIDGE)]));
        assert_ne!(identify(&key("02"), &known, vec![item("灌渠完工", CANAL)])[0].0, known[0].id);
    }

    #[test]
    fn the_same_text_twice_on_a_page_gets_two_ids_and_keeps_both() {
        let twice = || vec![item("启事", "遗失营业执照一份。"), item("启事", "遗失营业执照一份。")];
        let first = identify(&key("02"), &[], twice());
        assert_ne!(first[0].0, first[1].0);
        let kept = ids(&first);
        assert_eq!(ids(&identify(&key("02"), &stored("02", first), twice())), kept);
    }

    #[test]
    fn a_jump_to_another_page_takes_nothing_from_the_front_page_but_a_story_that_left_it_moves() {
        let mut known = stored("01", identify(&key("01"), &[], vec![item("新桥通车", BRIDGE)]));
        let jump = || vec![item("新桥通车", BRIDGE)];
        assert_ne!(identify(&key("03"), &known, jump())[0].0, known[0].id);
        known[0].withdrawn = true;
        assert_eq!(identify(&key("03"), &known, jump())[0].0, known[0].id);
    }

    proptest! {
        #[test]
        fn ids_are_unique_and_cutting_the_same_page_again_keeps_them(
            texts in proptest::collection::vec(("[甲乙丙丁]{0,3}", "[天地玄黄宇宙洪荒。\n]{0,24}"), 0..8),
            other in proptest::collection::vec(("[甲乙丙丁]{0,3}", "[天地玄黄宇宙洪荒。\n]{0,24}"), 0..8),
        ) {
            let page = |texts: &[(String, String)]| texts.iter().map(|(h, b)| item(h, b)).collect::<Vec<_>>();
            let first = identify(&key("02"), &[], page(&texts));
            let kept = ids(&first);
            prop_assert_eq!(kept.iter().collect::<HashSet<_>>().len(), kept.len());
            let known = stored("02", first);
            prop_assert_eq!(ids(&identify(&key("02"), &known, page(&texts))), kept);
            let changed = ids(&identify(&key("02"), &known, page(&other)));
            prop_assert_eq!(changed.iter().collect::<HashSet<_>>().len(), changed.len());
        }
    }
}
