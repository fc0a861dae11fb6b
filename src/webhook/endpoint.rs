//! Addresses of webhooks: checked once, shown nowhere.

use std::fmt;

use reqwest::Url;

use super::DestinationError;
use crate::model::Secret;

/// The address of a webhook. Whoever knows it can post, so it is a secret.
#[derive(Clone, PartialEq)]
pub struct Endpoint {
    secret: Secret,
    url: Url,
}

impl Endpoint {
    /// Checks an address: `http` or `https`, with a host. White space around it, such as the line
    /// end of a file, is not part of it.
    ///
    /// # Errors
    ///
    /// It is none; the error does not show it.
    pub fn parse(address: &Secret) -> Result<Self, DestinationError> {
        let wrong = |why: String| DestinationError::Url { why };
        let text = address.expose().trim();
        if text.is_empty() {
            return Err(wrong("is empty".to_owned()));
        }
        let url = Url::parse(text).map_err(|e| wrong(format!("cannot be read: {e}")))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(wrong("begins with neither https:// nor http://".to_owned()));
        }
        if url.host_str().is_none_or(str::is_empty) {
            return Err(wrong("has no host".to_owned()));
        }
        Ok(Self { secret: Secret::new(text), url })
    }

    /// The address, for the one place that needs it on the wire.
    pub(super) fn url(&self) -> &Url {
        &self.url
    }

    /// `text` without the address, and without the parts of it that make it a secret: a server that
    /// does not know a path likes to name it in its answer.
    pub fn redact(&self, text: &str) -> String {
        let mut text = self.secret.redact(text);
        let query = self.url.query().unwrap_or_default();
        let path = self.url.path_segments().into_iter().flatten();
        let values = query.split('&').map(|pair| pair.split_once('=').map_or(pair, |(_, value)| value));
        let mut tokens: Vec<&str> = path.chain(values).filter(|token| is_token(token)).collect();
        // A password is one whatever it looks like.
        tokens.extend(self.url.password().filter(|password| !password.is_empty()));
        // A token may be the beginning of a longer one.
        tokens.sort_by_key(|token| std::cmp::Reverse(token.len()));
        for token in tokens {
            text = text.replace(token, "[secret]");
        }
        text
    }
}

/// Whether a part of an address looks like a token and not like a word of its service's API.
fn is_token(part: &str) -> bool {
    part.len() >= 20 || (part.len() >= 6 && part.contains(|c: char| c.is_ascii_digit() || c.is_ascii_uppercase()))
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}

/// Scheme and host of an address.
pub(super) fn origin(address: &str) -> Option<String> {
    Url::parse(address).ok().map(|url| url.origin()).filter(|o| o.is_tuple()).map(|o| o.ascii_serialization())
}

/// An address as a link of a message: absolute, `http` or `https`, and without what would end it
/// early in some markup. `None` where it is none, for a service may refuse the whole message then.
pub(super) fn link(address: &str) -> Option<String> {
    let url = Url::parse(address).ok()?;
    let web = matches!(url.scheme(), "http" | "https") && url.has_host();
    web.then(|| String::from(url).replace('|', "%7C").replace('<', "%3C").replace('>', "%3E"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    const SLACK: &str = "https://hooks.slack.test/services/T00000000/B11111111/Ab3dEf6hIj9kLm2nOp5qRs8t";

    #[test]
    fn an_address_and_its_tokens_show_themselves_nowhere() {
        let endpoint = Endpoint::parse(&Secret::new(format!("{SLACK}?access_token=k3y-of-the-door\n"))).unwrap();
        assert_eq!(format!("{endpoint:?}"), "[secret]");
        let answer = format!("no hook at {SLACK}?access_token=k3y-of-the-door; /services/T00000000/B11111111 is unknown to services");
        assert_eq!(endpoint.redact(&answer), "no hook at [secret]; /services/[secret]/[secret] is unknown to services");
    }

    #[test]
    fn a_password_of_an_address_is_a_secret_however_plain_it_looks() {
        let endpoint = Endpoint::parse(&Secret::new("https://desk:sesame@hooks.example/in")).unwrap();
        assert_eq!(endpoint.redact("desk may not come in with sesame"), "desk may not come in with [secret]");
    }

    #[test]
    fn what_is_no_address_is_refused_without_being_shown() {
        for (address, why) in [
            ("", "is empty"),
            ("hooks.example/T0K3N", "cannot be read: relative URL without a base"),
            ("ftp://hooks.example/T0K3N", "begins with neither"),
            ("https://", "cannot be read: empty host"),
            ("https://hooks.example:99999/T0K3N", "cannot be read: invalid port number"),
        ] {
            let error = Endpoint::parse(&Secret::new(address)).unwrap_err().to_string();
            assert!(error.contains(why) && !error.contains("T0K3N"), "{error}");
        }
    }

    #[test]
    fn a_link_is_absolute_and_holds_no_sign_of_a_markup() {
        assert_eq!(link("https://news.example/a b|c>d?x=1&y=<2").as_deref(), Some("https://news.example/a%20b%7Cc%3Ed?x=1&y=%3C2"));
        assert_eq!(link("javascript:alert(1)"), None);
        assert_eq!(link("/articles/1"), None);
    }
}
