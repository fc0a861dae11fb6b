//! The reading of a table of the file: each setting is asked for by name, and what was not asked
//! for is unknown.
//!
//! Tables are read by hand and not by a derived deserializer, because that stops at the first
//! error, and a person who corrects a file wants to see all of them.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::remark::Notes;

/// The name of the section that holds all the others.
const WHOLE_FILE: &str = "the file";

/// Characters of a wrong value that are shown.
const SHOWN_CHARS: usize = 60;

/// A table and what has been asked of it.
pub(super) struct Section<'a> {
    /// As people write it: `[server]`, or `match` for one in braces.
    name: &'static str,
    table: &'a DeTable<'a>,
    span: Range<usize>,
    notes: &'a Notes,
    asked: Vec<&'static str>,
}

impl<'a> Section<'a> {
    /// The whole file.
    pub(super) fn root(document: &'a Spanned<DeTable<'a>>, notes: &'a Notes) -> Self {
        Self { name: WHOLE_FILE, table: document.get_ref(), span: 0..0, notes, asked: Vec::new() }
    }

    /// Where it begins.
    pub(super) fn span(&self) -> Range<usize> {
        self.span.clone()
    }

    /// Where remarks go.
    pub(super) fn notes(&self) -> &'a Notes {
        self.notes
    }

    /// Where a setting's value stands, or the section where it is missing.
    pub(super) fn span_of(&self, key: &str) -> Range<usize> {
        self.table.get(key).map_or_else(|| self.span(), Spanned::span)
    }

    /// Whether a setting is there.
    pub(super) fn has(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }

    /// A setting's value as it stands.
    pub(super) fn ask(&mut self, key: &'static str) -> Option<&'a Spanned<DeValue<'a>>> {
        if !self.asked.contains(&key) {
            self.asked.push(key);
        }
        self.table.get(key)
    }

    /// A setting that may be missing. A wrong one is noted, and is `None` as a missing one is:
    /// what else is wrong is worth knowing too.
    pub(super) fn optional<T>(&mut self, key: &'static str, read: impl FnOnce(&DeValue<'_>) -> Result<T, String>) -> Option<Spanned<T>> {
        let value = self.ask(key)?;
        match read(value.get_ref()) {
            Ok(read) => Some(Spanned::new(value.span(), read)),
            Err(message) => {
                self.error(key, value.span(), &message);
                None
            }
        }
    }

    /// A setting that must be there; `example` is a line to write.
    pub(super) fn required<T>(
        &mut self,
        key: &'static str,
        example: &str,
        read: impl FnOnce(&DeValue<'_>) -> Result<T, String>,
    ) -> Option<Spanned<T>> {
        if !self.table.contains_key(key) {
            self.notes.error(self.span(), format!("{} has no {key}; write for example {example}", self.name));
        }
        self.optional(key, read)
    }

    /// A list, each element of which is read for itself.
    pub(super) fn list<T>(
        &mut self,
        key: &'static str,
        read: impl Fn(&DeValue<'_>) -> Result<T, String>,
    ) -> Option<Spanned<Vec<Spanned<T>>>> {
        let value = self.ask(key)?;
        let DeValue::Array(elements) = value.get_ref() else {
            self.error(key, value.span(), &format!("found {}, expected a list in brackets: [\"…\", \"…\"]", shown(value.get_ref())));
            return None;
        };
        let mut list = Vec::new();
        for element in elements.iter() {
            match read(element.get_ref()) {
                Ok(read) => list.push(Spanned::new(element.span(), read)),
                Err(message) => self.error(key, element.span(), &message),
            }
        }
        // A list that lost an element would draw follow-up errors.
        (list.len() == elements.len()).then(|| Spanned::new(value.span(), list))
    }

    /// A list, or one element without brackets.
    pub(super) fn one_or_several<T>(&mut self, key: &'static str, read: impl Fn(&DeValue<'_>) -> Result<T, String>) -> Option<Vec<T>> {
        match self.ask(key)?.get_ref() {
            DeValue::Array(_) => Some(self.list(key, read)?.into_inner().into_iter().map(Spanned::into_inner).collect()),
            _ => Some(vec![self.optional(key, read)?.into_inner()]),
        }
    }

    /// A table below this one.
    pub(super) fn table(&mut self, key: &'static str, name: &'static str) -> Option<Section<'a>> {
        let value = self.ask(key)?;
        match value.get_ref() {
            DeValue::Table(table) => Some(Section { name, table, span: value.span(), notes: self.notes, asked: Vec::new() }),
            DeValue::Array(tables) if tables.iter().all(|table| table.get_ref().is_table()) => {
                let form = if name == key { "{ … } in braces".to_owned() } else { format!("{name} in single brackets") };
                self.notes.error(value.span(), format!("there is one {key} only: write {form}"));
                None
            }
            other => {
                self.not_a_table(key, name, value.span(), other);
                None
            }
        }
    }

    fn not_a_table(&self, key: &str, name: &str, span: Range<usize>, found: &DeValue<'_>) {
        let form = if name == key { "{ … } in braces" } else { name };
        self.error(key, span, &format!("found {}, expected a table: {form}", shown(found)));
    }

    /// All tables of the same name.
    pub(super) fn tables(&mut self, key: &'static str, name: &'static str) -> Vec<Section<'a>> {
        let Some(value) = self.ask(key) else { return Vec::new() };
        let elements = match value.get_ref() {
            DeValue::Array(elements) => elements.iter().collect(),
            DeValue::Table(_) => {
                self.notes.error(value.span(), format!("there can be several {key}s: write {name} in double brackets"));
                vec![value]
            }
            other => {
                self.not_a_table(key, name, value.span(), other);
                Vec::new()
            }
        };
        let mut tables = Vec::new();
        for element in elements {
            match element.get_ref() {
                DeValue::Table(table) => tables.push(Section { name, table, span: element.span(), notes: self.notes, asked: Vec::new() }),
                other => self.not_a_table(key, name, element.span(), other),
            }
        }
        tables
    }

    /// Notes every setting that was not asked for.
    pub(super) fn finish(self) {
        for key in self.table.keys() {
            let found: &str = key.get_ref();
            if !self.asked.contains(&found) {
                let hint = nearest(found, self.asked.iter().copied())
                    .map_or_else(|| format!("known are {}", self.asked.join(", ")), |near| format!("did you mean {near}?"));
                let what = if self.name == WHOLE_FILE { "section" } else { "setting" };
                self.notes.error(key.span(), format!("{} has no {what} {:?}; {hint}", self.name, shortened(found)));
            }
        }
    }

    /// Notes an error of a setting's value.
    pub(super) fn error(&self, key: &str, span: Range<usize>, message: &str) {
        self.notes.error(span, format!("{key}: {message}"));
    }
}

/// A value as an error shows it.
pub(super) fn shown(value: &DeValue<'_>) -> String {
    match value {
        DeValue::String(text) => format!("{:?}", shortened(text)),
        DeValue::Integer(number) => format!("the number {}", shortened(&number.to_string())),
        DeValue::Float(number) => format!("the number {}", shortened(&number.to_string())),
        DeValue::Boolean(flag) => flag.to_string(),
        DeValue::Datetime(time) => format!("the time {time} without quotes"),
        DeValue::Array(_) => "a list".to_owned(),
        DeValue::Table(_) => "a table".to_owned(),
    }
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(SHOWN_CHARS) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// The word among `right` that was most likely meant by `found`, if any is near.
pub(super) fn nearest<'w>(found: &str, right: impl IntoIterator<Item = &'w str>) -> Option<&'w str> {
    let found = found.to_lowercase();
    // One slip in three characters; a longer distance says nothing.
    let most = (found.chars().count() / 3).max(1);
    right
        .into_iter()
        .map(|word| (strsim::damerau_levenshtein(&found, &word.to_lowercase()), word))
        .filter(|(distance, _)| *distance <= most)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, word)| word)
}
