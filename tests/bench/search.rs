//! What a search costs in a store of a hundred thousand articles.
//!
//! `cargo bench --bench search` fills a store with made-up articles of seven paragraphs (a minute or
//! two) and prints, for words from the commonest to one that occurs twice, how many articles have it
//! and how long the best and the newest twenty take to find and read. `NEWSBOY_ARTICLES` names another
//! number of articles.

#![allow(missing_docs, clippy::unwrap_used, clippy::print_stdout)]

use std::time::{Duration, Instant};

use chrono::{Days, NaiveDate};
use newsboy::model::{Article, ArticleId, ArticleKind, ContentHash, PageKey};
use newsboy::search::Query;
use newsboy::store::{Applied, IdentifiedArticle, PageChange, SearchOrder, SearchRequest, Store, open};

/// What a search may take.
const BOUND: Duration = Duration::from_millis(20);

/// Articles of a page.
const PAGE: usize = 50;

/// The `n`th most common character: frequencies fall as they do in a language.
fn character(rng: &mut fastrand::Rng) -> char {
    let n = (3_000_f64.powf(rng.f64()) - 1.0) as u32;
    char::from_u32(0x4e00 + n).unwrap()
}

fn text(rng: &mut fastrand::Rng, chars: usize) -> String {
    (0..chars).map(|_| character(rng)).collect()
}

async fn fill(store: &dyn Store, articles: usize) {
    let mut rng = fastrand::Rng::with_seed(7);
    let first = NaiveDate::from_ymd_opt(2020, 1, 1).unwrap();
    for n in 0..articles / PAGE {
        let key = PageKey { source: format!("paper{}", n % 3), date: first + Days::new(n as u64), page: "01".into() };
        let items = (0..PAGE).map(|place| IdentifiedArticle {
            id: ArticleId::assign(&[&n.to_be_bytes(), &place.to_be_bytes()]),
            article: Article {
                kind: ArticleKind::Article,
                headline: Some(text(&mut rng, 14)),
                paragraphs: (0..7).map(|_| text(&mut rng, 40)).collect(),
                page: "01".to_owned(),
                section: Some("要闻".to_owned()),
                confidence: 1.0,
                ..Article::default()
            },
            doubtful: false,
            sketch: Vec::new(),
        });
        let hour = key.date.and_hms_opt(6, 0, 0).unwrap().and_utc();
        let change = PageChange {
            hash: ContentHash::of(&n.to_be_bytes()),
            origin: String::new(),
            cutter: 1,
            seen_revision: 0,
            articles: items.collect(),
            problems: Vec::new(),
            facsimile: None,
            backlog: false,
            hour,
            now: hour,
            key,
        };
        assert!(matches!(store.apply(change).await.unwrap(), Applied::Done(_)));
    }
}

async fn time(store: &dyn Store, request: &SearchRequest) -> (Duration, u32) {
    let mut best = Duration::MAX;
    let mut total = 0;
    for _ in 0..15 {
        let start = Instant::now();
        total = store.search(request).await.unwrap().total;
        best = best.min(start.elapsed());
    }
    (best, total)
}

#[tokio::main]
async fn main() {
    let articles = std::env::var("NEWSBOY_ARTICLES").ok().and_then(|n| n.parse().ok()).unwrap_or(100_000);
    let folder = tempfile::tempdir().unwrap();
    let store = open("sqlite:bench.db", folder.path()).await.unwrap();
    let start = Instant::now();
    fill(&*store, articles).await;
    println!("{articles} articles indexed in {:.1} s", start.elapsed().as_secs_f64());
    let at = |n: u32| char::from_u32(0x4e00 + n).unwrap();
    let mut slowest = Duration::ZERO;
    for (what, typed) in [
        ("the commonest character", format!("{}", at(0))),
        ("the commonest word", format!("{}{}", at(0), at(1))),
        ("a common word", format!("{}{}", at(12), at(30))),
        ("a rare word", format!("{}{}", at(900), at(1_500))),
        ("a word of four characters", format!("{}{}{}{}", at(1), at(2), at(3), at(4))),
        ("two words", format!("{}{} {}{}", at(2), at(3), at(5), at(8))),
        ("one but not the other", format!("{}{} -{}{}", at(2), at(3), at(5), at(8))),
    ] {
        for order in [SearchOrder::Best, SearchOrder::Newest] {
            let request = SearchRequest {
                query: Query::parse(&typed),
                kinds: vec![ArticleKind::Article],
                sources: vec!["paper0".to_owned(), "paper1".to_owned()],
                order,
                limit: 20,
                ..SearchRequest::default()
            };
            let (took, total) = time(&*store, &request).await;
            println!("{what}: {total} articles, {order:?}: {:.2} ms", took.as_secs_f64() * 1e3);
            slowest = slowest.max(took);
        }
    }
    println!("slowest: {:.2} ms, {} the bound of {BOUND:?}", slowest.as_secs_f64() * 1e3, if slowest < BOUND { "within" } else { "ABOVE" });
}
