//! One small made-up site for each family of addresses and each kind of page.

use std::collections::HashMap;
use std::sync::Arc;

use reqwest::Url;

use super::{Layer, Memory, Site, Told, date, html, missing, on, pass};
use crate::model::{ArticleKind, DayAnswer, Measure};
use crate::source::Dates;
use crate::source::epaper::probe;

/// Reads the issue of 20 February 2023 of a site of these pages.
async fn read(pages: &[(&str, &str)], path: &str, extends: &[&str], own: &str) -> (Told, Vec<String>) {
    let pages: HashMap<String, String> = pages.iter().map(|(path, body)| ((*path).to_owned(), (*body).to_owned())).collect();
    let site = Site::serve(move |path, _| pages.get(path).map_or_else(missing, |body| html(body))).await;
    let shelf = Arc::new(Memory::default());
    let told = pass(&site.config(path, extends, own), &site.world(&shelf), &shelf, on("2023-02-20")).await;
    let asked = site.asked();
    assert_probed(&site, &told).await;
    (told, asked)
}

/// Holds what a probe of the issue's first page describes against what was read by the presets that the
/// site was made for: each page with each article, to the letter.
async fn assert_probed(site: &Site, told: &Told) {
    let shelf = Arc::new(Memory::default());
    let world = site.world(&shelf);
    let own = Layer::parse("fetch.min_gap = 0.0").unwrap();
    let mut at: Url = told.pages[0].origin.parse().unwrap();
    // Pages that are no documents of their own come from the one answer that there is.
    let asked = site.asked();
    if at.path().ends_with('/') && asked.iter().any(|path| path.ends_with("/20/index.html")) {
        at.set_path(asked.iter().find(|path| path.ends_with("/20/index.html")).unwrap());
    } else if !asked
        .iter()
        .any(|path| path.starts_with(at.path()) && path != "/robots.txt" && at.path() != "/" && !at.path().ends_with('/'))
    {
        at.set_path(asked.last().unwrap());
    }
    let lines = probe(&at, own, &world, date("2023-02-20")).await.unwrap().lines;
    let printed: toml::Value = toml::from_str(&lines).unwrap_or_else(|error| panic!("{at}: {error}\n{lines}"));
    let source = &printed["source"][0];
    let extends: Vec<&str> = source["extends"].as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect();
    let mut more = toml::Table::new();
    more.extend(source.as_table().unwrap().iter().filter(|(name, _)| *name == "issue").map(|(name, value)| (name.clone(), value.clone())));
    let mut config = site.config("", &extends, &more.to_string());
    config.description.site = source["site"].as_str().unwrap().parse().unwrap();
    let probed = pass(&config, &world, &Arc::new(Memory::default()), on("2023-02-20")).await;
    let read = |told: &Told| told.pages.iter().map(|page| (page.key.page.to_string(), page.articles.clone())).collect::<Vec<_>>();
    assert!(read(&probed) == read(told), "{lines}\n{}\ngives {:#?}\nand not {:#?}", probed.days[0].why, read(&probed), read(told));
}

/// What an article of these tests is: kicker, headline, deck, author, first paragraph.
fn fields<'t>(told: &'t Told, headline: &str) -> [Option<&'t str>; 4] {
    let article = told.article(headline);
    let author = article.site.as_ref().and_then(|site| site.author.as_deref());
    [article.kicker.as_deref(), article.deck.as_deref(), author, article.paragraphs.first().map(String::as_str)]
}

const FIELDS: [Option<&str>; 4] = [Some("水利"), Some("提前完工"), Some("记者 白石"), Some("堤岸加固完工。")];

/// The labels of the pages with their sections.
fn labels(told: &Told) -> Vec<String> {
    told.pages.iter().map(|page| page.key.page.to_string()).collect()
}

#[tokio::test]
async fn paperindex_with_links_in_attributes_of_its_own() {
    let list = "<div class=banci><a href=Page01QZ.htm>01版：要闻</a><a daoxiang=Page02QZ.htm>02版：综合</a></div>";
    let first = format!(
        "{list}<img id=imageth src=Page01QZ.jpg usemap=#PageMap width=350 height=520><map name=PageMap><area coords='1,2,3,4' shape=rect href=Articel01001QZ.htm></map><a href='../../PDF/20230220/01.pdf'>PDF</a><div id=mylink><a daoxiang='Articel01001QZ.htm'>堤岸</a></div>"
    );
    let second = format!("{list}<div id=newslist><a href='Articel02001QZ.htm'>副刊一则</a></div>");
    let (told, asked) = read(
        &[
            ("/qz/content/PaperIndex.htm", "<meta http-equiv=refresh content='0;url=20230220/IssueIndex.htm'>"),
            ("/qz/content/20230220/IssueIndex.htm", "<meta http-equiv=refresh content='0;url=Page01QZ.htm'>"),
            ("/qz/content/20230220/Page01QZ.htm", &first),
            ("/qz/content/20230220/Page02QZ.htm", &second),
            ("/qz/content/20230220/Articel01001QZ.htm", "<div id=suptitle>水利</div><div id=title>堤岸</div><div id=subtitle>提前完工</div><div id=author>记者 白石</div><div id=ozoom><p>　　堤岸加固完工。</p></div>"),
            ("/qz/content/20230220/Articel02001QZ.htm", "<div id=title>副刊一则</div><div id=ozoom>　　灯火一盏。<br>　　又一盏。</div>"),
        ],
        "qz/",
        &["address/paperindex", "template/paperindex"],
        "",
    )
    .await;
    assert_eq!((told.answers(), told.codes()), (vec![DayAnswer::Issue], Vec::new()), "{}", told.days[0].why);
    assert_eq!((fields(&told, "堤岸"), labels(&told)), (FIELDS, vec!["01".to_owned(), "02".to_owned()]));
    assert_eq!(told.article("副刊一则").paragraphs, ["灯火一盏。", "又一盏。"]);
    let site = told.article("堤岸").site.as_ref().unwrap();
    assert_eq!((site.id.as_str(), site.zones[0].0.len()), ("Articel01001QZ", 4));
    assert_eq!(told.article("堤岸").section.as_deref(), Some("要闻"));
    let facsimile = &told.pages[0].facsimile;
    assert!(facsimile.pdf.as_ref().unwrap().ends_with("/qz/PDF/20230220/01.pdf") && facsimile.size == Some([350, 520]));
    assert_eq!(asked.len(), asked.iter().collect::<std::collections::HashSet<_>>().len(), "{asked:?}");
}

#[tokio::test]
async fn a_list_of_the_whole_issue_by_page() {
    let list = "<div class=listdaohang><div><h4><a href=Page01QZ.htm>01版：要闻</a></h4><ul><li><a daoxiang=Articel01001QZ.htm>堤岸</a></ul></div><div><h4><a href=Page02QZ.htm>02版：副刊</a></h4><ul><li><a daoxiang=Articel02001QZ.htm>灯火</a></ul></div></div>";
    let article = |title: &str| format!("<div id=title>{title}</div><div id=ozoom><p>正文一段。</p></div>");
    let (told, _) = read(
        &[
            ("/content/20230220/IssueIndex.htm", list),
            ("/content/20230220/Page01QZ.htm", list),
            ("/content/20230220/Page02QZ.htm", list),
            ("/content/20230220/Articel01001QZ.htm", &article("堤岸")),
            ("/content/20230220/Articel02001QZ.htm", &article("灯火")),
        ],
        "",
        &["template/paperindex-whole", "address/paperindex", "template/paperindex"],
        "",
    )
    .await;
    assert_eq!((told.codes(), labels(&told)), (Vec::new(), vec!["01".to_owned(), "02".to_owned()]));
    assert_eq!((told.article("堤岸").page.as_str(), told.article("灯火").page.as_str()), ("01", "02"));
}

#[tokio::test]
async fn the_new_founder_system_with_fields_by_class() {
    let list = "<div class=Chunkiconlist><p><a href=node_A01.html>A01 头版</a></p><p><a href=node_A02.html>A02 综合</a></p></div>";
    let page = |label: &str, id: u32| {
        format!(
            "{list}<div class=newslisttit><em>{label}</em></div><ul class=newslist><li><h3><a href='../../../content/202302/20/content_{id}.html'>题</a></h3></li></ul><map name=PagePicMap><area coords='0,0,9,0,9,9,0,9' href='../../../content/202302/20/content_{id}.html'></map>"
        )
    };
    let article = |title: &str| {
        format!(
            "<div class=newsdetatit><p class=intro>水利</p><h3>{title}</h3><p class=sub>提前完工</p><p class=author>记者 白石</p></div><div class=newsdetatext><founder-content><p>堤岸加固完工。</p></founder-content></div>"
        )
    };
    let (told, _) = read(
        &[
            ("/szb/pc/layout/202302/20/node_A01.html", &page("A01 头版", 11)),
            ("/szb/pc/layout/202302/20/node_A02.html", &page("A02 综合", 12)),
            ("/szb/pc/content/202302/20/content_11.html", &article("堤岸")),
            ("/szb/pc/content/202302/20/content_12.html", &article("水位")),
        ],
        "szb/pc/layout/",
        &["address/founder-new", "template/amucsite-detail"],
        "",
    )
    .await;
    assert_eq!((told.codes(), labels(&told)), (Vec::new(), vec!["A01".to_owned(), "A02".to_owned()]));
    assert_eq!((fields(&told, "堤岸"), fields(&told, "水位")), (FIELDS, FIELDS));
    assert_eq!(told.article("堤岸").section.as_deref(), Some("头版"));
}

#[tokio::test]
async fn the_short_founder_addresses() {
    let list = "<ul id=layoutlist><li><a href=l01.html>第01版：要闻</a></li><li><a href=l02.html>第02版：综合</a></li></ul>";
    let page = |id: &str| format!("{list}<ul id=articlelist><li class=clearfix><a href=c{id}.html>题</a></li></ul>");
    let article = |title: &str| {
        format!(
            "<p id=PreTitle>水利</p><h2 id=Title>{title}</h2><p id=SubTitle>提前完工</p><p id=Author>记者 白石</p><div id=ozoom><founder-content><p>堤岸加固完工。</p></founder-content></div>"
        )
    };
    let (told, _) = read(
        &[
            ("/szb/pc/202302/20/l01.html", &page("7001")),
            ("/szb/pc/202302/20/l02.html", &page("7002")),
            ("/szb/pc/202302/20/c7001.html", &article("堤岸")),
            ("/szb/pc/202302/20/c7002.html", &article("水位")),
        ],
        "szb/pc/",
        &["address/founder-short", "template/amucsite"],
        "",
    )
    .await;
    assert_eq!((told.codes(), fields(&told, "堤岸"), fields(&told, "水位")), (Vec::new(), FIELDS, FIELDS));
}

#[tokio::test]
async fn pages_as_gmw_makes_them_behind_nbs_addresses() {
    let list = "<div id=pageList><ul><li><a id=pageLink href=./nbs.D110000qz_01.htm>01版：头版</a><li><a id=pageLink href=nbs.D110000qz_02.htm>02版：文化</a></ul></div>";
    let page = |n: u32| {
        format!(
            "{list}<div class=l_t>0{n}版：某版</div><div id=titleList><ul><li><a href=nw.D110000qz_20230220_1-0{n}.htm>题</a></ul></div>"
        )
    };
    let article = |title: &str| {
        format!(
            "<div class=text_c><h3>水利</h3><h1>{title}</h1><h2>提前完工</h2><h4>记者 白石</h4><div class=lai>（2023年02月20日 02版）</div></div><div id=articleContent><p>堤岸加固完工。</p></div>"
        )
    };
    let (told, _) = read(
        &[
            ("/qz/html/2023-02/20/nbs.D110000qz_01.htm", &page(1)),
            ("/qz/html/2023-02/20/nbs.D110000qz_02.htm", &page(2)),
            ("/qz/html/2023-02/20/nw.D110000qz_20230220_1-01.htm", &article("堤岸")),
            ("/qz/html/2023-02/20/nw.D110000qz_20230220_1-02.htm", &article("水位")),
        ],
        "qz/",
        &["address/nbs", "template/gmw"],
        "issue.code = 'D110000qz'",
    )
    .await;
    assert_eq!((told.codes(), fields(&told, "堤岸"), fields(&told, "水位")), (Vec::new(), FIELDS, FIELDS));
    assert_eq!(told.article("水位").section.as_deref(), Some("文化"));
}

#[tokio::test]
async fn pages_as_zjol_makes_them_behind_the_calendar() {
    // The issue begins at a node that no preset tries, and the calendar tells which.
    let list = "<a id=pageLink href=node_18.htm>第01版：要闻</a><a id=pageLink href=node_25.htm>第02版：经济</a>";
    let page = |id: u32| {
        format!(
            "{list}<div class=main-ed-map><img usemap=#m src=p.jpg><map name=m><area coords='0,0,5,0,5,5' href=content_{id}.htm></map></div><ul class=main-ed-articlenav-list><li><a href=content_{id}.htm>题</a></ul>"
        )
    };
    let article = |title: &str| {
        format!(
            "<div class=main-article-alltitle><div class=main-article-pretitle>水利</div><div class=main-article-title>{title}</div><div class=main-article-subtitle>提前完工</div></div><div class=main-article-author>记者 白石</div><div class=main-article-content><p>堤岸加固完工。</p></div>"
        )
    };
    let calendar = "<?xml version='1.0'?><period_list><period><period_date>2023-02-20</period_date><front_page>node_18.htm</front_page></period></period_list>";
    let (told, _) = read(
        &[
            ("/html/2023-02/period.xml", calendar),
            ("/html/2023-02/20/node_18.htm", &page(31)),
            ("/html/2023-02/20/node_25.htm", &page(32)),
            ("/html/2023-02/20/content_31.htm", &article("堤岸")),
            ("/html/2023-02/20/content_32.htm", &article("水位")),
        ],
        "",
        &["address/founder-classic", "template/zjol"],
        "",
    )
    .await;
    assert_eq!((told.codes(), fields(&told, "堤岸"), fields(&told, "水位")), (Vec::new(), FIELDS, FIELDS), "{}", told.days[0].why);
    assert_eq!(labels(&told), ["01", "02"]);
}

#[tokio::test]
async fn numbers_of_pages_in_a_script_and_links_behind_clicks() {
    let page = |n: &str, name: &str| {
        format!(
            "<script>var banciArray=\"001,002\";</script><table><tr><td><span id=curbanci>第{n}版</span>：{name}</td></tr></table><img id=imageth src=p{n}.jpg><a onclick=\"location.href='p{n}.pdf'\">PDF</a><table><tr class=items onclick=\"window.location.href='20230220_{n}_2.html'\"><td>题</td></tr></table>"
        )
    };
    let article = |title: &str| {
        format!(
            "<table><tr><td class=font03>水利</td></tr><tr><td class=font01>{title}</td></tr><tr><td class=font04>提前完工</td></tr><tr><td class=font02>记者 白石</td></tr><tr><td class=font6><p>堤岸加固完工。</p></td></tr></table>"
        )
    };
    let (told, _) = read(
        &[
            ("/2023/20230220/20230220_001/20230220_001_1.html", &page("001", "要闻")),
            ("/2023/20230220/20230220_002/20230220_002_1.html", &page("002", "综合")),
            ("/2023/20230220/20230220_001/20230220_001_2.html", &article("堤岸")),
            ("/2023/20230220/20230220_002/20230220_002_2.html", &article("水位")),
        ],
        "",
        &["address/numbered", "template/numbered"],
        "",
    )
    .await;
    assert_eq!((told.codes(), fields(&told, "堤岸"), fields(&told, "水位")), (Vec::new(), FIELDS, FIELDS), "{}", told.days[0].why);
    assert_eq!((labels(&told), told.article("堤岸").section.as_deref()), (vec!["01".to_owned(), "02".to_owned()], Some("要闻")));
    assert!(told.pages[1].facsimile.pdf.as_ref().unwrap().ends_with("/20230220_002/p002.pdf"));
}

#[tokio::test]
async fn the_list_of_qpaper() {
    let page = "<div id=bancilist><a href=Qpaper.html>01版：要闻</a></div><div id=titlelist><a href=Q1.html>题</a></div>";
    let article = "<p id=yinti>水利</p><p id=doctitle>堤岸</p><p id=subdoctitle>提前完工</p><p id=docauthor>记者 白石</p><div id=doccontent><p>堤岸加固完工。</p></div>";
    let (told, _) = read(
        &[("/Html/2023-02-20/Qpaper.html", page), ("/Html/2023-02-20/Q1.html", article)],
        "",
        &["address/qpaper", "template/qpaper"],
        "",
    )
    .await;
    assert_eq!((told.codes(), fields(&told, "堤岸")), (Vec::new(), FIELDS), "{}", told.days[0].why);
}

#[tokio::test]
async fn pages_behind_the_fragment_of_one_address() {
    let issue = "<ul class=nav><li><a href='#page=1'>第01版：要闻</a><li><a href='index.html#page=2'>第02版：综合</a><li><a href='#page=1'></a></ul>\
        <div class=page data-page=1><img class=page-img src=1.jpg><svg><polygon points='1,2 30,2 30,40 1,40' data-contentid=7></polygon></svg><ul><li><a href=con-7.html>堤岸</a></li></ul></div>\
        <div class=page data-page=2><img class=page-img src=2.jpg><svg><polygon points='5,5 9,5 9,9' data-contentid=8></polygon></svg><ul><li data-contentid=8><a data-href=con-8.html>水位</a></li></ul></div>";
    let article = |title: &str| {
        format!(
            "<p class=pretitle>水利</p><h1>{title}</h1><p class=subtitle>提前完工</p><p class=author>记者 白石</p><div class=content><p>堤岸加固完工。</p></div>"
        )
    };
    let (told, asked) = read(
        &[
            ("/szb/202302/20/index.html", issue),
            ("/szb/202302/20/con-7.html", &article("堤岸")),
            ("/szb/202302/20/con-8.html", &article("水位")),
        ],
        "szb/",
        &["address/fragment", "template/fragment"],
        "",
    )
    .await;
    assert_eq!((told.codes(), fields(&told, "堤岸"), fields(&told, "水位")), (Vec::new(), FIELDS, FIELDS), "{}", told.days[0].why);
    assert_eq!((labels(&told), told.article("水位").section.as_deref()), (vec!["01".to_owned(), "02".to_owned()], Some("综合")));
    let corners = |headline: &str| told.article(headline).site.as_ref().unwrap().zones[0].0.len();
    assert_eq!((corners("堤岸"), corners("水位")), (4, 3));
    assert!(told.pages[1].facsimile.image.as_ref().unwrap().ends_with("/szb/202302/20/2.jpg"));
    assert_eq!(asked.len(), 5, "the index, its folder, two articles and robots.txt: {asked:?}");
}

#[tokio::test]
async fn a_whole_issue_in_one_json() {
    let data = r#"[{"issueDate":"2023-02-20","pageNo":"01","pageName":"要闻","onePageArticleList":[{"introTitle":"水利","mainTitle":"堤岸","subTitle":"提前完工","articleAuthor":"记者 白石","articleHref":"20230220_A01_01_1_7.html","articleContent":"<p>堤岸加固完工。</p>"}]},{"issueDate":"2023-02-20","pageNo":"02","pageName":"综合","onePageArticleList":[]}]"#;
    let (told, asked) = read(&[("/html/2023/20230220/data.json", data)], "", &["address/json-whole", "template/json-whole"], "").await;
    assert_eq!((fields(&told, "堤岸"), told.article("堤岸").section.as_deref()), (FIELDS, Some("要闻")), "{}", told.days[0].why);
    assert_eq!(asked, ["/robots.txt", "/html/2023/20230220/data.json"]);
}

#[tokio::test]
async fn a_journal_in_json_with_an_answer_for_each_article() {
    let list = r#""pagelist":[{"pnumber":"01","pname":"要闻"},{"pnumber":"02","pname":"评论"}]"#;
    let page = |n: &str, id: u32| {
        format!(r#"{{"success":true,"object":{{"page":{{"pnumber":"{n}"}},{list},"articlelist":[{{"id":{id},"title":"题"}}]}}}}"#)
    };
    let article = |title: &str| {
        format!(
            r#"{{"success":true,"object":{{"article":{{"introtitle":"水利","title":"{title}","subtitle":"提前完工","author":"记者 白石","content":"<p>堤岸加固完工。</p>"}}}}}}"#
        )
    };
    let pages = [
        ("/journal/2023-02-20/getJournalPage.do?page=01&code=jrb".to_owned(), page("01", 7)),
        ("/journal/2023-02-20/getJournalPage.do?page=02&code=jrb".to_owned(), page("02", 8)),
        ("/journal/getJournalPageArticle.do?id=7".to_owned(), article("堤岸")),
        ("/journal/getJournalPageArticle.do?id=8".to_owned(), article("水位")),
        ("/journal/2023-02-21/getJournalPage.do?page=01&code=jrb".to_owned(), r#"{"success":false}"#.to_owned()),
    ];
    let pages: Vec<(&str, &str)> = pages.iter().map(|(path, body)| (path.as_str(), body.as_str())).collect();
    let extends = ["address/json-journal", "template/json-journal"];
    let (told, _) = read(&pages, "", &extends, "issue.code = 'jrb'").await;
    assert_eq!((told.codes(), fields(&told, "堤岸"), fields(&told, "水位")), (Vec::new(), FIELDS, FIELDS), "{}", told.days[0].why);
    assert_eq!((labels(&told), told.article("水位").section.as_deref()), (vec!["01".to_owned(), "02".to_owned()], Some("评论")));
    let owned: HashMap<String, String> = pages.iter().map(|(path, body)| ((*path).to_owned(), (*body).to_owned())).collect();
    let site = Site::serve(move |path, _| owned.get(path).map_or_else(missing, |body| html(body))).await;
    let shelf = Arc::new(Memory::default());
    let told = pass(&site.config("", &extends, "issue.code = 'jrb'"), &site.world(&shelf), &shelf, on("2023-02-21")).await;
    assert_eq!(told.answers(), [DayAnswer::None], "{}", told.days[0].why);
}

#[tokio::test]
async fn an_interface_that_is_asked_by_post() {
    let answers = |path: &str, body: &str| match (path, body) {
        ("/uv/pages", r#"{"day":"2023-02-20"}"#) => r#"{"data":{"day":"2023-02-20","list":[{"no":"01"},{"no":"02"}]}}"#.to_owned(),
        ("/uv/page", r#"{"day":"2023-02-20","no":"01"}"#) => {
            r#"{"data":{"name":"01版：要闻","items":[{"id":7,"title":"堤岸"}]}}"#.to_owned()
        }
        ("/uv/page", r#"{"day":"2023-02-20","no":"02"}"#) => {
            r#"{"data":{"name":"02版：综合","items":[{"id":8,"title":"水位"}]}}"#.to_owned()
        }
        ("/uv/item", r#"{"id":"7"}"#) => r#"{"data":{"title":"堤岸","text":"<p>堤岸加固完工。</p>"}}"#.to_owned(),
        ("/uv/item", r#"{"id":"8"}"#) => r#"{"data":{"title":"水位","text":"<p>水位回落。</p>"}}"#.to_owned(),
        _ => String::new(),
    };
    let site = Site::serve_whole(move |request| {
        let (head, body) = request.split_once("\r\n\r\n").unwrap();
        let path = head.split(' ').nth(1).unwrap();
        let is_asked_well = head.starts_with("POST ") && head.to_lowercase().contains("x-requested-with: xmlhttprequest");
        let found = answers(path, body);
        if found.is_empty() || !is_asked_well { missing() } else { html(&found) }
    })
    .await;
    let own = r#"
        fetch.headers = { x-requested-with = "XMLHttpRequest" }
        fetch.post = ['/uv/']
        fetch.post_body = "json"
        issue.url = ["uv/pages?day=%Y-%m-%d"]
        issue.date = ["json:data.day"]
        page.numbers = ["json:data.list[].no"]
        page.url = ["uv/page?day=%Y-%m-%d&no={page}"]
        page.title = ["json:data.name"]
        article.list = ["json:data.items[]"]
        article.link = ["json:id"]
        article.url = ["item?id={}"]
        article.title = ["json:title"]
        field.headline = ["json:data.title"]
        field.body = ["json:data.text"]
    "#;
    let shelf = Arc::new(Memory::default());
    let told = pass(&site.config("", &[], own), &site.world(&shelf), &shelf, on("2023-02-20")).await;
    assert_eq!((told.answers(), told.codes()), (vec![DayAnswer::Issue], Vec::<String>::new()), "{} {:?}", told.days[0].why, site.asked());
    assert_eq!(
        (labels(&told), told.article("水位").paragraphs.as_slice()),
        (vec!["01".to_owned(), "02".to_owned()], &["水位回落。".to_owned()][..])
    );
    assert_eq!((told.article("水位").page.as_str(), told.article("水位").section.as_deref()), ("02", Some("综合")));
}

#[tokio::test]
async fn an_index_in_json_with_the_articles_in_it() {
    let data = r#"{"paperInfo":[{"paperNumber":"01","paperBk":"要闻","xyList":[{"id":9,"guideTitle":"水利","title":"堤岸","title2":"提前完工","author":"记者 白石","content":"<p>堤岸加固完工。</p>"}]}]}"#;
    let (told, asked) =
        read(&[("/_szb/qz/2023/02/20/index.json", data)], "_szb/qz/", &["address/json-index", "template/json-index"], "").await;
    assert_eq!((told.codes(), fields(&told, "堤岸")), (Vec::new(), FIELDS), "{}", told.days[0].why);
    assert_eq!((told.article("堤岸").site.as_ref().unwrap().id.as_str(), asked.len()), ("index?articleid=9", 2));
}

#[tokio::test]
async fn a_tree_of_the_issue_and_its_kinds_of_items() {
    let tree = "<ul id=webtree><li><a href=node_01.html>第一版：要闻</a><ul><li><a href='../../../content/202302/20/content_1.html'>堤岸</a><li><a href='../../../content/202302/20/content_2.html'>公益广告</a><li><a href='../../../content/202302/20/content_3.html'>责任编辑：白石</a><li><a href='../../../content/202302/20/content_4.html'>招标公告</a><li><a href='../../../content/202302/20/content_5.html'>湖上</a></ul></li></ul>";
    let article =
        |title: &str, more: &str| format!("<h2 id=Title>{title}</h2><div id=ozoom><founder-content>{more}</founder-content></div>");
    let picture =
        "<div class=attachment><img src='../../../pic/a.jpg.2'><p>湖上白鹭。 黑石 摄</p><img src='../../../pic/b.jpg'><p>湖畔。</p></div>";
    let (told, _) = read(
        &[
            ("/layout/202302/20/node_01.html", tree),
            ("/content/202302/20/content_1.html", &article("堤岸", "<p>堤岸加固完工。</p>")),
            ("/content/202302/20/content_2.html", &article("公益广告", "")),
            ("/content/202302/20/content_3.html", &article("责任编辑：白石", "")),
            ("/content/202302/20/content_4.html", &article("招标公告", "<p>水闸招标。</p>")),
            ("/content/202302/20/content_5.html", &format!("{picture}{}", article("湖上", ""))),
        ],
        "layout/",
        &["template/tree", "address/founder-new", "template/amucsite"],
        "",
    )
    .await;
    let kinds = ["堤岸", "公益广告", "责任编辑：白石", "招标公告", "湖上"].map(|headline| told.article(headline).kind);
    use ArticleKind::{Ad, Masthead, Notice, Photo};
    assert_eq!((kinds, labels(&told)), ([ArticleKind::Article, Ad, Masthead, Notice, Photo], vec!["01".to_owned()]));
    let pictures: Vec<(bool, Option<&str>)> = told
        .article("湖上")
        .site
        .as_ref()
        .unwrap()
        .pictures
        .iter()
        .map(|picture| (picture.url.ends_with(".jpg"), picture.caption.as_deref()))
        .collect();
    assert_eq!(pictures, [(true, Some("湖上白鹭。 黑石 摄")), (true, Some("湖畔。"))]);
    assert_eq!(told.article("湖上").text(), ["湖上白鹭。 黑石 摄", "湖畔。"]);
}

#[tokio::test]
async fn a_story_that_goes_on_elsewhere_is_one() {
    let list = "<ul id=layoutlist><li><a href=node_A01.html>第A01版：要闻</a></li><li><a href=node_A04.html>第A04-05版：通版</a></li></ul>";
    let page = |ids: &[u32]| {
        let links: String =
            ids.iter().map(|id| format!("<li class=clearfix><a href='../../../content/202302/20/content_{id}.html'>题</a></li>")).collect();
        format!("{list}<ul id=articlelist>{links}</ul>")
    };
    let article =
        |title: &str, body: &str| format!("<h2 id=Title>{title}</h2><div id=ozoom><founder-content>{body}</founder-content></div>");
    let (told, _) = read(
        &[
            ("/layout/202302/20/node_A01.html", &page(&[1, 2])),
            ("/layout/202302/20/node_A04.html", &page(&[3, 4])),
            (
                "/content/202302/20/content_1.html",
                &article("堤岸修复提前完工", "<p>堤岸加固。</p><p>难点在于水位，</p><p>（下转第A5版）</p>"),
            ),
            ("/content/202302/20/content_2.html", &article("食堂开门", "<p>食堂今天开门。（下转A4版）</p>")),
            ("/content/202302/20/content_3.html", &article("食堂开门迎客", "<p>（紧接A1版）老人打八折。</p>")),
            ("/content/202302/20/content_4.html", &article("堤岸修复", "<p>（上接第A1版）于是改在午后。</p><p>全部合格。</p>")),
        ],
        "layout/",
        &["address/founder-new", "template/amucsite"],
        "",
    )
    .await;
    assert_eq!(told.codes(), Vec::<String>::new());
    assert_eq!(told.article("堤岸修复提前完工").text(), ["堤岸加固。", "难点在于水位，于是改在午后。", "全部合格。"]);
    assert_eq!(told.article("食堂开门").text(), ["食堂今天开门。", "老人打八折。"]);
    assert_eq!(told.article("堤岸修复提前完工").paragraphs.len(), 3, "what stands on the page stays as it is");
    assert!(told.article("堤岸修复").is_continuation() && told.article("食堂开门迎客").is_continuation());
}

#[tokio::test]
async fn the_latest_issue_is_read_where_nobody_says_which() {
    let list = "<ul id=layoutlist><li><a href=node_01.html>第01版：要闻</a></li></ul>";
    let index = "<ul id=list><li><a href='202302/21/node_01.html'>第01版：要闻</a></li></ul>";
    let pages: HashMap<&str, String> = HashMap::from([
        ("/layout/index.html", index.to_owned()),
        (
            "/layout/202302/21/node_01.html",
            format!("{list}<ul id=articlelist><li class=clearfix><a href='../../../content/202302/21/content_1.html'>题</a></li></ul>"),
        ),
        ("/content/202302/21/content_1.html", "<h2 id=Title>堤岸</h2><div id=ozoom><p>堤岸加固完工。</p></div>".to_owned()),
    ]);
    let site = Site::serve(move |path, _| pages.get(path).map_or_else(missing, |body| html(body))).await;
    let shelf = Arc::new(Memory::default());
    let config = site.config("layout/", &["address/founder-new", "template/amucsite"], "");
    let told = pass(&config, &site.world(&shelf), &shelf, Dates::default()).await;
    let days: Vec<String> = told.days.iter().map(|day| format!("{} {}", day.date, day.answer)).collect();
    assert_eq!(days, ["2023-02-23 not-yet", "2023-02-21 issue"]);
    assert_eq!(told.article("堤岸").paragraphs.len(), 1);
}

#[tokio::test]
async fn a_picture_is_measured_once_by_a_request_that_hands_nothing_over() {
    let list = "<div class=banci><a href=Page01QZ.htm>01版：要闻</a></div>";
    let page = format!("{list}<a href='01.pdf'>PDF</a><div id=mylink><a daoxiang='Articel01001QZ.htm'>堤岸</a></div>");
    let article = "<div id=title>堤岸</div><div id=ozoom><p>堤岸加固。</p><img src=a.jpg><img src=b.jpg></div>";
    let site = Site::serve(move |path, _| match path.rsplit('/').next().unwrap() {
        "PaperIndex.htm" => html("<meta http-equiv=refresh content='0;url=20230220/IssueIndex.htm'>"),
        "IssueIndex.htm" => html("<meta http-equiv=refresh content='0;url=Page01QZ.htm'>"),
        "Page01QZ.htm" => html(&page),
        "Articel01001QZ.htm" => html(article),
        "a.jpg" => b"HTTP/1.1 200 OK\r\nContent-Type: image/WebP; q=1\r\nContent-Length: 123456\r\nConnection: close\r\n\r\n".to_vec(),
        _ => missing(),
    })
    .await;
    let presets = &["address/paperindex", "template/paperindex"];
    let shelf = Arc::new(Memory::default());
    let read = async |own| pass(&site.config("qz/", presets, own), &site.world(&shelf), &shelf, on("2023-02-20")).await;
    let heads = || -> Vec<String> {
        site.log.lock().unwrap().iter().filter(|(.., head)| head.starts_with("HEAD ")).map(|(_, path, _)| path.clone()).collect()
    };
    let unasked = read("").await;
    assert_eq!(unasked.article("堤岸").site.as_ref().unwrap().pictures[0].measure, None);
    assert_eq!(heads(), Vec::<String>::new(), "nobody wanted it");
    for _ in 0..2 {
        let told = read("picture.measure = true").await;
        let pictures = &told.article("堤岸").site.as_ref().unwrap().pictures;
        let measure = Measure { bytes: 123_456, media_type: Some("image/webp".to_owned()) };
        assert_eq!((pictures[0].measure.as_ref(), pictures[1].measure.as_ref()), (Some(&measure), None));
        assert_eq!((told.pages[0].facsimile.pdf_measure.as_ref(), told.codes()), (None, Vec::new()), "what is not there has no size");
        assert_eq!(heads(), ["/qz/content/20230220/a.jpg", "/qz/content/20230220/01.pdf"], "each is asked for once");
    }
}
