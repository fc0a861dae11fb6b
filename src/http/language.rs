//! The language in which the pages speak to a reader: RFC 9110, section 12.5.4.

use axum::http::{HeaderMap, header};

use crate::feed::Wording;

/// The first of Chinese and English that the reader prefers; where it names neither, the language of
/// the paper decides.
pub(super) fn interface(headers: &HeaderMap, paper: &str) -> Wording {
    let lines = headers.get_all(header::ACCEPT_LANGUAGE).iter().filter_map(|line| line.to_str().ok());
    let mut best: Option<(f32, Wording)> = None;
    for item in lines.flat_map(|line| line.split(',')) {
        let mut parts = item.split(';').map(str::trim);
        let primary = parts.next().unwrap_or_default().split('-').next().unwrap_or_default().to_ascii_lowercase();
        let wording = match primary.as_str() {
            "zh" => Wording::Chinese,
            "en" => Wording::English,
            _ => continue,
        };
        let weight = parts.find_map(|part| part.strip_prefix("q=")).map_or(Some(1.0), |q| q.trim().parse::<f32>().ok());
        let Some(weight) = weight.filter(|weight| *weight > 0.0) else { continue };
        if best.is_none_or(|(most, _)| weight > most) {
            best = Some((weight, wording));
        }
    }
    best.map_or(Wording::of(paper), |(_, wording)| wording)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn the_preferred_of_the_two_languages_is_taken() {
        let of = |line: &str, paper| {
            let mut headers = HeaderMap::new();
            if !line.is_empty() {
                headers.insert(header::ACCEPT_LANGUAGE, line.parse().unwrap());
            }
            interface(&headers, paper)
        };
        for (line, paper, expected) in [
            ("", "zh-Hans", Wording::Chinese),
            ("", "fr", Wording::English),
            ("en-US,en;q=0.9", "zh-Hans", Wording::English),
            ("zh-CN,zh;q=0.9,en;q=0.8", "en", Wording::Chinese),
            ("fr, en;q=0.5, zh;q=0.7", "en", Wording::Chinese),
            ("fr, de", "zh", Wording::Chinese),
            ("en;q=0", "zh", Wording::Chinese),
            ("en;q=x, zh;q=0.1", "en", Wording::Chinese),
        ] {
            assert_eq!(of(line, paper), expected, "{line:?} of a paper in {paper}");
        }
    }
}
