//! Watching over the sources: what of them does not work, since when, and who was told.
//!
//! A problem is told once when it begins and once when it is over. What passes by itself within the hour,
//! such as a site that does not answer, is told to nobody.

use chrono::{DateTime, Duration, NaiveDate, Utc};
use chrono_tz::Tz;

use super::tell_problems::{self, Word};
use crate::model::{Alarm, DayAnswer, Problem};
use crate::store::{Store, StoreError};
use crate::webhook::WebhookConfig;

/// Editions whose distances tell how often a paper comes.
const RHYTHM: u32 = 10;

/// Editions that must be there to tell how often a paper comes.
const RHYTHM_FROM: usize = 3;

/// Days beyond a paper's longest pause after which it is missed.
const MISSED_AFTER: i64 = 1;

/// Days after which a paper whose last edition nobody was told of is an archive and not late.
const ARCHIVE_AFTER: i64 = 60;

/// Days of a site that are looked at for its last issue.
const DAYS: u32 = 7;

/// Of how many articles one must have neither headline nor text for the edition to be told.
const BARE_OF: usize = 4;

/// How long a problem that may pass by itself has to last until it is told.
const GRACE: Duration = Duration::hours(1);

/// Problems that may pass by themselves.
const PASSING: [&str; 3] = ["site-unanswered", "site-refused", "page-unread"];

/// The code of the problem of a paper that does not come any more.
const SILENT: &str = "source-silent";

/// A source as it is looked at.
#[derive(Debug, Clone, Copy)]
pub struct Watched<'s> {
    /// Its name.
    pub source: &'s str,
    /// The paper's zone, in which its day ends.
    pub timezone: Tz,
    /// What kept the last look at it from its end.
    pub failing: Option<&'s Problem>,
}

/// The problems of a source that are not over, as they were last noted.
///
/// # Errors
/// The store failed.
pub async fn open(store: &dyn Store, source: &str) -> Result<Vec<Alarm>, StoreError> {
    Ok(Alarm::noted(store.site_document(source, Alarm::NOTED_AS).await?.as_ref()))
}

/// Looks how a source stands, notes it, and queues word of what began and what is over for the webhooks
/// that ask for problems. Gives the words, and the places of the webhooks that have one now.
///
/// # Errors
/// The store failed; what was told by then is told once all the same, and calling again is right.
pub async fn look_after(
    store: &dyn Store,
    watched: Watched<'_>,
    webhooks: &[WebhookConfig],
    public_url: &str,
    now: DateTime<Utc>,
) -> Result<(Vec<Word>, Vec<usize>), StoreError> {
    let source = watched.source;
    let before = open(store, source).await?;
    let standing = standing(store, watched, &before, now).await?;
    let mut words = Vec::new();
    let mut after: Vec<Alarm> = Vec::new();
    for problem in standing {
        let known = before.iter().find(|alarm| alarm.problem.code == problem.code);
        let mut alarm = Alarm { problem, since: known.map_or(now, |alarm| alarm.since), told: known.is_some_and(|alarm| alarm.told) };
        let grace = if PASSING.contains(&&*alarm.problem.code) { GRACE } else { Duration::zero() };
        if !alarm.told && now.signed_duration_since(alarm.since) >= grace {
            alarm.told = true;
            words.push(begun(source, &alarm));
        }
        after.push(alarm);
    }
    let is_over = |alarm: &&Alarm| alarm.told && !after.iter().any(|other| other.problem.code == alarm.problem.code);
    words.extend(before.iter().filter(is_over).map(|alarm| over(source, alarm)));
    let mut queued = Vec::new();
    for word in &words {
        queued.extend(tell_problems::tell(store, webhooks, None, word, public_url, now).await?);
    }
    if after != before {
        store.keep_site_document(source, Alarm::NOTED_AS, &Alarm::note(&after), now).await?;
    }
    queued.sort_unstable();
    queued.dedup();
    Ok((words, queued))
}

fn begun(source: &str, alarm: &Alarm) -> Word {
    let Alarm { problem, since, .. } = alarm;
    Word {
        key: format!("source {source} {} {since}", problem.code),
        title: format!("newsboy: {source}: {}", problem.code),
        message: format!("{} (since {})", problem.message, since.format("%Y-%m-%d %H:%M UTC")),
    }
}

fn over(source: &str, alarm: &Alarm) -> Word {
    let Alarm { problem, since, .. } = alarm;
    Word {
        key: format!("source {source} {} {since} over", problem.code),
        title: format!("newsboy: {source}: {} is over", problem.code),
        message: format!("It had lasted since {}: {}", since.format("%Y-%m-%d %H:%M UTC"), problem.message),
    }
}

/// What is wrong with a source now, each kind once.
async fn standing(store: &dyn Store, watched: Watched<'_>, before: &[Alarm], now: DateTime<Utc>) -> Result<Vec<Problem>, StoreError> {
    let source = watched.source;
    let mut found: Vec<Problem> = watched.failing.cloned().into_iter().collect();
    let days = store.site_days(source, DAYS).await?;
    // A day that has none, or none yet, says nothing of how the site is read.
    let telling = days.iter().find(|day| matches!(day.answer, DayAnswer::Issue | DayAnswer::Unknown));
    found.extend(telling.into_iter().flat_map(|day| day.problems.iter().cloned()));
    let dates = store.source_dates(source, RHYTHM + 1).await?;
    if let Some(newest) = dates.first().filter(|_| !days.is_empty()) {
        found.extend(of_edition(store, source, *newest).await?);
    }
    let was_silent = before.iter().any(|alarm| alarm.problem.code == SILENT);
    found.extend(silence(&dates, now.with_timezone(&watched.timezone).date_naive(), was_silent));
    let mut codes = std::collections::HashSet::new();
    found.retain(|problem| codes.insert(problem.code.clone()));
    Ok(found)
}

/// What is wrong with the pages and articles that a site gave last.
async fn of_edition(store: &dyn Store, source: &str, date: NaiveDate) -> Result<Vec<Problem>, StoreError> {
    let mut found = Vec::new();
    let pages = store.pages(source, date).await?;
    let without = pages.iter().find(|page| page.problems.iter().any(|problem| problem.code == "page-no-articles"));
    found.extend(without.map(|page| {
        let message =
            format!("page {} of {date} has neither an article nor a picture; see whether [article] list still fits", page.key.page);
        Problem::new("page-no-articles", message)
    }));
    let articles = store.edition(source, date).await?;
    let news = || articles.iter().filter(|stored| !stored.withdrawn && stored.article.kind.is_news());
    let is_bare = |code: &str| code == "article-no-headline" || code == "article-no-body";
    let bare = news().filter(|stored| stored.article.problems.iter().any(|problem| is_bare(&problem.code))).count();
    if bare > 0 && bare * BARE_OF >= news().count() {
        let message =
            format!("{bare} of {} articles of {date} have no headline or no text; see whether [field] still fits", news().count());
        found.push(Problem::new("issue-articles-bare", message));
    }
    Ok(found)
}

/// The problem of a paper of which nothing came for longer than it ever paused. `dates` are those of its
/// last editions, the newest first.
fn silence(dates: &[NaiveDate], today: NaiveDate, was_silent: bool) -> Option<Problem> {
    let newest = *dates.first().filter(|_| dates.len() >= RHYTHM_FROM)?;
    let longest = dates.windows(2).map(|pair| pair[0].signed_duration_since(pair[1]).num_days()).max()?;
    let missed = today.signed_duration_since(newest).num_days();
    let is_archive = missed > ARCHIVE_AFTER && !was_silent;
    let message = format!("the last edition is of {newest}; before, the paper never paused for more than {longest} days");
    (missed > longest + MISSED_AFTER && !is_archive).then(|| Problem::new(SILENT, message))
}

#[cfg(test)]
mod tests;
