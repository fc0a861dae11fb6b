//! The settings of destinations as the configuration gives them, before a kind has checked them.

use super::{DestinationError, Endpoint};
use crate::model::Secret;

/// A setting that a kind of service knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Setting {
    /// Its name.
    pub name: &'static str,
    /// How it is written.
    pub form: Form,
}

/// How a setting is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// A secret: text, or where to find it.
    Secret,
    /// Text, or a whole number.
    Text,
    /// Text, or a list of texts.
    List,
}

impl Setting {
    /// A setting that is a secret.
    pub(super) const fn secret(name: &'static str) -> Self {
        Self { name, form: Form::Secret }
    }

    /// A setting that is a text.
    pub(super) const fn text(name: &'static str) -> Self {
        Self { name, form: Form::Text }
    }

    /// A setting that is a list.
    pub(super) const fn list(name: &'static str) -> Self {
        Self { name, form: Form::List }
    }
}

/// The address of a service, which is a secret where it holds the key to it.
pub(super) const URL: Setting = Setting::secret("url");
/// A key that signs.
pub(super) const SECRET: Setting = Setting::secret("secret");
/// A token that opens.
pub(super) const TOKEN: Setting = Setting::secret("token");

#[derive(Debug, Clone, PartialEq)]
enum Value {
    Secret(Secret),
    Text(String),
    List(Vec<String>),
}

/// Settings by name, in the order in which they were given.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Settings {
    kind: &'static str,
    values: Vec<(&'static str, Value)>,
}

impl Settings {
    /// With a secret, if there is one. White space around it, such as the line end of a file, is not part
    /// of it.
    #[must_use]
    pub fn with_secret(self, name: &'static str, secret: Option<Secret>) -> Self {
        self.with(name, secret.map(|secret| Value::Secret(Secret::new(secret.expose().trim()))))
    }

    /// With a text, if there is one.
    #[must_use]
    pub fn with_text(self, name: &'static str, text: Option<String>) -> Self {
        self.with(name, text.map(Value::Text))
    }

    /// With a list, if there is one.
    #[must_use]
    pub fn with_list(self, name: &'static str, list: Option<Vec<String>>) -> Self {
        self.with(name, list.map(Value::List))
    }

    fn with(mut self, name: &'static str, value: Option<Value>) -> Self {
        self.values.extend(value.map(|value| (name, value)));
        self
    }

    pub(super) fn of_kind(self, kind: &'static str) -> Self {
        Self { kind, ..self }
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &'static str> {
        self.values.iter().map(|(name, _)| *name)
    }

    fn get(&self, name: &str) -> Option<&Value> {
        self.values.iter().find(|(known, _)| *known == name).map(|(_, value)| value)
    }

    /// A secret that may be missing, but is not empty.
    pub(super) fn secret(&self, setting: &'static str) -> Result<Option<Secret>, DestinationError> {
        match self.get(setting) {
            Some(Value::Secret(secret)) if secret.expose().is_empty() => {
                Err(DestinationError::Value { setting, why: "is empty; remove it if there is none".to_owned() })
            }
            Some(Value::Secret(secret)) => Ok(Some(secret.clone())),
            _ => Ok(None),
        }
    }

    /// A secret that must be there.
    pub(super) fn required_secret(&self, setting: &'static str) -> Result<Secret, DestinationError> {
        self.secret(setting)?.ok_or_else(|| self.missing(setting))
    }

    /// A text that may be missing.
    pub(super) fn text(&self, setting: &str) -> Option<&str> {
        match self.get(setting) {
            Some(Value::Text(text)) => Some(text.trim()).filter(|text| !text.is_empty()),
            _ => None,
        }
    }

    /// A text that must be there.
    pub(super) fn required_text(&self, setting: &'static str) -> Result<String, DestinationError> {
        self.text(setting).map(str::to_owned).ok_or_else(|| self.missing(setting))
    }

    /// A list that must be there, with something in it.
    pub(super) fn required_list(&self, setting: &'static str) -> Result<Vec<String>, DestinationError> {
        match self.get(setting) {
            Some(Value::List(list)) if !list.is_empty() => Ok(list.clone()),
            _ => Err(self.missing(setting)),
        }
    }

    /// The address that must be there.
    pub(super) fn url(&self) -> Result<Endpoint, DestinationError> {
        Endpoint::parse(&self.required_secret(URL.name)?)
    }

    /// The address, or that of the service that everybody shares.
    pub(super) fn url_or(&self, shared: &str) -> Result<Endpoint, DestinationError> {
        Endpoint::parse(&self.secret(URL.name)?.unwrap_or_else(|| Secret::new(shared)))
    }

    pub(super) fn missing(&self, setting: &'static str) -> DestinationError {
        DestinationError::Missing { kind: self.kind.to_owned(), setting }
    }

    /// `text` without the secrets, without the parts that make an address one, and without what JSON makes
    /// of them: a server that does not know a path likes to name it in its answer.
    pub(super) fn redact(&self, text: &str) -> String {
        let secrets = self.values.iter().filter_map(|(_, value)| match value {
            Value::Secret(secret) => Some(secret.expose()),
            Value::Text(_) | Value::List(_) => None,
        });
        let mut tokens: Vec<String> = Vec::new();
        for secret in secrets {
            tokens.push(secret.to_owned());
            tokens.extend(secret.split_whitespace().map(str::to_owned));
            tokens.extend(super::endpoint::tokens(secret));
        }
        let escaped: Vec<String> = tokens.iter().filter(|token| token.contains('/')).map(|token| token.replace('/', "\\/")).collect();
        tokens.extend(escaped);
        tokens.retain(|token| !token.is_empty());
        // A token may be the beginning of a longer one.
        tokens.sort_by_key(|token| std::cmp::Reverse(token.len()));
        tokens.iter().fold(text.to_owned(), |text, token| text.replace(token.as_str(), "[secret]"))
    }
}
