//! XML to a tree, strictly: namespaces bound, entities of XML alone, one root, legal characters.

use quick_xml::events::{BytesStart, Event};
use quick_xml::name::ResolveResult;
use quick_xml::{NsReader, XmlVersion};

/// An element. Names are `{namespace}local`, without braces where there is no namespace.
#[derive(Debug, Default)]
pub(super) struct Element {
    pub(super) name: String,
    pub(super) attributes: Vec<(String, String)>,
    pub(super) text: String,
    pub(super) children: Vec<Element>,
}

impl Element {
    pub(super) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Element> {
        self.children.iter().filter(move |c| c.name == name)
    }

    pub(super) fn one(&self, name: &str) -> Option<&Element> {
        self.children.iter().find(|c| c.name == name)
    }

    pub(super) fn text_of(&self, name: &str) -> Option<&str> {
        self.one(name).map(|e| e.text.as_str())
    }

    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }

    /// Every text and attribute of the tree.
    pub(super) fn walk(&self, visit: &mut impl FnMut(&Element)) {
        visit(self);
        for child in &self.children {
            child.walk(visit);
        }
    }
}

/// Parses a document; the error says what a strict parser would.
pub(super) fn parse(bytes: &[u8]) -> Result<Element, String> {
    let text = std::str::from_utf8(bytes).map_err(|e| e.to_string())?;
    if let Some(c) =
        text.chars().find(|c| matches!(c, '\u{0}'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}'))
    {
        return Err(format!("{c:?} is no character of XML 1.0"));
    }
    let mut reader = NsReader::from_str(text);
    let mut stack = vec![Element::default()];
    loop {
        let event = reader.read_event().map_err(|e| e.to_string())?;
        match event {
            Event::Start(start) => stack.push(open(&reader, &start)?),
            Event::Empty(start) => {
                let element = open(&reader, &start)?;
                top(&mut stack)?.children.push(element);
            }
            Event::End(_) => {
                let element = stack.pop().ok_or("an end without a start")?;
                top(&mut stack)?.children.push(element);
            }
            Event::Text(text) => {
                let text = text.xml10_content().map_err(|e| e.to_string())?;
                if text.contains("]]>") {
                    return Err("`]]>` in character data".to_owned());
                }
                top(&mut stack)?.text.push_str(&text);
            }
            Event::CData(data) => {
                let text = data.xml10_content().map_err(|e| e.to_string())?;
                top(&mut stack)?.text.push_str(&text);
            }
            Event::GeneralRef(reference) => {
                let c = match reference.resolve_char_ref().map_err(|e| e.to_string())? {
                    Some(c) => c,
                    None => match reference.decode().map_err(|e| e.to_string())?.as_ref() {
                        "lt" => '<',
                        "gt" => '>',
                        "amp" => '&',
                        "quot" => '"',
                        "apos" => '\'',
                        other => return Err(format!("undefined entity &{other};")),
                    },
                };
                top(&mut stack)?.text.push(c);
            }
            Event::DocType(_) => return Err("a document type".to_owned()),
            Event::Decl(_) | Event::PI(_) | Event::Comment(_) => {}
            Event::Eof => break,
        }
    }
    let mut document = stack.pop().ok_or("nothing")?;
    match (stack.is_empty(), document.children.len(), document.text.trim().is_empty()) {
        (true, 1, true) => Ok(document.children.remove(0)),
        _ => Err("not exactly one root, or an element left open".to_owned()),
    }
}

fn top(stack: &mut [Element]) -> Result<&mut Element, String> {
    stack.last_mut().ok_or_else(|| "more ends than starts".to_owned())
}

fn open(reader: &NsReader<&[u8]>, start: &BytesStart<'_>) -> Result<Element, String> {
    let resolver = reader.resolver();
    let (namespace, local) = resolver.resolve_element(start.name());
    let mut element = Element { name: qualified(namespace, local.as_ref())?, ..Element::default() };
    for attribute in start.attributes() {
        let attribute = attribute.map_err(|e| e.to_string())?;
        if attribute.key.as_namespace_binding().is_some() {
            continue;
        }
        let (namespace, local) = resolver.resolve_attribute(attribute.key);
        let name = qualified(namespace, local.as_ref())?;
        let value =
            attribute.decoded_and_normalized_value(XmlVersion::Implicit1_0, reader.decoder()).map_err(|e| e.to_string())?.into_owned();
        element.attributes.push((name, value));
    }
    Ok(element)
}

fn qualified(namespace: ResolveResult<'_>, local: &[u8]) -> Result<String, String> {
    let local = String::from_utf8_lossy(local).into_owned();
    match namespace {
        ResolveResult::Unbound => Ok(local),
        ResolveResult::Bound(ns) => Ok(format!("{{{}}}{local}", String::from_utf8_lossy(ns.as_ref()))),
        ResolveResult::Unknown(prefix) => Err(format!("unbound prefix {:?} of {local}", String::from_utf8_lossy(&prefix))),
    }
}
