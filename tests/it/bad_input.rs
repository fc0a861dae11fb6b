//! What is wrong with a page, a folder or a webhook costs nothing else.

use crate::house::{Daemon, House, get, sample_edition, wait_for};

fn good_page() -> Vec<u8> {
    std::fs::read(sample_edition().join("02.txt")).unwrap()
}

/// Lands a good page and sees it published: the daemon is well.
fn still_works(house: &House, date: &str) {
    let before = house.entries().len();
    house.land(date, "02.txt", &good_page());
    wait_for("a good page after the bad input", || (house.entries().len() > before).then_some(()));
}

fn logs(daemon: &Daemon, code: &str) {
    wait_for(&format!("the problem {code} in the log"), || daemon.log().contains(code).then_some(()));
    daemon.assert_alive();
}

#[test]
fn pages_that_are_empty_binary_huge_or_without_news_give_problems_and_cost_nothing_else() {
    let house = House::new("");
    let daemon = house.start();
    house.land("2026-11-18", "01.txt", b"");
    logs(&daemon, "page-empty");
    house.land("2026-11-18", "02.txt", &(0..=255_u8).cycle().take(100_000).collect::<Vec<_>>());
    logs(&daemon, "page-binary");
    house.land("2026-11-18", "03.txt", &"清渚".repeat(50_000_000 / 6).into_bytes());
    logs(&daemon, "page-too-large");
    house.land(
        "2026-11-18",
        "04.txt",
        "鸿达装饰工程有限公司\n家装工装 旧房改造 免费量房\n地址：清渚县人民路8号\n电话：81234567 81234568\n".as_bytes(),
    );
    still_works(&house, "2026-11-19");
    assert!(!house.read("feeds/paper/rss.xml").contains("81234567"), "an advertisement is not news");
}

#[test]
fn a_date_that_does_not_exist_and_two_files_for_one_page_are_named() {
    let house = House::new("");
    let daemon = house.start();
    house.land("2026-02-30", "01.txt", &good_page());
    logs(&daemon, "2026-02-30");
    house.land("2026-11-18", "2.txt", &good_page());
    house.land("2026-11-18", "02.txt", &good_page());
    logs(&daemon, "page-duplicate");
    still_works(&house, "2026-11-19");
}

#[test]
fn a_deleted_page_keeps_its_articles_and_a_folder_may_vanish_and_come_back() {
    let house = House::new("");
    let daemon = house.start();
    still_works(&house, "2026-11-18");
    let before = house.read("feeds/paper/rss.xml");
    std::fs::remove_file(house.path("editions/2026-11-18/02.txt")).unwrap();
    logs(&daemon, "page-gone");
    assert_eq!(house.read("feeds/paper/rss.xml"), before, "what was published stays published");
    std::fs::remove_dir_all(house.path("editions")).unwrap();
    logs(&daemon, "source-missing");
    assert_eq!(get(&house.url("/health")).unwrap().0, 200);
    still_works(&house, "2026-11-19");
}

#[test]
fn text_in_other_encodings_is_read() {
    let house = House::new("");
    let _daemon = house.start();
    let text = String::from_utf8(good_page()).unwrap();
    let (gb18030, _, _) = encoding_rs::GB18030.encode(&text);
    let utf16: Vec<u8> = [0xff, 0xfe].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    let bom: Vec<u8> = [0xef, 0xbb, 0xbf].into_iter().chain(text.bytes()).collect();
    for (date, bytes) in [("2026-11-15", text.as_bytes()), ("2026-11-16", &gb18030), ("2026-11-17", &utf16), ("2026-11-18", &bom)] {
        let before = house.entries().len();
        house.land(date, "02.txt", bytes);
        wait_for("the page", || (house.entries().len() > before).then_some(()));
    }
    let stories: Vec<String> = house.entries().iter().map(|i| format!("{} {}", i["title"], i["summary"])).collect();
    let distinct: std::collections::BTreeSet<&String> = stories.iter().collect();
    assert_eq!(stories.len(), 4 * distinct.len(), "each encoding gives the same articles: {distinct:?}");
}
