//! The kinds of services, each with its own settings.

use std::fmt;
use std::sync::Arc;

use super::service::{Limits, Service};
use super::settings::{Setting, Settings};
use super::{
    bark, command, console, dingtalk, discord, feishu, googlechat, gotify, matrix, mattermost, ntfy, pushover, pushplus, rocketchat,
    serverchan, slack, smtp, standard, teams, telegram, wecom,
};

/// A kind of service, as the configuration knows it.
#[derive(Clone, Copy)]
pub(super) struct Kind {
    /// Its name in the configuration.
    pub(super) name: &'static str,
    /// The settings that it knows besides those of every webhook.
    pub(super) settings: &'static [Setting],
    /// Checks the settings.
    pub(super) parse: fn(&Settings) -> Result<Arc<dyn Service>, DestinationError>,
}

/// Every kind. A new one is a file beside this one, and a line here.
const KINDS: &[Kind] = &[
    console::KIND,
    standard::KIND,
    slack::KIND,
    discord::KIND,
    teams::KIND,
    feishu::KIND,
    feishu::LARK,
    dingtalk::KIND,
    wecom::KIND,
    telegram::KIND,
    mattermost::KIND,
    rocketchat::KIND,
    matrix::KIND,
    ntfy::KIND,
    gotify::KIND,
    bark::KIND,
    serverchan::KIND,
    pushplus::KIND,
    pushover::KIND,
    googlechat::KIND,
    smtp::KIND,
    command::KIND,
];

/// Where digests go: a kind of service with its settings, checked.
#[derive(Clone)]
pub struct DestinationConfig {
    kind: &'static str,
    settings: Settings,
    service: Arc<dyn Service>,
}

/// Why a destination cannot be used. No secret stands in it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DestinationError {
    /// There is no such kind.
    #[error("kind {found:?} is unknown, expected one of {}", DestinationConfig::kinds().collect::<Vec<_>>().join(", "))]
    Kind {
        /// What was found.
        found: String,
    },
    /// The kind needs a setting that is missing.
    #[error("kind {kind:?} needs {setting:?}")]
    Missing {
        /// The kind.
        kind: String,
        /// The setting.
        setting: &'static str,
    },
    /// The kind has no use for a setting, which then does not do what somebody expects of it.
    #[error("kind {kind:?} has no {setting:?}: remove it")]
    Unused {
        /// The kind.
        kind: String,
        /// The setting.
        setting: &'static str,
    },
    /// The address cannot be one.
    #[error("the {setting} {why}, expected an address such as {example} (it is not shown here, because it is a secret)")]
    Url {
        /// The setting.
        setting: &'static str,
        /// What is wrong with it.
        why: String,
        /// What would be right.
        example: &'static str,
    },
    /// A key or another setting cannot be one.
    #[error("the {setting} {why}")]
    Value {
        /// The setting.
        setting: &'static str,
        /// What is wrong with it, and what is expected.
        why: String,
    },
}

impl DestinationConfig {
    /// The names of the kinds in the configuration.
    pub fn kinds() -> impl Iterator<Item = &'static str> {
        KINDS.iter().map(|kind| kind.name)
    }

    /// Every setting that some kind knows, each once.
    pub fn settings() -> Vec<Setting> {
        let mut all: Vec<Setting> = Vec::new();
        for setting in KINDS.iter().flat_map(|kind| kind.settings) {
            if !all.iter().any(|known| known.name == setting.name) {
                all.push(*setting);
            }
        }
        all
    }

    /// Checks the settings of a destination.
    ///
    /// # Errors
    ///
    /// The kind is unknown; a setting is missing, of no use, or cannot be right.
    pub fn parse(kind: &str, settings: Settings) -> Result<Self, DestinationError> {
        let known = KINDS.iter().find(|known| known.name == kind).ok_or_else(|| DestinationError::Kind { found: kind.to_owned() })?;
        let is_known = |name: &str| known.settings.iter().any(|setting| setting.name == name);
        if let Some(setting) = settings.names().find(|name| !is_known(name)) {
            return Err(DestinationError::Unused { kind: kind.to_owned(), setting });
        }
        let settings = settings.of_kind(known.name);
        let service = (known.parse)(&settings)?;
        Ok(Self { kind: known.name, settings, service })
    }

    /// The name of its kind.
    pub fn kind(&self) -> &'static str {
        self.kind
    }

    pub(super) fn service(&self) -> &dyn Service {
        &*self.service
    }

    /// What the service takes at most.
    pub fn limits(&self) -> Limits {
        self.service.limits()
    }

    /// `text` without the secrets of the settings.
    pub fn redact(&self, text: &str) -> String {
        self.settings.redact(text)
    }
}

impl PartialEq for DestinationConfig {
    /// What it is made from decides.
    fn eq(&self, other: &Self) -> bool {
        (self.kind, &self.settings) == (other.kind, &other.settings)
    }
}

impl fmt::Debug for DestinationConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DestinationConfig").field("kind", &self.kind).field("settings", &self.settings).finish()
    }
}
