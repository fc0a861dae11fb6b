//! `/status`: how newsboy stands, as JSON for whoever runs it. It shows what is held back from readers,
//! so it answers only who has the token of the configuration, and is not there without one.

use std::sync::Arc;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::{Served, pages};
use crate::feed::SourceFacts;
use crate::model::{Alarm, Attempt, DayAnswer, Delivery, Problem, Secret, SiteDay, StoredArticle};
use crate::store::{DeliveryQuery, NotedProblem, Store, StoreError, WebhookStatus};

mod metrics;

/// Days of a site that are told.
const DAYS: u32 = 7;

/// Editions of a source whose problems are told.
const EDITIONS: u32 = 3;

/// Held articles of a source that are listed.
const HELD: u32 = 200;

/// Problems of a source that are listed.
const PROBLEMS: usize = 200;

/// Problems of pages that could not be used which are read, of all sources together.
const NOTED: u32 = 1_000;

/// Deliveries of a webhook that are listed.
const DELIVERIES: u32 = 5;

/// Attempts of a delivery that are listed; `newsboy deliveries show` has them all.
const ATTEMPTS: usize = 20;

/// What `/status` needs besides the store.
pub struct StatusPage {
    /// Whoever has it may read the page.
    pub token: Secret,
    /// Where the present instant comes from.
    pub clock: fn() -> DateTime<Utc>,
    /// The webhooks of the configuration, each with its first slot after an instant.
    pub next_slots: NextSlots,
}

/// The names of webhooks with their first slots after an instant.
pub type NextSlots = Box<dyn Fn(DateTime<Utc>) -> Vec<(String, Option<DateTime<Utc>>)> + Send + Sync>;

/// What may stand behind the `?`.
#[derive(Deserialize)]
pub(super) struct Asked {
    token: Option<String>,
}

/// `/status`
pub(super) async fn status(served: State<Arc<Served>>, asked: Result<Query<Asked>, QueryRejection>, headers: HeaderMap) -> Response {
    let report = match told(served, asked, &headers).await {
        Ok(report) => report,
        Err(answer) => return answer,
    };
    match serde_json::to_vec_pretty(&report) {
        Ok(json) => (StatusCode::OK, [(header::CONTENT_TYPE, "application/json"), NOT_KEPT], json).into_response(),
        Err(error) => {
            tracing::error!(%error, "the status could not be written");
            (StatusCode::INTERNAL_SERVER_ERROR, [NOT_KEPT], "the status could not be written").into_response()
        }
    }
}

/// `/metrics`: the same in numbers.
pub(super) async fn metrics(served: State<Arc<Served>>, asked: Result<Query<Asked>, QueryRejection>, headers: HeaderMap) -> Response {
    match told(served, asked, &headers).await {
        Ok(report) => (StatusCode::OK, [(header::CONTENT_TYPE, metrics::MEDIA_TYPE), NOT_KEPT], metrics::of(&report)).into_response(),
        Err(answer) => answer,
    }
}

/// How newsboy stands, for who has the token; else what to answer.
async fn told(
    State(served): State<Arc<Served>>,
    asked: Result<Query<Asked>, QueryRejection>,
    headers: &HeaderMap,
) -> Result<Report, Response> {
    let Some(page) = &served.status else { return Err(pages::not_found(State(served)).await) };
    let token = bearer(headers).or(asked.ok().and_then(|Query(asked)| asked.token));
    if !token.is_some_and(|token| page.token.matches(&token)) {
        let what = "this page wants its token: Authorization: Bearer …, or ?token=…";
        return Err((StatusCode::UNAUTHORIZED, [(header::WWW_AUTHENTICATE, "Bearer realm=\"newsboy\""), NOT_KEPT], what).into_response());
    }
    let shown = served.shown.load_full();
    report(&*served.store, &shown.site.sources, page).await.map_err(|error| {
        tracing::error!(%error, "the status could not be read");
        (StatusCode::SERVICE_UNAVAILABLE, [NOT_KEPT], "the store fails; the log has the reason").into_response()
    })
}

/// What is behind a token is kept in no cache.
const NOT_KEPT: (header::HeaderName, &str) = (header::CACHE_CONTROL, "no-store");

/// The token of an `Authorization: Bearer` (RFC 6750, section 2.1).
fn bearer(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(header::AUTHORIZATION).map(HeaderValue::to_str)?.ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim().to_owned())
}

#[derive(Serialize)]
struct Report {
    version: &'static str,
    now: DateTime<Utc>,
    sources: Vec<SourceReport>,
    webhooks: Vec<WebhookReport>,
}

#[derive(Serialize)]
struct SourceReport {
    name: String,
    title: String,
    /// The newest one; `null` before the first.
    edition: Option<EditionReport>,
    held: Vec<HeldReport>,
    /// The last days of a source that is a site, the newest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    days: Vec<DayReport>,
    /// What does not work, and since when.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    alarms: Vec<AlarmReport>,
    /// When it last gave what it has: a site was read without doubt, a page of a folder was taken in.
    last_success: Option<DateTime<Utc>>,
    /// What is wrong with pages that could not be used, and was with those of the last editions.
    problems: Vec<ProblemReport>,
}

#[derive(Serialize)]
struct AlarmReport {
    #[serde(flatten)]
    problem: Problem,
    since: DateTime<Utc>,
}

#[derive(Serialize)]
struct DayReport {
    date: NaiveDate,
    /// `issue`, `none`, `not-yet` or `unknown`.
    answer: &'static str,
    why: String,
    pages: u32,
    articles: u32,
    /// Whether all that the issue lists was read.
    whole: bool,
    asked: DateTime<Utc>,
    /// What is wrong with the issue as a whole.
    problems: Vec<Problem>,
}

#[derive(Serialize)]
struct EditionReport {
    date: NaiveDate,
    pages: usize,
    /// Articles and pictures that readers see.
    articles: usize,
    held: usize,
}

#[derive(Serialize)]
struct HeldReport {
    id: String,
    date: NaiveDate,
    page: String,
    kind: &'static str,
    title: String,
    confidence: f32,
    reasons: Vec<Problem>,
}

#[derive(Serialize)]
struct ProblemReport {
    date: NaiveDate,
    page: String,
    #[serde(flatten)]
    problem: Problem,
    /// Whether it is of bytes that could not be used, so that an older version of the page is shown.
    unusable: bool,
}

#[derive(Serialize)]
struct WebhookReport {
    name: String,
    next_slot: Option<DateTime<Utc>>,
    /// The last one that was composed.
    last_slot: Option<DateTime<Utc>>,
    pending: u32,
    dead: u32,
    /// Messages that its service took, of those that are not forgotten yet.
    sent: u32,
    next_due: Option<DateTime<Utc>>,
    last_delivered: Option<DateTime<Utc>>,
    /// Since when no attempt went well.
    failing_since: Option<DateTime<Utc>>,
    /// Why nothing is sent to it, be it that it was paused.
    stopped: Option<StopReport>,
    deliveries: Vec<DeliveryReport>,
}

#[derive(Serialize)]
struct StopReport {
    since: DateTime<Utc>,
    why: String,
    by: &'static str,
}

#[derive(Serialize)]
struct DeliveryReport {
    id: String,
    digest: String,
    slot: DateTime<Utc>,
    part: u32,
    parts: u32,
    state: &'static str,
    /// How often it was tried.
    tries: usize,
    /// The last of them with what came of each, the oldest first; an answer is its first 500 bytes, secrets
    /// taken out.
    attempts: Vec<Attempt>,
    /// When it is tried next.
    next_attempt: Option<DateTime<Utc>>,
}

async fn report(store: &dyn Store, papers: &[SourceFacts], page: &StatusPage) -> Result<Report, StoreError> {
    let now = (page.clock)();
    let noted = store.noted_problems(NOTED).await?;
    let mut sources = Vec::with_capacity(papers.len());
    for paper in papers {
        sources.push(source(store, paper, &noted).await?);
    }
    let mut known = store.webhooks().await?;
    let mut webhooks = Vec::new();
    for (name, next_slot) in (page.next_slots)(now) {
        let place = known.iter().position(|status| status.webhook == name);
        webhooks.push(webhook(store, name, next_slot, place.map(|place| known.swap_remove(place))).await?);
    }
    // Those that left the configuration stand behind the others while something waits in vain.
    known.retain(|status| status.pending > 0);
    for status in known {
        webhooks.push(webhook(store, status.webhook.clone(), None, Some(status)).await?);
    }
    Ok(Report { version: env!("CARGO_PKG_VERSION"), now, sources, webhooks })
}

async fn source(store: &dyn Store, paper: &SourceFacts, noted: &[NotedProblem]) -> Result<SourceReport, StoreError> {
    // Those of pages that were never usable are in no edition, so they come from the list of all.
    let noted = noted.iter().filter(|noted| noted.key.source == paper.name).cloned();
    let unusable =
        |NotedProblem { key, problem, .. }| ProblemReport { date: key.date, page: key.page.to_string(), problem, unusable: true };
    let mut applied = None;
    let (mut edition, mut problems) = (None, noted.map(unusable).collect::<Vec<_>>());
    for date in store.source_dates(&paper.name, EDITIONS).await? {
        let pages = store.pages(&paper.name, date).await?;
        if edition.is_none() {
            let articles = store.edition(&paper.name, date).await?;
            let news = |a: &&StoredArticle| a.article.kind.is_news() && a.is_public();
            edition = Some(EditionReport {
                date,
                pages: pages.len(),
                articles: articles.iter().filter(news).count(),
                held: articles.iter().filter(|a| a.held && !a.withdrawn).count(),
            });
        }
        applied = applied.max(pages.iter().map(|page| page.applied).max());
        for page in pages {
            let of_page = |problem| ProblemReport { date, page: page.key.page.to_string(), problem, unusable: false };
            problems.extend(page.problems.into_iter().map(of_page));
        }
    }
    problems.truncate(PROBLEMS);
    let held = store.held(Some(&paper.name), HELD).await?.iter().map(held).collect();
    let days: Vec<DayReport> = store.site_days(&paper.name, DAYS).await?.into_iter().map(day).collect();
    let read = days.iter().filter(|day| day.answer != DayAnswer::Unknown.as_str()).map(|day| day.asked).max();
    let alarms = Alarm::noted(store.site_document(&paper.name, Alarm::NOTED_AS).await?.as_ref());
    let alarms = alarms.into_iter().map(|alarm| AlarmReport { problem: alarm.problem, since: alarm.since }).collect();
    let (name, title) = (paper.name.clone(), paper.title.clone());
    Ok(SourceReport { name, title, edition, held, days, alarms, last_success: read.or(applied), problems })
}

fn day(day: SiteDay) -> DayReport {
    let SiteDay { date, answer, why, pages, articles, whole, asked, problems, .. } = day;
    DayReport { date, answer: answer.as_str(), why, pages, articles, whole, asked, problems }
}

fn held(stored: &StoredArticle) -> HeldReport {
    HeldReport {
        id: stored.id.to_string(),
        date: stored.key.date,
        page: stored.key.page.to_string(),
        kind: stored.article.kind.as_str(),
        title: stored.article.title(),
        confidence: stored.article.confidence,
        reasons: stored.article.problems.clone(),
    }
}

async fn webhook(
    store: &dyn Store,
    name: String,
    next_slot: Option<DateTime<Utc>>,
    status: Option<WebhookStatus>,
) -> Result<WebhookReport, StoreError> {
    let query = DeliveryQuery { webhook: Some(name.clone()), limit: DELIVERIES, ..DeliveryQuery::default() };
    let deliveries = store.deliveries(&query).await?;
    let status = status.as_ref();
    Ok(WebhookReport {
        name,
        next_slot,
        last_slot: status.map(|status| status.mark.slot),
        pending: status.map_or(0, |status| status.pending),
        dead: status.map_or(0, |status| status.dead),
        sent: status.map_or(0, |status| status.sent),
        next_due: status.and_then(|status| status.next_due),
        last_delivered: status.and_then(|status| status.delivered),
        failing_since: status.and_then(|status| status.state.failing_since),
        stopped: status.and_then(|status| status.state.stop.clone()).map(|stop| StopReport {
            since: stop.since,
            why: stop.why,
            by: stop.by.as_str(),
        }),
        deliveries: deliveries.iter().map(delivery).collect(),
    })
}

fn delivery(delivery: &Delivery) -> DeliveryReport {
    let tries = delivery.attempts.len();
    DeliveryReport {
        id: delivery.id.to_string(),
        digest: delivery.digest.to_string(),
        slot: delivery.slot,
        part: delivery.part,
        parts: delivery.parts,
        state: delivery.state.as_str(),
        tries,
        attempts: delivery.attempts[tries.saturating_sub(ATTEMPTS)..].to_vec(),
        next_attempt: delivery.next_attempt,
    }
}
