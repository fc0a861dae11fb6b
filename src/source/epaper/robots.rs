//! robots.txt (RFC 9309): which addresses a site does not want programs to ask for.

use std::time::Duration;

/// The name by which rules speak of newsboy.
const NAME: &str = "newsboy";

/// Bytes of the file that are read (RFC 9309, section 2.5: at least 500 kibibytes).
pub(super) const MAX_BYTES: usize = 512 * 1024;

/// Rules that are kept; more are a mistake.
const MAX_RULES: usize = 5_000;

/// The longest wait between requests that a site may ask for; `Crawl-delay` is no part of the standard,
/// and some sites write hours.
const LONGEST_DELAY: f64 = 30.0;

/// What a site wants.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Rules {
    /// Patterns with whether they allow, the longest first; of equals the allowing one.
    rules: Vec<(String, bool)>,
    /// The gap between requests that it asks for.
    pub(super) delay: Option<Duration>,
}

impl Rules {
    /// Nothing may be asked for: the file could not be had, and nobody knows (section 2.3.1.4).
    pub(super) fn nothing() -> Self {
        Self { rules: vec![("/".to_owned(), false)], delay: None }
    }

    /// Reads the file: the groups that name newsboy, and where there is none, those for everybody.
    pub(super) fn parse(text: &str) -> Self {
        let (mut named, mut everybody) = (Self::default(), Self::default());
        let (mut is_named, mut is_everybody, mut any_named) = (false, false, false);
        let mut in_agents = false;
        for line in text.trim_start_matches('\u{feff}').lines() {
            let line = line.split('#').next().unwrap_or_default();
            let Some((key, value)) = line.split_once(':') else { continue };
            let (key, value) = (key.trim().to_ascii_lowercase(), value.trim());
            if key == "user-agent" {
                if !in_agents {
                    (is_named, is_everybody) = (false, false);
                }
                in_agents = true;
                is_everybody |= value == "*";
                let is_us = value.to_ascii_lowercase().split(|c: char| !c.is_ascii_alphabetic()).next() == Some(NAME);
                is_named |= is_us;
                any_named |= is_us;
                continue;
            }
            in_agents = false;
            for rules in [is_named.then_some(&mut named), is_everybody.then_some(&mut everybody)].into_iter().flatten() {
                rules.take(&key, value);
            }
        }
        let mut rules = if any_named { named } else { everybody };
        rules.rules.sort_by(|a, b| b.0.len().cmp(&a.0.len()).then(b.1.cmp(&a.1)));
        rules
    }

    fn take(&mut self, key: &str, value: &str) {
        match key {
            "allow" | "disallow" if !value.is_empty() && self.rules.len() < MAX_RULES => {
                self.rules.push((value.to_owned(), key == "allow"))
            }
            "crawl-delay" => {
                let seconds: Option<f64> = value.parse().ok().filter(|seconds: &f64| seconds.is_finite() && *seconds > 0.0);
                self.delay = seconds.map(|seconds| Duration::from_secs_f64(seconds.min(LONGEST_DELAY))).or(self.delay);
            }
            _ => {}
        }
    }

    /// Whether a path with its query may be asked for: the longest pattern that fits decides.
    pub(super) fn allow(&self, path: &str) -> bool {
        path == "/robots.txt" || self.rules.iter().find(|(pattern, _)| fits(pattern, path)).is_none_or(|(_, allows)| *allows)
    }
}

/// Whether a pattern fits a path's beginning; `*` is anything, `$` at the end is the path's end.
fn fits(pattern: &str, path: &str) -> bool {
    let (pattern, to_end) = pattern.strip_suffix('$').map_or((pattern, false), |pattern| (pattern, true));
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| path.strip_prefix(first)) else { return false };
    let mut parts = parts.peekable();
    while let Some(part) = parts.next() {
        // The last part of a pattern that has to reach the end may come several times before it.
        let at = if to_end && parts.peek().is_none() { rest.rfind(part) } else { rest.find(part) };
        let Some(at) = at else { return false };
        rest = &rest[at + part.len()..];
    }
    !to_end || rest.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_group_that_names_newsboy_comes_before_the_one_for_everybody() {
        let rules = Rules::parse(
            "User-agent: *\nDisallow: /\n\nUser-agent: Newsboy/1.0\nUser-agent: other\nDisallow: /admin # theirs\nCrawl-delay: 2.5\n",
        );
        assert!(rules.allow("/html/2023-02/20/node_1.htm") && !rules.allow("/admin/x"));
        assert_eq!(rules.delay, Some(Duration::from_millis(2500)));
        assert!(!Rules::parse("user-agent: *\ndisallow: /").allow("/x"));
        assert!(Rules::parse("user-agent: somebody\ndisallow: /").allow("/x"));
        assert!(Rules::parse("<html>not found</html>").allow("/x"));
    }

    #[test]
    fn the_longest_pattern_decides_and_allows_where_two_are_equal() {
        let rules = Rules::parse("User-agent: *\nDisallow: /html\nAllow: /html/2023\nDisallow: /*.pdf$\nAllow: /same\nDisallow: /same\n");
        for (path, allowed) in [
            ("/html/2022/x", false),
            ("/html/2023/x", true),
            ("/a/b.pdf", false),
            ("/a/b.pdf?x", true),
            ("/same", true),
            ("/robots.txt", true),
        ] {
            assert_eq!(rules.allow(path), allowed, "{path}");
        }
        assert!(!Rules::nothing().allow("/x"));
    }

    #[test]
    fn an_absurd_delay_is_cut_short() {
        assert_eq!(Rules::parse("User-agent: *\nCrawl-delay: 86400").delay, Some(Duration::from_secs(30)));
        assert_eq!(Rules::parse("User-agent: *\nCrawl-delay: -1").delay, None);
    }
}
