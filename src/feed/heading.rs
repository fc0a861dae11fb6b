//! What a feed says of itself, whichever way its articles were chosen.

use chrono::NaiveDate;
use sha2::{Digest as _, Sha256};

use super::address::segment;
use super::content::Texts;
use super::{FeedConfig, Format, Site, SourceFacts, Wording};

/// Bytes of the hash that tells the feed of one query from that of another: 80 bits.
const QUERY_HASH_BYTES: usize = 10;

/// The head of a feed.
#[derive(Debug, Clone, PartialEq)]
pub struct Heading {
    /// What stands in its id behind `tag:AUTHORITY:`.
    pub(super) id: String,
    pub(super) title: String,
    pub(super) sources: Vec<String>,
    pub(super) language: Option<String>,
    pub(super) home: String,
    /// The address of each format.
    pub(super) addresses: [String; 3],
    /// The hub that tells of its changes.
    pub(super) hub: Option<String>,
    pub(super) history: History,
    /// Whether its entries hold the articles in full, or their summaries alone.
    pub(super) is_full: bool,
}

/// A feed's place in its history (RFC 5005): the addresses of the neighbouring documents, by format.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct History {
    /// The subscription document, where this is an archive.
    pub current: Option<[String; 3]>,
    /// The archive before this document.
    pub previous: Option<[String; 3]>,
    /// Where the archive behind this one is found once there is one.
    pub next: Option<[String; 3]>,
}

impl Heading {
    /// A feed of the configuration.
    pub fn feed(config: &FeedConfig, site: &Site) -> Self {
        Self {
            id: format!("feed/{}", segment(&config.name)),
            title: titled(&config.title, config.language.as_deref(), &config.name),
            sources: config.sources.clone(),
            language: config.language.clone(),
            home: site.home(),
            addresses: Format::ALL.map(|format| site.feed(&config.name, format)),
            // A hub fetches what everybody may read.
            hub: site.hub.clone().filter(|_| config.token.is_none()),
            history: History::default(),
            is_full: true,
        }
    }

    /// A section of a source.
    pub fn section(source: &SourceFacts, section: &str, site: &Site) -> Self {
        let addresses = Format::ALL.map(|format| site.section_feed(&source.name, section, format));
        let id = format!("feed/{}/section/{}", segment(&source.name), segment(section));
        Self::part(source, id, section, addresses, site)
    }

    /// One page of all editions of a source.
    pub fn page(source: &SourceFacts, page: &str, site: &Site) -> Self {
        let addresses = Format::ALL.map(|format| site.page_feed(&source.name, page, format));
        let id = format!("feed/{}/page/{}", segment(&source.name), segment(page));
        Self::part(source, id, &Wording::of(&source.language).page(page), addresses, site)
    }

    /// One edition of a source.
    pub fn edition(source: &SourceFacts, date: NaiveDate, site: &Site) -> Self {
        let addresses = Format::ALL.map(|format| site.edition_feed(&source.name, date, format));
        let id = format!("feed/{}/edition/{date}", segment(&source.name));
        let heading = Self::part(source, id, &Wording::of(&source.language).date(date), addresses, site);
        Self { home: site.edition(&source.name, date), ..heading }
    }

    /// What a query finds. `typed` is the query as a person wrote it, `asked` the part of the address
    /// behind the `?` as it was asked for: a feed's own address is the one that it was fetched from.
    pub fn search(typed: &str, asked: &str, sources: Vec<String>, is_full: bool, site: &Site) -> Self {
        let languages: Vec<&str> = site.sources.iter().filter(|s| sources.contains(&s.name)).map(|s| s.language.as_str()).collect();
        let language = languages.first().filter(|first| languages.iter().all(|l| l == *first)).map(|l| (*l).to_owned());
        let wording = Wording::of(language.as_deref().unwrap_or_default());
        let hash: String = Sha256::digest(asked).iter().take(QUERY_HASH_BYTES).map(|byte| format!("{byte:02x}")).collect();
        Self {
            id: format!("feed/search/{hash}"),
            title: titled(&wording.search(typed), language.as_deref(), "newsboy"),
            home: site.search(asked),
            addresses: Format::ALL.map(|format| site.search_feed(asked, format)),
            sources,
            language: language.filter(|language| language != super::language::UNDETERMINED),
            hub: None,
            history: History::default(),
            is_full,
        }
    }

    /// The feed as a part of its history.
    pub fn with_history(self, history: History) -> Self {
        Self { history, ..self }
    }

    /// The archive of one date of the feed. Its id is the feed's own: it is the same feed. A hub does not
    /// tell of it, for it does not change.
    pub fn archived(self, addresses: [String; 3], history: History) -> Self {
        Self { addresses, history, hub: None, ..self }
    }

    /// The address in one format.
    pub fn address(&self, format: Format) -> &str {
        &self.addresses[format as usize]
    }

    /// The feed's title, as it is written.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// The sources that the feed draws from.
    pub fn sources(&self) -> &[String] {
        &self.sources
    }

    fn part(source: &SourceFacts, id: String, part: &str, addresses: [String; 3], site: &Site) -> Self {
        let language = Some(source.language.clone()).filter(|language| language != super::language::UNDETERMINED);
        Self {
            id,
            title: titled(&format!("{} · {part}", source.title), language.as_deref(), &source.name),
            sources: vec![source.name.clone()],
            language,
            home: site.home(),
            addresses,
            hub: None,
            history: History::default(),
            is_full: true,
        }
    }
}

/// A title clean and on one line, or `otherwise` where nothing is left of it.
fn titled(title: &str, language: Option<&str>, otherwise: &str) -> String {
    match Texts::of(language).label(title) {
        title if title.is_empty() => otherwise.to_owned(),
        title => title,
    }
}
