//! Addresses of webhooks: checked once, shown nowhere.

use std::fmt;

use reqwest::Url;

use super::DestinationError;
use crate::model::Secret;

/// The address of a webhook. Whoever knows it can post, so it is a secret.
#[derive(Clone, PartialEq)]
pub struct Endpoint {
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
        let wrong = |why: String| DestinationError::Url { setting: "url", why, example: "https://example.org/hook" };
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
        Ok(Self { url })
    }

    /// The address, for the one place that needs it on the wire.
    pub(super) fn url(&self) -> &Url {
        &self.url
    }

    /// An address that was made from one that was checked.
    pub(super) fn of(url: Url) -> Self {
        Self { url }
    }

    /// With one more pair at the end of its query.
    pub(super) fn with_query(self, name: &str, value: &str) -> Self {
        let mut url = self.url;
        url.query_pairs_mut().append_pair(name, value);
        Self::of(url)
    }

    /// An address below it. A base that ends without `/` keeps its last part.
    pub(super) fn below(&self, path: &[&str]) -> Url {
        let mut url = self.url.clone();
        // An address with a host has a path.
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(path);
        }
        url
    }
}

/// What makes an address a secret: its parts that look like tokens, its password. None where it is no
/// address.
pub(super) fn tokens(address: &str) -> Vec<String> {
    let Ok(url) = Url::parse(address) else { return Vec::new() };
    let path = url.path_segments().into_iter().flatten();
    let values = url.query().unwrap_or_default().split('&').map(|pair| pair.split_once('=').map_or(pair, |(_, value)| value));
    let mut tokens: Vec<String> = path.chain(values).filter(|token| is_token(token)).map(str::to_owned).collect();
    // A password is one whatever it looks like.
    tokens.extend(url.password().filter(|password| !password.is_empty()).map(str::to_owned));
    tokens
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
    fn an_address_is_shown_nowhere_and_its_tokens_are_known() {
        let address = format!("{SLACK}?access_token=k3y-of-the-door");
        assert_eq!(format!("{:?}", Endpoint::parse(&Secret::new(address.as_str())).unwrap()), "[secret]");
        assert_eq!(tokens(&address), ["T00000000", "B11111111", "Ab3dEf6hIj9kLm2nOp5qRs8t", "k3y-of-the-door"]);
        assert_eq!(tokens("https://desk:sesame@hooks.example/in"), ["sesame"], "however plain it looks");
    }

    #[test]
    fn an_address_below_another_keeps_its_path() {
        for base in ["https://chat.example/gotify", "https://chat.example/gotify/"] {
            let endpoint = Endpoint::parse(&Secret::new(base)).unwrap();
            assert_eq!(endpoint.below(&["a b", "!c:d"]).as_str(), "https://chat.example/gotify/a%20b/!c:d");
        }
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
