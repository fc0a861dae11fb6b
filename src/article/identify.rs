//! Tells a page's stories again after it was cut anew, so that each keeps its identifier.

use std::collections::HashSet;

use crate::model::{Article, ArticleId, PageKey, StoredArticle};

/// How alike two texts must be, as twice the shared part over the sum of both, to be one story.
///
/// A story of which half was rewritten, or from which a wrongly cut second story of its own length
/// was taken away, still passes; two reports on one event in different words do not.
const ALIKE: f32 = 0.4;
/// What an equal headline adds, so that of two versions of one text the one under its headline wins.
const SAME_HEADLINE: f32 = 0.15;
/// Characters that are compared together.
const GRAM: usize = 3;

/// Gives every item of a page its identifier: the one of the known article that it is, or a new one.
///
/// `known` is what the store holds of the page's edition, withdrawn articles included; only articles
/// of the page itself are taken up again, for a text that stands on two pages is two articles. No
/// identifier is given twice, and a new one is never one that a known article of another text has.
/// Items come back in the order in which they were given.
pub fn identify(key: &PageKey, known: &[StoredArticle], cut: Vec<Article>) -> Vec<(ArticleId, Article)> {
    let candidates: Vec<&StoredArticle> = known.iter().filter(|k| k.key == *key).collect();
    let old: Vec<Text> = candidates.iter().map(|k| Text::of(&k.article)).collect();
    let new: Vec<Text> = cut.iter().map(Text::of).collect();
    let mut pairs: Vec<(f32, usize, usize)> = Vec::new();
    for (n, text) in new.iter().enumerate() {
        for (o, other) in old.iter().enumerate() {
            let alike = text.likeness(other);
            if alike >= ALIKE {
                pairs.push((alike, n, o));
            }
        }
    }
    // The most alike first; of equals those whose place on the page is closest.
    let distance = |p: &(f32, usize, usize)| (candidates[p.2].position as usize).abs_diff(p.1);
    pairs.sort_by(|a, b| b.0.total_cmp(&a.0).then(distance(a).cmp(&distance(b))).then(a.1.cmp(&b.1)).then(a.2.cmp(&b.2)));
    let mut ids: Vec<Option<ArticleId>> = vec![None; cut.len()];
    let mut given: HashSet<ArticleId> = HashSet::new();
    for (_, n, o) in pairs {
        let id = &candidates[o].id;
        if ids[n].is_none() && !given.contains(id) {
            given.insert(id.clone());
            ids[n] = Some(id.clone());
        }
    }
    given.extend(known.iter().map(|k| k.id.clone()));
    let mut out = Vec::with_capacity(cut.len());
    for (id, article) in ids.into_iter().zip(cut) {
        let id = id.unwrap_or_else(|| new_id(key, &article, &given));
        given.insert(id.clone());
        out.push((id, article));
    }
    out
}

/// The first identifier of this text on this page that nothing else has.
fn new_id(key: &PageKey, article: &Article, given: &HashSet<ArticleId>) -> ArticleId {
    let text = format!("{}\n{}\n{}", article.kind, article.headline.as_deref().unwrap_or_default(), article.body());
    let date = key.date.to_string();
    let mut ordinal = 0_u64;
    loop {
        let id = ArticleId::assign(&[
            key.source.as_bytes(),
            date.as_bytes(),
            key.page.as_bytes(),
            text.as_bytes(),
            ordinal.to_string().as_bytes(),
        ]);
        if !given.contains(&id) {
            return id;
        }
        ordinal += 1;
    }
}

/// A text as it is compared.
#[derive(Debug)]
struct Text {
    news: bool,
    headline: String,
    /// Sorted; white space left out.
    grams: Vec<[char; GRAM]>,
}

impl Text {
    fn of(article: &Article) -> Self {
        let solid = |s: &str| s.chars().filter(|c| !c.is_whitespace()).collect::<String>();
        let headline = solid(article.headline.as_deref().unwrap_or_default());
        let body = solid(&article.paragraphs.concat());
        let mut chars: Vec<char> = if body.is_empty() { headline.chars().collect() } else { body.chars().collect() };
        // Texts shorter than a gram are compared as one.
        while !chars.is_empty() && chars.len() < GRAM {
            chars.push('\0');
        }
        let mut grams: Vec<[char; GRAM]> = chars.windows(GRAM).map(|w| [w[0], w[1], w[2]]).collect();
        grams.sort_unstable();
        Self { news: article.kind.is_news(), headline, grams }
    }

    fn likeness(&self, other: &Self) -> f32 {
        if self.news != other.news && self.grams != other.grams {
            return 0.0;
        }
        let sum = self.grams.len() + other.grams.len();
        let same_headline = self.headline == other.headline;
        if sum == 0 {
            return if same_headline { 1.0 } else { 0.0 };
        }
        let (mut i, mut j, mut shared) = (0, 0, 0);
        while i < self.grams.len() && j < other.grams.len() {
            match self.grams[i].cmp(&other.grams[j]) {
                std::cmp::Ordering::Less => i += 1,
                std::cmp::Ordering::Greater => j += 1,
                std::cmp::Ordering::Equal => {
                    shared += 1;
                    i += 1;
                    j += 1;
                }
            }
        }
        let alike = 2.0 * shared as f32 / sum as f32;
        if alike > 0.0 && same_headline && !self.headline.is_empty() { alike + SAME_HEADLINE } else { alike }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use chrono::{DateTime, NaiveDate};
    use proptest::prelude::*;

    use super::*;
    use crate::model::ArticleKind;

    fn key() -> PageKey {
        PageKey { source: "sample".into(), date: NaiveDate::from_ymd_opt(2024, 5, 6).unwrap(), page: "02".into() }
    }

    fn article(headline: &str, body: &str) -> Article {
        Article {
            kind: ArticleKind::Article,
            headline: (!headline.is_empty()).then(|| headline.to_owned()),
            paragraphs: vec![body.to_owned()],
            page: "02".into(),
            confidence: 1.0,
            ..Article::default()
        }
    }

    fn stored(items: &[(ArticleId, Article)]) -> Vec<StoredArticle> {
        items
            .iter()
            .enumerate()
            .map(|(n, (id, article))| StoredArticle {
                id: id.clone(),
                key: key(),
                position: n as u32,
                revision: 1,
                published: DateTime::UNIX_EPOCH,
                updated: DateTime::UNIX_EPOCH,
                arrival: n as i64,
                withdrawn: false,
                held: false,
                article: article.clone(),
            })
            .collect()
    }

    fn ids(items: &[(ArticleId, Article)]) -> Vec<ArticleId> {
        items.iter().map(|i| i.0.clone()).collect()
    }

    const BRIDGE: &str = "城东的石桥昨天通车，两岸居民放了鞭炮，孩子们在桥上跑了一个来回。";
    const SCHOOL: &str = "镇上的小学今年多招两个班，新校舍的屋顶装了光伏板，操场铺了草皮。";

    #[test]
    fn a_story_keeps_its_identifier_when_its_text_and_headline_change_a_little() {
        let first = identify(&key(), &[], vec![article("石桥通车", BRIDGE), article("小学扩招", SCHOOL)]);
        let changed = BRIDGE.replace("两岸居民", "附近村民");
        let again = identify(&key(), &stored(&first), vec![article("小学扩招", SCHOOL), article("城东石桥昨天通车", &changed)]);
        assert_eq!(ids(&again), [first[1].0.clone(), first[0].0.clone()]);
    }

    /// What a newer cutter does otherwise: nothing of it may give a story another address.
    #[test]
    fn every_story_of_a_page_keeps_its_identifier_when_the_page_is_cut_otherwise() {
        const MARKET: &str = "菜市场本周起实行新的开市时间，早上五点开门，傍晚七点收摊，摊主们大多赞成。";
        const RIVER: &str = "清淤船昨天驶进北河，计划用四十天清出淤泥三万方，沿岸的步道暂时封闭。";
        let page = [("石桥通车", BRIDGE), ("小学扩招", SCHOOL), ("菜市场改时间", MARKET), ("北河清淤", RIVER)];
        let first = identify(&key(), &[], page.map(|(headline, body)| article(headline, body)).to_vec());
        let known = stored(&first);
        fn shorter(body: &str, from: usize, left: usize) -> String {
            body.chars().skip(from).take(body.chars().count() - from - left).collect()
        }
        type Way = Box<dyn Fn(Article) -> Article>;
        let ways: [(&str, Way); 8] = [
            ("the last line is lost", Box::new(|a| Article { paragraphs: vec![shorter(&a.body(), 0, 12)], ..a })),
            ("the first line is lost", Box::new(|a| Article { paragraphs: vec![shorter(&a.body(), 12, 0)], ..a })),
            ("a foreign line comes in", Box::new(|a| Article { paragraphs: vec![a.body(), "明天多云转晴，东南风三级。".into()], ..a })),
            ("other paragraphs", Box::new(|a| Article { paragraphs: a.body().split_inclusive('，').map(str::to_owned).collect(), ..a })),
            (
                "the dateline is seen",
                Box::new(|a| Article { dateline: Some(shorter(&a.body(), 0, 30)), paragraphs: vec![shorter(&a.body(), 4, 0)], ..a }),
            ),
            ("no headline", Box::new(|a| Article { headline: None, ..a })),
            ("a longer headline", Box::new(|a| Article { headline: a.headline.map(|h| format!("昨天{h}两岸欢喜")), ..a })),
            ("a picture after all", Box::new(|a| Article { kind: ArticleKind::Photo, ..a })),
        ];
        for (what, change) in ways {
            let again: Vec<Article> = first.iter().rev().map(|(_, article)| change(article.clone())).collect();
            let expected: Vec<ArticleId> = ids(&first).into_iter().rev().collect();
            assert_eq!(ids(&identify(&key(), &known, again)), expected, "{what}");
        }
        // A headline that went to the wrong body draws no identifier after it.
        let crossed: Vec<Article> =
            page.iter().zip(page.iter().cycle().skip(1)).map(|((_, body), (headline, _))| article(headline, body)).collect();
        assert_eq!(ids(&identify(&key(), &known, crossed)), ids(&first));
    }

    #[test]
    fn a_story_cut_apart_keeps_the_identifier_for_its_larger_part() {
        let first = identify(&key(), &[], vec![article("石桥通车", &format!("{BRIDGE}{SCHOOL}"))]);
        let again = identify(&key(), &stored(&first), vec![article("小学扩招", SCHOOL), article("石桥通车", BRIDGE)]);
        assert_eq!(again[1].0, first[0].0);
        assert_ne!(again[0].0, first[0].0);
    }

    #[test]
    fn another_pages_story_of_the_same_text_keeps_its_own() {
        let first = identify(&key(), &[], vec![article("石桥通车", BRIDGE)]);
        let other = PageKey { page: "03".into(), ..key() };
        let there = identify(&other, &stored(&first), vec![article("石桥通车", BRIDGE)]);
        assert_ne!(there[0].0, first[0].0);
    }

    #[test]
    fn two_equal_items_of_one_page_differ_and_stay_apart() {
        let first = identify(&key(), &[], vec![article("", "求租店面"), article("", "求租店面")]);
        assert_ne!(first[0].0, first[1].0);
        let again = identify(&key(), &stored(&first), vec![article("", "求租店面"), article("", "求租店面")]);
        assert_eq!(ids(&again), ids(&first));
    }

    fn items() -> impl Strategy<Value = Vec<Article>> {
        prop::collection::vec(("[石桥]{0,2}", "[石桥通车学校]{0,9}").prop_map(|(h, b)| article(&h, &b)), 0..8)
    }

    proptest! {
        #[test]
        fn no_identifier_is_given_twice_or_taken_from_another(before in items(), after in items(), elsewhere in items()) {
            let there = PageKey { page: "07".into(), ..key() };
            let mut known = stored(&identify(&key(), &[], before));
            let mut foreign = stored(&identify(&there, &[], elsewhere));
            foreign.iter_mut().for_each(|a| a.key = there.clone());
            known.extend(foreign.iter().cloned());
            let got = identify(&key(), &known, after.clone());
            let unique: HashSet<_> = got.iter().map(|i| &i.0).collect();
            prop_assert_eq!(unique.len(), got.len());
            prop_assert!(got.iter().all(|(id, _)| foreign.iter().all(|f| f.id != *id)));
            prop_assert_eq!(got.iter().map(|i| i.1.clone()).collect::<Vec<_>>(), after);
        }

        #[test]
        fn cutting_the_same_page_again_changes_no_identifier(items in items()) {
            let first = identify(&key(), &[], items.clone());
            let again = identify(&key(), &stored(&first), items);
            prop_assert_eq!(ids(&again), ids(&first));
        }
    }
}
