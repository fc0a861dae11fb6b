//! A person's own words for the title and the items of a digest, as templates of `minijinja`:
//! <https://docs.rs/minijinja/latest/minijinja/syntax/>.

use minijinja::value::Value;
use minijinja::{Environment, UndefinedBehavior, context};

use crate::model::{Digest, DigestItem};

/// Templates for title and item; what is not given is as the service shows it best.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Templates {
    title: Option<String>,
    item: Option<String>,
}

/// An item in the form in which it is shown, as a template sees it.
pub(super) struct Item<'a> {
    pub(super) item: &'a DigestItem,
    /// Its place in the digest, from 1.
    pub(super) number: usize,
    pub(super) title: &'a str,
    pub(super) url: &'a str,
    pub(super) summary: &'a str,
    /// Page and section in words; all places of a story that is told in several.
    pub(super) place: &'a str,
}

impl Templates {
    /// Checks templates. The title may use `paper`, `date`, `count`, `webhook` and `title`, which is the
    /// line that newsboy would write; the item `number`, `title`, `url`, `summary`, `page`, `section`,
    /// `place`, `paper` and `kind`.
    ///
    /// # Errors
    ///
    /// What is wrong with the template of the title, or with that of the item.
    pub fn new(title: Option<String>, item: Option<String>) -> Result<Self, TemplateError> {
        let templates = Self { title, item };
        let specimen = context! { title => "T", paper => "P", date => "2026-11-20", count => 1, webhook => "w" };
        let wrong = |which, error: minijinja::Error| TemplateError { which, why: told(&error) };
        if let Some(title) = &templates.title {
            render(title, specimen, str::to_owned).map_err(|error| wrong("title", error))?;
        }
        if let Some(item) = &templates.item {
            let values = context! { number => 1, title => "T", url => "u", summary => "s", page => "01", section => "S", place => "p", paper => "P", kind => "article" };
            render(item, values, str::to_owned).map_err(|error| wrong("item", error))?;
        }
        Ok(templates)
    }

    /// The title, if there is a template for it. It is plain text.
    pub(super) fn title(&self, digest: &Digest) -> Option<String> {
        let values = context! {
            title => digest.title.as_str(),
            paper => digest.paper.as_deref().unwrap_or_default(),
            date => digest.date.to_string(),
            count => digest.items.len() + digest.left_out,
            webhook => digest.webhook.as_str(),
        };
        told_of("title", render(self.title.as_deref()?, values, str::to_owned))
    }

    /// The item, if there is a template for it: the template's own text as it stands, what it shows of
    /// the item escaped.
    pub(super) fn item(&self, shown: &Item<'_>, escape: fn(&str) -> String) -> Option<String> {
        let values = context! {
            number => shown.number,
            title => shown.title,
            url => shown.url,
            summary => shown.summary,
            page => shown.item.page.as_str(),
            section => shown.item.section.as_deref().unwrap_or_default(),
            place => shown.place,
            paper => shown.item.source_title.as_str(),
            kind => shown.item.kind.as_str(),
        };
        told_of("item", render(self.item.as_deref()?, values, escape))
    }
}

/// A digest is not lost to a template that fails on it: newsboy's own words take its place.
fn told_of(which: &str, rendered: Result<String, minijinja::Error>) -> Option<String> {
    rendered.inspect_err(|error| tracing::warn!("the template of the {which} fails and is passed over: {}", told(error))).ok()
}

fn render(template: &str, values: Value, escape: fn(&str) -> String) -> Result<String, minijinja::Error> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_formatter(move |out, _, value| {
        let text = value.to_string();
        out.write_str(&if value.is_safe() { text } else { escape(&text) }).map_err(minijinja::Error::from)
    });
    environment.render_str(template, values)
}

/// What `minijinja` says on one line.
fn told(error: &minijinja::Error) -> String {
    let line = error.line().map(|line| format!(" in line {line}")).unwrap_or_default();
    match error.detail() {
        Some(detail) => format!("{}: {detail}{line}", error.kind()),
        None => format!("{}{line}", error.kind()),
    }
}

/// Why a template cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the template of the {which} cannot be used: {why}")]
pub struct TemplateError {
    /// `title` or `item`.
    pub which: &'static str,
    /// What is wrong with it.
    pub why: String,
}
