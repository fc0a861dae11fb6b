#![allow(clippy::unwrap_used)]

use chrono::NaiveDate;
use proptest::prelude::*;

use super::*;
use crate::model::structure::PartRole;
use crate::model::{Companion, CompanionKind, PageFormat, PageKey};

/// Four lines in two blocks, with every way to write a hyphen, and a word that was not sure.
const PAGE: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<a:alto xmlns:a="http://www.loc.gov/standards/alto/ns-v4#">
 <a:Description><a:MeasurementUnit>mm10</a:MeasurementUnit></a:Description>
 <a:Styles>
  <a:TextStyle ID="T1" FONTSIZE="24" FONTFAMILY="Garamond" FONTSTYLE="bold italics"/>
  <a:TextStyle ID="T2" FONTSIZE="9" FONTFAMILY="Garamond"/>
 </a:Styles>
 <a:Layout><a:Page ID="P1" WIDTH="2540" HEIGHT="5080"><a:PrintSpace>
  <a:TextBlock ID="B1" HPOS="254" VPOS="508" WIDTH="1270" HEIGHT="100" STYLEREFS="T1">
   <a:TextLine HPOS="254" VPOS="508" WIDTH="1270" HEIGHT="100"><a:String CONTENT="Pont &amp; chauss&#233;e" HPOS="254" VPOS="508" WIDTH="1000" HEIGHT="100" WC="0.5"/></a:TextLine>
  </a:TextBlock>
  <a:ComposedBlock><a:TextBlock ID="B2" HPOS="254" VPOS="700" WIDTH="1270" HEIGHT="300">
   <a:TextLine STYLEREFS="T2" HPOS="254" VPOS="700" WIDTH="1270" HEIGHT="80"><a:String CONTENT="Le" HPOS="254" WIDTH="80"/><a:SP/><a:String CONTENT="con" SUBS_TYPE="HypPart1" SUBS_CONTENT="conseil" HPOS="400" WIDTH="120"/><a:HYP CONTENT="-" HPOS="520" WIDTH="20"/></a:TextLine>
   <a:TextLine STYLEREFS="T2" HPOS="254" VPOS="800" WIDTH="1270" HEIGHT="80"><a:String CONTENT="seil" SUBS_TYPE="HypPart2" SUBS_CONTENT="conseil" HPOS="254" WIDTH="160"/><a:SP/><a:String CONTENT="muni&#173;" SUBS_TYPE="HypPart1" HPOS="500" WIDTH="160"/></a:TextLine>
   <a:TextLine STYLEREFS="T2" HPOS="254" VPOS="900" WIDTH="1270" HEIGHT="80"><a:String CONTENT="cipal" HPOS="254" WIDTH="160"/></a:TextLine>
   <a:TextLine STYLEREFS="T2" HPOS="254" VPOS="990" WIDTH="1270" HEIGHT="80"/>
  </a:TextBlock></a:ComposedBlock>
  <a:GraphicalElement HPOS="100" VPOS="100" WIDTH="2000" HEIGHT="4"/>
  <a:Illustration HPOS="1600" VPOS="700" WIDTH="500" HEIGHT="400"/>
 </a:PrintSpace></a:Page></a:Layout>
</a:alto>"#;

fn pages_of(bytes: impl Into<Vec<u8>>) -> Vec<Page> {
    let key = PageKey { source: "sample".into(), date: NaiveDate::default(), page: "1".into() };
    read(&RawPage { key, format: PageFormat::Alto, origin: "1.xml".into(), modified: None, bytes: bytes.into(), companions: Vec::new() })
}

fn codes(page: &Page) -> Vec<&str> {
    page.problems.iter().map(|problem| problem.code.as_ref()).collect()
}

fn lines(page: &Page) -> Vec<&str> {
    page.blocks.iter().flat_map(|block| &block.lines).map(String::as_str).collect()
}

#[test]
fn blocks_lines_and_words_stand_in_points_with_their_fonts() {
    let page = pages_of(PAGE).remove(0);
    assert_eq!(lines(&page), ["Pont & chaussée", "Le con-", "seil muni-", "cipal"]);
    assert_eq!(codes(&page), [""; 0]);
    let layout = page.layout.unwrap();
    assert_eq!((layout.origin, layout.width.round(), layout.height.round()), (Origin::Alto, 720.0, 1440.0));
    let ids: Vec<_> = layout.blocks.iter().map(|block| block.id.as_deref().unwrap()).collect();
    assert_eq!(ids, ["B1", "B2"]);
    let title = &layout.blocks[0].lines[0].runs[0];
    let font = &layout.fonts[usize::from(title.font)];
    assert_eq!((title.size, font.weight, font.italic, title.confidence), (24.0, Some(700), true, Some(0.5)));
    assert_eq!((title.area.x0.round(), title.area.y0.round()), (72.0, 144.0));
    let body = &layout.blocks[1].lines;
    assert_eq!(body.iter().map(|line| line.hyphen).collect::<Vec<_>>(), [Hyphen::Soft, Hyphen::Soft, Hyphen::None]);
    assert_eq!(body[0].runs[0].size, 9.0);
    assert_eq!((layout.rules.len(), layout.pictures.len()), (1, 1));
}

#[test]
fn versions_without_namespace_or_in_another_encoding_are_read() {
    let bare = PAGE.replace("a:", "").replace(" xmlns:a=", " xmlns=");
    assert_eq!(lines(&pages_of(bare.clone())[0]), lines(&pages_of(PAGE)[0]));
    let latin = encoding_rs::WINDOWS_1252.encode(&bare.replace("UTF-8", "ISO-8859-1").replace("&#233;", "é")).0.into_owned();
    assert_eq!(lines(&pages_of(latin)[0])[0], "Pont & chaussée");
}

#[test]
fn a_measure_in_pixels_is_taken_for_300_to_an_inch() {
    let page = pages_of(PAGE.replace("mm10", "pixel")).remove(0);
    assert_eq!(page.layout.unwrap().blocks[0].area.x0.round(), (254.0_f32 * 0.24).round());
}

#[test]
fn what_is_broken_is_read_up_to_there_and_named() {
    let half = &PAGE[..PAGE.find("muni").unwrap()];
    let page = pages_of(half).remove(0);
    assert_eq!((lines(&page), codes(&page)), (vec!["Pont & chaussée", "Le con-", "seil"], vec!["alto-broken"]));
    assert_eq!(codes(&pages_of("<html><p>no</p></html>")[0]), ["alto-no-page"]);
    assert_eq!(codes(&pages_of("")[0]), ["alto-no-page"]);
    assert_eq!(codes(&pages_of("<alto><Layout><Page/></Layout></alto>")[0]), ["page-empty"]);
    let deep = "<a>".repeat(100_000);
    assert_eq!(codes(&pages_of(deep)[0]), ["alto-no-page", "alto-broken"]);
}

#[test]
fn no_entity_is_expanded() {
    let bomb = PAGE
        .replacen("<a:alto", "<!DOCTYPE x [<!ENTITY e \"eeee\"><!ENTITY f SYSTEM \"file:///etc/passwd\">]><a:alto", 1)
        .replace("cipal", "&e;&f;");
    assert_eq!(lines(&pages_of(bomb)[0])[3], "&e;&f;");
}

/// Two pages; a section with an article over both, an advertisement, and a title from a record.
const METS: &str = r#"<mets xmlns:x="http://www.w3.org/1999/xlink" xmlns:mods="http://www.loc.gov/mods/v3">
 <dmdSec ID="M1"><mdWrap><xmlData><mods:mods><mods:titleInfo><mods:nonSort>Le</mods:nonSort><mods:title>vieux pont</mods:title></mods:titleInfo>
  <mods:originInfo><mods:dateIssued>1912-03-04</mods:dateIssued></mods:originInfo></mods:mods></xmlData></mdWrap></dmdSec>
 <fileSec><fileGrp><file ID="I1"><FLocat x:href="img/1.tif"/></file></fileGrp>
  <fileGrp><file ID="A2"><FLocat x:href="file://./text/p2.xml"/></file><file ID="A1"><FLocat x:href="file://./text/p1.xml"/></file></fileGrp></fileSec>
 <structMap TYPE="PHYSICAL"><div TYPE="Newspaper">
  <div TYPE="PAGE" ORDER="1" ORDERLABEL="I"><fptr><par><area FILEID="I1"/><area FILEID="A1"/></par></fptr></div>
  <div TYPE="PAGE" ORDER="2"><fptr FILEID="A2"/></div></div></structMap>
 <structMap TYPE="LOGICAL"><div TYPE="ISSUE"><div TYPE="CONTENT">
  <div TYPE="SECTION" LABEL="La ville"><div TYPE="HEADING"><div TYPE="TITLE"><fptr><area FILEID="A1" BEGIN="S1"/></fptr></div></div>
   <div TYPE="ARTICLE" DMDID="M1">
    <div TYPE="HEADING"><div TYPE="OVERLINE"><fptr><area FILEID="A1" BEGIN="B0"/></fptr></div><div TYPE="TITLE"><fptr><area FILEID="A1" BEGIN="B1"/></fptr></div></div>
    <div TYPE="BODY"><div TYPE="BODY_CONTENT"><div TYPE="PARAGRAPH"><div TYPE="TEXT"><fptr><area FILEID="A1" BEGIN="B2"/></fptr></div></div>
     <div TYPE="AUTHOR"><fptr><area FILEID="A2" BEGIN="B1"/></fptr></div>
     <div TYPE="ILLUSTRATION"><div TYPE="CAPTION"><div TYPE="TEXT"><fptr><area FILEID="A2" BEGIN="B9"/></fptr></div></div></div></div></div>
   </div></div>
  <div TYPE="ADVERTISEMENT" LABEL=" Chapeaux  fins "><fptr><area FILEID="A2" BEGIN="B5"/></fptr></div>
  <div TYPE="ARTICLE" LABEL="nowhere"><fptr><area FILEID="A7" BEGIN="B5"/></fptr></div>
 </div></div></structMap></mets>"#;

#[test]
fn a_structure_gives_pages_in_order_and_articles_by_their_blocks() {
    let structure = structure(METS.as_bytes()).unwrap();
    assert_eq!(structure.date.as_deref(), Some("1912-03-04"));
    let pages: Vec<_> = structure.pages.iter().map(|page| (page.file.as_str(), page.label.as_deref())).collect();
    assert_eq!(pages, [("p1.xml", Some("I")), ("p2.xml", Some("2"))]);
    let [section, article, advertisement] = structure.items.as_slice() else { panic!("{:?}", structure.items) };
    assert_eq!((section.kind.as_str(), section.parts.len(), section.parts[0].block.as_str()), ("SECTION", 1, "S1"));
    assert_eq!(
        (article.kind.as_str(), article.title.as_deref(), &article.sections),
        ("ARTICLE", Some("Le vieux pont"), &vec!["La ville".to_owned()])
    );
    let parts: Vec<_> = article.parts.iter().map(|part| (part.role, part.page, part.block.as_str())).collect();
    use PartRole::{Body, Byline, Caption, Headline, Kicker};
    assert_eq!(parts, [(Kicker, 0, "B0"), (Headline, 0, "B1"), (Body, 0, "B2"), (Byline, 1, "B1"), (Caption, 1, "B9")]);
    assert_eq!((advertisement.kind.as_str(), advertisement.title.as_deref()), ("ADVERTISEMENT", Some("Chapeaux fins")));
}

#[test]
fn a_structure_beside_a_page_gives_its_items_and_the_other_pages_they_stand_on() {
    let key = PageKey { source: "sample".into(), date: NaiveDate::default(), page: "2".into() };
    let mets = |bytes: &str| Companion { kind: CompanionKind::Structure, origin: "mets.xml".into(), bytes: bytes.into() };
    let raw = RawPage {
        key,
        format: PageFormat::Alto,
        origin: "editions/1912-03-04/p2.xml".into(),
        modified: None,
        bytes: PAGE.into(),
        companions: vec![mets("<mets/>"), mets(METS)],
    };
    let page = read(&raw).remove(0);
    assert_eq!(codes(&page), ["structure-broken"]);
    let [article, advertisement] = page.given.as_slice() else { panic!("{:?}", page.given) };
    assert_eq!(article.parts, [(PartRole::Byline, "B1".to_owned()), (PartRole::Caption, "B9".to_owned())]);
    assert_eq!((article.continuation.from.as_deref(), article.continuation.to.as_deref()), (Some("I"), None));
    assert!(advertisement.continuation.is_empty());
}

#[test]
fn what_is_no_structure_says_so() {
    assert!(structure(PAGE.as_bytes()).unwrap_err().contains("no METS"));
    assert!(structure(&METS.as_bytes()[..METS.len() - 20]).unwrap_err().contains("broken"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]
    #[test]
    fn damaged_files_are_read_without_panic(at in 0..PAGE.len(), length in 0..60_usize, garbage in "[<>/&a-z\"= ]{0,20}") {
        let mut bytes = PAGE.as_bytes().to_vec();
        let end = (at + length).min(bytes.len());
        bytes.splice(at..end, garbage.bytes());
        prop_assert!(!pages_of(bytes).is_empty());
        let mut bytes = METS.as_bytes().to_vec();
        let (at, end) = (at.min(bytes.len()), (at + length).min(bytes.len()));
        bytes.splice(at..end, garbage.bytes());
        let _ = structure(&bytes);
    }
}
