//! What making a feed costs, beside the bare crates that write it.
//!
//! `cargo bench --bench feeds` measures, of articles of 2 KB of Chinese text:
//!
//! - documents a second, RSS and Atom of 100 entries: newsboy from stored articles to bytes, and
//!   the crates `rss` and `atom_syndication` whose object model is filled by hand with the same
//!   texts, without cleaning, escaping or defusing anything. The ratio of the two is printed, from
//!   runs that take turns, so that a busy machine slows both;
//! - how the cost grows from 10 over 100 to 1,000 entries;
//! - what it costs to hold an article against words;
//! - what compressing costs at the quality newsboy uses and at the qualities beside it.

#![allow(missing_docs, clippy::unwrap_used, clippy::print_stdout)]

use std::hint::black_box;
use std::time::{Duration, Instant};

use chrono::{DateTime, NaiveDate, Utc};
use criterion::{BenchmarkId, Criterion, Throughput};
use newsboy::feed::{Feed, FeedConfig, Format, Item, MatchRule, Representation, Selector, Site, SourceFacts, Subject};
use newsboy::model::{Article, ArticleId, ArticleKind, PageKey, StoredArticle};

const AUTHORITY: &str = "example.org,2026";

fn site() -> Site {
    let source = SourceFacts { name: "yunpu".to_owned(), title: "云浦日报".to_owned(), language: "zh-Hans".to_owned() };
    Site { public_url: "https://news.example.org".to_owned(), sources: vec![source], hub: None, is_static: false }
}

fn config() -> FeedConfig {
    FeedConfig {
        name: "yunpu".to_owned(),
        title: "云浦日报".to_owned(),
        language: Some("zh-Hans".to_owned()),
        sources: vec!["yunpu".to_owned()],
        rule: MatchRule::default(),
        token: None,
    }
}

fn instant(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_773_266_400 + seconds, 0).unwrap()
}

/// A paragraph whose characters do not repeat in the next one's order, so that it compresses like
/// text and not like a pattern.
fn paragraph(seed: u32, chars: usize) -> String {
    let mut state = u64::from(seed) * 2_654_435_761 + 1;
    let mut text = String::with_capacity(chars * 3);
    for n in 1..=chars {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        // The product of two numbers favours small ones, as a language favours its common characters.
        let (a, b) = ((state >> 33) % 60, (state >> 45) % 60);
        text.push(match n {
            n if n == chars || n % 40 == 0 => '。',
            n if n % 13 == 0 => '，',
            _ => char::from_u32(0x4e00 + u32::try_from(a * b).unwrap()).unwrap(),
        });
    }
    text
}

/// An article of 2 KB in four paragraphs, and its summary.
fn item(n: u32) -> Item {
    let article = Article {
        kind: ArticleKind::Article,
        kicker: Some(paragraph(n, 8)),
        headline: Some(paragraph(n + 1_000_000, 14)),
        deck: Some(paragraph(n + 2_000_000, 18)),
        dateline: Some("本报讯".to_owned()),
        byline: vec!["林晓".to_owned()],
        paragraphs: (0..4).map(|p| paragraph(n * 4 + p, 165)).collect(),
        page: format!("{:02}", n % 8 + 1),
        section: Some("要闻".to_owned()),
        continuation: newsboy::model::Continuation::default(),
        confidence: 0.9,
        ..Article::default()
    };
    let summary = article.paragraphs[0].clone();
    let article = StoredArticle {
        id: ArticleId::assign(&[&n.to_be_bytes()]),
        key: PageKey {
            source: "yunpu".to_owned(),
            date: NaiveDate::from_ymd_opt(2026, 3, 12).unwrap(),
            page: article.page.as_str().into(),
        },
        position: n,
        revision: 1,
        published: instant(n.into()),
        updated: instant(n.into()),
        arrival: n.into(),
        withdrawn: false,
        held: false,
        article,
    };
    Item { article, summary, facsimile: Default::default() }
}

fn items(count: u32) -> Vec<Item> {
    (0..count).map(item).collect()
}

fn newsboy(items: &[Item], format: Format) -> Vec<u8> {
    Feed::compose(&config(), AUTHORITY, &site(), items).render(format).unwrap()
}

/// The same texts as HTML, nothing looked at.
fn naive_body(article: &Article) -> String {
    article.paragraphs.iter().map(|p| format!("<p>{p}</p>")).collect()
}

fn bare_rss(items: &[Item]) -> Vec<u8> {
    let entries = items
        .iter()
        .map(|Item { article: stored, summary, .. }| rss::Item {
            title: stored.article.headline.clone(),
            link: Some(format!("https://news.example.org/articles/{}", stored.id)),
            description: Some(summary.clone()),
            content: Some(naive_body(&stored.article)),
            guid: Some(rss::Guid { value: format!("tag:{AUTHORITY}:article/{}", stored.id), permalink: false }),
            pub_date: Some(stored.published.to_rfc2822()),
            categories: stored.article.section.iter().map(|s| rss::Category { name: s.clone(), domain: None }).collect(),
            ..rss::Item::default()
        })
        .collect();
    let channel = rss::Channel {
        title: "云浦日报".to_owned(),
        link: "https://news.example.org/".to_owned(),
        items: entries,
        ..rss::Channel::default()
    };
    channel.write_to(Vec::new()).unwrap()
}

fn bare_atom(items: &[Item]) -> Vec<u8> {
    use atom_syndication as atom;
    let entries = items
        .iter()
        .map(|Item { article: stored, summary, .. }| atom::Entry {
            title: atom::Text::plain(stored.article.headline.clone().unwrap_or_default()),
            id: format!("tag:{AUTHORITY}:article/{}", stored.id),
            updated: stored.updated.fixed_offset(),
            published: Some(stored.published.fixed_offset()),
            links: vec![atom::Link { href: format!("https://news.example.org/articles/{}", stored.id), ..atom::Link::default() }],
            categories: stored.article.section.iter().map(|s| atom::Category { term: s.clone(), ..atom::Category::default() }).collect(),
            summary: Some(atom::Text::plain(summary.clone())),
            content: Some(atom::Content {
                value: Some(naive_body(&stored.article)),
                content_type: Some("html".to_owned()),
                ..atom::Content::default()
            }),
            ..atom::Entry::default()
        })
        .collect();
    let feed =
        atom::Feed {
            title: atom::Text::plain("云浦日报"), id: format!("tag:{AUTHORITY}:feed/yunpu"), entries, ..atom::Feed::default()
        };
    feed.write_to(Vec::new()).unwrap()
}

fn median(mut times: Vec<Duration>) -> f64 {
    times.sort_unstable();
    times[times.len() / 2].as_secs_f64()
}

/// Two ways taking turns, in seconds.
fn in_turns(rounds: usize, mut one: impl FnMut(), mut other: impl FnMut()) -> (f64, f64) {
    let (mut ones, mut others) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        let start = Instant::now();
        one();
        ones.push(start.elapsed());
        let start = Instant::now();
        other();
        others.push(start.elapsed());
    }
    (median(ones), median(others))
}

fn ratios() {
    let hundred = items(100);
    println!("\n100 entries, documents a second (median of 200 turns):");
    let line = |name: &str, format: Format, bare: fn(&[Item]) -> Vec<u8>| {
        let (ours, theirs) =
            in_turns(200, || drop(black_box(newsboy(black_box(&hundred), format))), || drop(black_box(bare(black_box(&hundred)))));
        let sizes = (newsboy(&hundred, format).len() / 1024, bare(&hundred).len() / 1024);
        println!(
            "  {name}: newsboy {:.0} ({} KB), the bare crate {:.0} ({} KB); newsboy reaches {:.2} of the bare crate",
            1.0 / ours,
            sizes.0,
            1.0 / theirs,
            sizes.1,
            theirs / ours
        );
    };
    line("RSS ", Format::Rss, bare_rss);
    line("Atom", Format::Atom, bare_atom);

    println!("growth (median of 20 runs, microseconds an entry):");
    for format in [Format::Rss, Format::Atom] {
        let costs: Vec<String> = [10, 100, 1000]
            .into_iter()
            .map(|count| {
                let items = items(count);
                let (cost, _) = in_turns(20, || drop(black_box(newsboy(black_box(&items), format))), || {});
                format!("{count} entries: {:.1}", cost * 1e6 / f64::from(count))
            })
            .collect();
        println!("  {format:?}: {}", costs.join(", "));
    }

    let bytes = newsboy(&hundred, Format::Rss);
    println!("compressing {} KB of RSS (median of 5 runs):", bytes.len() / 1024);
    for quality in [5, 9, 10, 11] {
        let params = brotli::enc::BrotliEncoderParams { quality, lgwin: 22, size_hint: bytes.len(), ..Default::default() };
        let mut size = 0;
        let pack = || {
            let mut out = Vec::new();
            brotli::BrotliCompress(&mut bytes.as_slice(), &mut out, &params).unwrap();
            size = out.len();
        };
        let (cost, _) = in_turns(5, pack, || {});
        println!("  brotli {quality}: {:.1} ms, {} KB", cost * 1e3, size / 1024);
    }
    let compress = || drop(black_box(Representation::compress(Format::Rss, bytes.clone(), instant(0)).unwrap()));
    let (cost, _) = in_turns(5, compress, || {});
    let made = Representation::compress(Format::Rss, bytes.clone(), instant(0)).unwrap();
    println!(
        "  a representation with both twins and tags: {:.1} ms; gzip {} KB, brotli {} KB",
        cost * 1e3,
        made.gzip.bytes.len() / 1024,
        made.brotli.bytes.len() / 1024
    );
}

/// What it costs to hold an article against ten words of which none stands in it, and what it
/// costs where a single accented letter makes the folding take the slow way.
fn selecting() {
    let rule = MatchRule { any: (0..10).map(|n| paragraph(9_000_000 + n, 4)).collect(), ..MatchRule::default() };
    let selector = Selector::new(&rule);
    let plain = items(100);
    let mut accented = plain.clone();
    accented.iter_mut().for_each(|item| item.article.article.paragraphs.iter_mut().for_each(|p| p.push('é')));
    let hold = |items: &[Item]| {
        for item in items {
            black_box(selector.takes(&Subject::new(&item.article.article)));
        }
    };
    let (fast, slow) = in_turns(50, || hold(black_box(&plain)), || hold(black_box(&accented)));
    println!(
        "selecting, microseconds an article of 2 KB: Chinese print {:.1}, with an accented letter a paragraph {:.1}",
        fast * 1e4,
        slow * 1e4
    );
}

fn benches(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("feed");
    for count in [10, 100, 1000] {
        let items = items(count);
        group.throughput(Throughput::Elements(count.into()));
        for format in Format::ALL {
            group.bench_with_input(BenchmarkId::new(format!("{format:?}"), count), &items, |b, items| {
                b.iter(|| newsboy(items, format));
            });
        }
        group.bench_with_input(BenchmarkId::new("bare rss", count), &items, |b, items| b.iter(|| bare_rss(items)));
        group.bench_with_input(BenchmarkId::new("bare atom", count), &items, |b, items| b.iter(|| bare_atom(items)));
    }
    group.finish();
}

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    benches(&mut criterion);
    criterion.final_summary();
    ratios();
    selecting();
}
