//! One pass over some days of a site.

use chrono::{DateTime, Days, NaiveDate, Utc};
use chrono_tz::Tz;
use tokio::sync::mpsc::Sender;

use super::fetch::{FetchError, Session};
use super::pdf::pdf_of;
use super::reading::{DayRead, read_day};
use super::{Config, World, days, repeated};
use crate::model::{ContentHash, CutPage, DayAnswer, PageKey, PageLabel, PagePdf, Problem, SiteDay};
use crate::source::{Dates, SourceEvent};

/// Days that one request for past days may name; a longer one is written in parts.
const MAX_DAYS: usize = 3_700;

/// Nobody listens any more.
pub(super) struct Unheard;

/// Why a pass ended before its end.
pub(super) enum Ended {
    Unheard,
    /// What every further request would meet as well.
    Failed(FetchError),
}

impl From<Unheard> for Ended {
    fn from(Unheard: Unheard) -> Self {
        Self::Unheard
    }
}

impl From<FetchError> for Ended {
    fn from(error: FetchError) -> Self {
        Self::Failed(error)
    }
}

/// The present day in the paper's zone.
pub(super) fn today(zone: Tz, now: DateTime<Utc>) -> NaiveDate {
    now.with_timezone(&zone).date_naive()
}

/// Reads the issues of `dates` once: all days between the bounds, or without bounds today's issue and the
/// latest one.
///
/// Past days are read from the first to the last; a pass that is broken off and begun again with the same
/// bounds goes on with the day at which it was.
pub async fn once(source: &str, config: &Config, dates: Dates, world: &World, events: Sender<SourceEvent>) {
    let mut pass = Pass::new(source, config, world, events);
    let ended = match (dates.from, dates.to) {
        (None, None) => pass.present().await,
        (from, to) => {
            let today = today(config.timezone, (world.clock)());
            let last = to.unwrap_or(today);
            pass.past(from.unwrap_or(last), last.min(today)).await
        }
    };
    let whole = ended.is_ok() && pass.whole;
    if let Err(Ended::Failed(error)) = ended {
        let problem = Problem::new(error.code(), error.to_string());
        // Whoever no longer listens needs no word of it.
        let _ = pass.tell(problem, config.description.site().as_str()).await;
    }
    let _ = pass.events.send(SourceEvent::ScanDone { source: source.to_owned(), pages: pass.pages, whole }).await;
}

pub(super) struct Pass<'w> {
    source: &'w str,
    config: &'w Config,
    world: &'w World,
    events: Sender<SourceEvent>,
    session: Session<'w>,
    pages: usize,
    /// The bounds of the past days that are being read.
    past: Option<(NaiveDate, NaiveDate)>,
    /// Whether every day so far had its answer, and every issue was read whole.
    pub(super) whole: bool,
}

impl<'w> Pass<'w> {
    pub(super) fn new(source: &'w str, config: &'w Config, world: &'w World, events: Sender<SourceEvent>) -> Self {
        let session = Session::new(source, &config.description, world);
        Self { source, config, world, events, session, pages: 0, past: None, whole: true }
    }

    /// How many pages it has read.
    pub(super) fn pages(&self) -> usize {
        self.pages
    }

    /// Today's issue, and where there is none yet, the latest one.
    pub(super) async fn present(&mut self) -> Result<(), Ended> {
        let today = today(self.config.timezone, (self.world.clock)());
        let answer = self.day(today).await?;
        if answer != DayAnswer::Issue
            && let Some(latest) = days::latest(&mut self.session, today).await?.filter(|latest| *latest < today)
        {
            self.day(latest).await?;
        }
        Ok(())
    }

    /// The days from `from` to `to`.
    async fn past(&mut self, from: NaiveDate, to: NaiveDate) -> Result<(), Ended> {
        let shelf = &self.world.shelf;
        let through = shelf.backfilled(self.source, from, to).await.map_err(FetchError::Memory)?;
        let first = through.and_then(|through| through.succ_opt()).filter(|next| *next > from).unwrap_or(from);
        for date in first.iter_days().take_while(|date| *date <= to).take(MAX_DAYS) {
            self.past = Some((from, to));
            self.day(date).await?;
        }
        self.past = None;
        if from.checked_add_days(Days::new(MAX_DAYS as u64)).is_some_and(|end| end <= to) {
            let problem = Problem::new("source-days", format!("{from} to {to} are more than {MAX_DAYS} days; ask for the rest by itself"));
            self.tell(problem, self.config.description.site().as_str()).await?;
        }
        Ok(())
    }

    /// Reads one day and tells what came of it.
    pub(super) async fn day(&mut self, date: NaiveDate) -> Result<DayAnswer, Ended> {
        let is_over = date < today(self.config.timezone, (self.world.clock)());
        self.session.changed = 0;
        let mut read = read_day(&mut self.session, date, is_over).await?;
        if read.answer == DayAnswer::Issue {
            match repeated::earlier(&self.session, date, &read.pages).await? {
                Some(earlier) => read.is_that_of(earlier, is_over),
                None => repeated::remember(&self.session, date, &read.pages).await?,
            }
        }
        let before = self.world.shelf.day(self.source, date).await.map_err(FetchError::Memory)?;
        let DayRead { answer, why, pages, unread, whole, problems } = read;
        let mut whole = whole;
        let articles = pages.iter().flat_map(|page| &page.articles).filter(|article| article.kind.is_news()).count();
        let count = u32::try_from(pages.len()).unwrap_or(u32::MAX);
        for mut page in pages {
            self.pages += 1;
            let pdf = pdf_of(&mut self.session, &mut page).await?;
            whole &= page.whole;
            let key = PageKey { source: self.source.to_owned(), date, page: PageLabel::new(&page.label) };
            let origin = page.url.as_ref().unwrap_or(self.config.description.site()).to_string();
            let hash = hash(&page, pdf.as_ref());
            let read = CutPage {
                key,
                hash,
                origin,
                section: page.section,
                articles: page.articles,
                facsimile: page.facsimile,
                pdf,
                unread: unread.clone(),
                problems: page.problems,
            };
            self.send(SourceEvent::Cut(Box::new(read))).await?;
        }
        let is_same = self.session.changed == 0 && before.as_ref().is_some_and(|before| before.answer == answer);
        let day = SiteDay {
            source: self.source.to_owned(),
            date,
            answer,
            why,
            pages: count,
            articles: u32::try_from(articles).unwrap_or(u32::MAX),
            whole,
            unchanged: if is_same { before.map_or(0, |before| before.unchanged).saturating_add(1) } else { 0 },
            problems,
            asked: (self.world.clock)(),
        };
        self.whole &= whole;
        self.send(SourceEvent::Day { day: Box::new(day), past: self.past }).await?;
        Ok(answer)
    }

    async fn tell(&self, problem: Problem, origin: &str) -> Result<(), Unheard> {
        self.send(SourceEvent::Problem { source: self.source.to_owned(), key: None, origin: origin.to_owned(), problem }).await
    }

    async fn send(&self, event: SourceEvent) -> Result<(), Unheard> {
        self.events.send(event).await.map_err(|_| Unheard)
    }
}

/// What tells one state of a page from another: its articles with their places, its picture, its PDF and
/// what is wrong with it.
fn hash(page: &super::read::PageOfIssue, pdf: Option<&PagePdf>) -> ContentHash {
    let parts = (&page.articles, &page.facsimile, &page.problems);
    if let Some(PagePdf::Bytes(bytes)) = pdf {
        let parts = (parts, ContentHash::of(bytes).number());
        return ContentHash::of(&serde_json::to_vec(&parts).unwrap_or_default());
    }
    // Values of these types always have a form in JSON; should one not, the page counts as changed.
    ContentHash::of(&serde_json::to_vec(&parts).unwrap_or_default())
}
