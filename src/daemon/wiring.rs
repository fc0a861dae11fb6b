//! What the configuration means to the jobs and to the server.

use std::sync::Arc;

use super::Clock;
use crate::config::{Config, Editing};
use crate::digest::Paper;
use crate::feed::{Selector, Site, SourceFacts, Subject};
use crate::http::{Habit, Shown, StatusPage};
use crate::jobs::compose_digests::{self, Coverage};
use crate::jobs::ingest_page::PaperHabits;
use crate::model::StoredArticle;
use crate::source::SourceConfig;
use crate::webhook::WebhookConfig;
use crate::websub::Hub;

/// What of the installation shows in feeds and pages.
pub fn site(config: &Config) -> Site {
    let facts = |s: &SourceConfig| SourceFacts { name: s.name.clone(), title: s.title.clone(), language: s.language.clone() };
    let sources = config.sources.iter().map(facts).collect();
    let site = Site { public_url: config.server.public_url.clone(), sources, hub: None, is_static: false };
    let hub = match &config.hub.hub {
        Hub::Own => Some(site.own_hub()),
        Hub::Outside(url) => Some(url.to_string()),
        Hub::Nobody => None,
    };
    Site { hub, ..site }
}

/// What the pages show.
pub(super) fn shown(config: &Config) -> Shown {
    let habit = |s: &SourceConfig| Habit { zone: s.timezone, hour: s.published };
    Shown { site: site(config), feeds: config.feeds_list.clone(), habits: config.sources.iter().map(habit).collect() }
}

/// What the page for whoever runs newsboy needs; `None` where the configuration has no token for it.
pub(super) fn status(config: &Arc<Config>, clock: Clock) -> Option<StatusPage> {
    let token = config.server.status_token.clone()?;
    let config = Arc::clone(config);
    let next_slots = move |now| config.webhooks.iter().map(|w| (w.name.clone(), w.timing.next_after(now))).collect();
    Some(StatusPage { token, clock, next_slots: Box::new(next_slots) })
}

/// What a source's pages are cut and dated by.
pub(super) fn habits(source: &SourceConfig) -> PaperHabits {
    PaperHabits { language: source.language.clone(), timezone: source.timezone, published: source.published, hold_below: source.hold_below }
}

/// The feeds a webhook is subscribed to, ready to be held against articles.
pub struct Subscription {
    papers: Vec<Paper>,
    feeds: Vec<(Vec<String>, Selector)>,
    /// The webhook's own choice among what its feeds take.
    choice: Selector,
    sources: Option<Vec<String>>,
    public_url: String,
    editing: Editing,
}

impl Subscription {
    /// The subscription of one of the configuration's webhooks.
    pub fn of(config: &Config, webhook: &WebhookConfig) -> Self {
        let feeds: Vec<_> = config.feeds_list.iter().filter(|f| webhook.feeds.contains(&f.name)).collect();
        let is_chosen = |source: &String| webhook.sources.as_ref().is_none_or(|sources| sources.contains(source));
        let drawn_from = |s: &&SourceConfig| is_chosen(&s.name) && feeds.iter().any(|f| f.sources.contains(&s.name));
        let paper = |s: &SourceConfig| Paper { source: s.name.clone(), title: s.title.clone(), language: s.language.clone() };
        Self {
            papers: config.sources.iter().filter(drawn_from).map(paper).collect(),
            feeds: feeds.iter().map(|f| (f.sources.clone(), Selector::new(&f.rule))).collect(),
            choice: Selector::new(&webhook.rule),
            sources: webhook.sources.clone(),
            public_url: config.server.public_url.clone(),
            editing: config.editing.get(&webhook.name).cloned().unwrap_or_default(),
        }
    }

    /// Whether one of its feeds takes the article, and the webhook wants it.
    pub fn takes(&self, stored: &StoredArticle) -> bool {
        let subject = Subject::new(&stored.article);
        let is_chosen = self.sources.as_ref().is_none_or(|sources| sources.contains(&stored.key.source));
        is_chosen
            && self.choice.takes(&subject)
            && self.feeds.iter().any(|(sources, rule)| sources.contains(&stored.key.source) && rule.takes(&subject))
    }

    /// Hands the subscription to `work` as what a digest is drawn from.
    pub fn coverage<'a>(&'a self, selects: &'a (dyn Fn(&StoredArticle) -> bool + Sync)) -> Coverage<'a> {
        let Editing { watch, summary, llm, tell_once } = &self.editing;
        let editing = compose_digests::Editing { watch: watch.as_ref(), summary: *summary, llm: llm.as_ref(), tell_once: *tell_once };
        Coverage { papers: &self.papers, selects, public_url: &self.public_url, editing }
    }
}
