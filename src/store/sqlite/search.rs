//! The full-text index: FTS5 over tokens that newsboy makes itself (see [`crate::search`]).
//!
//! It holds the public articles and is written in the transactions that write these, so that what is
//! withdrawn or held is never found.

use std::collections::HashSet;

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::SqliteConnection;

use super::errors::failed;
use super::rows::{self, select_articles};
use super::{SqliteStore, StoreError};
use crate::model::{ArticleId, ContentHash, StoredArticle};
use crate::search::{Term, index_text};
use crate::store::search::{EditionMark, Facet, Found, MOST_COUNTED, SearchOrder, SearchRequest};

/// What stands in `facts` beside the version of the tokens that the index was made of.
const INDEX: &str = "search index";

/// Moves whenever the same text gives other tokens; an index of another version is made anew.
const INDEX_VERSION: &str = "1";

/// Articles that are indexed at once when the index is made anew.
const BATCH: u32 = 500;

/// A facet's token. The sign in front is in no text's token; hexadecimal digits are letters and
/// digits to every tokenizer, whatever a name is made of.
fn facet(kind: char, parts: &[&str]) -> String {
    let mut token = format!("¤{kind}");
    for part in parts {
        token.extend(part.bytes().map(|byte| format!("{byte:02x}")));
        token.push('z');
    }
    token
}

/// What a facet's token ends with, read back.
fn unfacet(hex: &str) -> Option<String> {
    let digits = hex.strip_suffix('z')?;
    let bytes = (0..digits.len()).step_by(2).map(|at| u8::from_str_radix(digits.get(at..at + 2)?, 16).ok()).collect::<Option<_>>()?;
    String::from_utf8(bytes).ok()
}

fn facets(stored: &StoredArticle) -> String {
    let (source, page) = (stored.key.source.as_str(), stored.key.page.as_str());
    let mut tokens = vec![
        facet('a', &[]),
        facet('s', &[source]),
        facet('k', &[stored.article.kind.as_str()]),
        facet('p', &[page]),
        facet('q', &[source, page]),
    ];
    if let Some(section) = stored.article.section.as_deref().map(str::trim).filter(|section| !section.is_empty()) {
        tokens.extend([facet('c', &[section]), facet('d', &[source, section])]);
    }
    tokens.join(" ")
}

/// Makes the index hold an article as it is now, or not hold it where it is not public.
pub(super) async fn put(tx: &mut SqliteConnection, stored: &StoredArticle) -> Result<(), sqlx::Error> {
    let row = stored.published.timestamp();
    sqlx::query("DELETE FROM search WHERE rowid = ?").bind(row).execute(&mut *tx).await?;
    if !stored.is_public() {
        return Ok(());
    }
    let article = &stored.article;
    let head = [&article.kicker, &article.headline, &article.deck].into_iter().flatten().map(String::as_str);
    let people = article.byline.iter().chain(&article.credit).map(String::as_str);
    let body = article.dateline.iter().chain(article.text()).map(String::as_str).chain(people);
    sqlx::query("INSERT INTO search (rowid, head, body, facets) VALUES (?, ?, ?, ?)")
        .bind(row)
        .bind(index_text(head))
        .bind(index_text(body))
        .bind(facets(stored))
        .execute(tx)
        .await?;
    Ok(())
}

/// Takes an article out of the index.
pub(super) async fn remove(tx: &mut SqliteConnection, id: &ArticleId) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM search WHERE rowid = (SELECT published FROM articles WHERE id = ?)").bind(id.as_str()).execute(tx).await?;
    Ok(())
}

/// Notes how an edition stands: by what its articles say, so that two ways to one state, a killed pass
/// among them, leave one mark. Not by when they changed: a kind, a section or a picture's address may
/// change without moving that, and archives show them.
pub(super) async fn mark_edition(tx: &mut SqliteConnection, source: &str, date: NaiveDate, now: DateTime<Utc>) -> Result<(), sqlx::Error> {
    let state: Vec<(String, i64, i64, String)> = sqlx::query_as(
        "SELECT id, withdrawn, EXISTS (SELECT 1 FROM held_articles WHERE article = id), content
         FROM articles WHERE date = ? AND source = ? ORDER BY id",
    )
    .bind(date)
    .bind(source)
    .fetch_all(&mut *tx)
    .await?;
    let told: String = state.iter().map(|(id, withdrawn, held, content)| format!("{id} {withdrawn} {held} {content}\n")).collect();
    let mark = ContentHash::of(told.as_bytes()).number();
    sqlx::query(
        "INSERT INTO edition_marks (source, date, change, changed) VALUES (?, ?, ?, ?)
         ON CONFLICT (source, date) DO UPDATE SET change = excluded.change, changed = excluded.changed",
    )
    .bind(source)
    .bind(date)
    .bind(mark)
    .bind(now.timestamp_millis())
    .execute(tx)
    .await?;
    Ok(())
}

/// Makes the index of a store that an older version wrote. Runs in the transaction of the migrations.
pub(super) async fn complete(tx: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    let version: Option<String> = sqlx::query_scalar("SELECT value FROM facts WHERE name = ?").bind(INDEX).fetch_optional(&mut *tx).await?;
    if version.as_deref() == Some(INDEX_VERSION) {
        return Ok(());
    }
    sqlx::query("INSERT INTO search (search) VALUES ('delete-all')").execute(&mut *tx).await?;
    let mut after = i64::MIN;
    loop {
        let found = sqlx::query(select_articles!("WHERE published > ? AND withdrawn = 0 ORDER BY published LIMIT ?"))
            .bind(after)
            .bind(BATCH)
            .fetch_all(&mut *tx)
            .await?;
        // A row that cannot be read is told of where it is read for itself; it is not searched.
        let articles: Vec<StoredArticle> = found.iter().filter_map(|row| rows::article(row).ok()).collect();
        for article in &articles {
            put(tx, article).await?;
        }
        let Some(last) = found.last() else { break };
        after = sqlx::Row::try_get(last, "published")?;
    }
    sqlx::query("INSERT INTO facts (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value")
        .bind(INDEX)
        .bind(INDEX_VERSION)
        .execute(tx)
        .await?;
    Ok(())
}

/// A term as FTS5 takes it. Its tokens hold no quotation mark, for that is neither letter nor digit.
fn phrase(term: &Term) -> String {
    format!("\"{}\"{}", term.tokens().join(" "), if term.is_prefix() { " *" } else { "" })
}

fn any_of(phrases: impl Iterator<Item = String>) -> String {
    format!("({})", phrases.collect::<Vec<_>>().join(" OR "))
}

/// The request as an expression of FTS5 (<https://www.sqlite.org/fts5.html#full_text_query_syntax>),
/// whose words are looked for in `columns`.
fn expression(request: &SearchRequest, columns: &str) -> String {
    let of = |kind, names: &[String]| any_of(names.iter().map(|name| format!("\"{}\"", facet(kind, &[name]))));
    let kinds: Vec<String> = request.kinds.iter().map(|kind| kind.as_str().to_owned()).collect();
    let filters = [('s', &request.sources), ('c', &request.sections), ('p', &request.pages), ('k', &kinds)];
    let mut wanted: Vec<String> =
        filters.into_iter().filter(|(_, names)| !names.is_empty()).map(|(kind, names)| format!("(facets : {})", of(kind, names))).collect();
    wanted.extend(request.query.all().iter().map(|any| format!("({{{columns}}} : {})", any_of(any.iter().map(phrase)))));
    if wanted.is_empty() {
        wanted.push(format!("(facets : \"{}\")", facet('a', &[])));
    }
    let mut expression = wanted.join(" AND ");
    if !request.query.none().is_empty() {
        let unwanted = any_of(request.query.none().iter().map(phrase));
        expression = format!("({expression}) NOT ({{head body}} : {unwanted})");
    }
    expression
}

/// Where words are looked for, and where those of a headline are.
const ANYWHERE: &str = "head body";
const IN_HEAD: &str = "head";

/// The articles that match an expression. The dates are asked of the articles, and only where there
/// are any.
macro_rules! matching {
    ($has_dates:expr, $rest:expr) => {
        match $has_dates {
            true => concat!(
                "SELECT rowid FROM search WHERE search MATCH ?1
                     AND EXISTS (SELECT 1 FROM articles WHERE published = search.rowid AND date BETWEEN ?4 AND ?5)",
                $rest
            ),
            false => concat!("SELECT rowid FROM search WHERE search MATCH ?1", $rest),
        }
    };
}

/// One search, in one transaction.
struct Asked<'a> {
    tx: sqlx::Transaction<'static, sqlx::Sqlite>,
    request: &'a SearchRequest,
    from: String,
    to: String,
}

impl Asked<'_> {
    async fn rows(&mut self, sql: &'static str, expression: &str, limit: u32, offset: u32) -> Result<Vec<i64>, StoreError> {
        sqlx::query_scalar(sql)
            .bind(expression)
            .bind(limit)
            .bind(offset)
            .bind(&self.from)
            .bind(&self.to)
            .fetch_all(&mut *self.tx)
            .await
            .map_err(failed(SEARCHING))
    }

    async fn newest(&mut self, expression: &str, limit: u32, offset: u32) -> Result<Vec<i64>, StoreError> {
        let has_dates = self.request.from.is_some() || self.request.to.is_some();
        self.rows(matching!(has_dates, " ORDER BY rowid DESC LIMIT ?2 OFFSET ?3"), expression, limit, offset).await
    }

    async fn count(&mut self, expression: &str) -> Result<u32, StoreError> {
        let has_dates = self.request.from.is_some() || self.request.to.is_some();
        let counted = self.rows(matching!(has_dates, " LIMIT ?2 OFFSET ?3"), expression, MOST_COUNTED, 0).await?;
        Ok(u32::try_from(counted.len()).unwrap_or(MOST_COUNTED))
    }

    /// The best ones. Weighing costs a visit to every article that matches, so a word that stands in
    /// very many is not weighed: those that have it in their headlines come first, and of each kind the
    /// newest.
    async fn best(&mut self, expression_anywhere: &str, total: u32) -> Result<Vec<i64>, StoreError> {
        let (limit, offset) = (self.request.limit, self.request.offset);
        if total < MOST_COUNTED {
            let has_dates = self.request.from.is_some() || self.request.to.is_some();
            let sql = matching!(has_dates, " AND rank MATCH 'bm25(8.0, 1.0, 0.0)' ORDER BY rank LIMIT ?2 OFFSET ?3");
            return self.rows(sql, expression_anywhere, limit, offset).await;
        }
        let through = limit.saturating_add(offset);
        let mut rows = self.newest(&expression(self.request, IN_HEAD), through, 0).await?;
        let in_head: HashSet<i64> = rows.iter().copied().collect();
        if in_head.len() < through as usize {
            let newest = self.newest(expression_anywhere, through, 0).await?;
            rows.extend(newest.into_iter().filter(|row| !in_head.contains(row)));
        }
        Ok(rows.into_iter().skip(offset as usize).take(limit as usize).collect())
    }
}

const SEARCHING: &str = "searched the articles";

pub(super) async fn search(store: &SqliteStore, request: &SearchRequest) -> Result<Found, StoreError> {
    // Dates are compared as text, which holds for years of four digits.
    let from = request.from.map_or("0000-01-01".to_owned(), |date| date.to_string());
    let to = request.to.map_or("9999-12-31".to_owned(), |date| date.to_string());
    let mut asked = Asked { tx: store.read(SEARCHING).await?, request, from, to };
    let anywhere = expression(request, ANYWHERE);
    let total = asked.count(&anywhere).await?;
    let found_rows = match request.order {
        SearchOrder::Best => asked.best(&anywhere, total).await?,
        SearchOrder::Newest => asked.newest(&anywhere, request.limit, request.offset).await?,
    };
    let found = sqlx::query(select_articles!("WHERE published IN (SELECT value FROM json_each(?))"))
        .bind(rows::json("row ids", &found_rows)?)
        .fetch_all(&mut *asked.tx)
        .await
        .map_err(failed(SEARCHING))?;
    asked.tx.commit().await.map_err(failed(SEARCHING))?;
    let mut articles = rows::articles(&found)?;
    let place = |article: &StoredArticle| found_rows.iter().position(|row| *row == article.published.timestamp());
    articles.sort_by_cached_key(place);
    Ok(Found { articles, total })
}

pub(super) async fn sections(store: &SqliteStore, source: &str) -> Result<Vec<Facet>, StoreError> {
    let mut found = facets_of(store, &facet('d', &[source])).await?;
    found.sort_by(|a, b| b.articles.cmp(&a.articles).then_with(|| a.name.cmp(&b.name)));
    Ok(found)
}

pub(super) async fn page_labels(store: &SqliteStore, source: &str) -> Result<Vec<Facet>, StoreError> {
    let mut found = facets_of(store, &facet('q', &[source])).await?;
    found.sort_by(|a, b| crate::store::page_label::reading_order(&a.name, &b.name));
    Ok(found)
}

/// The facets whose token begins so.
async fn facets_of(store: &SqliteStore, prefix: &str) -> Result<Vec<Facet>, StoreError> {
    const DOING: &str = "listed sections and pages";
    // `{` follows `z`, the last character of a token, so that the range holds all that begin so.
    let found: Vec<(String, u32)> = sqlx::query_as("SELECT term, doc FROM search_terms WHERE term >= ? AND term < ?")
        .bind(prefix)
        .bind(format!("{prefix}{{"))
        .fetch_all(&store.readers)
        .await
        .map_err(failed(DOING))?;
    let named = |(term, articles): (String, u32)| Some(Facet { name: unfacet(term.strip_prefix(prefix)?)?, articles });
    Ok(found.into_iter().filter_map(named).collect())
}

pub(super) async fn edition_marks(store: &SqliteStore, sources: &[String]) -> Result<Vec<EditionMark>, StoreError> {
    let found = sqlx::query(
        "SELECT source, date, change, changed FROM edition_marks
         WHERE source IN (SELECT value FROM json_each(?)) ORDER BY date, source",
    )
    .bind(rows::json("sources", sources)?)
    .fetch_all(&store.readers)
    .await
    .map_err(failed("read how the editions stand"))?;
    found
        .iter()
        .map(|row| {
            Ok(EditionMark {
                source: rows::get(row, "source")?,
                date: rows::get(row, "date")?,
                change: rows::get(row, "change")?,
                changed: rows::millis(row, "changed")?,
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::Query;

    #[test]
    fn a_facet_reads_back_whatever_its_name_is_made_of() {
        for name in ["要闻", "a-b.c", "\"x\" z", ""] {
            let token = facet('d', &["sample", name]);
            assert!(token.chars().all(char::is_alphanumeric) || token.starts_with('¤'), "{token}");
            assert_eq!(unfacet(token.strip_prefix(&facet('d', &["sample"])).unwrap_or_default()).as_deref(), Some(name));
        }
    }

    #[test]
    fn a_request_becomes_an_expression_that_nothing_typed_can_break_out_of() {
        let of = |typed: &str| expression(&SearchRequest { query: Query::parse(typed), ..SearchRequest::default() }, ANYWHERE);
        assert_eq!(
            of("新能源 氢 OR ai -广告"),
            "(({head body} : (\"新能 能源\")) AND ({head body} : (\"氢\" * OR \"ai\"))) NOT ({head body} : (\"广告\"))"
        );
        assert_eq!(of("\") OR facets : (\"x"), "({head body} : (\"or facets\")) AND ({head body} : (\"x\"))");
        assert_eq!(of(""), "(facets : \"¤a\")");
    }
}
