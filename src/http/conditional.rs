//! Conditional requests: RFC 9110, section 13.

use axum::http::{HeaderMap, HeaderName, header};
use chrono::{DateTime, Utc};

/// What a request's conditions come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Send the representation.
    Send,
    /// 304: the client has it.
    NotModified,
    /// 412: the client wants another one than there is.
    PreconditionFailed,
}

/// Evaluates the conditions of a `GET` or `HEAD` in the order of section 13.2.2, against the
/// selected representation: `If-None-Match` makes `If-Modified-Since` void, as `If-Match` does
/// `If-Unmodified-Since`. `etag` is a strong entity tag with its quotes.
pub(super) fn evaluate(headers: &HeaderMap, etag: &str, last_modified: Option<DateTime<Utc>>) -> Verdict {
    if headers.contains_key(header::IF_MATCH) {
        if !any_tag(headers, &header::IF_MATCH, |tag| tag == etag) {
            return Verdict::PreconditionFailed;
        }
    } else if let (Some(since), Some(modified)) = (date(headers, &header::IF_UNMODIFIED_SINCE), last_modified)
        && modified > since
    {
        return Verdict::PreconditionFailed;
    }
    if headers.contains_key(header::IF_NONE_MATCH) {
        let weak = |tag: &str| tag.strip_prefix("W/").unwrap_or(tag) == etag;
        if any_tag(headers, &header::IF_NONE_MATCH, weak) {
            return Verdict::NotModified;
        }
    } else if let (Some(since), Some(modified)) = (date(headers, &header::IF_MODIFIED_SINCE), last_modified)
        && modified <= since
    {
        return Verdict::NotModified;
    }
    Verdict::Send
}

/// Whether a list of entity tags, be it over several header lines, holds one that matches. `*`
/// matches whatever there is. What has not the form of a tag ends the reading of its line: where a
/// tag without quotes ends cannot be known.
fn any_tag(headers: &HeaderMap, name: &HeaderName, matches: impl Fn(&str) -> bool) -> bool {
    headers.get_all(name).iter().filter_map(|line| std::str::from_utf8(line.as_bytes()).ok()).any(|line| {
        let mut rest = line.trim();
        if rest == "*" {
            return true;
        }
        loop {
            rest = rest.trim_start_matches([' ', '\t', ',']);
            let opaque = rest.strip_prefix("W/").unwrap_or(rest);
            let Some(end) = opaque.strip_prefix('"').and_then(|inner| inner.find('"')) else { return false };
            let length = rest.len() - opaque.len() + end + 2;
            if matches(&rest[..length]) {
                return true;
            }
            rest = &rest[length..];
        }
    })
}

/// A date in one of the three forms of section 5.6.7. What is none of them is as if it were not
/// there, and so is a header that comes twice.
fn date(headers: &HeaderMap, name: &HeaderName) -> Option<DateTime<Utc>> {
    let mut lines = headers.get_all(name).iter();
    let (line, more) = (lines.next()?, lines.next());
    let date = httpdate::parse_http_date(line.to_str().ok()?.trim()).ok()?;
    more.is_none().then(|| date.into())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::Verdict::{NotModified, PreconditionFailed, Send};
    use super::*;

    /// Changed at Thu, 12 Mar 2026 00:00:00 GMT.
    const MODIFIED: i64 = 1_773_273_600;

    const BEFORE: &str = "Wed, 11 Mar 2026 23:59:59 GMT";
    const AT: &str = "Thu, 12 Mar 2026 00:00:00 GMT";
    const AFTER: &str = "Thu, 12 Mar 2026 00:00:01 GMT";

    fn verdict(lines: &[(HeaderName, &str)]) -> Verdict {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(name, value.parse().unwrap());
        }
        evaluate(&headers, "\"abc\"", DateTime::from_timestamp(MODIFIED, 0))
    }

    #[test]
    fn the_conditions_of_rfc_9110_as_a_table() {
        use header::{IF_MATCH, IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_UNMODIFIED_SINCE};
        let table: &[(&[(HeaderName, &str)], Verdict)] = &[
            (&[], Send),
            // If-None-Match: a list, weakly compared.
            (&[(IF_NONE_MATCH, "\"abc\"")], NotModified),
            (&[(IF_NONE_MATCH, "W/\"abc\"")], NotModified),
            (&[(IF_NONE_MATCH, "*")], NotModified),
            (&[(IF_NONE_MATCH, "\"x\", W/\"y\" ,\t\"abc\"")], NotModified),
            (&[(IF_NONE_MATCH, ", ,\"abc\",")], NotModified),
            (&[(IF_NONE_MATCH, "\"x,\", \"abc\"")], NotModified),
            (&[(IF_NONE_MATCH, "\"x\""), (IF_NONE_MATCH, "\"abc\"")], NotModified),
            (&[(IF_NONE_MATCH, "\"x\"")], Send),
            (&[(IF_NONE_MATCH, "\"ABC\"")], Send),
            (&[(IF_NONE_MATCH, "\"a, abc\"")], Send),
            (&[(IF_NONE_MATCH, "abc")], Send),
            (&[(IF_NONE_MATCH, "\"abc")], Send),
            (&[(IF_NONE_MATCH, "w/\"abc\"")], Send),
            (&[(IF_NONE_MATCH, "")], Send),
            // If-Modified-Since: three forms of date; nothing else counts.
            (&[(IF_MODIFIED_SINCE, BEFORE)], Send),
            (&[(IF_MODIFIED_SINCE, AT)], NotModified),
            (&[(IF_MODIFIED_SINCE, AFTER)], NotModified),
            (&[(IF_MODIFIED_SINCE, "Thursday, 12-Mar-26 00:00:00 GMT")], NotModified),
            (&[(IF_MODIFIED_SINCE, "Thu Mar 12 00:00:00 2026")], NotModified),
            (&[(IF_MODIFIED_SINCE, "2026-03-12T00:00:00Z")], Send),
            (&[(IF_MODIFIED_SINCE, "yesterday")], Send),
            (&[(IF_MODIFIED_SINCE, AT), (IF_MODIFIED_SINCE, AT)], Send),
            // The tag has the say, whichever way it decides.
            (&[(IF_NONE_MATCH, "\"x\""), (IF_MODIFIED_SINCE, AFTER)], Send),
            (&[(IF_NONE_MATCH, "\"abc\""), (IF_MODIFIED_SINCE, BEFORE)], NotModified),
            // If-Match compares strongly.
            (&[(IF_MATCH, "\"abc\"")], Send),
            (&[(IF_MATCH, "*")], Send),
            (&[(IF_MATCH, "W/\"abc\"")], PreconditionFailed),
            (&[(IF_MATCH, "\"x\"")], PreconditionFailed),
            (&[(IF_MATCH, "\"abc\""), (IF_NONE_MATCH, "\"abc\"")], NotModified),
            (&[(IF_MATCH, "\"x\""), (IF_NONE_MATCH, "\"abc\"")], PreconditionFailed),
            (&[(IF_UNMODIFIED_SINCE, BEFORE)], PreconditionFailed),
            (&[(IF_UNMODIFIED_SINCE, AT)], Send),
            (&[(IF_MATCH, "\"abc\""), (IF_UNMODIFIED_SINCE, BEFORE)], Send),
        ];
        for (lines, expected) in table {
            assert_eq!(verdict(lines), *expected, "{lines:?}");
        }
    }

    #[test]
    fn without_a_date_of_change_dates_decide_nothing() {
        let mut headers = HeaderMap::new();
        headers.insert(header::IF_MODIFIED_SINCE, AFTER.parse().unwrap());
        assert_eq!(evaluate(&headers, "\"abc\"", None), Send);
    }
}
