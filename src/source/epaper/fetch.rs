//! Asking a site: politely, within bounds, and only for what has changed.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use reqwest::Url;
use reqwest::header::{
    ACCEPT, CONTENT_TYPE, ETAG, HeaderMap, HeaderName, HeaderValue, IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED, RETRY_AFTER,
    USER_AGENT,
};
use thiserror::Error;
use tokio::time::Instant;

use super::describe::{Description, Robots};
use super::post;
use super::read::{decode, folded, forward};
use super::robots::{self, Rules};
use super::world::{Host, World};
use crate::model::{KeptDocument, Spent};
use crate::outgoing::{Answer, Limits, OutgoingError, Request, retry_after};

/// What a request says it takes.
const ACCEPTED: &str = "text/html,application/xhtml+xml,application/json,application/xml;q=0.9,*/*;q=0.5";

/// The first wait before a request is tried again; each further one is twice as long.
const FIRST_WAIT: Duration = Duration::from_secs(1);

/// The longest wait before a request is tried again. Whoever asks for more is asked again in another
/// pass.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// How long what a robots.txt said holds; the standard bounds it by a day (RFC 9309, section 2.4).
const ROBOTS_HOLD: Duration = Duration::from_secs(6 * 3600);

/// Addresses whose answers a pass remembers; an issue of a hundred pages has a thousand.
const MAX_REMEMBERED: usize = 20_000;

/// Why nothing came of a request.
#[derive(Debug, Clone, Error)]
pub(super) enum FetchError {
    /// The answer could not be had.
    #[error("{0}")]
    Unanswered(String),
    /// What was tried again and again was refused each time.
    #[error("the site answers {status}, also when it is asked again")]
    Refused { status: u16 },
    /// The site sends its readers round and round.
    #[error("more than {limit} redirects")]
    Redirects { limit: u32 },
    /// The site sends to another one.
    #[error("it leads to {host}, which is no host of this source; if it is one, name it in [fetch] hosts")]
    LeavesSite { host: String },
    /// The robots.txt forbids it.
    #[error("the site's robots.txt asks programs to stay away from it; if the paper is yours, write robots = \"my-own-paper\" in [fetch]")]
    Forbidden,
    /// As much was asked for as may be in a day.
    #[error("this source has asked for {spent} today, as much as [fetch] {setting} allows; it goes on tomorrow")]
    Spent { spent: String, setting: &'static str },
    /// What the source remembers could not be read or written.
    #[error("{0}")]
    Memory(String),
}

impl FetchError {
    /// The code of the problem that tells of it.
    pub(super) fn code(&self) -> &'static str {
        match self {
            Self::Unanswered(_) => "site-unanswered",
            Self::Refused { .. } => "site-refused",
            Self::Redirects { .. } => "site-redirects",
            Self::LeavesSite { .. } => "site-left",
            Self::Forbidden => "site-robots",
            Self::Spent { .. } => "site-spent",
            Self::Memory(_) => "site-memory",
        }
    }

    /// Whether every further request will fail alike.
    pub(super) fn ends_pass(&self) -> bool {
        matches!(self, Self::Spent { .. } | Self::Memory(_))
    }
}

/// An answer that was read.
#[derive(Debug, Clone)]
pub(super) enum Got {
    /// A document, after all redirects.
    Document { url: Url, text: Arc<str>, lost: usize },
    /// The site has nothing there: 404 or 410.
    Missing,
    /// The site will not say: 401, 403 and the like.
    Closed(u16),
}

/// One answer, before a redirect is followed.
#[derive(Debug, Clone)]
enum Step {
    On(Url),
    Got(Got),
}

/// What a pass remembers of an address that it has asked for. A document's text is on the shelf.
#[derive(Debug, Clone)]
enum Asked {
    On(Url),
    Document,
    Nothing(Got),
    Failed(FetchError),
}

/// The requests of one pass over a source: it asks for no address twice.
pub(super) struct Session<'w> {
    pub(super) source: &'w str,
    pub(super) description: &'w Description,
    world: &'w World,
    asked: HashMap<Url, Asked>,
    /// The files that were asked for in this pass: they are on the shelf, or cannot be had.
    pub(super) files: HashSet<Url>,
    /// How many documents came with another body than the one that was kept.
    pub(super) changed: usize,
}

impl<'w> Session<'w> {
    pub(super) fn new(source: &'w str, description: &'w Description, world: &'w World) -> Self {
        Self { source, description, world, asked: HashMap::new(), files: HashSet::new(), changed: 0 }
    }

    /// Gets an address, following where it leads.
    pub(super) async fn get(&mut self, url: &Url) -> Result<Got, FetchError> {
        let limit = self.description.fetch.redirects;
        let mut at = self.fold(url.clone());
        for _ in 0..=limit {
            match self.step(&at).await? {
                Step::On(next) => at = self.fold(next),
                Step::Got(got) => return Ok(got),
            }
        }
        Err(FetchError::Redirects { limit })
    }

    pub(super) fn fold(&self, url: Url) -> Url {
        folded(url, &self.description.article.drop_query)
    }

    /// One address, asked for once a pass.
    async fn step(&mut self, url: &Url) -> Result<Step, FetchError> {
        match self.asked.get(url) {
            Some(Asked::On(next)) => return Ok(Step::On(next.clone())),
            Some(Asked::Nothing(got)) => return Ok(Step::Got(got.clone())),
            Some(Asked::Failed(error)) => return Err(error.clone()),
            Some(Asked::Document) => {
                if let Some(document) = self.kept(url).await {
                    return Ok(Step::Got(document));
                }
            }
            None => {}
        }
        let step = self.ask(url).await;
        let asked = match &step {
            Ok(Step::On(next)) => Asked::On(next.clone()),
            Ok(Step::Got(Got::Document { .. })) => Asked::Document,
            Ok(Step::Got(got)) => Asked::Nothing(got.clone()),
            Err(error) => Asked::Failed(error.clone()),
        };
        if self.asked.len() < MAX_REMEMBERED {
            self.asked.insert(url.clone(), asked);
        }
        step
    }

    async fn ask(&mut self, url: &Url) -> Result<Step, FetchError> {
        self.check_host(url)?;
        let kept = self.shelved(url).await?;
        let answer = self.answer(url, kept.as_ref(), self.body_limit()).await?;
        if let Some(next) = answer.redirect() {
            return Ok(Step::On(next));
        }
        let document = match (answer.status.as_u16(), kept) {
            (304, Some(kept)) => kept,
            (200..=299, kept) => {
                let text = |name| answer.header(name).map(str::to_owned);
                let fresh = KeptDocument {
                    etag: text(ETAG),
                    last_modified: text(LAST_MODIFIED),
                    content_type: text(CONTENT_TYPE),
                    body: answer.body,
                };
                if kept.as_ref().is_none_or(|kept| kept.body != fresh.body) {
                    self.changed += 1;
                }
                if kept.as_ref() != Some(&fresh) {
                    self.shelve(url, &fresh).await?;
                }
                fresh
            }
            (404 | 410, _) => return Ok(Step::Got(Got::Missing)),
            (status, _) => return Ok(Step::Got(Got::Closed(status))),
        };
        let (text, lost) = decode(&document.body, document.content_type.as_deref(), self.description.fetch.encoding.0);
        if let Some(next) = forward(url, &text) {
            return Ok(Step::On(next));
        }
        Ok(Step::Got(Got::Document { url: url.clone(), text: text.into(), lost }))
    }

    /// What is on the shelf for an address.
    pub(super) async fn shelved(&self, url: &Url) -> Result<Option<KeptDocument>, FetchError> {
        self.world.shelf.document(self.source, url.as_str()).await.map_err(FetchError::Memory)
    }

    /// Puts an answer on the shelf.
    pub(super) async fn shelve(&self, url: &Url, document: &KeptDocument) -> Result<(), FetchError> {
        self.world.shelf.keep(self.source, url.as_str(), document).await.map_err(FetchError::Memory)
    }

    /// What is kept under a name that is no address: what a pass noted for later ones.
    pub(super) async fn noted(&self, name: &str) -> Result<Option<KeptDocument>, FetchError> {
        self.world.shelf.document(self.source, name).await.map_err(FetchError::Memory)
    }

    /// Notes something for later passes.
    pub(super) async fn note(&self, name: &str, document: &KeptDocument) -> Result<(), FetchError> {
        self.world.shelf.keep(self.source, name, document).await.map_err(FetchError::Memory)
    }

    /// What is kept of an address, whether or not it can be had now.
    pub(super) async fn kept(&self, url: &Url) -> Option<Got> {
        let url = self.fold(url.clone());
        let kept = self.shelved(&url).await.ok()??;
        let (text, lost) = decode(&kept.body, kept.content_type.as_deref(), self.description.fetch.encoding.0);
        Some(Got::Document { url, text: text.into(), lost })
    }

    /// Asks until there is an answer of at most `limit` bytes that stays the same.
    pub(super) async fn answer(&mut self, url: &Url, kept: Option<&KeptDocument>, limit: usize) -> Result<Answer, FetchError> {
        let headers = Self::conditions(kept);
        let mut wait = FIRST_WAIT;
        let tries = self.description.fetch.retries;
        for attempt in 0..=tries {
            let is_last = attempt == tries;
            let mut request = post::request(url, &self.description.fetch);
            request.headers.extend(headers.clone());
            let pause = match self.once(request, limit).await? {
                Ok(answer) if !is_temporary(answer.status.as_u16()) => return Ok(answer),
                Ok(answer) if is_last => return Err(FetchError::Refused { status: answer.status.as_u16() }),
                Ok(answer) => {
                    let asked = answer.header(RETRY_AFTER).and_then(|value| retry_after::parse(value, (self.world.clock)()));
                    let asked = asked.and_then(|asked| asked.to_std().ok());
                    if asked.is_some_and(|asked| asked > LONGEST_WAIT) {
                        return Err(FetchError::Refused { status: answer.status.as_u16() });
                    }
                    asked.unwrap_or(wait)
                }
                Err(error) if is_last || !error.may_pass() => return Err(FetchError::Unanswered(error.to_string())),
                Err(_) => wait,
            };
            tokio::time::sleep(pause).await;
            wait = (wait * 2).min(LONGEST_WAIT);
        }
        // The last round of the loop has come back with something.
        Err(FetchError::Refused { status: 0 })
    }

    fn headers(&self) -> HeaderMap {
        let fetch = &self.description.fetch;
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, HeaderValue::from_static(ACCEPTED));
        let mut set = |name: HeaderName, value: &str| {
            if let Ok(value) = HeaderValue::from_str(value) {
                headers.insert(name, value);
            }
        };
        if !fetch.user_agent.is_empty() {
            set(USER_AGENT, &fetch.user_agent);
        }
        for (name, value) in &fetch.headers {
            if let Ok(name) = name.parse::<HeaderName>() {
                set(name, value);
            }
        }
        headers
    }

    /// What asks only for what has changed since the answer that is kept.
    fn conditions(kept: Option<&KeptDocument>) -> HeaderMap {
        let etag = kept.and_then(|kept| kept.etag.as_deref()).map(|etag| (IF_NONE_MATCH, etag));
        let changed = kept.and_then(|kept| kept.last_modified.as_deref()).map(|changed| (IF_MODIFIED_SINCE, changed));
        let headers = [etag, changed].into_iter().flatten();
        headers.filter_map(|(name, value)| Some((name, HeaderValue::from_str(value).ok()?))).collect()
    }

    /// One request, with the headers that every request has, when its turn has come: the outer error ends
    /// the matter, the inner one may pass.
    pub(super) async fn once(&mut self, mut request: Request, limit: usize) -> Result<Result<Answer, OutgoingError>, FetchError> {
        let url = &request.url;
        self.check_host(url)?;
        let host = self.world.host(url);
        let mut host = host.lock().await;
        let mut gap = Duration::from_secs_f64(self.description.fetch.min_gap.clamp(0.0, 3600.0));
        if self.description.fetch.robots == Robots::Obey {
            let rules = self.robots(url, &mut host, gap).await?;
            let path = match url.query() {
                Some(query) => format!("{}?{query}", url.path()),
                None => url.path().to_owned(),
            };
            if !rules.allow(&path) {
                return Err(FetchError::Forbidden);
            }
            gap = gap.max(rules.delay.unwrap_or_default());
        }
        request.headers.extend(self.headers());
        self.send(request, &mut host, gap, limit).await
    }

    async fn send(
        &self,
        request: Request,
        host: &mut Host,
        gap: Duration,
        body: usize,
    ) -> Result<Result<Answer, OutgoingError>, FetchError> {
        self.check_budget().await?;
        if let Some(last) = host.last {
            tokio::time::sleep_until(last + gap).await;
        }
        let limits = Limits { body, whole: Duration::from_secs_f64(self.description.fetch.timeout.clamp(1.0, 600.0)), redirects: 0 };
        let answer = self.world.outgoing.send(request, &limits).await;
        host.last = Some(Instant::now());
        let bytes = answer.as_ref().map_or(0, |answer| answer.body.len() as u64);
        let today = (self.world.clock)().date_naive();
        self.world.shelf.spend(self.source, today, Spent { requests: 1, bytes }).await.map_err(FetchError::Memory)?;
        Ok(answer)
    }

    /// The bytes of an answer at most.
    pub(super) fn body_limit(&self) -> usize {
        self.description.fetch.body_megabytes as usize * 1024 * 1024
    }

    async fn check_budget(&self) -> Result<(), FetchError> {
        let fetch = &self.description.fetch;
        let spent = self.world.shelf.spent(self.source, (self.world.clock)().date_naive()).await.map_err(FetchError::Memory)?;
        if spent.requests >= fetch.requests {
            return Err(FetchError::Spent { spent: format!("{} addresses", spent.requests), setting: "requests" });
        }
        if spent.bytes >= u64::from(fetch.megabytes) * 1024 * 1024 {
            return Err(FetchError::Spent { spent: format!("{} bytes", spent.bytes), setting: "megabytes" });
        }
        Ok(())
    }

    /// The rules of the address's origin, asked for once in a while.
    async fn robots(&self, url: &Url, host: &mut Host, gap: Duration) -> Result<Rules, FetchError> {
        let origin = url.origin().ascii_serialization();
        if let Some((rules, _)) = host.robots.get(&origin).filter(|(_, read)| read.elapsed() < ROBOTS_HOLD) {
            return Ok(rules.clone());
        }
        let Ok(at) = url.join("/robots.txt") else { return Ok(Rules::default()) };
        let headers = self.headers();
        let mut rules = Rules::nothing();
        let mut next = at;
        // At least five redirects are to be followed (RFC 9309, section 2.3.1.2).
        for _ in 0..=5 {
            let request = Request { headers: headers.clone(), ..Request::get(next.clone()) };
            let answer = self.send(request, host, gap, robots::MAX_BYTES).await?;
            match answer {
                Ok(answer) => match answer.redirect().filter(|to| self.check_host(to).is_ok()) {
                    Some(to) => {
                        next = to;
                        continue;
                    }
                    None if answer.status.is_success() => rules = Rules::parse(&String::from_utf8_lossy(&answer.body)),
                    // Whoever has no such file minds nothing (section 2.3.1.3).
                    None if answer.status.is_client_error() || answer.status.is_redirection() => rules = Rules::default(),
                    None => {}
                },
                Err(OutgoingError::TooLarge { .. }) => rules = Rules::default(),
                Err(error) => return Err(FetchError::Unanswered(error.to_string())),
            }
            break;
        }
        host.robots.insert(origin, (rules.clone(), Instant::now()));
        Ok(rules)
    }

    /// Whether an address is one of the site's.
    pub(super) fn check_host(&self, url: &Url) -> Result<(), FetchError> {
        let site = &self.description.site;
        let is_default = |url: &Url| url.port().is_none();
        let same_port = url.port_or_known_default() == site.port_or_known_default() || (is_default(url) && is_default(site));
        let is_site = url.host_str() == site.host_str() && same_port;
        let named = |name: &String| match name.rsplit_once(':').filter(|(_, port)| port.parse::<u16>().is_ok()) {
            Some((host, port)) => {
                url.host_str() == Some(host) && url.port_or_known_default().map(|port| port.to_string()).as_deref() == Some(port)
            }
            None => url.host_str() == Some(name.as_str()) && is_default(url),
        };
        if is_site || self.description.fetch.hosts.iter().any(named) {
            return Ok(());
        }
        let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
        Err(FetchError::LeavesSite { host: format!("{}{port}", url.host_str().unwrap_or_default()) })
    }
}

/// Whether a status is one that passes.
fn is_temporary(status: u16) -> bool {
    matches!(status, 408 | 425 | 429 | 500 | 502..=504 | 520..=527)
}
