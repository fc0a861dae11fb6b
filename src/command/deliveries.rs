//! `newsboy deliveries`: the ledger, and sending again by hand.

use chrono::{DateTime, NaiveDate, Utc};
use newsboy::config::Config;
use newsboy::model::{Delivery, DeliveryId, DeliveryState};
use newsboy::store::{self, DeliveryQuery, SharedStore};

use super::Failure;

/// Deliveries a list shows at most unless more are asked for.
const LIST: u32 = 50;

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Only those of this webhook.
    #[arg(long, value_name = "NAME", global = true)]
    webhook: Option<String>,
    /// Only those in this state: pending, delivered or dead.
    #[arg(long, value_name = "STATE", value_parser = parse_state)]
    state: Option<DeliveryState>,
    /// Only those queued on this day (UTC) or later.
    #[arg(long, value_name = "DATE")]
    since: Option<NaiveDate>,
    /// How many at most, the newest first.
    #[arg(long, default_value_t = LIST)]
    limit: u32,
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
    DeliveryState::parse(name).ok_or_else(|| "write pending, delivered or dead".to_owned())
}

pub(crate) async fn run(config: &Config, arguments: Arguments) -> Result<(), Failure> {
    let store = store::open(&config.store.url, &config.dir).await?;
    match &arguments.action {
        None => list(&store, &arguments).await,
        Some(Action::Show { id }) => show(&store, id).await,
        Some(Action::Redeliver { ids, .. }) => redeliver(config, &store, ids, arguments.webhook.as_deref()).await,
    }
}

async fn list(store: &SharedStore, arguments: &Arguments) -> Result<(), Failure> {
    let query = DeliveryQuery {
        webhook: arguments.webhook.clone(),
        state: arguments.state,
        since: arguments.since.map(|d| d.and_time(chrono::NaiveTime::MIN).and_utc()),
        limit: arguments.limit,
    };
    let deliveries = store.deliveries(&query).await?;
    if deliveries.is_empty() {
        println!("nothing was queued yet");
    }
    for delivery in &deliveries {
        println!("{}", line(delivery));
    }
    Ok(())
}

/// A delivery on one line: what, where to, how it stands, and what the last attempt said.
fn line(delivery: &Delivery) -> String {
    let last = delivery.attempts.last();
    let said = last.map_or(String::new(), |a| {
        let status = a.status.map_or(String::new(), |s| format!("{s} "));
        format!("{status}{}", a.result)
    });
    let next = delivery.next_attempt.map_or(String::new(), |t| format!(", next {}", short(t)));
    format!(
        "{}  {:<12} {}  {}/{}  {:<9} {} attempts{next}  {said}",
        delivery.id,
        delivery.webhook,
        short(delivery.slot),
        delivery.part,
        delivery.parts,
        delivery.state.as_str(),
        delivery.attempts.len(),
    )
}

fn short(instant: DateTime<Utc>) -> String {
    instant.format("%Y-%m-%d %H:%M:%SZ").to_string()
}

fn parse_id(id: &str) -> Result<DeliveryId, Failure> {
    DeliveryId::parse(id)
        .ok_or_else(|| Failure::Usage(format!("{id:?} is no delivery's id; `newsboy deliveries` lists them, they begin with dlv_")))
}

fn unknown(id: &str) -> Failure {
    Failure::Work(format!("there is no delivery {id}; `newsboy deliveries` lists them"))
}

async fn show(store: &SharedStore, id: &str) -> Result<(), Failure> {
    let delivery = store.delivery(&parse_id(id)?).await?.ok_or_else(|| unknown(id))?;
    println!("{}", line(&delivery));
    println!("digest {}, queued {}, given up {}", delivery.digest, short(delivery.queued), short(delivery.expires));
    for attempt in &delivery.attempts {
        let status = attempt.status.map_or("no answer".to_owned(), |s| s.to_string());
        println!("\nattempt {} at {}: {status}: {}", attempt.number, short(attempt.at), attempt.result);
        if !attempt.answer.is_empty() {
            println!("{}", attempt.answer);
        }
    }
    println!("\n{}", delivery.body);
    Ok(())
}

async fn redeliver(config: &Config, store: &SharedStore, ids: &[String], webhook: Option<&str>) -> Result<(), Failure> {
    let mut chosen = Vec::new();
    for id in ids {
        chosen.push(store.delivery(&parse_id(id)?).await?.ok_or_else(|| unknown(id))?);
    }
    if ids.is_empty() {
        let query = DeliveryQuery { webhook: webhook.map(str::to_owned), state: Some(DeliveryState::Dead), since: None, limit: u32::MAX };
        chosen = store.deliveries(&query).await?;
    }
    let now = Utc::now();
    for delivery in &chosen {
        let Some(webhook) = config.webhooks.iter().find(|w| w.name == delivery.webhook) else {
            return Err(Failure::Work(format!(
                "{} was for the webhook {:?}, which the configuration no longer has",
                delivery.id, delivery.webhook
            )));
        };
        store.redeliver(&delivery.id, now, now + webhook.retry.expires).await?;
        println!("{} to {} is due again", delivery.id, delivery.webhook);
    }
    if chosen.is_empty() {
        println!("nothing to send again");
    }
    Ok(())
}
