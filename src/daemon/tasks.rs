//! The tasks of a generation, each a loop around one job.

use std::collections::HashMap;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, NaiveDate, Utc};
use tokio::sync::mpsc;

use super::alarms;
use super::generation::{Shared, wait};
use super::wiring::{Subscription, habits, site};
use crate::jobs::compose_digests::{self, Composed};
use crate::jobs::deliver::{Postman, Trouble};
use crate::jobs::ingest_page::{IngestError, Ingested, ingest_page};
use crate::jobs::ingest_site::{self, ingest_cut};
use crate::jobs::read_page::PageReader;
use crate::jobs::tell_problems::{self, Word};
use crate::jobs::tell_subscribers::{self, Post, Topic};
use crate::jobs::{deliver, publish_feeds};
use crate::model::{CutPage, Problem, RawPage, SiteDay};
use crate::source::{self, Place, SourceConfig, SourceEvent};
use crate::store::{Changes, SourceMark, Store, StoreError};

/// Events of a source that wait to be worked on. A full queue holds the watcher back; a page in it
/// may be as large as a file of a source may be, so they are few.
pub(super) const EVENTS: usize = 8;

/// The coarsest step of a file system's times (FAT's two seconds): a page that lands while its source
/// is made known must not seem older than it is.
const TIME_STEP: chrono::Duration = chrono::Duration::seconds(2);

/// The longest sleep of a task that waits for an instant: the wall clock may be set meanwhile.
const LONGEST_SLEEP: Duration = Duration::from_secs(60);

/// How often it is looked whether another process has changed the store: has made a message due
/// again, or has taken in a page that is to be published.
const STORE_LOOK: Duration = Duration::from_secs(5);

/// The first and the longest wait after a failure of the store or of a disk. It is tried again until
/// it works, since the page or the message at hand must not be lost.
const FIRST_WAIT: Duration = Duration::from_millis(500);
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// Watches a source and works on every page it gives. A watch that ends by itself is begun again: its
/// thread could not be had, or it broke.
pub(super) async fn watch_source(shared: Arc<Shared>, n: usize) {
    while work_on_source(&shared, n).await.is_continue() && !shared.shutdown.is_cancelled() {
        tracing::error!("{}: the watch has ended by itself; it is begun again in {LONGEST_WAIT:?}", shared.config.sources[n].name);
        if wait(&shared.shutdown, LONGEST_WAIT).await.is_break() {
            return;
        }
    }
}

/// Breaks where the generation ends, and comes to an end where the watch does.
async fn work_on_source(shared: &Shared, n: usize) -> ControlFlow<()> {
    let source = &shared.config.sources[n];
    let mut mark = again_and_again(shared, &source.name, || shared.store.enrol_source(&source.name, (shared.clock)())).await?;
    let (events, mut arriving) = mpsc::channel(EVENTS);
    let watching = source::watch(source, &shared.world, events, shared.shutdown.clone());
    let working = async {
        // What waits when the generation ends is found again by the next one.
        let mut is_failing = false;
        while let Some(Some(event)) = shared.shutdown.run_until_cancelled(arriving.recv()).await {
            match &event {
                SourceEvent::Problem { key: None, problem, .. } if alarms::is_of_source(problem) => {
                    is_failing = true;
                    if alarms::fails(shared, n, Some(problem)) {
                        log_event(&event);
                    }
                }
                event => log_event(event),
            }
            match event {
                SourceEvent::Page(raw) => {
                    let take = || take_or_pass_over(&*shared.store, source, mark, &raw, (shared.clock)());
                    if again_and_again(shared, &raw.origin, take).await? {
                        shared.articles_changed();
                    }
                }
                SourceEvent::Cut(cut) => {
                    let take = || take_cut(&*shared.store, source, mark, &cut, (shared.clock)());
                    if again_and_again(shared, &cut.origin, take).await? {
                        shared.articles_changed();
                    }
                }
                SourceEvent::Day { day, past } => {
                    again_and_again(shared, &source.name, || finish_day(&*shared.store, &day, past)).await?;
                }
                SourceEvent::ScanDone { whole, .. } => {
                    // A folder that cannot be read says so once, a site after each look.
                    if whole || (!is_failing && matches!(source.place, Place::Epaper(_))) {
                        alarms::fails(shared, n, None);
                    }
                    is_failing = false;
                    shared.stands.notify_one();
                    // What a directory that is not mounted yet holds is backlog as well.
                    if whole && !mark.caught_up {
                        again_and_again(shared, &source.name, || shared.store.caught_up(&source.name)).await?;
                        mark.caught_up = true;
                    }
                    shared.scanned[n].send_replace(true);
                }
                SourceEvent::Problem { .. } | SourceEvent::Gone { .. } => {}
            }
        }
        ControlFlow::Continue(())
    };
    let ((), worked) = tokio::join!(watching, working);
    worked
}

/// Growing waits between tries, each twice as long as the one before.
struct Waits(Duration);

impl Waits {
    fn new() -> Self {
        Self(FIRST_WAIT)
    }

    fn next(&mut self) -> Duration {
        let wait = self.0;
        self.0 = (wait * 2).min(LONGEST_WAIT);
        wait
    }
}

/// Tries until it works, with growing waits; breaks where the generation ends first. What `what`
/// names must not be lost because a disk was full for an hour.
async fn again_and_again<T, E: std::fmt::Display, F>(shared: &Shared, what: &str, mut work: impl FnMut() -> F) -> ControlFlow<(), T>
where
    F: Future<Output = Result<T, E>>,
{
    let mut waits = Waits::new();
    loop {
        let pause = waits.next();
        match work().await {
            Ok(done) => return ControlFlow::Continue(done),
            Err(error) => tracing::error!("{what}: {error}; it is tried again in {pause:?}"),
        }
        wait(&shared.shutdown, pause).await?;
    }
}

/// As [`take_page`], but a page that the store will not take however often it is tried is told and
/// passed over: it must not hold up the pages behind it. It comes again when its file changes, and at
/// the next start.
async fn take_or_pass_over(
    store: &dyn Store,
    source: &SourceConfig,
    mark: SourceMark,
    raw: &RawPage,
    now: DateTime<Utc>,
) -> Result<bool, IngestError> {
    match take_page(store, source, mark, raw.clone(), now).await {
        Err(error) if !error.may_pass() => {
            tracing::error!("{}: {error}; the page is passed over until its file changes or newsboy is started again", raw.origin);
            Ok(false)
        }
        taken => taken,
    }
}

/// Takes one page in and logs what came of it; gives whether anything of its articles, be it their
/// kind or their place, may have changed.
///
/// A page that was written before its source was known is backlog until the source has been read
/// through once; then whatever comes is news, however old its date.
pub(super) async fn take_page(
    store: &dyn Store,
    source: &SourceConfig,
    mark: SourceMark,
    raw: RawPage,
    now: DateTime<Utc>,
) -> Result<bool, IngestError> {
    let backlog = !mark.caught_up && raw.modified.is_some_and(|modified| mark.since.signed_duration_since(modified) > TIME_STEP);
    let (key, origin) = (raw.key.clone(), raw.origin.clone());
    let page = format!("{} {} page {}", key.source, key.date, key.page);
    let ingested = ingest_page(store, raw, &PageReader::apart(), &habits(source), backlog, now).await?;
    Ok(log_ingested(&page, &origin, ingested))
}

/// Takes one page of a site in and logs what came of it; gives whether anything of its articles may have
/// changed. One that the store will never take is told and passed over.
pub(super) async fn take_cut(
    store: &dyn Store,
    source: &SourceConfig,
    mark: SourceMark,
    cut: &CutPage,
    now: DateTime<Utc>,
) -> Result<bool, IngestError> {
    let page = format!("{} {} page {}", cut.key.source, cut.key.date, cut.key.page);
    match ingest_cut(store, cut, &PageReader::apart(), &habits(source), mark, now).await {
        Err(error) if !error.may_pass() => {
            tracing::error!("{}: {error}; the page is passed over until it changes", cut.origin);
            Ok(false)
        }
        ingested => Ok(log_ingested(&page, &cut.origin, ingested?)),
    }
}

/// Keeps how a day of a site stands, and logs what is new about it.
pub(super) async fn finish_day(store: &dyn Store, day: &SiteDay, past: Option<(NaiveDate, NaiveDate)>) -> Result<SiteDay, StoreError> {
    let before = store.site_day(&day.source, day.date).await?;
    let day = ingest_site::finish_day(store, day, past).await?;
    let is_told = |problem: &Problem| before.as_ref().is_some_and(|before| before.problems.contains(problem));
    for problem in day.problems.iter().filter(|problem| !is_told(problem)) {
        tracing::warn!("{} {}: {problem}", day.source, day.date);
    }
    if before.as_ref().is_none_or(|before| before.answer != day.answer) {
        tracing::info!("{} {}: {} ({})", day.source, day.date, day.answer, day.why);
    }
    Ok(day)
}

/// Logs what became of a page; gives whether anything of its articles may have changed.
fn log_ingested(page: &str, origin: &str, ingested: Ingested) -> bool {
    match ingested {
        Ingested::Unchanged => false,
        Ingested::Applied { changes, problems } => {
            let Changes { added, revised, restored, withdrawn, held, .. } = changes;
            tracing::info!("{page}: {added} new, {revised} corrected, {restored} restored, {withdrawn} withdrawn articles");
            if held > 0 {
                tracing::warn!("{page}: {held} articles are held back; newsboy articles --held lists them");
            }
            for problem in problems {
                tracing::warn!("{page}: {problem} ({origin})");
            }
            true
        }
        Ingested::Unusable { problems, news } => {
            for problem in problems.iter().filter(|_| news) {
                tracing::warn!("{page}: {problem} ({origin})");
            }
            false
        }
    }
}

/// Logs what a source says besides its pages.
pub(super) fn log_event(event: &SourceEvent) {
    match event {
        SourceEvent::Page(_) | SourceEvent::Cut(_) | SourceEvent::Day { .. } => {}
        SourceEvent::Problem { source, origin, problem, .. } => tracing::warn!("{source}: {problem} ({origin})"),
        SourceEvent::Gone { key, path } => {
            let page = format!("{} {} page {}", key.source, key.date, key.page);
            tracing::warn!("{page}: page-gone: {} is no longer there; what was published of it stays", path.display());
        }
        SourceEvent::ScanDone { source, pages, .. } => tracing::debug!("{source}: looked through {pages} pages"),
    }
}

/// Publishes the feeds at the start and whenever articles have changed, also by another process on
/// the same store. Changes that come while a publication runs are taken together by the next.
pub(super) async fn publish(shared: Arc<Shared>) {
    let (mut waits, mut told) = (Waits::new(), LeftOut::default());
    loop {
        // Counted before the articles are read, so that none comes in between unseen.
        let seen = shared.store.changes().await.ok();
        let whole = publish_once(&shared, &mut told).await && announce(&shared).await;
        if whole {
            waits = Waits::new();
        }
        tokio::select! {
            () = shared.shutdown.cancelled() => return,
            () = shared.changed.notified() => {}
            () = changed_elsewhere(&shared, seen) => {}
            // What could not be written, for want of space say, is tried again without a new page.
            () = async { tokio::time::sleep(waits.next()).await }, if !whole => {}
        }
    }
}

/// Announces what has changed to subscribers; gives whether the store took it.
async fn announce(shared: &Shared) -> bool {
    let topics = topics(shared);
    match tell_subscribers::announce(&*shared.store, &shared.config.hub, &topics, (shared.clock)()).await {
        Ok(queued) => {
            if queued > 0 {
                shared.hub.notify_one();
            }
            true
        }
        Err(error) => {
            tracing::error!("the feeds' changes could not be announced to subscribers: {error}");
            false
        }
    }
}

fn topics(shared: &Shared) -> Vec<Topic> {
    tell_subscribers::topics(&shared.config.feeds_list, &site(&shared.config), &shared.publications)
}

/// Tells subscribers, or another hub, what was announced, and asks callbacks whether they want it.
pub(super) async fn tell_subscribers(shared: Arc<Shared>) {
    let mut waits = Waits::new();
    let topics = || topics(&shared);
    let post =
        Post { store: &shared.store, config: &shared.config.hub, messenger: &shared.messenger, clock: shared.clock, topics: &topics };
    loop {
        let sleep = match post.deliver_due(&shared.shutdown).await {
            Ok(pass) => {
                waits = Waits::new();
                until(pass.next, (shared.clock)()).min(STORE_LOOK)
            }
            Err(error) => {
                let pause = waits.next();
                tracing::error!("the hub: {error}; it is tried again in {pause:?}");
                pause
            }
        };
        tokio::select! {
            () = shared.shutdown.cancelled() => return,
            () = shared.hub.notified() => {}
            () = tokio::time::sleep(sleep) => {}
        }
    }
}

/// Waits until the store's count of changes is no longer `seen`.
async fn changed_elsewhere(shared: &Shared, seen: Option<i64>) {
    loop {
        tokio::time::sleep(STORE_LOOK).await;
        // A store that fails is told of by the publication.
        if shared.store.changes().await.ok() != seen {
            return;
        }
    }
}

async fn publish_once(shared: &Shared, told: &mut LeftOut) -> bool {
    let config = &shared.config;
    let report =
        publish_feeds::publish(&*shared.store, &config.feeds_list, &config.feeds, &site(config), &shared.publications, (shared.clock)())
            .await;
    log_publication(&report, told)
}

/// How many articles each feed left out when that was last told: a feed that is too large stays so for
/// days, and is published many times a day.
#[derive(Debug, Default)]
pub(super) struct LeftOut(HashMap<String, usize>);

impl LeftOut {
    /// Whether it is to be told that a feed has left out so many articles.
    fn is_news(&mut self, feed: &str, left_out: usize) -> bool {
        if left_out == 0 {
            self.0.remove(feed);
            return false;
        }
        self.0.insert(feed.to_owned(), left_out) != Some(left_out)
    }
}

/// Logs a publication, and what is left out where that is news; gives whether every feed is published whole.
pub(super) fn log_publication(report: &publish_feeds::PublishReport, told: &mut LeftOut) -> bool {
    for outcome in &report.feeds {
        if let Some(error) = &outcome.error {
            tracing::error!("feed {}: {error}", outcome.feed);
        } else if !outcome.changed.is_empty() {
            tracing::info!("feed {}: published with {} entries", outcome.feed, outcome.entries);
        }
        // A feed that failed says nothing of its size.
        if outcome.error.is_none() && told.is_news(&outcome.feed, outcome.left_out) {
            tracing::warn!(
                "feed {}: {} articles are left out, since it would become too large for readers",
                outcome.feed,
                outcome.left_out
            );
        }
    }
    report.failures().next().is_none()
}

/// How long the digests wait for the first look at the sources: a source that cannot be read holds
/// nobody back for longer.
const FIRST_LOOK: Duration = Duration::from_secs(300);

/// Waits until every source has been looked through once, so that what landed while newsboy was
/// down is in the first digest after it.
async fn sources_read(shared: &Shared) -> ControlFlow<()> {
    let read = async {
        for source in &shared.scanned {
            // An error would mean that the sender is gone, and it lives as long as `shared`.
            let _ = source.subscribe().wait_for(|read| *read).await;
        }
    };
    tokio::select! {
        () = shared.shutdown.cancelled() => ControlFlow::Break(()),
        _ = tokio::time::timeout(FIRST_LOOK, read) => ControlFlow::Continue(()),
    }
}

/// Composes a webhook's digests as they come due.
pub(super) async fn compose(shared: Arc<Shared>, n: usize) {
    let webhook = &shared.config.webhooks[n];
    let subscription = Subscription::of(&shared.config, webhook);
    let selects = |article: &_| subscription.takes(article);
    // Known from the first moment on, so that what lands while the sources are read is news to it.
    if again_and_again(&shared, &webhook.name, || compose_digests::enrol(&*shared.store, webhook, (shared.clock)())).await.is_break()
        || sources_read(&shared).await.is_break()
    {
        return;
    }
    let (mut waits, mut told_of_clock) = (Waits::new(), false);
    loop {
        // Counted before the articles are read, so that none comes in between unseen.
        let seen = shared.store.changes().await.ok();
        let now = (shared.clock)();
        let composed = compose_digests::compose_due(&*shared.store, webhook, subscription.coverage(&selects), now).await;
        let waited = match composed {
            Ok(composed) => {
                waits = Waits::new();
                let is_stopped = composed == Composed::Stopped;
                match &composed {
                    Composed::Queued { trouble, .. } => {
                        shared.queued[n].notify_one();
                        tell_troubles(&shared, &webhook.name, trouble.as_slice()).await;
                    }
                    Composed::ClockBehind { slot } if !told_of_clock => {
                        tracing::warn!(
                            "webhook {}: its last digest was due at {slot}, which is still to come: the clock was put back, and no digest is made until then",
                            webhook.name
                        );
                    }
                    _ => {}
                }
                told_of_clock = matches!(composed, Composed::ClockBehind { .. });
                match (compose_digests::next_wake(webhook, now), webhook.timing.batch()) {
                    // It may be let go on at any moment.
                    _ if is_stopped => wait(&shared.shutdown, STORE_LOOK).await,
                    (None, Some(batch)) => arrivals(&shared, n, seen, batch.to_std().unwrap_or_default()).await,
                    (next, _) => wait(&shared.shutdown, until(next, (shared.clock)())).await,
                }
            }
            Err(error) => {
                let pause = waits.next();
                tracing::error!("webhook {}: {error}; it is tried again in {pause:?}", webhook.name);
                wait(&shared.shutdown, pause).await
            }
        };
        if waited.is_break() {
            return;
        }
    }
}

/// Waits until articles have changed, and then for those that come with them.
async fn arrivals(shared: &Shared, n: usize, seen: Option<i64>, batch: Duration) -> ControlFlow<()> {
    tokio::select! {
        () = shared.shutdown.cancelled() => return ControlFlow::Break(()),
        () = shared.arrived[n].notified() => {}
        () = changed_elsewhere(shared, seen) => {}
    }
    wait(&shared.shutdown, batch).await
}

/// Sends a webhook's messages as they come due.
pub(super) async fn deliver(shared: Arc<Shared>, n: usize) {
    let webhook = &shared.config.webhooks[n];
    let (mut postman, mut waits) = (Postman::new(webhook, fastrand::Rng::new()), Waits::new());
    loop {
        let pass = deliver::deliver_due(&*shared.store, webhook, &shared.sender, &shared.clock, &mut postman, &shared.shutdown).await;
        let sleep = match pass {
            Ok(pass) => {
                waits = Waits::new();
                tell_troubles(&shared, &webhook.name, &pass.troubles).await;
                if let Some(rest) = rest(&pass, (shared.clock)()) {
                    if wait(&shared.shutdown, rest).await.is_break() {
                        return;
                    }
                    continue;
                }
                until(pass.next, (shared.clock)()).min(STORE_LOOK)
            }
            Err(error) => {
                let pause = waits.next();
                tracing::error!("webhook {}: {error}; it is tried again in {pause:?}", webhook.name);
                pause
            }
        };
        tokio::select! {
            () = shared.shutdown.cancelled() => return,
            () = shared.queued[n].notified() => {}
            () = tokio::time::sleep(sleep) => {}
        }
    }
}

/// Tells the webhooks that ask for problems what is wrong with this one. Where the store fails, the log has
/// it all the same.
async fn tell_troubles(shared: &Shared, webhook: &str, troubles: &[Trouble]) {
    let config = &shared.config;
    for trouble in troubles {
        let word = Word::of(webhook, trouble);
        match tell_problems::tell(
            &*shared.store,
            &config.webhooks,
            trouble.spares(webhook),
            &word,
            &config.server.public_url,
            (shared.clock)(),
        )
        .await
        {
            Ok(told) => told.into_iter().for_each(|n| shared.queued[n].notify_one()),
            Err(error) => tracing::error!("{}: {}: nobody could be told: {error}", word.title, word.message),
        }
    }
}

/// How long the service is to be left alone, even if more is queued for it meanwhile. It is waited
/// for as a whole, whatever the wall clock does: the service asked for a time, not for an hour of the
/// day. `Retry-After` is bounded where it is read.
fn rest(pass: &deliver::Pass, now: DateTime<Utc>) -> Option<Duration> {
    pass.rest_until.map(|end| (end - now).to_std().unwrap_or_default())
}

/// How long to sleep until `instant`, within the bound of a sleep.
fn until(instant: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Duration {
    instant.map_or(LONGEST_SLEEP, |i| (i - now).to_std().unwrap_or_default().min(LONGEST_SLEEP))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_up_to_their_bound() {
        let mut waits = Waits::new();
        let first: Vec<_> = (0..9).map(|_| waits.next().as_millis()).collect();
        assert_eq!(first, [500, 1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]);
    }

    #[test]
    fn what_a_feed_leaves_out_is_told_once_and_again_when_it_changes() {
        let mut told = LeftOut::default();
        let news: Vec<_> = [3, 3, 4, 4, 0, 0, 4].iter().map(|left_out| told.is_news("paper", *left_out)).collect();
        assert_eq!(news, [true, false, true, false, false, false, true]);
        assert!(told.is_news("topic", 4), "each feed for itself");
    }

    #[test]
    fn a_service_is_left_alone_for_all_of_the_time_that_it_asked_for() {
        let now = DateTime::UNIX_EPOCH;
        let asked = |seconds| deliver::Pass { rest_until: Some(now + chrono::Duration::seconds(seconds)), ..deliver::Pass::default() };
        assert_eq!(rest(&asked(2 * 3_600), now), Some(Duration::from_secs(2 * 3_600)));
        assert_eq!(rest(&asked(-5), now), Some(Duration::ZERO));
        assert_eq!(rest(&deliver::Pass::default(), now), None);
    }
}
