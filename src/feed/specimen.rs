//! Made-up editions for tests: an ordinary one, and one made to break a feed.

use chrono::{DateTime, NaiveDate, Utc};
use proptest::prelude::*;

use super::{Feed, FeedConfig, Format, Item, MatchRule, Site, SourceFacts};
use crate::model::{Article, ArticleId, ArticleKind, Facsimile, Measure, OnSite, PageKey, Picture, StoredArticle};

pub(crate) const AUTHORITY: &str = "example.org,2026";

/// When the tests read the feeds: a day after the edition.
pub(crate) fn now() -> DateTime<Utc> {
    at(86_400)
}

/// Seconds after six in the morning of 12 March 2026, Shanghai's time.
pub(crate) fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_773_266_400 + seconds, 0).unwrap_or_default()
}

pub(crate) fn site() -> Site {
    let source = |name: &str, title: &str, language: &str| SourceFacts {
        name: name.to_owned(),
        title: title.to_owned(),
        language: language.to_owned(),
    };
    Site {
        public_url: "https://news.example.org".to_owned(),
        sources: vec![source("yunpu", "云浦日报", "zh-Hans"), source("harbour", "The Harbour Post", "en")],
        hub: Some("https://news.example.org/hub".to_owned()),
        is_static: false,
    }
}

pub(crate) fn config() -> FeedConfig {
    FeedConfig {
        name: "yunpu".to_owned(),
        title: "云浦日报".to_owned(),
        language: Some("zh-Hans".to_owned()),
        sources: vec!["yunpu".to_owned()],
        rule: MatchRule::default(),
        token: None,
    }
}

pub(crate) fn article(kind: ArticleKind, headline: Option<&str>, paragraphs: &[&str]) -> Article {
    Article {
        kind,
        headline: headline.map(str::to_owned),
        paragraphs: paragraphs.iter().map(|p| (*p).to_owned()).collect(),
        page: "01".to_owned(),
        confidence: 0.9,
        ..Article::default()
    }
}

/// The `n`th article of the edition, as the store would give it.
pub(crate) fn stored(n: u32, source: &str, article: Article) -> StoredArticle {
    StoredArticle {
        id: ArticleId::assign(&[source.as_bytes(), &n.to_be_bytes()]),
        key: PageKey {
            source: source.to_owned(),
            date: NaiveDate::from_ymd_opt(2026, 3, 12).unwrap_or_default(),
            page: article.page.as_str().into(),
        },
        position: n,
        revision: 1,
        published: at(n.into()),
        updated: at(n.into()),
        arrival: n.into(),
        withdrawn: false,
        held: false,
        article,
    }
}

pub(crate) fn item(n: u32, article: Article) -> Item {
    let summary = article.paragraphs.first().cloned().unwrap_or_default();
    Item { article: stored(n, "yunpu", article), summary, facsimile: Facsimile::default() }
}

/// A picture at an address, as large as its site says.
pub(crate) fn picture(url: &str, caption: &str, measure: Option<Measure>) -> Picture {
    Picture { url: url.to_owned(), caption: Some(caption.to_owned()), measure }
}

/// An ordinary edition: everything an article can have, and what it can lack.
pub(crate) fn edition() -> Vec<Item> {
    let lead = Article {
        kicker: Some("政府工作报告解读".to_owned()),
        deck: Some("全年新建绿道四十公里，老城区供水管网换新".to_owned()),
        dateline: Some("本报讯".to_owned()),
        byline: vec!["林晓".to_owned(), "周亦帆".to_owned()],
        credit: vec!["许知".to_owned()],
        section: Some("要闻".to_owned()),
        ..article(
            ArticleKind::Article,
            Some("云浦今年要办十件实事"),
            &["三月十一日，县里公布了今年的十件实事。", "其中四件与水有关：管网、泵站、河道和“水上公园”。"],
        )
    };
    let photo = Article {
        credit: vec!["许知".to_owned()],
        page: "02".to_owned(),
        site: Some(Box::new(OnSite {
            pictures: vec![
                picture(
                    "https://paper.example.org/2026/03/12/pic_7.jpg",
                    "游客拍照。 许知 摄",
                    Some(Measure { bytes: 204_817, media_type: Some("image/jpeg".to_owned()) }),
                ),
                picture("https://paper.example.org/picture?id=8", "南河滩。", None),
            ],
            ..OnSite::default()
        })),
        ..article(ArticleKind::Photo, Some("油菜花开"), &["昨日，游客在南河滩的油菜花田里拍照。"])
    };
    let bare = Article {
        page: "02".to_owned(), ..article(ArticleKind::Article, None, &["东门桥昨晚恢复通车，比计划早了九天。"])
    };
    let notice = Article {
        page: "A4".to_owned(), ..article(ArticleKind::Notice, Some("停水公告"), &["因检修，明日零时至六时停水。"])
    };
    let facsimile = Facsimile {
        image: Some("https://paper.example.org/2026/03/12/02.png".to_owned()),
        pdf: Some("https://paper.example.org/2026/03/12/02.pdf".to_owned()),
        pdf_measure: Some(Measure { bytes: 3_145_728, media_type: None }),
        ..Facsimile::default()
    };
    let second = |item: Item| Item { facsimile: facsimile.clone(), ..item };
    vec![item(4, notice), second(item(3, bare)), second(item(2, photo)), item(1, lead)]
}

/// Texts that have broken feeds: markup, CDATA's end, controls, lone line ends, bidi overrides,
/// rare ideographs, noncharacters, addresses that run.
pub(crate) const HOSTILE: [&str; 14] = [
    "]]>",
    "<![CDATA[ x ]]]]><![CDATA[> ]]>",
    "<script>alert(1)</script>",
    "</content></entry></feed>",
    "<img src=x onerror=alert(1)>&nbsp;&amp;&#0;&lt;b&gt;",
    "\u{0}\u{1}\u{8}\u{b}\u{c}\u{f}\u{1f}\u{7f}\u{85}\u{9f}",
    "\u{fffe}\u{ffff}\u{fffd}\u{fdd0}\u{1fffe}",
    "\u{202e}gnp.exe\u{202c}\u{2066}x\u{2069}",
    "👩\u{200d}🌾𠮷𪚥𬺰꧁꧂",
    "\r\n\r \t\u{2028}\u{2029}\u{3000}",
    "<?xml version=\"1.0\"?><!DOCTYPE x [<!ENTITY a \"b\">]>",
    "{{ 7 * 7 }} {% raw %} ${x}",
    "javascript:alert(1)//\"'><a href=\"/x\">",
    "",
];

/// An edition that has every hostile text in every field, and one paragraph of a megabyte.
pub(crate) fn hostile() -> Vec<Item> {
    let mut items: Vec<Item> = (1_u32..).zip(HOSTILE).map(|(n, text)| hostile_item(n, text)).collect();
    let long = "长".repeat(1 << 19) + &"]]>&<".repeat(1 << 16);
    items.push(item(99, article(ArticleKind::Article, Some("长文"), &[&long])));
    items
}

/// An item that has `text` wherever a text can stand.
pub(crate) fn hostile_item(n: u32, text: &str) -> Item {
    let some = || Some(text.to_owned());
    // Sources hand over what a parser of addresses has made of them.
    let address = reqwest::Url::parse(&format!("https://paper.example.org/{text}/a.jpg?x={text}")).ok().map(|url| url.to_string());
    let article = Article {
        kicker: some(),
        headline: some(),
        deck: some(),
        dateline: some(),
        byline: vec![text.to_owned(); 2],
        credit: vec![text.to_owned()],
        paragraphs: vec![text.to_owned(); 2],
        page: text.to_owned(),
        section: some(),
        site: address.clone().map(|url| {
            let measure = Measure { bytes: u64::MAX, media_type: Some(format!("image/{text}")) };
            Box::new(OnSite { pictures: vec![picture(&url, text, Some(measure))], ..OnSite::default() })
        }),
        ..article(ArticleKind::Article, None, &[])
    };
    Item { article: stored(n, "yunpu", article), summary: text.to_owned(), facsimile: Facsimile { pdf: address, ..Facsimile::default() } }
}

/// Any text, with what XML, HTML and JSON care about more often than chance has it.
pub(crate) fn any_text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        any::<char>().prop_map(String::from),
        "[ -~]{0,6}",
        "[一-龥，。]{1,8}",
        prop::sample::select(HOSTILE.to_vec()).prop_map(str::to_owned),
    ];
    prop::collection::vec(piece, 0..6).prop_map(|pieces| pieces.concat())
}

/// A feed in a format, and where it is fetched from.
pub(crate) fn written(feed: &Feed, format: Format) -> Vec<u8> {
    feed.render(format).unwrap_or_default()
}
