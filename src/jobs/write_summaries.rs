//! Summaries by a language model: those of a digest's first items, as far as they come in time and say
//! what their articles say.

use chrono::{DateTime, Utc};
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout_at};

use super::deliver::Trouble;
use crate::llm::{self, Writer};
use crate::model::{ContentHash, Digest, SummaryKind};
use crate::store::{ModelBound, ModelUse, Store, StoreError};

/// Requests under way at once: a model at home has one processor.
const AT_ONCE: usize = 4;

/// Has the summaries of a digest written, and puts each in the place of the one that is there. What fails,
/// comes late or says too much is told in the log; the summary that is there stays. Each request is counted
/// before it is made, under the model's address and the day of `now`; the first one that the day's bound
/// forbids is told of.
///
/// # Errors
///
/// The store failed.
pub async fn write_summaries(
    store: &dyn Store,
    config: &llm::Config,
    chars: usize,
    digest: &mut Digest,
    now: DateTime<Utc>,
) -> Result<Option<Trouble>, StoreError> {
    let account = ContentHash::of(config.endpoint.as_bytes());
    let bound = ModelBound { requests: config.requests_a_day, characters: config.characters_a_day };
    let day = now.date_naive();
    let mut trouble = None;
    let end = Instant::now() + config.within;
    let writer = match Writer::new(config) {
        Ok(writer) => writer,
        Err(error) => {
            tracing::warn!("summaries of {}: {error}; they are sentences of the articles", digest.webhook);
            return Ok(None);
        }
    };
    let mut waiting = Vec::new();
    for (n, item) in digest.items.iter().enumerate().filter(|(_, item)| item.summary_kind == SummaryKind::Extract).take(config.most) {
        waiting.extend(store.article(&item.article).await?.map(|stored| (n, stored.article)));
    }
    waiting.reverse();
    let mut under_way = JoinSet::new();
    loop {
        while under_way.len() < AT_ONCE
            && let Some((n, article)) = waiting.pop()
        {
            if let ModelUse::Refused { is_first } =
                store.ask_model(account.as_str(), day, writer.characters(&article, chars), bound).await?
            {
                let left = waiting.len() + 1;
                tracing::debug!("summaries of {}: {left} of them are beyond the day's bound", digest.webhook);
                waiting.clear();
                trouble = is_first.then(|| spent(config, day));
                break;
            }
            let writer = writer.clone();
            under_way.spawn(async move { (n, writer.write(&article, chars).await) });
        }
        let Ok(next) = timeout_at(end, under_way.join_next()).await else {
            tracing::warn!(
                "summaries of {}: time is up for {} of them, which are sentences of the articles",
                digest.webhook,
                under_way.len() + waiting.len()
            );
            return Ok(trouble);
        };
        match next {
            None => return Ok(trouble),
            Some(Ok((n, Ok(summary)))) => {
                let item = &mut digest.items[n];
                (item.summary, item.summary_kind) = (summary, SummaryKind::Llm);
            }
            Some(Ok((n, Err(error)))) => {
                tracing::warn!("summary of {:?}: {error}; it is sentences of the article", digest.items[n].title);
            }
            Some(Err(broken)) => tracing::error!("a summary of {} broke: {broken}", digest.webhook),
        }
    }
}

/// The word that the day's bound is reached, which stands in the log as well.
fn spent(config: &llm::Config, day: chrono::NaiveDate) -> Trouble {
    let why = format!(
        "The language model was asked for as much as it may be on {day}: requests_a_day = {}, characters_a_day = {}. \
         Until midnight UTC, summaries are sentences of the articles.",
        config.requests_a_day, config.characters_a_day
    );
    tracing::warn!("{why}");
    Trouble::ModelSpent { day, why }
}
