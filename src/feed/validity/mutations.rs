//! The checker is itself checked: one change to a feed that is otherwise clean must be found under
//! the name that the W3C's validator gives it, and what that validator allows must pass.

use super::super::specimen::{AUTHORITY, config, edition, now, site, written};
use super::super::{Feed, Format};
use super::{Expected, check};

const FIRST_ID: &str = "tag:example.org,2026:article/FIRST";
const SECOND_ID: &str = "tag:example.org,2026:article/SECOND";

/// A clean feed as text, the ids of its first two entries made short for the tables below.
fn clean(format: Format) -> (String, String) {
    let feed = Feed::compose(&config(), AUTHORITY, &site(), &edition());
    let text = String::from_utf8_lossy(&written(&feed, format)).into_owned();
    let text = text.replace(&feed.entries[0].id, FIRST_ID).replace(&feed.entries[1].id, SECOND_ID);
    (text, feed.address(format).to_owned())
}

fn faults(format: Format, text: &str, address: &str) -> Vec<&'static str> {
    let expected = Expected { address, now: now() };
    check(format, text.as_bytes(), &expected).into_iter().map(|f| f.name).collect()
}

/// What is changed, from what, into what, and what must be found; `""` where it must pass.
type Mutation = (&'static str, &'static str, &'static str, &'static str);

fn hold(format: Format, mutations: &[Mutation]) {
    let (clean, address) = clean(format);
    assert_eq!(faults(format, &clean, &address), [""; 0], "the clean {format:?}");
    for (what, from, to, fault) in mutations {
        let mutant = clean.replacen(from, to, 1);
        assert_ne!(mutant, clean, "{format:?}, {what}: {from:?} does not occur");
        let found = faults(format, &mutant, &address);
        if fault.is_empty() {
            assert_eq!(found, [""; 0], "{format:?}, {what}");
        } else {
            assert!(found.contains(fault), "{format:?}, {what}: {fault} not among {found:?}");
        }
    }
}

/// What follows the opening of the first body, so that markup can be put in front of it.
const BODY: &str = "<content:encoded><![CDATA[<p>";

const ENCLOSURE_AND_ONE_MORE: &str = "<enclosure url=\"https://x.example/a.jpg\" length=\"1\" type=\"image/jpeg\"/><enclosure";

#[test]
fn every_mutation_of_rss_is_found() {
    hold(
        Format::Rss,
        &[
            ("no self link", "rel=\"self\"", "rel=\"related\"", "MissingAtomSelfLink"),
            ("self type wrong", "type=\"application/rss+xml\"", "type=\"text/plain\"", ""),
            ("self with http", "href=\"https://", "href=\"http://", "SelfDoesntMatchLocation"),
            ("no guid", "<guid isPermaLink=\"false\">tag:example.org,2026:article/FIRST</guid>", "", "MissingGuid"),
            ("guid without isPermaLink", "<guid isPermaLink=\"false\">", "<guid>", "InvalidPermalink"),
            ("guid twice", SECOND_ID, FIRST_ID, "DuplicateValue"),
            ("guid of no scheme", FIRST_ID, "FIRST", "InvalidFullLink"),
            ("guid of a tag without date", FIRST_ID, "tag:example.org:FIRST", "InvalidTAG"),
            ("date ISO 8601", "<pubDate>Wed, 11 Mar 2026 22:00:04 +0000", "<pubDate>2026-03-11T22:00:04Z", "InvalidRFC2822Date"),
            ("date UTC", "<pubDate>Wed, 11 Mar 2026 22:00:04 +0000", "<pubDate>Wed, 11 Mar 2026 22:00:04 UTC", "InvalidRFC2822Date"),
            ("date CST", "<pubDate>Wed, 11 Mar 2026 22:00:04 +0000", "<pubDate>Wed, 11 Mar 2026 22:00:04 CST", ""),
            ("date GMT", "<pubDate>Wed, 11 Mar 2026 22:00:04 +0000", "<pubDate>Wed, 11 Mar 2026 22:00:04 GMT", ""),
            ("date +0800", "<pubDate>Wed, 11 Mar 2026 22:00:04 +0000", "<pubDate>Thu, 12 Mar 2026 06:00:04 +0800", ""),
            ("one-digit day", "<pubDate>Wed, 11 Mar 2026", "<pubDate>Wed, 4 Mar 2026", ""),
            ("two-digit year", "<pubDate>Wed, 11 Mar 2026", "<pubDate>Wed, 11 Mar 26", "ProblematicalRFC822Date"),
            ("wrong weekday", "<pubDate>Wed,", "<pubDate>Fri,", "IncorrectDOW"),
            ("wrong weekday of the channel", "<lastBuildDate>Wed,", "<lastBuildDate>Fri,", "IncorrectDOW"),
            ("date in ten years", "<pubDate>Wed, 11 Mar 2026", "<pubDate>Wed, 12 Mar 2036", "ImplausibleDate"),
            ("date eleven minutes ahead", "<pubDate>Wed, 11 Mar 2026 22:00:04", "<pubDate>Thu, 12 Mar 2026 22:11:00", "ImplausibleDate"),
            ("date of 1946", "<pubDate>Wed, 11 Mar 2026", "<pubDate>Mon, 11 Mar 1946", "ImplausibleDate"),
            ("author by name alone", "<dc:creator>云浦日报</dc:creator>", "<author>张三</author>", "InvalidContact"),
            ("author with address", "<dc:creator>云浦日报</dc:creator>", "<author>noreply@example.org (张三)</author>", ""),
            ("author and creator", "<dc:creator>", "<author>noreply@example.org</author><dc:creator>", "DuplicateItemSemantics"),
            ("blank creator", "<dc:creator>云浦日报</dc:creator>", "<dc:creator> </dc:creator>", "NotBlank"),
            ("language zh_CN", "zh-Hans</language>", "zh_CN</language>", "InvalidLanguage"),
            ("language zh-Hans-CN", "zh-Hans</language>", "zh-Hans-CN</language>", ""),
            ("language xx", "zh-Hans</language>", "xx</language>", ""),
            ("no language", "<language>zh-Hans</language>", "", ""),
            ("ttl 0", "<ttl>60", "<ttl>0", "InvalidPositiveInteger"),
            ("ttl 1h", "<ttl>60", "<ttl>1h", "InvalidPositiveInteger"),
            ("an image", "<ttl>", "<image/><ttl>", "UndefinedElement"),
            ("enclosure length 0", "length=\"3145728\"", "length=\"0\"", ""),
            ("enclosure without length", " length=\"3145728\"", "", "MissingAttribute"),
            ("enclosure of an empty length", "length=\"3145728\"", "length=\"\"", "InvalidIntegerAttribute"),
            ("two enclosures", "<enclosure", ENCLOSURE_AND_ONE_MORE, "DuplicateEnclosure"),
            ("enclosure of no type", "type=\"application/pdf\"", "type=\"pdf\"", "InvalidMIMEAttribute"),
            ("relative enclosure", "<enclosure url=\"https://paper.example.org", "<enclosure url=\"", "InvalidURLAttribute"),
            ("media of no size", " fileSize=\"3145728\"", "", ""),
            ("media of no number", "fileSize=\"3145728\"", "fileSize=\"3 MB\"", "InvalidIntegerAttribute"),
            ("media of no medium", "medium=\"document\"", "medium=\"paper\"", "InvalidMediaMedium"),
            ("a thumbnail", "<ttl>", "<thumbnail/><ttl>", "UndefinedElement"),
            ("managing editor by name", "<ttl>", "<managingEditor>张三</managingEditor><ttl>", "UndefinedElement"),
            ("relative image", BODY, "<content:encoded><![CDATA[<img src=\"/a.jpg\"><p>", "ContainsRelRef"),
            ("relative image without quotes", BODY, "<content:encoded><![CDATA[<img src=a.jpg><p>", "ContainsRelRef"),
            ("relative link", BODY, "<content:encoded><![CDATA[<a href=\"//x\">x</a><p>", "ContainsRelRef"),
            ("absolute image", BODY, "<content:encoded><![CDATA[<img loading=\"lazy\" src=\"https://example.org/a.jpg\"><p>", ""),
            ("data image", BODY, "<content:encoded><![CDATA[<img src=\"data:image/png;base64,AA\"><p>", ""),
            ("running address", BODY, "<content:encoded><![CDATA[<a href=\"javascript:x\">x</a><p>", "SecurityRiskAttr"),
            ("script", BODY, "<content:encoded><![CDATA[<script>x</script><p>", "SecurityRisk"),
            ("iframe", BODY, "<content:encoded><![CDATA[<iframe src=\"https://x.example\"></iframe><p>", "SecurityRisk"),
            ("onclick", BODY, "<content:encoded><![CDATA[<p onclick=\"x\">", "SecurityRiskAttr"),
            ("style attribute", BODY, "<content:encoded><![CDATA[<p style=\"color: red\">", ""),
            ("video", BODY, "<content:encoded><![CDATA[<video></video><p>", ""),
            ("figure and ruby", BODY, "<content:encoded><![CDATA[<figure><ruby>字<rt>zì</rt></ruby></figure><p>", ""),
            ("an ampersand not escaped in HTML", BODY, "<content:encoded><![CDATA[<p>a & b", "NotHtml"),
            ("a tag left open", BODY, "<content:encoded><![CDATA[<em><p>", "NotHtml"),
            ("blank body", BODY, "<content:encoded> </content:encoded><content:encoded><![CDATA[<p>", "NotBlank"),
            ("no description", "<description><![CDATA[因检修，明日零时至六时停水。]]></description>", "", "NeedDescriptionBeforeContent"),
            ("empty description", "<description>", "<description></description><description>", ""),
            ("HTML in a title", "<title>停水公告", "<title>&lt;b&gt;停水&lt;/b&gt;公告", "ContainsHTML"),
            ("an entity in a title", "<title>停水公告", "<title>停水&amp;nbsp;公告", "ContainsHTML"),
            ("comparison in a title", "<title>停水公告", "<title>3 &lt; 5 &amp; 6", ""),
            ("blank title", "<title>停水公告", "<title> ", "NotBlank"),
            ("&nbsp;", "停水公告", "&nbsp;", "SAXError"),
            ("stylesheet", "?><rss", "?><?xml-stylesheet href=\"https://example.org/a.css\"?><rss", ""),
            ("foreign namespace", "<ttl>", "<x:y xmlns:x=\"https://example.org/ns\"/><ttl>", "UnknownNamespace"),
            ("unbound prefix", "<ttl>", "<x:y/><ttl>", "SAXError"),
            ("blank category", "第A4版</category>", "</category>", "NotBlank"),
            ("Chinese address", "<link>https://news.example.org/articles/", "<link>https://news.example.org/文/", "UriNotIri"),
            ("relative address", "<link>https://news.example.org/articles/", "<link>/articles/", "InvalidFullLink"),
            ("C0 control", "停水公告", "停\u{f}水", "SAXError"),
            ("NUL", "停水公告", "停\u{0}水", "SAXError"),
            ("control by reference", "停水公告", "停&#15;水", "SAXError"),
            ("U+FFFE", "停水公告", "停\u{fffe}水", "SAXError"),
            ("C1 control", "停水公告", "停\u{85}水", "BadCharacters"),
            ("U+FFFD", "停水公告", "停\u{fffd}水", "BadCharacters"),
            ("bidi override", "停水公告", "停\u{202e}水", "BidiOverride"),
            ("emoji and rare ideographs", "停水公告", "🚰𠮷", ""),
            ("CDATA's end in text", "停水公告", "]]>", "SAXError"),
        ],
    );
}

#[test]
fn every_mutation_of_atom_is_found() {
    hold(
        Format::Atom,
        &[
            ("no self link", "rel=\"self\"", "rel=\"related\"", "MissingAtomSelfLink"),
            ("self with http", "href=\"https://news.example.org/feeds", "href=\"http://news.example.org/feeds", "SelfDoesntMatchLocation"),
            ("id of an address", FIRST_ID, "https://example.org/1", ""),
            ("id of a UUID", FIRST_ID, "urn:uuid:c0ffee00-0000-4000-8000-000000000000", ""),
            ("id of no scheme", FIRST_ID, "FIRST", "InvalidFullLink"),
            ("id twice", SECOND_ID, FIRST_ID, "DuplicateEntries"),
            ("updated twice", "<updated>2026-03-11T22:00:03", "<updated>2026-03-11T22:00:04", "DuplicateUpdated"),
            ("updated without zone", "<updated>2026-03-11T22:00:04+00:00", "<updated>2026-03-11T22:00:04", "InvalidRFC3339Date"),
            ("published without zone", "<published>2026-03-11T22:00:04+00:00", "<published>2026-03-11T22:00:04", "InvalidRFC3339Date"),
            ("updated in 1970", "<updated>2026", "<updated>1970", "ImplausibleDate"),
            ("updated two days ahead", "<updated>2026-03-11", "<updated>2026-03-14", "ImplausibleDate"),
            ("content undeclared", "<content xml:lang=\"zh-Hans\" type=\"html\">", "<content>", "ContainsUndeclaredHTML"),
            ("content of xhtml", "type=\"html\"", "type=\"xhtml\"", "UndefinedElement"),
            ("HTML in a title", ">停水公告</title>", ">&lt;b&gt;停水&lt;/b&gt;</title>", "ContainsHTML"),
            ("enclosure without type", " type=\"application/pdf\"", "", ""),
            ("enclosure of no type", "type=\"application/pdf\"", "type=\"pdf\"", "InvalidMIMEAttribute"),
            ("enclosure of no number", "length=\"3145728\"", "length=\"3 MB\"", "InvalidIntegerAttribute"),
            ("relative enclosure", "href=\"https://paper.example.org/2026/03/12/02.pdf", "href=\"/02.pdf", "InvalidFullLink"),
            ("category without scheme", " scheme=\"tag:example.org,2026:page\"", "", ""),
            ("blank category", "term=\"A4\"", "term=\"\"", "NotBlank"),
            ("blank author", "<name>云浦日报</name>", "<name></name>", "NotBlank"),
            ("language zh_CN", "xml:lang=\"zh-Hans\"", "xml:lang=\"zh_CN\"", "InvalidLanguage"),
            ("Chinese address", "href=\"https://news.example.org/articles/", "href=\"https://news.example.org/文/", "UriNotIri"),
            ("foreign namespace", "<entry>", "<x:y xmlns:x=\"https://example.org/ns\"/><entry>", "UnknownNamespace"),
            ("script", "&lt;p&gt;", "&lt;script&gt;x&lt;/script&gt;&lt;p&gt;", "SecurityRisk"),
            ("C0 control", "停水公告", "停\u{b}水", "SAXError"),
            ("C1 control", "停水公告", "停\u{9f}水", "BadCharacters"),
        ],
    );
}

#[test]
fn an_atom_entry_without_any_author_is_found() {
    let (clean, address) = clean(Format::Atom);
    let author = "<author><name>云浦日报</name></author>";
    let mutant = clean.replace(author, "");
    assert!(mutant.len() + 2 * author.len() <= clean.len());
    assert!(faults(Format::Atom, &mutant, &address).contains(&"MissingElement"));
}

#[test]
fn every_mutation_of_json_is_found() {
    hold(
        Format::Json,
        &[
            ("version 1", "jsonfeed.org/version/1.1", "jsonfeed.org/version/1", "WrongVersion"),
            ("feed_url with http", "\"feed_url\":\"https", "\"feed_url\":\"http", "SelfDoesntMatchLocation"),
            ("id twice", SECOND_ID, FIRST_ID, "DuplicateValue"),
            ("no id", "\"id\":", "\"_id\":", "UndefinedElement"),
            ("relative address", "\"url\":\"https://news.example.org", "\"url\":\"", "InvalidFullLink"),
            (
                "date without zone",
                "\"date_published\":\"2026-03-11T22:00:04Z",
                "\"date_published\":\"2026-03-11T22:00:04",
                "InvalidRFC3339Date",
            ),
            ("no items", "\"items\":", "\"entries\":", "MissingElement"),
            ("author of 1.0", "\"authors\":[{\"name\":\"云浦日报\"}],\"tags\"", "\"author\":{\"name\":\"x\"},\"tags\"", "MissingElement"),
            ("language zh_CN", "\"language\":\"zh-Hans\"", "\"language\":\"zh_CN\"", "InvalidLanguage"),
            ("script", "\"content_html\":\"", "\"content_html\":\"<script>x</script>", "SecurityRisk"),
            ("HTML in a title", "停水公告", "<b>停水</b>", "ContainsHTML"),
            ("blank tag", "\"第A4版\"", "\"\"", "NotBlank"),
            ("attachment without size", ",\"size_in_bytes\":3145728", "", ""),
            ("attachment without type", "\"mime_type\":\"application/pdf\",", "", "InvalidMIMEAttribute"),
            ("attachment of a size in words", "3145728", "\"3 MB\"", "InvalidIntegerAttribute"),
            ("relative image", "\"image\":\"https://paper.example.org", "\"image\":\"", "InvalidFullLink"),
            ("C0 control", "停水公告", "停\\u000f水", "SAXError"),
            ("cut short", "\"tags\"", "", "NotJson"),
        ],
    );
}
