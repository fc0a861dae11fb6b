//! `newsboy digest`: what would go out, byte for byte, and as a test if asked.

use std::io::Write;

use chrono::Utc;
use newsboy::config::Config;
use newsboy::daemon::{self, wiring::Subscription};
use newsboy::jobs::compose_digests::draw_up;
use newsboy::model::{DeliveryId, DueDelivery, Outcome};
use newsboy::store;
use newsboy::webhook::{WebhookConfig, encode};

use super::Failure;

/// Articles that are shown where nothing has arrived since the last digest.
const LAST: u32 = 20;

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
    let names = || config.webhooks.iter().map(|w| w.name.as_str()).collect::<Vec<_>>().join(", ");
    let webhook = config.webhooks.iter().find(|w| w.name == arguments.webhook);
    let webhook =
        webhook.ok_or_else(|| Failure::Usage(format!("there is no webhook {:?}; the configuration has {}", arguments.webhook, names())))?;
    let store = store::open(&config.store.url, &config.dir).await?;
    let subscription = Subscription::of(config, webhook);
    let selects = |article: &_| subscription.takes(article);

    let now = Utc::now();
    let mark = store.webhooks().await?.into_iter().find(|w| w.webhook == webhook.name).map(|w| w.mark);
    let mut articles = match mark {
        Some(mark) => store.arrivals(mark.arrival, webhook.backfill).await?.0,
        None if webhook.backfill => store.arrivals(0, true).await?.0,
        None => Vec::new(),
    };
    articles.retain(&selects);
    if articles.is_empty() {
        tracing::warn!("nothing has arrived for {} since its last digest; this is what the newest articles would look like", webhook.name);
        articles = store.articles(&store::ArticleQuery { limit: LAST, ..Default::default() }).await?;
    }
    let slot = webhook.schedule.next_after(now).unwrap_or(now);
    let (mut digest, mut messages) = draw_up(webhook, subscription.coverage(&selects), articles, slot);
    if arguments.send {
        digest.title = format!("[test] {}", digest.title);
        messages = encode(&webhook.destination, &digest);
        return send(webhook, messages.into_iter().map(|m| m.body)).await;
    }
    let mut out = std::io::stdout().lock();
    for (n, message) in messages.iter().enumerate() {
        let separator = if n == 0 { "" } else { "\n" };
        write!(out, "{separator}{}", message.body).map_err(|e| Failure::Work(format!("cannot print: {e}")))?;
    }
    writeln!(out).map_err(|e| Failure::Work(format!("cannot print: {e}")))
}

async fn send(webhook: &WebhookConfig, bodies: impl Iterator<Item = String>) -> Result<(), Failure> {
    let sender = daemon::sender()?;
    let now = Utc::now();
    for (n, body) in bodies.enumerate() {
        let id = DeliveryId::assign(&[b"test", webhook.name.as_bytes(), now.to_rfc3339().as_bytes(), &n.to_be_bytes()]);
        let digest = newsboy::model::DigestId::assign(&[b"test", webhook.name.as_bytes(), now.to_rfc3339().as_bytes()]);
        let delivery = DueDelivery {
            id,
            digest,
            webhook: webhook.name.clone(),
            slot: now,
            body,
            attempts: 0,
            queued: now,
            expires: now + webhook.retry.expires,
        };
        let sent = sender.send(&webhook.destination, &delivery, now).await;
        match sent.outcome {
            Outcome::Delivered => println!("message {} was taken", n + 1),
            Outcome::Retry { why, .. } | Outcome::GaveUp { why } => {
                return Err(Failure::Work(format!("message {} was not taken: {why} {}", n + 1, sent.answer)));
            }
        }
    }
    Ok(())
}
