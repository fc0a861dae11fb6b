//! The search over the sample edition, word by word.

use std::collections::{BTreeMap, BTreeSet};

use newsboy::search::{Query, fold};
use newsboy::store::{ArticleQuery, SearchOrder, SearchRequest, open};

use crate::house::House;

/// All runs of two ideographs in a text, folded.
fn pairs(text: &str) -> BTreeSet<String> {
    let chars: Vec<char> = fold(text).chars().collect();
    let is_ideograph = |c: &char| matches!(c, '\u{3400}'..='\u{9fff}');
    chars.windows(2).filter(|pair| pair.iter().all(is_ideograph)).map(|pair| pair.iter().collect()).collect()
}

/// Every two characters that stand side by side anywhere in the edition are found in exactly the
/// articles in which they stand, and characters that never meet are found nowhere.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_word_of_two_characters_is_found_where_it_stands_and_nowhere_else() {
    let house = House::new("");
    house.land_sample("2026-11-20");
    tokio::task::block_in_place(|| house.run_well(&["once"]));
    let store = open("sqlite:data/newsboy.db", &house.path("")).await.unwrap();
    let articles = store.articles(&ArticleQuery { limit: 1_000, ..ArticleQuery::default() }).await.unwrap();
    assert!(articles.len() > 20);

    let mut standing: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for stored in &articles {
        let article = &stored.article;
        let head = [&article.kicker, &article.headline, &article.deck, &article.dateline].into_iter().flatten();
        // Part by part, for no word reaches from one into the next.
        for part in head.chain(&article.paragraphs).chain(&article.byline).chain(&article.credit) {
            for pair in pairs(part) {
                standing.entry(pair).or_default().insert(stored.id.as_str());
            }
        }
    }
    assert!(standing.len() > 1_000);

    let request =
        |typed: &str| SearchRequest { query: Query::parse(typed), order: SearchOrder::Newest, limit: 1_000, ..SearchRequest::default() };
    for (word, expected) in &standing {
        let found = store.search(&request(word)).await.unwrap();
        let ids: BTreeSet<&str> = found.articles.iter().map(|stored| stored.id.as_str()).collect();
        assert_eq!(ids, *expected, "{word}");
    }
    // Characters of the edition in an order in which they never stand.
    let strangers = standing.keys().map(|word| word.chars().rev().collect::<String>()).filter(|word| !standing.contains_key(word));
    for word in strangers.take(500) {
        assert_eq!(store.search(&request(&word)).await.unwrap().total, 0, "{word}");
    }
}
