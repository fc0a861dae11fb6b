//! Sites of every family that newsboy knows, small and made up, and sites that mean ill: each served on
//! this machine and read by a whole pass.

#![allow(clippy::unwrap_used)]

mod families;
mod faults;

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::{Config, DEFAULT_EVERY, Description, Layer, Shelf, World, once, preset};
use crate::model::{Article, CutPage, DayAnswer, KeptDocument, Problem, SiteDay, Spent};
use crate::outgoing::testing::serve_raw;
use crate::outgoing::{AllowPrivate, Lookup, Outgoing, SystemLookup, Waits};
use crate::source::{Dates, SourceEvent};

/// A made-up site on this machine.
pub(super) struct Site {
    pub(super) port: u16,
    /// The requests: when, and what for, with their heads.
    pub(super) log: Arc<Mutex<Vec<(Instant, String, String)>>>,
}

impl Site {
    /// Serves what `answers` makes of a request's head and body.
    pub(super) async fn serve_whole(answers: impl Fn(&str) -> Vec<u8> + Send + Sync + 'static) -> Self {
        let log = Arc::new(Mutex::new(Vec::new()));
        let requests = Arc::clone(&log);
        let logged = move |path: &str, request: String| {
            let answer = answers(&request);
            requests.lock().unwrap().push((Instant::now(), path.to_owned(), request));
            answer
        };
        let port = serve_raw(logged, b"<!-- never -->").await.port();
        Self { port, log }
    }

    /// Serves what `answers` makes of a path, the n-th time it is asked for it: the whole of HTTP.
    pub(super) async fn serve(answers: impl Fn(&str, usize) -> Vec<u8> + Send + Sync + 'static) -> Self {
        let log = Arc::new(Mutex::new(Vec::new()));
        let requests = Arc::clone(&log);
        let counted = move |path: &str, head: String| {
            let count = {
                let mut requests = requests.lock().unwrap();
                requests.push((Instant::now(), path.to_owned(), head));
                requests.iter().filter(|(_, other, _)| other == path).count()
            };
            answers(path, count)
        };
        let port = serve_raw(counted, b"<!-- never -->").await.port();
        Self { port, log }
    }

    pub(super) fn asked(&self) -> Vec<String> {
        self.log.lock().unwrap().iter().map(|(_, path, _)| path.clone()).collect()
    }

    /// The site's settings: its address below the root, what it extends, and lines of its own.
    pub(super) fn config(&self, path: &str, extends: &[&str], own: &str) -> Config {
        let own = Layer::parse(&format!("fetch.min_gap = 0.0\n{own}")).unwrap();
        let layers = extends.iter().map(|name| Layer::parse(preset(name).unwrap().text).unwrap());
        let site = format!("http://127.0.0.1:{}/{path}", self.port).parse().unwrap();
        let description = Description::new(site, [own].into_iter().chain(layers)).unwrap();
        Config { description, every: DEFAULT_EVERY, timezone: chrono_tz::Asia::Shanghai }
    }

    /// The world in which this site may be asked.
    pub(super) fn world(&self, shelf: &Arc<Memory>) -> World {
        self.world_with(shelf, Arc::new(SystemLookup), &[])
    }

    pub(super) fn world_with(&self, shelf: &Arc<Memory>, lookup: Arc<dyn Lookup>, allowed: &[String]) -> World {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut allow = AllowPrivate::default();
        allow.add(&format!("127.0.0.1:{}", self.port)).unwrap();
        allowed.iter().for_each(|pair| allow.add(pair).unwrap());
        let waits = Waits { connect: Duration::from_secs(2), idle: Duration::from_secs(2) };
        let outgoing = Outgoing::new("newsboy/test", waits, allow, lookup).unwrap();
        World::new(outgoing, Arc::clone(shelf) as Arc<dyn Shelf>, Arc::new(now))
    }
}

/// The present of the tests: the evening of 23 February 2023 in Shanghai.
fn now() -> DateTime<Utc> {
    "2023-02-23T12:00:00Z".parse().unwrap()
}

pub(super) fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

pub(super) fn on(day: &str) -> Dates {
    Dates { from: Some(date(day)), to: Some(date(day)) }
}

/// An answer of a status with a body.
pub(super) fn answer(status: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let head = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n{headers}\r\n", body.len());
    [head.as_bytes(), body].concat()
}

pub(super) fn html(body: &str) -> Vec<u8> {
    answer("200 OK", "Content-Type: text/html\r\n", body.as_bytes())
}

pub(super) fn missing() -> Vec<u8> {
    answer("404 Not Found", "", "没有这个页面".as_bytes())
}

/// What a pass told.
#[derive(Default)]
pub(super) struct Told {
    pub(super) pages: Vec<CutPage>,
    pub(super) days: Vec<SiteDay>,
    pub(super) problems: Vec<Problem>,
    pub(super) whole: Option<bool>,
}

impl Told {
    pub(super) fn article(&self, headline: &str) -> &Article {
        let all = self.pages.iter().flat_map(|page| &page.articles);
        let found: Vec<&Article> = all.clone().filter(|article| article.headline.as_deref() == Some(headline)).collect();
        let names: Vec<_> = all.map(|article| &article.headline).collect();
        assert_eq!(found.len(), 1, "{headline} among {names:?}");
        found[0]
    }

    pub(super) fn answers(&self) -> Vec<DayAnswer> {
        self.days.iter().map(|day| day.answer).collect()
    }

    /// The codes of everything that was told to be wrong.
    pub(super) fn codes(&self) -> Vec<String> {
        let days = self.days.iter().flat_map(|day| &day.problems);
        let pages = self.pages.iter().flat_map(|page| &page.problems);
        days.chain(pages).chain(&self.problems).map(|problem| problem.code.to_string()).collect()
    }
}

/// One pass over some days of a site.
pub(super) async fn pass(config: &Config, world: &World, shelf: &Arc<Memory>, dates: Dates) -> Told {
    let (events, mut arriving) = mpsc::channel(4);
    let mut told = Told::default();
    let listening = async {
        while let Some(event) = arriving.recv().await {
            match event {
                SourceEvent::Cut(page) => told.pages.push(*page),
                SourceEvent::Day { day, past } => {
                    shelf.finish(&day, past);
                    told.days.push(*day);
                }
                SourceEvent::Problem { problem, .. } => told.problems.push(problem),
                SourceEvent::ScanDone { whole, .. } => told.whole = Some(whole),
                SourceEvent::Page(_) | SourceEvent::Gone { .. } => panic!("a site has no files"),
            }
        }
    };
    tokio::join!(once("paper", config, dates, world, events), listening);
    told
}

/// What is remembered for the time of a test.
#[derive(Default)]
pub(super) struct Memory {
    documents: Mutex<HashMap<String, KeptDocument>>,
    days: Mutex<HashMap<NaiveDate, SiteDay>>,
    spent: Mutex<Spent>,
    past: Mutex<HashMap<(NaiveDate, NaiveDate), NaiveDate>>,
}

impl Memory {
    fn finish(&self, day: &SiteDay, past: Option<(NaiveDate, NaiveDate)>) {
        self.days.lock().unwrap().insert(day.date, day.clone());
        if let Some(past) = past {
            let mut all = self.past.lock().unwrap();
            if day.date >= past.1 {
                all.remove(&past);
            } else {
                all.insert(past, day.date);
            }
        }
    }
}

#[async_trait]
impl Shelf for Memory {
    async fn document(&self, _: &str, url: &str) -> Result<Option<KeptDocument>, String> {
        Ok(self.documents.lock().unwrap().get(url).cloned())
    }

    async fn keep(&self, _: &str, url: &str, document: &KeptDocument) -> Result<(), String> {
        self.documents.lock().unwrap().insert(url.to_owned(), document.clone());
        Ok(())
    }

    async fn day(&self, _: &str, date: NaiveDate) -> Result<Option<SiteDay>, String> {
        Ok(self.days.lock().unwrap().get(&date).cloned())
    }

    async fn spent(&self, _: &str, _: NaiveDate) -> Result<Spent, String> {
        Ok(*self.spent.lock().unwrap())
    }

    async fn spend(&self, _: &str, _: NaiveDate, more: Spent) -> Result<(), String> {
        let mut spent = self.spent.lock().unwrap();
        *spent = Spent { requests: spent.requests + more.requests, bytes: spent.bytes + more.bytes };
        Ok(())
    }

    async fn backfilled(&self, _: &str, from: NaiveDate, to: NaiveDate) -> Result<Option<NaiveDate>, String> {
        Ok(self.past.lock().unwrap().get(&(from, to)).copied())
    }
}
