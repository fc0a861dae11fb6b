//! `newsboy deliveries`: the ledger, and sending again by hand.

use chrono::{DateTime, Duration, NaiveDate, Utc};
use newsboy::config::Config;
use newsboy::model::{Attempt, Delivery, DeliveryId, DeliveryState};
use newsboy::store::{self, DeliveryQuery, SharedStore};

use super::Failure;

/// Deliveries a list shows at most unless more are asked for.
const LIST: u32 = 50;

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Only those of this webhook.
    #[arg(long, value_name = "NAME", global = true)]
    webhook: Option<String>,
    /// Only those in this state: pending, delivered, dead or replaced.
    #[arg(long, value_name = "STATE", value_parser = parse_state)]
    state: Option<DeliveryState>,
    /// Only those queued since then: a day (UTC), an instant such as 2026-11-20T08:00:00Z, or a length of
    /// time before now such as 36h.
    #[arg(long, value_name = "WHEN", value_parser = parse_since, global = true)]
    since: Option<DateTime<Utc>>,
    /// How many at most, the newest first.
    #[arg(long, default_value_t = LIST)]
    limit: u32,
    /// Under each of them every attempt, with what the service answered.
    #[arg(long)]
    attempts: bool,
    #[command(subcommand)]
    action: Option<Action>,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// One delivery with its body and all its attempts.
    Show {
        /// The delivery's id, dlv_…
        id: String,
    },
    /// Send again: these deliveries, or all that were given up.
    Redeliver {
        /// Deliveries' ids, dlv_…
        #[arg(required_unless_present = "dead")]
        ids: Vec<String>,
        /// All that were given up.
        #[arg(long, conflicts_with = "ids")]
        dead: bool,
    },
}

fn parse_state(name: &str) -> Result<DeliveryState, String> {
    DeliveryState::parse(name).ok_or_else(|| "write pending, delivered, dead or replaced".to_owned())
}

fn parse_since(text: &str) -> Result<DateTime<Utc>, String> {
    let day = || text.parse::<NaiveDate>().ok().map(|day| day.and_time(chrono::NaiveTime::MIN).and_utc());
    let instant = || text.parse::<DateTime<Utc>>().ok();
    let ago = || {
        let (number, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
        let number: i64 = number.parse().ok().filter(|number| *number >= 0)?;
        let length = match unit {
            "m" => Duration::try_minutes(number),
            "h" => Duration::try_hours(number),
            "d" => Duration::try_days(number),
            _ => None,
        };
        Utc::now().checked_sub_signed(length?)
    };
    day().or_else(instant).or_else(ago).ok_or_else(|| "write a day, 2026-11-20T08:00:00Z, or 36h".to_owned())
}

pub(crate) async fn run(config: &Config, arguments: Arguments) -> Result<(), Failure> {
    let store = store::open(&config.store.url, &config.dir).await?;
    match &arguments.action {
        None => list(config, &store, &arguments).await,
        Some(Action::Show { id }) => show(config, &store, id).await,
        Some(Action::Redeliver { ids, .. }) => redeliver(config, &store, ids, &arguments).await,
    }
}

async fn list(config: &Config, store: &SharedStore, arguments: &Arguments) -> Result<(), Failure> {
    let query =
        DeliveryQuery { webhook: arguments.webhook.clone(), state: arguments.state, since: arguments.since, limit: arguments.limit };
    for status in store.webhooks().await?.iter().filter(|status| query.webhook.as_ref().is_none_or(|name| *name == status.webhook)) {
        if let Some(stop) = &status.state.stop {
            let since = stop.since.format("%Y-%m-%d %H:%M:%S UTC");
            let name = &status.webhook;
            tracing::warn!("{name} is stopped since {since}: {}; newsboy webhook resume {name} lets it go on", stop.why);
        }
    }
    let deliveries = store.deliveries(&query).await?;
    if deliveries.is_empty() {
        let chosen = query.webhook.is_some() || query.state.is_some() || query.since.is_some();
        return say!("{}", if chosen { "no delivery is like that" } else { "nothing was queued yet" });
    }
    let table = table(config, &deliveries);
    // The first row is the head.
    say!("{}", table[0])?;
    for (row, delivery) in table[1..].iter().zip(&deliveries) {
        say!("{row}")?;
        for attempt in delivery.attempts.iter().filter(|_| arguments.attempts) {
            say!("    {} at {}: {}", attempt.number, local(config, delivery, attempt.at), said(attempt))?;
            for line in attempt.answer.lines() {
                say!("        {line}")?;
            }
        }
    }
    Ok(())
}

/// What stands over the columns of the list.
const HEADS: [&str; 7] = ["ID", "WEBHOOK", "DUE", "PART", "STATE", "TRIES", "LAST ANSWER"];

/// The list, a head and a delivery a line: what, where to, how it stands, and what the last attempt
/// said. A column is as wide as its widest cell.
fn table(config: &Config, deliveries: &[Delivery]) -> Vec<String> {
    let mut rows = vec![HEADS.map(str::to_owned)];
    rows.extend(deliveries.iter().map(|delivery| cells(config, delivery)));
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or_default();
    let widths: [usize; HEADS.len()] = std::array::from_fn(width);
    let line = |row: &[String; HEADS.len()]| {
        let padded: Vec<String> = row.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}")).collect();
        padded.join("  ").trim_end().to_owned()
    };
    rows.iter().map(line).collect()
}

fn cells(config: &Config, delivery: &Delivery) -> [String; HEADS.len()] {
    let said = delivery.attempts.last().map(said).unwrap_or_default();
    let next = delivery.next_attempt.map(|at| format!("next try {}", local(config, delivery, at)));
    let last = [said, next.unwrap_or_default()].into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join("; ");
    [
        delivery.id.to_string(),
        delivery.webhook.clone(),
        local(config, delivery, delivery.slot),
        format!("{}/{}", delivery.part, delivery.parts),
        delivery.state.as_str().to_owned(),
        delivery.attempts.len().to_string(),
        last,
    ]
}

/// What came of an attempt, with the HTTP status unless the result tells it.
fn said(attempt: &Attempt) -> String {
    let status = attempt.status.map(|status| status.to_string()).filter(|status| !attempt.result.contains(status));
    status.map_or_else(|| attempt.result.clone(), |status| format!("{status} {}", attempt.result))
}

/// An instant in the zone of the delivery's webhook, in which its schedule is written; in UTC where
/// the configuration no longer has the webhook.
fn local(config: &Config, delivery: &Delivery, instant: DateTime<Utc>) -> String {
    let webhook = config.webhooks.iter().find(|w| w.name == delivery.webhook);
    let zone = webhook.map_or(chrono_tz::UTC, |w| w.timing.zone());
    instant.with_timezone(&zone).format("%Y-%m-%d %H:%M:%S %:z").to_string()
}

fn parse_id(id: &str) -> Result<DeliveryId, Failure> {
    DeliveryId::parse(id)
        .ok_or_else(|| Failure::Usage(format!("{id:?} is no delivery's id; `newsboy deliveries` lists them, they begin with dlv_")))
}

fn unknown(id: &str) -> Failure {
    Failure::Work(format!("there is no delivery {id}; `newsboy deliveries` lists them"))
}

async fn show(config: &Config, store: &SharedStore, id: &str) -> Result<(), Failure> {
    let delivery = store.delivery(&parse_id(id)?).await?.ok_or_else(|| unknown(id))?;
    let at = |instant| local(config, &delivery, instant);
    say!("{} to {}: {}", delivery.id, delivery.webhook, delivery.state.as_str())?;
    say!("part {} of {} of the digest {}, due {}", delivery.part, delivery.parts, delivery.digest, at(delivery.slot))?;
    say!("queued {}", at(delivery.queued))?;
    if let Some(next) = delivery.next_attempt {
        say!("next try {}, given up {}", at(next), at(delivery.expires))?;
    }
    for attempt in &delivery.attempts {
        say!("\nattempt {} at {}: {}", attempt.number, at(attempt.at), said(attempt))?;
        if !attempt.answer.is_empty() {
            say!("{}", attempt.answer)?;
        }
    }
    say!("\n{}", delivery.body)
}

/// Deliveries of a webhook that the configuration no longer has have nowhere to go. Named by hand,
/// they stop the command before anything is done; among all the dead ones, they are passed over.
async fn redeliver(config: &Config, store: &SharedStore, ids: &[String], arguments: &Arguments) -> Result<(), Failure> {
    let mut chosen = Vec::new();
    for id in ids {
        chosen.push(store.delivery(&parse_id(id)?).await?.ok_or_else(|| unknown(id))?);
    }
    if ids.is_empty() {
        let (webhook, since) = (arguments.webhook.clone(), arguments.since);
        let query = DeliveryQuery { webhook, state: Some(DeliveryState::Dead), since, limit: u32::MAX };
        chosen = store.deliveries(&query).await?;
    }
    let now = Utc::now();
    let (mut due, mut told) = (Vec::new(), Vec::new());
    for delivery in &chosen {
        match config.webhooks.iter().find(|w| w.name == delivery.webhook) {
            Some(webhook) => due.push((delivery, webhook)),
            None if ids.is_empty() => told.push(format!("{} stays: {}", delivery.id, gone(delivery))),
            None => return Err(Failure::Work(format!("{} cannot be sent: {}", delivery.id, gone(delivery)))),
        }
    }
    for (delivery, webhook) in &due {
        store.redeliver(&delivery.id, now, now + webhook.retry.expires).await?;
        told.push(format!("{} to {} is due again", delivery.id, delivery.webhook));
    }
    // Told when all is done, so that nobody who stops reading stops the work.
    told.push(match due.is_empty() {
        true => "nothing to send again".to_owned(),
        false => "a running newsboy sends within seconds, otherwise `newsboy once` does".to_owned(),
    });
    say!("{}", told.join("\n"))
}

fn gone(delivery: &Delivery) -> String {
    format!("the configuration no longer has its webhook {:?}", delivery.webhook)
}
