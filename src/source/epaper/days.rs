//! Whether there is an issue of a day: yes, no, or nobody knows.

use chrono::NaiveDate;
use reqwest::Url;

use super::fetch::{FetchError, Got, Session};
use super::read::{Document, PageLink, PageReading, Spot, date_in_text, date_in_url, page};

/// Where an issue begins.
pub(super) struct Front {
    /// The address of the page that was read.
    pub(super) url: Url,
    pub(super) reading: PageReading,
}

/// The three answers.
pub(super) enum Found {
    Issue(Box<Front>),
    None { why: String },
    Unknown { why: String, code: &'static str },
}

/// What one address says of a day.
enum Said {
    Issue(Box<Front>),
    /// There is a page, and it is none of an issue of this day.
    Other(String),
    /// There is a page that lists nothing at all.
    Empty(String),
    Missing,
    Unclear(String, &'static str),
}

/// Looks for the issue of `date`.
///
/// An address without a page says little: an issue may begin at another one, and a site may hide itself
/// from programs it does not know. So *none* needs a sign that the site works: it leads to another issue,
/// shows a page for the day without an issue, leaves the day out of its calendar, or has a latest issue of
/// another date.
///
/// # Errors
///
/// Every further request will fail as well.
pub(super) async fn find(session: &mut Session<'_>, date: NaiveDate) -> Result<Found, FetchError> {
    let mut other: Option<String> = None;
    let mut empty: Option<String> = None;
    let mut unclear: Option<(String, &'static str)> = None;
    let mut tried = 0;
    for url in session.description.issue_urls(date) {
        tried += 1;
        match look(session, &url, date).await? {
            Said::Issue(front) => return Ok(Found::Issue(front)),
            Said::Other(why) => other = other.or(Some(why)),
            Said::Empty(why) => empty = empty.or(Some(why)),
            Said::Missing => {}
            Said::Unclear(why, code) => unclear = unclear.or(Some((why, code))),
        }
    }
    match calendar(session, date).await? {
        Calendar::Front(url) => {
            if let Said::Issue(front) = look(session, &url, date).await? {
                return Ok(Found::Issue(front));
            }
        }
        Calendar::LeavesOut => other = other.or_else(|| Some("the site's calendar leaves the day out".to_owned())),
        Calendar::None => {}
    }
    if let Some((why, code)) = unclear {
        return Ok(Found::Unknown { why, code });
    }
    if let Some(why) = other {
        return Ok(Found::None { why });
    }
    let nothing = empty.clone().unwrap_or_else(|| format!("nothing is at {tried} addresses where it could begin"));
    // Whatever is wrong with the latest issue says nothing certain about this day.
    let mut doubt = None;
    for url in session.description.issue.latest.on(&session.description.site, date) {
        match look(session, &url, date).await? {
            Said::Issue(front) => return Ok(Found::Issue(front)),
            Said::Other(why) => return Ok(Found::None { why: format!("{nothing}; {why}") }),
            Said::Empty(why) => doubt = Some((format!("{nothing}; {why}: the site may have changed"), "site-changed")),
            Said::Missing => doubt = doubt.or(Some((format!("{nothing}; nor is the latest issue at {url}"), "site-changed"))),
            Said::Unclear(why, code) => doubt = doubt.or(Some((format!("{nothing}; {why}"), code))),
        }
    }
    match (doubt, empty) {
        (Some((why, code)), _) => Ok(Found::Unknown { why, code }),
        // Without an address for the latest issue, the page that the site shows for the day has to do.
        (None, Some(why)) => Ok(Found::None { why }),
        (None, None) => {
            let why = format!("{nothing}, and without [issue] latest nothing tells that the site works");
            Ok(Found::Unknown { why, code: "site-unclear" })
        }
    }
}

/// The date of the latest issue, if the site tells it.
pub(super) async fn latest(session: &mut Session<'_>, today: NaiveDate) -> Result<Option<NaiveDate>, FetchError> {
    for url in session.description.issue.latest.on(&session.description.site, today) {
        let got = match session.get(&url).await {
            Ok(got) => got,
            Err(error) if error.ends_pass() => return Err(error),
            Err(_) => continue,
        };
        let Got::Document { url, text, .. } = got else { continue };
        let document = Document::parse(url.clone(), text.to_string());
        let reading = page(&document, session.description, today);
        let date = date_in_url(&url).or(reading.date).or_else(|| reading.elsewhere.iter().copied().max());
        let date = date.or_else(|| (!reading.pages.is_empty()).then_some(today));
        if date.is_some() {
            return Ok(date);
        }
    }
    Ok(None)
}

async fn look(session: &mut Session<'_>, url: &Url, date: NaiveDate) -> Result<Said, FetchError> {
    let got = match session.get(url).await {
        Ok(got) => got,
        Err(error) if error.ends_pass() => return Err(error),
        Err(error) => return Ok(Said::Unclear(format!("{url}: {error}"), error.code())),
    };
    let (at, text) = match got {
        Got::Document { url, text, .. } => (url, text),
        Got::Missing => return Ok(Said::Missing),
        Got::Closed(status) => {
            let why = format!("{url} answers {status}; the site may not know the user agent, see user_agent in [fetch]");
            return Ok(Said::Unclear(why, "site-closed"));
        }
    };
    let document = Document::parse(at.clone(), text.to_string());
    let mut reading = page(&document, session.description, date);
    if reading.says_none {
        return Ok(Said::Other(format!("{at} says that there is none")));
    }
    let other = [date_in_url(&at), reading.date].into_iter().flatten().find(|other| *other != date);
    if let Some(other) = other {
        return Ok(Said::Other(format!("{url} leads to the issue of {other}")));
    }
    if reading.pages.is_empty() {
        if let Some(other) = reading.elsewhere.iter().max() {
            return Ok(Said::Other(format!("{at} lists the issue of {other} only")));
        }
        if reading.articles.is_empty() {
            return Ok(Said::Empty(format!("{at} lists no page")));
        }
        // An issue of one page needs no list of pages.
        reading.pages = vec![PageLink { url: Some(at.clone()), text: String::new(), pdf: None, articles: Vec::new(), part: None }];
    }
    Ok(Said::Issue(Box::new(Front { url: at, reading })))
}

/// What a calendar of issues says of a day.
enum Calendar {
    Front(Url),
    LeavesOut,
    None,
}

async fn calendar(session: &mut Session<'_>, date: NaiveDate) -> Result<Calendar, FetchError> {
    let rules = &session.description.issue;
    let Some(url) = rules.calendar.on(&session.description.site, date).into_iter().next() else { return Ok(Calendar::None) };
    let got = match session.get(&url).await {
        Ok(got) => got,
        Err(error) if error.ends_pass() => return Err(error),
        Err(_) => return Ok(Calendar::None),
    };
    let Got::Document { url, text, .. } = got else { return Ok(Calendar::None) };
    let document = Document::parse(url, text.to_string());
    let entries = document.spots(&rules.calendar_day, Spot::Whole);
    let days: Vec<(NaiveDate, Spot<'_>)> =
        entries.iter().filter_map(|entry| Some((date_in_text(&document.line(&rules.calendar_date, *entry)?)?, *entry))).collect();
    // A calendar that speaks of no day of this month is no calendar.
    if days.is_empty() {
        return Ok(Calendar::None);
    }
    let Some((_, entry)) = days.iter().find(|(day, _)| *day == date) else { return Ok(Calendar::LeavesOut) };
    let front = document.line(&rules.calendar_front, *entry);
    let first = session.description.issue_urls(date).into_iter().next();
    Ok(front.zip(first).and_then(|(front, first)| first.join(&front).ok()).map_or(Calendar::None, Calendar::Front))
}
