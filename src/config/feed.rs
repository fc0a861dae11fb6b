//! `[[feed]]`, and the feed that every source has of itself.

use toml::Spanned;

use crate::feed::{self, FeedConfig, MatchRule};
use crate::model::ArticleKind;
use crate::source::SourceConfig;

use super::secret::long_secret;
use super::section::{Section, nearest, shown};
use super::source::UNDETERMINED;
use super::{Declared, Surroundings, value};

/// Reads one `[[feed]]`. Its name is given even where the rest of it is wrong.
pub(super) fn feed(
    mut section: Section<'_>,
    declared: &Declared,
    sources: &[SourceConfig],
    around: &Surroundings<'_>,
) -> (Option<Spanned<String>>, Option<FeedConfig>) {
    let name = section.required("name", "name = \"energy\"", value::name);
    let title = section.optional("title", value::line).map(Spanned::into_inner);
    let of = references(&mut section, "sources", "source", &declared.sources, &declared.sources);
    let rule = section.table("match", "match").map_or_else(MatchRule::default, rule);
    let token = long_secret(&mut section, "token", around);
    section.finish();
    let config = name.as_ref().zip(of).map(|(name, of)| FeedConfig {
        title: title.unwrap_or_else(|| name.get_ref().clone()),
        name: name.get_ref().clone(),
        language: shared_language(&of, sources),
        sources: of,
        rule,
        token,
    });
    (name, config)
}

/// The feed that a source has of itself.
pub(super) fn of_source(source: &SourceConfig) -> FeedConfig {
    FeedConfig {
        name: source.name.clone(),
        title: source.title.clone(),
        language: told(&source.language),
        sources: vec![source.name.clone()],
        rule: MatchRule::default(),
        token: None,
    }
}

/// A list of names that must be declared, or `default` where the list is missing. `None` where
/// something is wrong with it.
pub(super) fn references(
    section: &mut Section<'_>,
    key: &'static str,
    what: &str,
    declared: &[String],
    default: &[String],
) -> Option<Vec<String>> {
    if section.ask(key).is_none() {
        return Some(default.to_vec());
    }
    let list = section.list(key, |v| {
        let name = value::string(v)?;
        if declared.iter().any(|known| known == name) {
            return Ok(name.to_owned());
        }
        let hint = match nearest(name, declared.iter().map(String::as_str)) {
            Some(near) => format!("did you mean {near:?}?"),
            None if declared.is_empty() => format!("there is no {what} at all"),
            None => format!("there are {}", declared.iter().map(|name| format!("{name:?}")).collect::<Vec<_>>().join(", ")),
        };
        Err(format!("there is no {what} {}; {hint}", shown(v)))
    })?;
    if list.get_ref().is_empty() {
        section.error(key, list.span(), &format!("the list is empty; name at least one {what}, or remove the setting for all of them"));
        return None;
    }
    let mut names: Vec<String> = Vec::new();
    for name in list.into_inner() {
        if names.contains(name.get_ref()) {
            section.error(key, name.span(), &format!("{:?} is named twice; remove one of them", name.get_ref()));
        } else {
            names.push(name.into_inner());
        }
    }
    Some(names)
}

/// Reads which articles are wanted.
pub(super) fn rule(mut section: Section<'_>) -> MatchRule {
    let mut lines = |key| section.list(key, value::line).map(|list| list.into_inner().into_iter().map(Spanned::into_inner).collect());
    let (any, all, none, phrase, sections, pages) =
        (lines("any"), lines("all"), lines("none"), lines("phrase"), lines("sections"), lines("pages"));
    let regex = section.list("regex", |v| {
        let text = value::string(v)?;
        feed::expression(text).map_err(|why| format!("{} is no regular expression: {why}", shown(v)))?;
        Ok(text.to_owned())
    });
    let min_chars = section.optional("min_chars", |v| value::number(v, 0..=100_000));
    let words = ArticleKind::ALL.map(|kind| (kind.as_str(), kind));
    let kinds = section.list("kinds", |v| value::word(v, &words));
    if let Some(kinds) = kinds.as_ref().filter(|kinds| kinds.get_ref().is_empty()) {
        section.error(
            "kinds",
            kinds.span(),
            "the list is empty, so that the feed would be; name at least one kind, or remove the setting for articles and photos",
        );
    }
    section.finish();
    let kinds = kinds.map(|kinds| kinds.into_inner().into_iter().map(Spanned::into_inner).collect());
    MatchRule {
        any: any.unwrap_or_default(),
        all: all.unwrap_or_default(),
        none: none.unwrap_or_default(),
        phrase: phrase.unwrap_or_default(),
        regex: regex.map(|list| list.into_inner().into_iter().map(Spanned::into_inner).collect()).unwrap_or_default(),
        pages: pages.unwrap_or_default(),
        min_chars: min_chars.map_or(0, Spanned::into_inner) as usize,
        sections: sections.unwrap_or_default(),
        kinds: kinds.unwrap_or_else(|| MatchRule::default().kinds),
    }
}

/// The language that all these sources have.
fn shared_language(names: &[String], sources: &[SourceConfig]) -> Option<String> {
    let mut languages = sources.iter().filter(|source| names.contains(&source.name)).map(|source| &source.language);
    let first = languages.next()?;
    languages.all(|language| language == first).then(|| told(first)).flatten()
}

/// A language that tells a reader something.
fn told(language: &str) -> Option<String> {
    (language != UNDETERMINED).then(|| language.to_owned())
}
