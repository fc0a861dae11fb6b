//! One pass, without watching and serving: for a cron job, a build of a site, a first look.

use std::path::Path;
use std::sync::Arc;

use chrono::Utc;
use indicatif::ProgressBar;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::alarms;
use super::tasks::{self, EVENTS};
use super::wiring::{Subscription, site};
use super::{DaemonError, close, messenger, open_store, sender, twin, world};
use crate::config::Config;
use crate::feed::Publications;
use crate::jobs::compose_digests::Composed;
use crate::jobs::tell_problems::{self, Word};
use crate::jobs::tell_subscribers::{self, Post};
use crate::jobs::{compose_digests, deliver, keep_ledger, publish_feeds};
use crate::model::{Problem, SiteDay};
use crate::source::epaper::World;
use crate::source::{self, Dates, SourceConfig, SourceEvent};
use crate::store::{SharedStore, StoreError};
use crate::webhook::{Sender, WebhookConfig};

/// Webhooks that messages are sent to at the same time.
const WEBHOOKS_AT_ONCE: usize = 16;

/// What a pass did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OnceReport {
    /// Pages that were read.
    pub pages: usize,
    /// The days of sites that were looked at, in their order.
    pub days: Vec<SiteDay>,
    /// Pages that could not be taken into the store.
    pub failed_pages: usize,
    /// What keeps whole sources, or parts of them, from being read: a folder that is missing, say.
    pub unread: Vec<String>,
    /// Files of the site's static twin that were written or changed, where one was asked for.
    pub static_files: Option<usize>,
    /// Messages that were delivered.
    pub delivered: u32,
    /// Feeds that could not be published.
    pub failed_feeds: usize,
}

/// Reads every source once, publishes the feeds, sends what is due, and comes back. Messages that
/// failed stay queued for the next pass or for the daemon. With `static_dir` the whole site is written
/// there as files. `progress` is moved on by each page.
///
/// # Errors
///
/// The store cannot be opened or fails. What a page or a feed lacked is in the report and the log.
pub async fn once(config: &Config, dates: Dates, static_dir: Option<&Path>, progress: &ProgressBar) -> Result<OnceReport, DaemonError> {
    let store = open_store(config).await?;
    let mut report = OnceReport::default();
    for webhook in &config.webhooks {
        // Before the pages come in: what this pass reads is news to a webhook that is new with it
        // only where it asked for what there is already.
        compose_digests::enrol(&*store, webhook, Utc::now()).await?;
    }
    let world = world(&config.server.allow_private, &store, Utc::now)?;
    for (n, source) in config.sources.iter().enumerate() {
        let failing = read_source(&store, source, dates, &world, progress, &mut report).await?;
        alarms::look_after(&*store, config, n, failing.as_ref(), Utc::now()).await?;
    }
    let publications = Arc::<Publications>::default();
    let published = publish_feeds::publish(&*store, &config.feeds_list, &config.feeds, &site(config), &publications, Utc::now()).await;
    tasks::log_publication(&published, &mut tasks::LeftOut::default());
    report.failed_feeds = published.failures().count();
    if let Some(folder) = static_dir {
        let written = twin::write(config, &store, folder, Utc::now).await;
        let written = written.map_err(|source| DaemonError::Twin { path: folder.to_owned(), source })?;
        report.failed_feeds += written.failed_feeds;
        report.static_files = Some(written.written);
    }
    // The own hub's subscribers and another hub hear of it from here too.
    let topics = || tell_subscribers::topics(&config.feeds_list, &site(config), &publications);
    tell_subscribers::announce(&*store, &config.hub, &topics(), Utc::now()).await?;
    let messenger = messenger(config)?;
    let post = Post { store: &store, config: &config.hub, messenger: &messenger, clock: Utc::now, topics: &topics };
    post.deliver_due(&CancellationToken::new()).await?;
    report.delivered = send_all(config, &store).await?;
    keep_ledger::forget_old(&*store, config.store.keep_deliveries, Utc::now()).await?;
    keep_ledger::forget_documents(&*store, Utc::now()).await?;
    close(&store).await;
    Ok(report)
}

/// Reads one source; gives what kept it from its end.
async fn read_source(
    store: &SharedStore,
    source: &SourceConfig,
    dates: Dates,
    world: &World,
    progress: &ProgressBar,
    report: &mut OnceReport,
) -> Result<Option<Problem>, StoreError> {
    let mark = store.enrol_source(&source.name, Utc::now()).await?;
    let (events, mut arriving) = mpsc::channel(EVENTS);
    let reading = source::once(source, dates, world, events);
    let mut failing = None;
    let working = async {
        let (mut failed, mut done) = (0, None);
        while let Some(event) = arriving.recv().await {
            tasks::log_event(&event);
            match event {
                SourceEvent::Page(raw) => {
                    let origin = raw.origin.clone();
                    report.pages += 1;
                    if let Err(error) = tasks::take_page(&**store, source, mark, raw, Utc::now()).await {
                        tracing::error!("{origin}: {error}");
                        failed += 1;
                    }
                    progress.inc(1);
                }
                SourceEvent::Cut(cut) => {
                    report.pages += 1;
                    if let Err(error) = tasks::take_cut(&**store, source, mark, &cut, Utc::now()).await {
                        tracing::error!("{}: {error}", cut.origin);
                        failed += 1;
                    }
                    progress.inc(1);
                }
                SourceEvent::Day { day, past } => match tasks::finish_day(&**store, &day, past).await {
                    Ok(day) => {
                        progress.set_message(format!("{} {}", day.source, day.date));
                        report.days.push(day);
                    }
                    Err(error) => {
                        tracing::error!("{} {}: {error}", day.source, day.date);
                        failed += 1;
                    }
                },
                SourceEvent::ScanDone { whole, .. } => done = Some(whole),
                // A problem of the source itself comes without a page; those of names come besides.
                SourceEvent::Problem { key: None, problem, .. } if alarms::is_of_source(&problem) => {
                    failing = Some(problem.clone());
                    report.unread.push(format!("{}: {problem}", source.name));
                }
                SourceEvent::Problem { .. } | SourceEvent::Gone { .. } => {}
            }
        }
        if done.is_none() {
            tracing::error!("{}: the look through its pages broke off", source.name);
            failed += 1;
        }
        report.failed_pages += failed;
        done == Some(true) && failed == 0
    };
    let ((), read) = tokio::join!(reading, working);
    // A pass over some dates only, or one that lost a page, has not read all that was there.
    if read && dates == Dates::default() {
        store.caught_up(&source.name).await?;
    }
    Ok(failing)
}

/// Sends what is due for every webhook, some at a time, so that a service that hangs holds up few others.
async fn send_all(config: &Config, store: &SharedStore) -> Result<u32, DaemonError> {
    let (config, sender) = (Arc::new(config.clone()), Arc::new(sender()?));
    let (mut sending, mut delivered, mut failure) = (JoinSet::new(), 0, None);
    let mut waiting = 0..config.webhooks.len();
    loop {
        while sending.len() < WEBHOOKS_AT_ONCE
            && let Some(n) = waiting.next()
        {
            let (config, store, sender) = (Arc::clone(&config), Arc::clone(store), Arc::clone(&sender));
            sending.spawn(async move { send_due(&config, &store, &config.webhooks[n], &sender).await });
        }
        match sending.join_next().await {
            None => break,
            Some(Ok(Ok(more))) => delivered += more,
            // The others are sent all the same.
            Some(Ok(Err(error))) => failure = Some(error),
            Some(Err(broken)) => {
                // Nobody aborts it, so it has panicked, and that goes on here.
                if let Ok(panic) = broken.try_into_panic() {
                    std::panic::resume_unwind(panic);
                }
            }
        }
    }
    failure.map_or(Ok(delivered), |error| Err(error.into()))
}

async fn send_due(config: &Config, store: &SharedStore, webhook: &WebhookConfig, sender: &Sender) -> Result<u32, StoreError> {
    let subscription = Subscription::of(config, webhook);
    let selects = |article: &_| subscription.takes(article);
    let composed = compose_digests::compose_due(&**store, webhook, subscription.coverage(&selects), Utc::now()).await?;
    let never = CancellationToken::new();
    let mut postman = deliver::Postman::new(webhook, fastrand::Rng::new());
    let pass = deliver::deliver_due(&**store, webhook, sender, &Utc::now, &mut postman, &never).await?;
    let spent = if let Composed::Queued { trouble, .. } = composed { trouble } else { None };
    for trouble in spent.iter().chain(&pass.troubles) {
        let word = Word::of(&webhook.name, trouble);
        tell_problems::tell(&**store, &config.webhooks, trouble.spares(&webhook.name), &word, &config.server.public_url, Utc::now())
            .await?;
    }
    Ok(pass.delivered)
}
