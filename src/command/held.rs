//! `newsboy articles --held` and `--release`: what is held back, and its release by hand.

use chrono::Utc;
use newsboy::config::Config;
use newsboy::model::{ArticleId, StoredArticle};
use newsboy::store;

use super::{Failure, counted};

/// Held articles that are listed at most.
const LIST: u32 = 1_000;

/// Lists what is held back.
pub(super) async fn list(config: &Config) -> Result<(), Failure> {
    let store = store::open(&config.store.url, &config.dir).await?;
    let held = store.held(None, LIST).await?;
    if held.is_empty() {
        return say!("nothing is held back");
    }
    for article in &held {
        say!("{}", line(article))?;
    }
    say!("{}; newsboy articles --release ID… publishes", counted(held.len(), "held article"))
}

/// A held article in one line: id, source, date, page, how sure its cut is, its title and why it is held.
fn line(stored: &StoredArticle) -> String {
    let article = &stored.article;
    let problems: Vec<String> = article.problems.iter().map(|problem| problem.code.to_string()).collect();
    let why = if problems.is_empty() { "unsure".to_owned() } else { problems.join(", ") };
    let (source, page) = (&stored.key.source, &stored.key.page);
    format!("{}  {source} {} page {}  {:.2}  {}  {why}", stored.id, stored.key.date, page.as_str(), article.confidence, article.title())
}

/// Publishes held articles.
pub(super) async fn release(config: &Config, ids: &[String]) -> Result<(), Failure> {
    let parsed: Result<Vec<ArticleId>, Failure> = ids.iter().map(|id| parse(id)).collect();
    let parsed = parsed?;
    let store = store::open(&config.store.url, &config.dir).await?;
    let done = store.release(&parsed, Utc::now()).await?;
    if !done.unknown.is_empty() {
        let unknown: Vec<&str> = done.unknown.iter().map(ArticleId::as_str).collect();
        let told =
            format!("there is no article {}; nothing was released, `newsboy articles --held` lists what is held", unknown.join(", "));
        return Err(Failure::Work(told));
    }
    for id in &done.released {
        say!("{id} is released: the feeds have it within seconds where newsboy runs, and the next digest tells of it")?;
    }
    for id in &done.public {
        say!("{id} is not held")?;
    }
    Ok(())
}

fn parse(id: &str) -> Result<ArticleId, Failure> {
    ArticleId::parse(id)
        .ok_or_else(|| Failure::Usage(format!("{id:?} is no article's id; `newsboy articles --held` lists them, they begin with art_")))
}
