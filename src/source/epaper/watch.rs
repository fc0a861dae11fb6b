//! Watching a site: today's issue until it stands still, and the days before until they are settled.

use chrono::{DateTime, Days, Duration, NaiveDate, Utc};
use tokio::sync::mpsc::Sender;
use tokio_util::sync::CancellationToken;

use super::fetch::FetchError;
use super::pass::{Ended, Pass, today};
use super::{Config, World};
use crate::model::{DayAnswer, Problem, SiteDay};
use crate::source::SourceEvent;

/// How often in a row an issue is read without a change until it counts as standing still.
const STABLE: u32 = 3;

/// How often an issue is read again that stands still while its day lasts.
const REST: Duration = Duration::hours(1);

/// Days before today that are looked at while they are not settled: newsboy may have been off.
const LOOK_BACK: u64 = 3;

/// Watches the site until `shutdown`, or until nobody listens to `events` any more.
pub async fn watch(source: &str, config: &Config, world: &World, events: Sender<SourceEvent>, shutdown: CancellationToken) {
    let mut is_first = true;
    loop {
        let mut pass = Pass::new(source, config, world, events.clone());
        let Some(ended) = shutdown.run_until_cancelled(look(&mut pass, source, config, world, is_first)).await else { return };
        is_first = false;
        let problem = match ended {
            Err(Ended::Unheard) => return,
            Err(Ended::Failed(error)) => Some(Problem::new(error.code(), error.to_string())),
            Ok(()) => None,
        };
        // What is wrong with the whole source is told after each look: what is not told again is over.
        let whole = problem.is_none() && pass.whole;
        if let Some(problem) = problem {
            let origin = config.description.site().to_string();
            let event = SourceEvent::Problem { source: source.to_owned(), key: None, origin, problem };
            if events.send(event).await.is_err() {
                return;
            }
        }
        if events.send(SourceEvent::ScanDone { source: source.to_owned(), pages: pass.pages(), whole }).await.is_err() {
            return;
        }
        tokio::select! {
            () = shutdown.cancelled() => return,
            () = tokio::time::sleep(config.every) => {}
        }
    }
}

/// One look: the days that are due, the oldest first.
async fn look(pass: &mut Pass<'_>, source: &str, config: &Config, world: &World, is_first: bool) -> Result<(), Ended> {
    let now = (world.clock)();
    let present = today(config.timezone, now);
    let mut is_known = false;
    let mut due = Vec::new();
    for back in (0..=LOOK_BACK).rev() {
        let Some(date) = present.checked_sub_days(Days::new(back)) else { continue };
        let day = world.shelf.day(source, date).await.map_err(FetchError::Memory)?;
        is_known |= day.is_some();
        if is_due(day.as_ref(), date, present, is_known, now, config) {
            due.push(date);
        }
    }
    // A source that nothing is known of begins with its latest issue, whichever day that is.
    if is_first && !is_known {
        return pass.present().await;
    }
    for date in due {
        pass.day(date).await?;
    }
    Ok(())
}

/// Whether a day is to be looked at. `is_known` says that the source was looked at on this day or before.
fn is_due(day: Option<&SiteDay>, date: NaiveDate, today: NaiveDate, is_known: bool, now: DateTime<Utc>, config: &Config) -> bool {
    let Some(day) = day else { return date == today || is_known };
    let asked_on = day.asked.with_timezone(&config.timezone).date_naive();
    match day.answer {
        DayAnswer::Unknown | DayAnswer::NotYet => true,
        DayAnswer::None => false,
        // Once more when the day is over: what was corrected in the evening is taken in.
        DayAnswer::Issue if date < today => !day.whole || asked_on <= date,
        DayAnswer::Issue => !day.whole || day.unchanged < STABLE || now.signed_duration_since(day.asked) >= REST,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::source::epaper::describe::{Description, Layer, preset};

    fn config() -> Config {
        let layers = ["template/classic", "address/founder-classic"].map(|name| Layer::parse(preset(name).unwrap().text).unwrap());
        let description = Description::new("https://paper.example/".parse().unwrap(), layers).unwrap();
        Config { description, every: super::super::DEFAULT_EVERY, timezone: chrono_tz::Asia::Shanghai }
    }

    #[test]
    fn a_day_is_looked_at_until_it_is_settled() {
        let config = config();
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        let date: NaiveDate = "2026-11-20".parse().unwrap();
        // Noon of the twentieth and of the day after in Shanghai.
        let (noon, after) = (at("2026-11-20T04:00:00Z"), at("2026-11-21T04:00:00Z"));
        let day = |answer, asked, unchanged, whole| {
            let (source, why, problems) = (String::new(), String::new(), Vec::new());
            SiteDay { source, date, answer, why, pages: 4, articles: 9, whole, unchanged, problems, asked }
        };
        let due = |day: Option<&SiteDay>, now: DateTime<Utc>| is_due(day, date, today(config.timezone, now), false, now, &config);
        assert!(due(None, noon) && !due(None, after));
        for answer in [DayAnswer::NotYet, DayAnswer::Unknown] {
            assert!(due(Some(&day(answer, noon, 9, true)), noon) && due(Some(&day(answer, noon, 9, true)), after));
        }
        assert!(!due(Some(&day(DayAnswer::None, after, 0, true)), after));
        let issue = |asked, unchanged, whole| day(DayAnswer::Issue, asked, unchanged, whole);
        assert!(due(Some(&issue(noon, STABLE - 1, true)), noon));
        assert!(!due(Some(&issue(noon, STABLE, true)), noon));
        assert!(due(Some(&issue(noon, STABLE, true)), noon + REST), "an issue that stands still is looked at now and then");
        assert!(due(Some(&issue(noon, STABLE, false)), noon), "what could not be read is tried again");
        assert!(due(Some(&issue(noon, STABLE, true)), after), "once more when the day is over");
        assert!(!due(Some(&issue(after, 0, true)), after));
    }
}
