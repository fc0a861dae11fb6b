//! Telling of problems: the webhooks that ask for them get word of what newsboy cannot do.

use chrono::{DateTime, Utc};

use super::deliver::Trouble;
use crate::model::{Digest, DigestId};
use crate::store::{Store, StoreError};
use crate::webhook::{WebhookConfig, encode};

/// What is wrong, for a person who was not looking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// What makes this problem another one than the next: it is told once.
    pub key: String,
    /// What it is about, in few words.
    pub title: String,
    /// What was found, and what to do.
    pub message: String,
}

impl Trouble {
    /// The webhook that is not told of it, where messages to that one do not arrive.
    pub fn spares<'a>(&self, webhook: &'a str) -> Option<&'a str> {
        (!matches!(self, Self::ModelSpent { .. })).then_some(webhook)
    }
}

impl Word {
    /// What there is to say of a webhook.
    pub fn of(webhook: &str, trouble: &Trouble) -> Self {
        let time = |at: &DateTime<Utc>| at.format("%Y-%m-%d %H:%M UTC");
        match trouble {
            Trouble::Broken { since, why } => Self {
                key: format!("{webhook} broken {since}"),
                title: format!("newsboy: {webhook} gets no messages"),
                message: format!("Nothing arrived since {}. The last attempt: {why}", time(since)),
            },
            Trouble::Mended { since } => Self {
                key: format!("{webhook} mended {since}"),
                title: format!("newsboy: {webhook} gets messages again"),
                message: format!("Nothing had arrived since {}.", time(since)),
            },
            Trouble::Stopped { at, why } => {
                Self { key: format!("{webhook} stopped {at}"), title: format!("newsboy: {webhook} is stopped"), message: why.clone() }
            }
            Trouble::ModelSpent { day, why } => Self {
                key: format!("{webhook} model {day}"),
                title: format!("newsboy: summaries for {webhook} are no longer written by its model today"),
                message: why.clone(),
            },
            Trouble::GaveUp { delivery, why } => Self {
                key: format!("{webhook} gave up {delivery}"),
                title: format!("newsboy: a message to {webhook} was given up"),
                message: format!("{why}. See `newsboy deliveries show {delivery}`"),
            },
        }
    }
}

/// Queues a word for every webhook that asks for problems, but not for the one it is about; gives the
/// places of those that have it now and had not before. Telling again changes nothing.
///
/// # Errors
///
/// The store failed; who has the word by then keeps it, and calling again is right.
pub async fn tell(
    store: &dyn Store,
    webhooks: &[WebhookConfig],
    about: Option<&str>,
    word: &Word,
    public_url: &str,
    now: DateTime<Utc>,
) -> Result<Vec<usize>, StoreError> {
    let mut told = Vec::new();
    for (n, webhook) in webhooks.iter().enumerate().filter(|(_, w)| w.problems && Some(w.name.as_str()) != about) {
        super::compose_digests::enrol(store, webhook, now).await?;
        let id = DigestId::assign(&[b"problem", webhook.name.as_bytes(), word.key.as_bytes()]);
        let (more, open) = (Some(word.message.clone()), word.message.clone());
        let digest = Digest { more, open, ..Digest::bare(id, &webhook.name, now, &word.title, public_url) };
        // The person's own words are for stories.
        let plain = WebhookConfig { templates: Default::default(), ..webhook.clone() };
        if store.queue_notice(&digest, &encode(&plain, &digest), now + webhook.retry.expires, now).await? {
            told.push(n);
        }
    }
    Ok(told)
}
