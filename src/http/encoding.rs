//! Content coding: RFC 9110, section 12.5.3.

use axum::http::{HeaderMap, header};

/// The codings a feed is kept in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Coding {
    /// As it is.
    Identity,
    /// gzip, RFC 1952.
    Gzip,
    /// Brotli, RFC 7932.
    Brotli,
}

impl Coding {
    /// From the smallest to the largest: where a client likes several alike, the first is sent.
    const ALL: [Self; 3] = [Self::Brotli, Self::Gzip, Self::Identity];

    fn is_called(self, name: &str) -> bool {
        match self {
            Self::Identity => name.eq_ignore_ascii_case("identity"),
            // Section 8.4.1.3: a recipient takes x-gzip for gzip.
            Self::Gzip => name.eq_ignore_ascii_case("gzip") || name.eq_ignore_ascii_case("x-gzip"),
            Self::Brotli => name.eq_ignore_ascii_case("br"),
        }
    }

    /// The value of `Content-Encoding`; `identity` is not said.
    pub(super) fn name(self) -> Option<&'static str> {
        match self {
            Self::Identity => None,
            Self::Gzip => Some("gzip"),
            Self::Brotli => Some("br"),
        }
    }
}

/// The coding to send; `None` where the client refuses all of them, `identity` included.
///
/// Without the header nothing is compressed: any coding would be allowed, but who does not ask
/// often cannot unpack. An unmentioned `identity` is acceptable, yet the last choice; of other
/// codings only the mentioned ones are, or all if there is a `*`. What has not the form of a
/// preference is passed over.
pub(super) fn choose(headers: &HeaderMap) -> Option<Coding> {
    let mut lines = headers.get_all(header::ACCEPT_ENCODING).iter().peekable();
    if lines.peek().is_none() {
        return Some(Coding::Identity);
    }
    let preferences: Vec<(&str, u16)> =
        lines.filter_map(|line| line.to_str().ok()).flat_map(|line| line.split(',')).filter_map(preference).collect();
    let any = preferences.iter().find(|(name, _)| *name == "*").map(|(_, weight)| *weight);
    let weight = |coding: Coding| {
        let own = preferences.iter().find(|(name, _)| coding.is_called(name)).map(|(_, weight)| *weight);
        match (own.or(any), coding) {
            (Some(weight), _) => Some(weight).filter(|w| *w > 0),
            // Acceptable, but behind everything that was asked for.
            (None, Coding::Identity) => Some(0),
            (None, _) => None,
        }
    };
    // `max_by_key` takes the last of equals, so the smallest must come last.
    Coding::ALL.into_iter().rev().filter_map(|c| Some((weight(c)?, c))).max_by_key(|(w, _)| *w).map(|(_, c)| c)
}

/// `gzip;q=0.5` as name and thousandths; `None` where it has not that form.
fn preference(item: &str) -> Option<(&str, u16)> {
    let mut parts = item.split(';');
    let name = parts.next()?.trim();
    if name.is_empty() {
        return None;
    }
    let mut weight = 1000;
    for parameter in parts {
        let (key, value) = parameter.split_once('=')?;
        if key.trim().eq_ignore_ascii_case("q") {
            weight = thousandths(value.trim())?;
        }
    }
    Some((name, weight))
}

/// A weight of section 12.4.2: `0`, `1`, `0.5`, `1.000`, at most three digits behind the point.
fn thousandths(value: &str) -> Option<u16> {
    let (whole, fraction) = value.split_once('.').unwrap_or((value, ""));
    if fraction.len() > 3 || !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let fraction: u16 = format!("{fraction:0<3}").parse().ok()?;
    match (whole, fraction) {
        ("0", fraction) => Some(fraction),
        ("1", 0) => Some(1000),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::Coding::{Brotli, Gzip, Identity};
    use super::*;

    #[test]
    fn the_preferences_of_rfc_9110_as_a_table() {
        let table: &[(&[&str], Option<Coding>)] = &[
            (&[], Some(Identity)),
            (&[""], Some(Identity)),
            (&["gzip"], Some(Gzip)),
            (&["GZIP"], Some(Gzip)),
            (&["x-gzip"], Some(Gzip)),
            (&["br"], Some(Brotli)),
            (&["gzip, deflate, br, zstd"], Some(Brotli)),
            (&["gzip", "br"], Some(Brotli)),
            (&["deflate"], Some(Identity)),
            (&["*"], Some(Brotli)),
            (&["gzip;q=1.0, br;q=0.8"], Some(Gzip)),
            (&["gzip;q=0.8, br;q=1"], Some(Brotli)),
            (&["gzip;q=0.001"], Some(Gzip)),
            (&["gzip ; q=0.5 , br ; Q=0.4"], Some(Gzip)),
            (&["gzip;q=0"], Some(Identity)),
            (&["gzip;q=0, br;q=0.0, *"], Some(Identity)),
            (&["br;q=0, *"], Some(Gzip)),
            (&["*;q=0"], None),
            (&["*;q=0, gzip"], Some(Gzip)),
            (&["identity"], Some(Identity)),
            (&["identity;q=0"], None),
            (&["identity;q=0, gzip"], Some(Gzip)),
            (&["identity, gzip;q=0.5"], Some(Identity)),
            (&["identity;q=0.5, gzip;q=0.5"], Some(Gzip)),
            (&["gzip, identity;q=0, br;q=0"], Some(Gzip)),
            // Without the right form an item is passed over.
            (&["gzip;q=2"], Some(Identity)),
            (&["gzip;q=0.5555"], Some(Identity)),
            (&["gzip;q=abc, br"], Some(Brotli)),
            (&["gzip;q"], Some(Identity)),
            (&[";q=1, ,,"], Some(Identity)),
        ];
        for (lines, expected) in table {
            let mut headers = HeaderMap::new();
            for line in *lines {
                headers.append(header::ACCEPT_ENCODING, line.parse().unwrap());
            }
            assert_eq!(choose(&headers), *expected, "{lines:?}");
        }
    }
}
