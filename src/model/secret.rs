//! Secrets: a type that cannot be printed.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};
use subtle::ConstantTimeEq as _;

/// A webhook's address or key, or a token. It is read from the environment or from a file, and neither its
/// `Debug` nor any error shows it.
#[derive(Clone)]
pub struct Secret(SecretString);

impl Secret {
    /// Takes a secret out of its source.
    pub fn new(value: impl Into<String>) -> Self {
        Self(SecretString::from(value.into()))
    }

    /// The secret itself, for the one place that needs it on the wire.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// Whether `given` is the secret. How long that takes tells nothing of where they differ.
    pub fn matches(&self, given: &str) -> bool {
        self.expose().as_bytes().ct_eq(given.as_bytes()).into()
    }

    /// `text` with every occurrence of the secret replaced, for what comes back from outside and
    /// goes into a log or the ledger: a server may echo the address that it was asked by.
    pub fn redact(&self, text: &str) -> String {
        match self.expose() {
            "" => text.to_owned(),
            secret => text.replace(secret, "[secret]"),
        }
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}

impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        self.expose() == other.expose()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_shows_itself_nowhere() {
        let secret = Secret::new("hunter2");
        assert_eq!(format!("{secret:?}"), "[secret]");
        assert!(secret.matches("hunter2"));
        assert!(["", "hunter", "hunter22", "Hunter2"].iter().all(|given| !secret.matches(given)));
        assert_eq!(secret.redact("POST /hunter2 failed"), "POST /[secret] failed");
    }
}
