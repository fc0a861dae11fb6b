//! What watched words and stories told twice cost.
//!
//! `cargo bench --bench words` prints
//!
//! - how long 10,000 watched words take over an edition of 100 articles, of which a few have some;
//! - how long it takes to find the other tellings of an article's story among 100,000 in the store, and to
//!   make its sketch. `HISTORY=20000` makes that many instead.

#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs)]

use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use newsboy::alert::{Watchlist, Watchword};
use newsboy::model::{Article, ArticleId, ContentHash, PageKey};
use newsboy::store::{self, IdentifiedArticle, PageChange};
use newsboy::story::{Telling, WORTH_COMPARING};

/// Runs of which the median is told.
const RUNS: usize = 21;

/// Characters that texts and words are drawn from.
const CHARACTERS: &str = "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种面而方后多定行学法所民得经十三之进着等部度家电力里如水化高自二理起小物现实加量都两体制机当使点从业本去把性好应开它合还因由其些然前外天政四日那社义事平形相全表间样与关各重新线内数正心反你明看原又么利比或但质气第向道命此变条只没结解问意建月公无系军很情者最立代想已通并提直题党程展五果料象员革位入常文总次品式活设及管特件长求老头基资边流路级少图山统接知较将组见计别她手角期根论运农指几九区强放决西被干做必战先回则任取据处队南给色光门即保治北造百规热领七海口东导器压志世金增争济阶油思术极交受联什认六共权收证改清己美再采转更单风切打白教速花带安场身车例真务具万每目至达走积示议声报斗完类八离华名确才科张信马节话米整空元况今集温传土许步群广石记需段研界拉林律叫且究观越织装影算低持音众书布复容儿须际商非验连断深难近矿千周委素技备半办青省列习响约支般史感劳便团往酸历市克何除消构府称太准精值号率族维划选标写存候毛亲快效斯院查江型眼王按格养易置派层片始却专状育厂京识适属圆包火住调满县局照参红细引听该铁价严龙飞";

fn text(rng: &mut fastrand::Rng, chars: &[char], length: usize) -> String {
    (0..length).map(|n| if n % 31 == 30 { '。' } else { chars[rng.usize(..chars.len())] }).collect()
}

fn article(paragraphs: Vec<String>) -> Article {
    serde_json::from_value(
        serde_json::json!({"kind": "article", "headline": "标题", "paragraphs": paragraphs, "page": "1", "confidence": 1.0}),
    )
    .unwrap()
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

fn watched_words(rng: &mut fastrand::Rng, chars: &[char]) {
    let words: Vec<Watchword> = (0..10_000)
        .map(|_| {
            let length = rng.usize(2..6);
            Watchword { word: text(rng, chars, length), except: Vec::new() }
        })
        .collect();
    let edition: Vec<Article> = (0..100).map(|_| article((0..8).map(|_| text(rng, chars, 180)).collect())).collect();
    let start = Instant::now();
    let list = Watchlist::new(&words).unwrap();
    println!("10,000 words made ready in {:?}", start.elapsed());
    let mut heard = 0;
    let times = (0..RUNS).map(|_| {
        let start = Instant::now();
        heard = edition.iter().map(|article| list.hear(article, 120).len()).sum();
        start.elapsed()
    });
    let times = times.collect();
    println!("10,000 words over 100 articles of 1,440 characters: {:?}, {heard} heard", median(times));
}

async fn stories(rng: &mut fastrand::Rng, chars: &[char]) {
    let history: usize = std::env::var("HISTORY").ok().and_then(|n| n.parse().ok()).unwrap_or(100_000);
    let dir = tempfile::tempdir().unwrap();
    let store = store::open("sqlite:bench.db", dir.path()).await.unwrap();
    let now: DateTime<Utc> = "2026-11-20T00:00:00Z".parse().unwrap();
    let mut kept: Vec<Article> = Vec::new();
    let start = Instant::now();
    for page in 0..history.div_ceil(1_000) {
        let key = PageKey { source: format!("paper{}", page % 20), date: now.date_naive(), page: format!("{}", page / 20 + 1).into() };
        let mut identified = Vec::new();
        for n in 0..1_000 {
            let article = article(vec![text(rng, chars, 400)]);
            if n == 0 {
                kept.push(article.clone());
            }
            let id = ArticleId::assign(&[&page.to_be_bytes(), &usize::to_be_bytes(n)]);
            identified.push(IdentifiedArticle { id, sketch: Telling::of(&article).sketch().to_vec(), article, doubtful: false });
        }
        let change = PageChange {
            hash: ContentHash::of(&page.to_be_bytes()),
            cutter: 1,
            origin: "bench".to_owned(),
            seen_revision: 0,
            articles: identified,
            problems: Vec::new(),
            facsimile: None,
            backlog: false,
            hour: now,
            now,
            key,
        };
        store.apply(change).await.unwrap();
    }
    println!("{history} articles stored in {:?}", start.elapsed());
    let (mut times, mut found) = (Vec::new(), 0);
    for article in kept.iter().cycle().take(200) {
        // A copy, shortened to its beginning, and an article that nobody has told of.
        let short: String = article.paragraphs[0].chars().take(150).collect();
        for asked in [self::article(vec![short]), self::article(vec![text(rng, chars, 400)])] {
            let start = Instant::now();
            let telling = Telling::of(&asked);
            let near = store.alike(telling.sketch(), WORTH_COMPARING, &[now.date_naive()], 24).await.unwrap();
            found += near.iter().filter(|other| telling.is_of_the_same_story(&Telling::of(&other.article))).count();
            times.push(start.elapsed());
        }
    }
    let longest = times.iter().max().copied().unwrap_or_default();
    println!("other tellings of an article among {history}: {:?}, the longest {longest:?}; {found} of 200 copies found", median(times));
}

fn main() {
    let mut rng = fastrand::Rng::with_seed(3);
    let chars: Vec<char> = CHARACTERS.chars().collect();
    watched_words(&mut rng, &chars);
    tokio::runtime::Runtime::new().unwrap().block_on(stories(&mut rng, &chars));
}
