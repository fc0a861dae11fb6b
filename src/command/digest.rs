//! `newsboy digest`: what would go out, byte for byte, and as a test if asked.

use std::io::Write;

use chrono::Utc;
use newsboy::config::Config;
use newsboy::daemon::{self, wiring::Subscription};
use newsboy::jobs::compose_digests::{begin, candidate, draw_up, gather};
use newsboy::jobs::one_story::tell_once;
use newsboy::model::{DeliveryId, DueDelivery, Message, Outcome};
use newsboy::store;
use newsboy::webhook::{Pace, WebhookConfig, encode};

use super::{Failure, cannot_print};

/// Articles that are shown at most where nothing has arrived since the last digest.
const LAST: usize = 20;

/// The newest articles among which these are looked for: not all of them are of the webhook's feeds.
const LOOKED_AT: u32 = 500;

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The webhook's name in the configuration.
    #[arg(value_name = "WEBHOOK")]
    webhook: String,
    /// Send the messages, their titles marked as a test. Nothing is recorded, and what they hold
    /// still comes in the next digest.
    #[arg(long)]
    send: bool,
}

pub(crate) async fn run(config: &Config, arguments: &Arguments) -> Result<(), Failure> {
    let webhook = super::webhook_named(config, &arguments.webhook)?;
    let store = store::open(&config.store.url, &config.dir).await?;
    let subscription = Subscription::of(config, webhook);
    let selects = |article: &_| subscription.takes(article);

    let now = Utc::now();
    let mark = store.webhooks().await?.into_iter().find(|w| w.webhook == webhook.name).map(|w| w.mark);
    let slot = webhook.timing.next_after(now).unwrap_or(now);
    let coverage = subscription.coverage(&selects);
    let mut selection = match mark {
        Some(mark) => gather(&*store, webhook, coverage, mark.arrival, slot).await?.selection,
        None if webhook.backfill => gather(&*store, webhook, coverage, 0, slot).await?.selection,
        None => begin(webhook, coverage, slot),
    };
    if selection.is_empty() {
        let mut articles = store.articles(&store::ArticleQuery { limit: LOOKED_AT, ..Default::default() }).await?;
        articles.retain(&selects);
        articles.truncate(LAST);
        let shown =
            if articles.is_empty() { "its feeds have no articles yet" } else { "this is what their newest articles would look like" };
        tracing::warn!("nothing has arrived in the feeds of {} since its last digest; {shown}", webhook.name);
        selection.add(articles.into_iter().filter_map(|article| candidate(webhook, coverage, article)));
    }
    if coverage.editing.tell_once {
        tell_once(&*store, &webhook.name, &selects, &mut selection, now).await?;
    }
    let (mut digest, mut messages, _) = draw_up(&*store, webhook, coverage.editing, selection, now).await?;
    if arguments.send {
        digest.title = format!("[test] {}", digest.title);
        messages = encode(webhook, &digest);
        return send(webhook, messages).await;
    }
    let mut out = std::io::stdout().lock();
    for (n, message) in messages.iter().enumerate() {
        let separator = if n == 0 { "" } else { "\n" };
        write!(out, "{separator}{}", message.body).map_err(cannot_print)?;
    }
    writeln!(out).map_err(cannot_print)
}

async fn send(webhook: &WebhookConfig, messages: Vec<Message>) -> Result<(), Failure> {
    let sender = daemon::sender()?;
    let now = Utc::now();
    let mut printed = Ok(());
    let mut pace = Pace::new(webhook.destination.limits().rates);
    let of = messages.len();
    for (n, message) in messages.into_iter().enumerate() {
        tokio::time::sleep(pace.wait(std::time::Instant::now())).await;
        pace.count(std::time::Instant::now());
        let id = DeliveryId::assign(&[b"test", webhook.name.as_bytes(), now.to_rfc3339().as_bytes(), &n.to_be_bytes()]);
        let digest = newsboy::model::DigestId::assign(&[b"test", webhook.name.as_bytes(), now.to_rfc3339().as_bytes()]);
        let delivery = DueDelivery {
            id,
            digest,
            webhook: webhook.name.clone(),
            slot: now,
            body: message.body,
            articles: message.articles,
            label: message.label,
            is_last: n + 1 == of,
            attempts: 0,
            earlier: 0,
            queued: now,
            expires: now + webhook.retry.expires,
        };
        let sent = sender.send(&webhook.destination, &delivery, now).await;
        match sent.outcome {
            // Whoever stops reading does not stop the sending.
            Outcome::Delivered => printed = printed.and_then(|()| say!("message {} was taken", n + 1)),
            Outcome::Retry { why, .. }
            | Outcome::GaveUp { why }
            | Outcome::Split { why }
            | Outcome::Plain { why }
            | Outcome::Disabled { why } => {
                return Err(Failure::Work(format!("message {} was not taken: {why} {}", n + 1, sent.answer)));
            }
        }
    }
    printed
}
