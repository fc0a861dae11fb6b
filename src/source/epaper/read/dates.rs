//! Dates in addresses and in texts.

use std::sync::LazyLock;

use chrono::NaiveDate;
use regex::Regex;
use reqwest::Url;

/// A date as addresses write it: `2023-02/20`, `202302/20`, `2023/02/20`, `2023-02-20`, `20230220`; and
/// as texts do: `2023年2月20日`, `2023.2.20`.
static IN_URL: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?:^|\D)((?:19|20)\d\d)[-/_]?(0[1-9]|1[0-2])[-/_]?(0[1-9]|[12]\d|3[01])(?:\D|$)").ok());
static IN_TEXT: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"((?:19|20)\d\d)\s*[-/.年]\s*(1[0-2]|0?[1-9])\s*[-/.月]\s*(3[01]|[12]\d|0?[1-9])|((?:19|20)\d\d)(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])").ok()
});

/// The date in an address, the last one there is: a folder of the day stands behind one of the month, and
/// what was uploaded when stands before.
pub(in crate::source::epaper) fn date_in_url(url: &Url) -> Option<NaiveDate> {
    let text = format!("{}?{}", url.path(), url.query().unwrap_or_default());
    let mut found = None;
    let mut from = 0;
    // Matches may share the sign between them, so each search begins inside the last match.
    while let Some(captures) = IN_URL.as_ref().and_then(|pattern| pattern.captures_at(&text, from)) {
        let groups = captures.iter().skip(1).flatten().map(|group| group.as_str());
        found = of_groups(groups).or(found);
        from = captures.get(3).map_or(text.len(), |day| day.end());
    }
    found
}

/// The first date in a text.
pub(in crate::source::epaper) fn date_in_text(text: &str) -> Option<NaiveDate> {
    let pattern = IN_TEXT.as_ref()?;
    pattern.captures_iter(text).find_map(|captures| of_groups(captures.iter().skip(1).flatten().map(|group| group.as_str())))
}

fn of_groups<'t>(mut groups: impl Iterator<Item = &'t str>) -> Option<NaiveDate> {
    let (year, month, day) = (groups.next()?, groups.next()?, groups.next()?);
    NaiveDate::from_ymd_opt(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn every_family_writes_its_date_into_the_address() {
        for path in [
            "/pc/layout/202302/20/node_01.html",
            "/html/2023-02/20/node_1.htm",
            "/gmrb/html/2023-02/20/nw.D110000gmrb_20230220_1-01.htm",
            "/content/20230220/Page01TB.htm",
            "/2023/20230220/20230220_001/20230220_001_1.html",
            "/Html/2023-02-20/Qpaper.html",
            "/_szb/jfjb/2023/02/20/index.json",
            "/journal/getPage?date=2023-02-20",
            "/2019-01/15/archive/2023-02/20/x",
        ] {
            let url = Url::parse("https://paper.example").unwrap().join(path).unwrap();
            assert_eq!(date_in_url(&url).unwrap().to_string(), "2023-02-20", "{path}");
        }
        for path in ["/content_306600.htm", "/2023-13/40/a", "/c1202302201/x", "/node_20.htm"] {
            assert_eq!(date_in_url(&Url::parse("https://paper.example").unwrap().join(path).unwrap()), None, "{path}");
        }
    }

    #[test]
    fn texts_write_dates_in_several_ways() {
        for text in ["2023年02月20日 星期一", "星期一 2023年2月20日", "2023-02-20 23:59:59", "2023.2.20", "20230220"] {
            assert_eq!(date_in_text(text).unwrap().to_string(), "2023-02-20", "{text}");
        }
        assert_eq!(date_in_text("第 2023 号 13月"), None);
    }
}
