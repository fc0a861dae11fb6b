//! What is asked for behind the `?` of a search.

use crate::feed::MatchRule;
use crate::model::{ArticleKind, PageLabel};
use crate::search::Query;
use crate::store::SearchRequest;

use super::feeds::one_form;

/// Articles of a search's feed where the address says nothing.
const DEFAULT_LIMIT: u32 = 50;

/// Pages of results that can be leafed through.
const MOST_PAGES: u32 = 50;

/// Names of sources, sections, pages or kinds that are read; further ones are passed over.
const MOST_NAMES: usize = 20;

/// A search as its address asks for it. What is not understood is passed over: an address may carry
/// what others have hung on it.
#[derive(Debug, Clone)]
pub(super) struct SearchAsked {
    /// The whole of it, as it was sent.
    pub(super) raw: String,
    /// The words as a person typed them.
    pub(super) typed: String,
    /// What to look for. With no kind named, the news.
    pub(super) request: SearchRequest,
    /// Whether a feed gives articles in full.
    pub(super) is_full: bool,
    /// Which page of results, from 1.
    pub(super) page: u32,
}

impl SearchAsked {
    pub(super) fn parse(raw: &str) -> Self {
        let mut asked = Self {
            raw: raw.to_owned(),
            typed: String::new(),
            request: SearchRequest { limit: DEFAULT_LIMIT, ..SearchRequest::default() },
            is_full: true,
            page: 1,
        };
        let push = |names: &mut Vec<String>, name: &str| {
            if !name.is_empty() && names.len() < MOST_NAMES && !names.iter().any(|known| known == name) {
                names.push(name.to_owned());
            }
        };
        let request = &mut asked.request;
        for (key, value) in form_urlencoded::parse(raw.as_bytes()) {
            let value = value.trim();
            match &*key {
                "q" => value.clone_into(&mut asked.typed),
                "source" => push(&mut request.sources, value),
                "section" => push(&mut request.sections, value),
                "page" if !value.is_empty() => push(&mut request.pages, &PageLabel::new(value)),
                "kind" => request.kinds.extend(ArticleKind::parse(value).filter(|kind| !request.kinds.contains(kind))),
                "from" => request.from = one_form(value),
                "to" => request.to = one_form(value),
                "limit" => request.limit = value.parse().unwrap_or(DEFAULT_LIMIT).max(1),
                "full" => asked.is_full = value != "0",
                "n" => asked.page = value.parse().unwrap_or(1).clamp(1, MOST_PAGES),
                _ => {}
            }
        }
        request.query = Query::parse(&asked.typed);
        if request.kinds.is_empty() {
            request.kinds = MatchRule::default().kinds;
        }
        asked
    }

    /// Whether nothing is asked for.
    pub(super) fn is_empty(&self) -> bool {
        let SearchRequest { query, sources, sections, pages, from, to, .. } = &self.request;
        query.is_empty() && sources.is_empty() && sections.is_empty() && pages.is_empty() && from.is_none() && to.is_none()
    }

    /// The address's part behind the `?` without the page of results.
    pub(super) fn without_page(&self) -> String {
        let mut kept = form_urlencoded::Serializer::new(String::new());
        for (key, value) in form_urlencoded::parse(self.raw.as_bytes()).filter(|(key, value)| key != "n" && !value.is_empty()) {
            kept.append_pair(&key, &value);
        }
        kept.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_and_what_is_not_understood_is_passed_over() {
        let asked = SearchAsked::parse(
            "q=%E6%96%B0%E8%83%BD%E6%BA%90+-x&source=a&source=b&source=a&kind=photo&kind=none&limit=7&full=0&page=2&from=2026-03-01&to=soon&utm=1&n=3",
        );
        assert_eq!((asked.typed.as_str(), asked.is_full, asked.page), ("新能源 -x", false, 3));
        let SearchRequest { query, sources, pages, kinds, from, to, limit, .. } = &asked.request;
        assert_eq!(*query, Query::parse("新能源 -x"));
        assert_eq!((sources.as_slice(), pages.as_slice()), (["a".to_owned(), "b".to_owned()].as_slice(), ["02".to_owned()].as_slice()));
        assert_eq!((kinds.as_slice(), *limit, from.is_some(), to.is_none()), ([ArticleKind::Photo].as_slice(), 7, true, true));
    }

    #[test]
    fn without_a_word_or_a_place_nothing_is_asked_for() {
        for raw in ["", "q=", "q=%20", "limit=3", "q=,", "kind=photo"] {
            assert!(SearchAsked::parse(raw).is_empty(), "{raw}");
        }
        for raw in ["q=a", "source=a", "section=%E8%A6%81%E9%97%BB"] {
            assert!(!SearchAsked::parse(raw).is_empty(), "{raw}");
        }
        assert_eq!(SearchAsked::parse("").request.kinds, MatchRule::default().kinds);
    }
}
