//! XML as far as libraries use it: elements, attributes, text. Namespaces are passed over, entities
//! beyond the five of XML are left as they stand, and a document type is not read.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8};
use quick_xml::Reader;
use quick_xml::escape::unescape;
use quick_xml::events::{BytesStart, Event};

/// Bytes at the beginning in which the encoding is declared.
const DECLARATION: usize = 200;
/// Elements within elements at most; ALTO has 10, METS of a large edition 20.
pub(super) const MAX_DEPTH: usize = 200;

/// What stands next in a document.
#[derive(Debug)]
pub(super) enum Node<'a> {
    /// An element begins.
    Open(Element<'a>),
    /// The innermost open element ends.
    Close,
    /// Text of the innermost open element, or a part of it.
    Text(Cow<'a, str>),
}

/// The beginning of an element.
#[derive(Debug)]
pub(super) struct Element<'a>(BytesStart<'a>);

impl Element<'_> {
    /// Whether it has this name, whatever its prefix.
    pub(super) fn is(&self, name: &str) -> bool {
        self.0.local_name().as_ref() == name.as_bytes()
    }

    /// Its name without the prefix.
    pub(super) fn name(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(self.0.local_name().into_inner())
    }

    /// The value of the attribute of this name, whatever its prefix.
    pub(super) fn get(&self, name: &str) -> Option<String> {
        let mut attributes = self.0.attributes();
        let attributes = attributes.with_checks(false).filter_map(Result::ok);
        let found = attributes.into_iter().find(|attribute| attribute.key.local_name().as_ref() == name.as_bytes())?;
        Some(unescaped(&String::from_utf8_lossy(&found.value)))
    }

    /// The value of an attribute that is a number.
    pub(super) fn number(&self, name: &str) -> Option<f32> {
        self.get(name)?.trim().parse::<f32>().ok().filter(|number| number.is_finite())
    }
}

fn unescaped(raw: &str) -> String {
    // An entity that XML does not have stays as it stands.
    unescape(raw).map_or_else(|_| raw.to_owned(), Cow::into_owned)
}

/// The text of a document: a byte order mark decides on the encoding, then its declaration, and UTF-8
/// where neither is there.
pub(super) fn decode(bytes: &[u8]) -> Cow<'_, str> {
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(DECLARATION)]);
    let declared = head.split_once("encoding=").and_then(|(_, rest)| {
        let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''))?;
        Encoding::for_label(rest[1..].split(quote).next()?.as_bytes())
    });
    // A declaration that can be read as ASCII is not in UTF-16, whatever it says.
    let declared = declared.filter(|encoding| encoding.is_ascii_compatible()).unwrap_or(UTF_8);
    declared.decode(bytes).0
}

/// Goes through a document, and says where it breaks off.
///
/// `each` is called for each node; an element without content gives an `Open` and a `Close`.
///
/// # Errors
/// What is wrong with the document and where; what comes before has been given.
pub(super) fn walk<'a>(text: &'a str, mut each: impl FnMut(Node<'a>)) -> Result<(), String> {
    let mut reader = Reader::from_str(text);
    reader.config_mut().check_end_names = false;
    let mut depth = 0_usize;
    loop {
        let event = reader.read_event().map_err(|error| format!("at byte {}: {error}", reader.error_position()))?;
        match event {
            Event::Start(start) => {
                depth += 1;
                if depth > MAX_DEPTH {
                    return Err(format!("at byte {}: elements stand more than {MAX_DEPTH} deep in each other", reader.buffer_position()));
                }
                each(Node::Open(Element(start)));
            }
            Event::Empty(start) => {
                each(Node::Open(Element(start)));
                each(Node::Close);
            }
            Event::End(_) => {
                if depth == 0 {
                    return Err(format!("at byte {}: an element ends that did not begin", reader.buffer_position()));
                }
                depth -= 1;
                each(Node::Close);
            }
            Event::Text(text) => {
                if let Ok(text) = text.decode() {
                    each(Node::Text(text));
                }
            }
            Event::CData(text) => {
                if let Ok(text) = text.decode() {
                    each(Node::Text(text));
                }
            }
            Event::GeneralRef(reference) => {
                if let Ok(name) = reference.decode() {
                    each(Node::Text(Cow::Owned(unescaped(&format!("&{name};")))));
                }
            }
            Event::Eof if depth > 0 => return Err(format!("it ends within {depth} open elements")),
            Event::Eof => return Ok(()),
            _ => {}
        }
    }
}
