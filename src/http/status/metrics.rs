//! The status as Prometheus reads it (text format 0.0.4).

use std::collections::BTreeMap;
use std::fmt::Write as _;

use chrono::NaiveTime;

use super::Report;

/// The media type of the format.
pub(super) const MEDIA_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// A metric's values, each with its labels.
struct Metric {
    name: &'static str,
    help: &'static str,
    values: Vec<(Vec<(&'static str, String)>, i64)>,
}

impl Metric {
    fn new(name: &'static str, help: &'static str) -> Self {
        Self { name, help, values: Vec::new() }
    }

    fn add(&mut self, labels: &[(&'static str, &str)], value: i64) {
        self.values.push((labels.iter().map(|(name, value)| (*name, (*value).to_owned())).collect(), value));
    }

    /// Writes it, if it has a value. All are gauges: what is counted is what the store has now.
    fn write(&self, out: &mut String) {
        if self.values.is_empty() {
            return;
        }
        // Writing to a string does not fail.
        let _ = writeln!(out, "# HELP {} {}\n# TYPE {} gauge", self.name, self.help, self.name);
        for (labels, value) in &self.values {
            let labels: Vec<String> = labels.iter().map(|(name, value)| format!("{name}=\"{}\"", escaped(value))).collect();
            let labels = if labels.is_empty() { String::new() } else { format!("{{{}}}", labels.join(",")) };
            let _ = writeln!(out, "{}{labels} {value}", self.name);
        }
    }
}

/// A label's value as the format wants it.
fn escaped(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

/// The numbers of a report.
pub(super) fn of(report: &Report) -> String {
    let mut build = Metric::new("newsboy_build_info", "The running newsboy.");
    build.add(&[("version", report.version)], 1);
    let mut sources = Metric::new("newsboy_sources", "Sources of the configuration.");
    sources.add(&[], i64::try_from(report.sources.len()).unwrap_or(i64::MAX));
    let mut metrics = vec![build, sources];
    metrics.extend(of_sources(report));
    metrics.extend(of_webhooks(report));
    let mut out = String::new();
    metrics.iter().for_each(|metric| metric.write(&mut out));
    out
}

fn of_sources(report: &Report) -> [Metric; 8] {
    let mut edition = Metric::new("newsboy_edition_timestamp_seconds", "The date of a source's newest edition, as midnight in UTC.");
    let mut pages = Metric::new("newsboy_edition_pages", "Pages of a source's newest edition.");
    let mut articles = Metric::new("newsboy_edition_articles", "Articles and pictures of a source's newest edition that readers see.");
    let mut held = Metric::new("newsboy_edition_held_articles", "Articles of a source's newest edition that are held back.");
    let mut success = Metric::new("newsboy_source_last_success_timestamp_seconds", "When a source last gave what it has.");
    let mut problems = Metric::new("newsboy_problems", "Problems of pages of a source's last editions, by code.");
    let mut alarms = Metric::new("newsboy_alarm", "1 for each problem of a source that is not over, by code.");
    let mut since = Metric::new("newsboy_alarm_since_timestamp_seconds", "When a problem of a source was first seen.");
    for source in &report.sources {
        let name = ("source", source.name.as_str());
        let count = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
        if let Some(newest) = &source.edition {
            edition.add(&[name], newest.date.and_time(NaiveTime::MIN).and_utc().timestamp());
            pages.add(&[name], count(newest.pages));
            articles.add(&[name], count(newest.articles));
            held.add(&[name], count(newest.held));
        }
        source.last_success.iter().for_each(|at| success.add(&[name], at.timestamp()));
        let mut codes: BTreeMap<&str, i64> = BTreeMap::new();
        source.problems.iter().for_each(|problem| *codes.entry(&*problem.problem.code).or_default() += 1);
        codes.iter().for_each(|(code, number)| problems.add(&[name, ("code", *code)], *number));
        for alarm in &source.alarms {
            let labels = [name, ("code", &*alarm.problem.code)];
            alarms.add(&labels, 1);
            since.add(&labels, alarm.since.timestamp());
        }
    }
    [edition, pages, articles, held, success, problems, alarms, since]
}

fn of_webhooks(report: &Report) -> [Metric; 4] {
    let mut deliveries = Metric::new("newsboy_deliveries", "Messages in the store, by webhook and state.");
    let mut last = Metric::new("newsboy_webhook_last_delivery_timestamp_seconds", "When a webhook's service last took a message.");
    let mut failing = Metric::new("newsboy_webhook_failing_since_timestamp_seconds", "Since when a webhook's service takes nothing.");
    let mut stopped = Metric::new("newsboy_webhook_stopped", "1 for a webhook that is stopped or paused.");
    for webhook in &report.webhooks {
        let name = ("webhook", webhook.name.as_str());
        for (state, number) in [("pending", webhook.pending), ("delivered", webhook.sent), ("dead", webhook.dead)] {
            deliveries.add(&[name, ("state", state)], i64::from(number));
        }
        webhook.last_delivered.iter().for_each(|at| last.add(&[name], at.timestamp()));
        webhook.failing_since.iter().for_each(|at| failing.add(&[name], at.timestamp()));
        stopped.add(&[name], i64::from(webhook.stopped.is_some()));
    }
    [deliveries, last, failing, stopped]
}
