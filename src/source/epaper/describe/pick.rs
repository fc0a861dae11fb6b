//! Picks: where in a document something stands, as a description writes it.

use std::fmt;

use regex::Regex;
use scraper::Selector;
use serde::Deserialize;
use serde::de::{self, Deserializer, MapAccess, SeqAccess, Visitor, value::MapAccessDeserializer};

/// One place where a value may stand.
///
/// As text it is a CSS selector with an attribute behind it if that is what is wanted
/// (`a.pdf @href`; `@href|data-url` takes the first there is), or one of the forms
///
/// - `comment:NAME/TAG`: `<TAG>…</TAG>` inside a comment that begins with NAME, wherever it stands;
/// - `between:MARK`: what stands between the comments `<MARK>` and `</MARK>`;
/// - `own:CSS`: an element's own text, without that of the elements in it;
/// - `json:a.b[].c`: a value of a JSON document, `[]` being every element of a list;
/// - `source:` and `url:`: the document's text and its address, for a `regex` to look through.
///
/// As a table it has `at` with one of these and besides `regex` (its first group, or the whole match),
/// `format` (`{}` in it is the value), `remove` (selectors of what is taken out before) and `split` (a
/// list in one text).
#[derive(Clone)]
pub(in crate::source::epaper) struct Pick {
    /// As it was written; two picks are the same if this is.
    text: String,
    pub(in crate::source::epaper) place: PickPlace,
    pub(in crate::source::epaper) attributes: Vec<String>,
    pub(in crate::source::epaper) regex: Option<Regex>,
    pub(in crate::source::epaper) format: Option<String>,
    pub(in crate::source::epaper) remove: Vec<Selector>,
    pub(in crate::source::epaper) split: Option<String>,
}

/// What a pick looks at.
#[derive(Debug, Clone)]
pub(in crate::source::epaper) enum PickPlace {
    /// Elements.
    Css { selector: Selector, own: bool },
    /// The element or value at hand itself.
    Here,
    /// A tag in a comment; the pattern's group is its content.
    Comment(Regex),
    /// Between two comments; the pattern's group is what stands there.
    Between(Regex),
    /// Steps into a JSON value; an empty one is every element of a list.
    Json(Vec<String>),
    /// The document's text.
    Source,
    /// The document's address.
    Url,
}

/// Alternatives in their order: the first that gives something counts.
#[derive(Debug, Clone, Default, PartialEq)]
pub(in crate::source::epaper) struct Picks(pub(in crate::source::epaper) Vec<Pick>);

impl Pick {
    fn parse(text: &str) -> Result<Self, String> {
        let (path, attributes) = match text.rsplit_once('@') {
            // An @ inside brackets or quotes is part of a selector.
            Some((path, names)) if !names.contains([']', '"', '\'']) => {
                let names: Vec<String> = names.split('|').map(|name| name.trim().to_owned()).collect();
                if names.iter().any(String::is_empty) {
                    return Err(format!("{text:?} has an @ without the name of an attribute behind it"));
                }
                (path, names)
            }
            _ => (text, Vec::new()),
        };
        let place = Self::place(path.trim()).map_err(|why| format!("{text:?}: {why}"))?;
        Ok(Self { text: text.to_owned(), place, attributes, regex: None, format: None, remove: Vec::new(), split: None })
    }

    fn place(path: &str) -> Result<PickPlace, String> {
        let pattern = |text: String| Regex::new(&text).map_err(|error| error.to_string());
        match path.split_once(':') {
            Some(("comment", rest)) => {
                let (name, tag) = rest.split_once('/').ok_or("a comment is written comment:NAME/TAG")?;
                let (name, tag) = (regex::escape(name.trim()), regex::escape(tag.trim()));
                pattern(format!(r"(?s)<!--\s*{name}\b(?:[^-]|-[^-]|--[^>])*?<{tag}>(.*?)</{tag}>")).map(PickPlace::Comment)
            }
            Some(("between", mark)) => {
                let mark = regex::escape(mark.trim());
                pattern(format!(r"(?s)<!--\s*<?{mark}>?\s*-->(.*?)<!--\s*(?:</{mark}>|/{mark})\s*-->")).map(PickPlace::Between)
            }
            Some(("own", css)) => Ok(PickPlace::Css { selector: selector(css)?, own: true }),
            Some(("json", path)) => Ok(PickPlace::Json(json_steps(path))),
            Some(("source", "")) => Ok(PickPlace::Source),
            Some(("url", "")) => Ok(PickPlace::Url),
            _ if path.is_empty() => Ok(PickPlace::Here),
            _ => Ok(PickPlace::Css { selector: selector(path)?, own: false }),
        }
    }
}

/// `a.b[].c` as steps: `a`, `b`, every element, `c`.
fn json_steps(path: &str) -> Vec<String> {
    let spread = path.replace("[]", ".[]");
    spread.split('.').filter(|step| !step.is_empty()).map(|step| if step == "[]" { String::new() } else { step.to_owned() }).collect()
}

fn selector(css: &str) -> Result<Selector, String> {
    Selector::parse(css.trim()).map_err(|error| format!("no CSS selector: {error}"))
}

impl PartialEq for Pick {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl fmt::Debug for Pick {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// A pick as a table.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PickTable {
    #[serde(default)]
    at: String,
    regex: Option<String>,
    format: Option<String>,
    #[serde(default)]
    remove: Vec<String>,
    split: Option<String>,
}

impl TryFrom<PickTable> for Pick {
    type Error = String;

    fn try_from(table: PickTable) -> Result<Self, String> {
        let mut pick = Self::parse(&table.at)?;
        pick.text = format!("{} {:?} {:?} {:?} {:?}", table.at, table.regex, table.format, table.remove, table.split);
        pick.regex = table.regex.as_deref().map(expression).transpose()?;
        pick.remove = table.remove.iter().map(|css| selector(css)).collect::<Result<_, _>>()?;
        pick.format = table.format;
        pick.split = table.split;
        Ok(pick)
    }
}

/// A regular expression, within bounds: a description may come from somebody else.
pub(super) fn expression(text: &str) -> Result<Regex, String> {
    regex::RegexBuilder::new(text).size_limit(1 << 20).build().map_err(|error| format!("no regular expression: {error}"))
}

impl<'de> Deserialize<'de> for Pick {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;

        impl<'de> Visitor<'de> for Reader {
            type Value = Pick;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a selector in quotes, or a table { at = \"…\", regex = \"…\" }")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Pick, E> {
                Pick::parse(text).map_err(E::custom)
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Pick, A::Error> {
                PickTable::deserialize(MapAccessDeserializer::new(map))?.try_into().map_err(de::Error::custom)
            }
        }

        deserializer.deserialize_any(Reader)
    }
}

impl<'de> Deserialize<'de> for Picks {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        OneOrMany::deserialize(deserializer).map(|OneOrMany(picks)| Self(picks))
    }
}

/// One value, or a list of them in brackets.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct OneOrMany<T>(pub(super) Vec<T>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for OneOrMany<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader<T>(std::marker::PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for Reader<T> {
            type Value = OneOrMany<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("one value in quotes, or a list of them in brackets")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
                T::deserialize(de::value::StrDeserializer::new(text)).map(|one| OneOrMany(vec![one]))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
                T::deserialize(MapAccessDeserializer::new(map)).map(|one| OneOrMany(vec![one]))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
                let mut many = Vec::new();
                while let Some(next) = seq.next_element()? {
                    many.push(next);
                }
                Ok(OneOrMany(many))
            }
        }

        deserializer.deserialize_any(Reader(std::marker::PhantomData))
    }
}
