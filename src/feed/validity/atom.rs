//! The rules of Atom 1.0.

use super::tree::{Element, parse};
use super::{Expected, Fault, Faults, html};

const XML_LANG: &str = "{http://www.w3.org/XML/1998/namespace}lang";

/// Elements of a feed and of an entry that a newspaper's feed may have.
const FEED: [&str; 9] = ["title", "id", "updated", "author", "generator", "link", "subtitle", "entry", "category"];
const ENTRY: [&str; 9] = ["title", "id", "updated", "author", "category", "link", "published", "summary", "content"];

fn atom(name: &str) -> String {
    format!("{{http://www.w3.org/2005/Atom}}{name}")
}

/// Every fault of an Atom feed.
pub(super) fn check(bytes: &[u8], expected: &Expected<'_>) -> Vec<Fault> {
    let mut faults = Faults::default();
    let root = match parse(bytes) {
        Ok(root) => root,
        Err(why) => return vec![Fault { name: "SAXError", detail: why }],
    };
    root.walk(&mut |element| {
        faults.characters(&element.text);
        element.attributes.iter().for_each(|(_, value)| faults.characters(value));
        if let Some(language) = element.attribute(XML_LANG) {
            faults.language(language);
        }
    });
    if root.name != atom("feed") {
        faults.add("UndeterminableVocabulary", root.name.as_str());
    }
    unexpected(&mut faults, &root, &FEED);
    head(&mut faults, &root, expected, "feed");
    match links(&root, "self").next() {
        None => faults.add("MissingAtomSelfLink", ""),
        Some(href) if href != expected.address => faults.add("SelfDoesntMatchLocation", href),
        Some(_) => {}
    }
    if let Some(subtitle) = root.one(&atom("subtitle")) {
        text_construct(&mut faults, subtitle);
    }
    let feed_has_author = root.one(&atom("author")).is_some();
    let entry = atom("entry");
    let each = |name: &'static str| root.all(&entry).filter_map(move |e| e.text_of(&atom(name)).map(str::to_owned)).collect::<Vec<_>>();
    faults.unique("DuplicateEntries", each("id").iter().map(String::as_str));
    faults.unique("DuplicateUpdated", each("updated").iter().map(String::as_str));
    for e in root.all(&entry) {
        unexpected(&mut faults, e, &ENTRY);
        head(&mut faults, e, expected, "entry");
        if e.one(&atom("author")).is_none() && !feed_has_author {
            faults.add("MissingElement", "entry author");
        }
        if links(e, "alternate").next().is_none() {
            faults.add("MissingElement", "entry link");
        }
        if let Some(published) = e.text_of(&atom("published")) {
            faults.rfc_3339(published, expected);
        }
        if let Some(summary) = e.one(&atom("summary")) {
            text_construct(&mut faults, summary);
        }
        match e.one(&atom("content")) {
            None => faults.add("MissingElement", "content"),
            Some(content) => {
                faults.not_blank(&content.text, "content");
                text_construct(&mut faults, content);
            }
        }
    }
    faults.0
}

/// What feed and entry have alike.
fn head(faults: &mut Faults, element: &Element, expected: &Expected<'_>, place: &'static str) {
    match element.one(&atom("title")) {
        None => faults.add("MissingElement", format!("{place} title")),
        Some(title) => {
            faults.title(&title.text);
            text_construct(faults, title);
        }
    }
    match element.text_of(&atom("id")) {
        None => faults.add("MissingElement", format!("{place} id")),
        Some(id) => faults.id(id, place),
    }
    match element.text_of(&atom("updated")) {
        None => faults.add("MissingElement", format!("{place} updated")),
        Some(updated) => {
            faults.rfc_3339(updated, expected);
        }
    }
    for link in element.all(&atom("link")) {
        faults.url(link.attribute("href").unwrap_or_default(), place);
        faults.media_type(link.attribute("type"), place);
        if link.attribute("length").is_some_and(|length| length.parse::<u64>().is_err()) {
            faults.add("InvalidIntegerAttribute", place);
        }
    }
    for author in element.all(&atom("author")) {
        faults.not_blank(author.text_of(&atom("name")).unwrap_or_default(), "author name");
    }
    for category in element.all(&atom("category")) {
        faults.not_blank(category.attribute("term").unwrap_or_default(), "category term");
        if let Some(label) = category.attribute("label") {
            faults.not_blank(label, "category label");
        }
        if let Some(scheme) = category.attribute("scheme") {
            faults.id(scheme, "category scheme");
        }
    }
}

fn links<'a>(element: &'a Element, rel: &'a str) -> impl Iterator<Item = &'a str> {
    element.children.iter().filter(move |c| c.name == atom("link") && c.attribute("rel") == Some(rel)).filter_map(|l| l.attribute("href"))
}

/// `type` says what a text is; without it, it must not look like HTML.
fn text_construct(faults: &mut Faults, element: &Element) {
    match element.attribute("type") {
        Some("html") => html::check(faults, &element.text, &element.name),
        Some("xhtml") => faults.add("UndefinedElement", "type=xhtml"),
        _ if html::looks_like_markup(&element.text) => faults.add("ContainsUndeclaredHTML", element.text.as_str()),
        _ => {}
    }
}

fn unexpected(faults: &mut Faults, parent: &Element, known: &[&str]) {
    for child in &parent.children {
        if !known.iter().any(|k| child.name == atom(k)) && child.name != super::ARCHIVE {
            let ours = child.name.starts_with("{http://www.w3.org/2005/Atom}");
            faults.add(if ours { "UndefinedElement" } else { "UnknownNamespace" }, child.name.as_str());
        }
    }
}
