//! Every service as its documents describe it, on loopback: what newsboy sends is accepted, each thing a
//! service can answer leads where it should, and whatever request fails, everything arrives once.

mod codes;
mod contract;
mod push;
mod reading;

use std::collections::HashMap;
use std::io::{BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use chrono::{DateTime, Duration, Utc};
use newsboy::digest::schedule::Timing;
use newsboy::jobs::deliver::{Postman, deliver_due};
use newsboy::model::{ArticleId, ArticleKind, Digest, DigestId, DigestItem, MatchRule, Secret, SummaryKind};
use newsboy::store::{self, Beginning, DeliveryQuery, QueuedDigest, SharedStore};
use newsboy::webhook::{
    DestinationConfig, Form, Pace, RetryPolicy, Sender, Settings, Templates, Timeouts, WebhookConfig, WhenEmpty, encode,
};
use tokio_util::sync::CancellationToken;
use unicode_normalization::UnicodeNormalization;

use crate::receiver::read_request;
use contract::{Received, SERVICES, Service};
use reading::Read;

/// Headlines that try everything.
const HEADLINES: [&str; 12] = [
    "短",
    "<!channel> <!here> <@U024BE7LH> <#C024BE7LR> 全员",
    "@everyone @here @channel @all @张三 请看",
    "<at user_id=\"all\">所有人</at> <at id=all></at> 通知",
    "*粗体* _斜体_ `代码` ~删除~ ||隐藏|| **双星** __双线__",
    "[点这里](https://evil.example/x) ![图](https://evil.example/y.png) <https://evil.example|假链接>",
    "<b>标签</b> &lt;实体&gt; &amp; \"引号\" 'x' <script>alert(1)</script> </a>",
    "👩‍👩‍👧‍👦 家庭 🇨🇳 旗 𠮷野家 e\u{301}",
    "https://新闻.example/路径?甲=乙&丙=丁 与 http://evil.example/a_b_c 见文",
    "# 标题 > 引用 - 列表 1. 编号 | 表 | \\ 反斜杠 \\* {{DATE(2026)}} ${x}",
    "1. 以数字开头的标题",
    "+ 以加号开头 = 等号 ) ( ] [ } {",
];

/// An item whose address tells it from all others.
fn item(n: usize) -> DigestItem {
    let article = ArticleId::assign(&[&n.to_be_bytes()]);
    let headline = match n % 14 {
        12 => "长".repeat(300),
        13 => format!("首条{}", "<&*_[@".repeat(50)),
        n => HEADLINES[n].to_owned(),
    };
    DigestItem {
        url: format!("https://news.example/articles/{article}?a=1&b=(2)"),
        article,
        kind: ArticleKind::Article,
        title: headline,
        summary: HEADLINES[(n + 5) % HEADLINES.len()].repeat(1 + n % 3),
        summary_kind: SummaryKind::Extract,
        heard: Vec::new(),
        also: Vec::new(),
        source_title: "清渚日报".to_owned(),
        page: "02".to_owned(),
        section: Some("要闻 & <b>".to_owned()),
        place: "第02版 · 要闻 & <b>".to_owned(),
        published: "2026-11-19T22:00:00Z".parse().unwrap(),
    }
}

fn slot() -> DateTime<Utc> {
    "2026-11-20T00:00:00Z".parse().unwrap()
}

pub(crate) fn digest(items: usize) -> Digest {
    Digest {
        paper: Some("清渚日报".to_owned()),
        items: (0..items).map(item).collect(),
        open: "查看全部".to_owned(),
        ..Digest::bare(
            DigestId::assign(&[b"d"]),
            "desk",
            slot(),
            &format!("《清渚日报》2026-11-20 · {items} 条 <@all> *"),
            "https://news.example/",
        )
    }
}

/// Letters and digits alone, however they are written.
fn letters(text: &str) -> String {
    text.nfkc().filter(|c| c.is_alphanumeric()).collect()
}

fn destination(service: &Service, address: &str) -> DestinationConfig {
    let form = |name: &str| DestinationConfig::settings().into_iter().find(|setting| setting.name == name).unwrap();
    let url = Settings::default().with_secret("url", Some(Secret::new(format!("{address}{}", service.address))));
    let settings = service.settings.iter().fold(url, |settings, (name, value)| {
        let setting = form(name);
        match setting.form {
            Form::Secret => settings.with_secret(setting.name, Some(Secret::new(*value))),
            Form::Text => settings.with_text(setting.name, Some((*value).to_owned())),
            Form::List => settings.with_list(setting.name, Some(vec![(*value).to_owned()])),
        }
    });
    DestinationConfig::parse(service.kind, settings).unwrap()
}

pub(crate) fn webhook(destination: DestinationConfig) -> WebhookConfig {
    WebhookConfig {
        name: "desk".to_owned(),
        destination,
        timing: Timing::arrival(Duration::zero(), chrono_tz::UTC),
        catch_up: None,
        jitter: None,
        feeds: vec!["paper".to_owned()],
        sources: None,
        rule: MatchRule { kinds: Vec::new(), ..MatchRule::default() },
        summary_chars: 100,
        limit: 500,
        when_empty: WhenEmpty::Skip,
        language: None,
        templates: Templates::default(),
        retry: RetryPolicy { schedule: vec![Duration::seconds(5)], expires: Duration::hours(24) },
        backfill: false,
        problems: false,
    }
}

pub(crate) fn sender() -> Sender {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let timeouts = Timeouts { connect: std::time::Duration::from_secs(5), request: std::time::Duration::from_secs(5) };
    Sender::new(timeouts, Box::new(std::io::sink())).unwrap()
}

/// What goes wrong with a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    /// 503, and the message is not taken.
    Busy,
    /// The connection ends before an answer, and the message is not taken.
    Dropped,
    /// The message is taken, but the answer is lost.
    AnswerLost,
}

/// A service on loopback.
struct Fake {
    address: SocketAddr,
    taken: Arc<Mutex<Vec<Read>>>,
    refused: Arc<Mutex<Vec<String>>>,
}

impl Fake {
    /// A service at which the request of a number, from 1, goes wrong.
    fn start(service: &'static Service, fault: Option<(usize, Fault)>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let fake = Self { address: listener.local_addr().unwrap(), taken: Arc::default(), refused: Arc::default() };
        let (taken, refused, count) = (Arc::clone(&fake.taken), Arc::clone(&fake.refused), Arc::new(Mutex::new(0)));
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (taken, refused, count) = (Arc::clone(&taken), Arc::clone(&refused), Arc::clone(&count));
                std::thread::spawn(move || serve(stream, service, fault, &taken, &refused, &count));
            }
        });
        fake
    }

    fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    fn links(&self) -> Vec<String> {
        let taken = self.taken.lock().unwrap();
        taken.iter().flat_map(|read| read.links.iter()).filter(|link| link.contains("/articles/")).cloned().collect()
    }
}

fn serve(
    stream: TcpStream,
    service: &Service,
    fault: Option<(usize, Fault)>,
    taken: &Mutex<Vec<Read>>,
    refused: &Mutex<Vec<String>>,
    count: &Mutex<usize>,
) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut stream = stream;
    while let Some(request) = read_request(&mut reader) {
        let headers: HashMap<String, String> = request.headers.into_iter().map(|(name, value)| (name.to_lowercase(), value)).collect();
        let received = Received { method: request.method, target: request.target, headers, body: request.body };
        let number = {
            let mut count = count.lock().unwrap();
            *count += 1;
            *count
        };
        let fault = fault.filter(|(at, _)| *at == number).map(|(_, fault)| fault);
        let (status, body) = match fault {
            Some(Fault::Busy) => ("503 Service Unavailable", "busy".to_owned()),
            Some(Fault::Dropped) => break,
            _ => match (service.accept)(&received) {
                Ok(read) => {
                    taken.lock().unwrap().push(read);
                    ("200 OK", service.yes.to_owned())
                }
                Err(why) => {
                    refused.lock().unwrap().push(format!("{why}\n{}", received.body));
                    ("400 Bad Request", why)
                }
            },
        };
        if fault == Some(Fault::AnswerLost) {
            break;
        }
        if stream.write_all(format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\n\r\n{body}", body.len()).as_bytes()).is_err() {
            break;
        }
    }
    let _ = stream.shutdown(std::net::Shutdown::Both);
}

async fn queued(folder: &std::path::Path, webhook: &WebhookConfig, digest: Digest) -> SharedStore {
    let store = store::open("sqlite:newsboy.db", folder).await.unwrap();
    let seen = store.enrol_webhook("desk", Beginning::Now, slot() - Duration::hours(1)).await.unwrap();
    let messages = encode(webhook, &digest);
    let (due, now, expires) = (slot(), slot(), slot() + webhook.retry.expires);
    let (passed_over, caught) = (Vec::new(), Vec::new());
    assert!(
        store
            .queue_digest(QueuedDigest { digest, messages, seen, through: seen.arrival, passed_over, caught, due, expires, now })
            .await
            .unwrap()
    );
    store
}

/// Passes until nothing is pending, on a clock that jumps to whatever comes next. Gives how many there were.
async fn deliver_all(store: &SharedStore, webhook: &WebhookConfig) -> usize {
    let (sender, now) = (sender(), Mutex::new(slot()));
    // How fast a service may be called is another test's matter.
    let mut postman = Postman { jitter: fastrand::Rng::with_seed(1), pace: Pace::new(&[]) };
    for passes in 1..1000 {
        let clock = || *now.lock().unwrap();
        let pass = deliver_due(&**store, webhook, &sender, &clock, &mut postman, &CancellationToken::new()).await.unwrap();
        match pass.next {
            Some(next) => *now.lock().unwrap() = next,
            None => return passes,
        }
    }
    panic!("it never ends")
}

/// Delivers a digest of so many items to every service, and holds what arrives against it.
async fn every_service_takes(items: usize) {
    for service in SERVICES {
        let fake = Fake::start(service, None);
        let webhook = webhook(destination(service, &fake.url()));
        let folder = tempfile::tempdir().unwrap();
        let store = queued(folder.path(), &webhook, digest(items)).await;
        deliver_all(&store, &webhook).await;

        let who = format!("{} {:?}", service.kind, service.settings);
        assert_eq!(*fake.refused.lock().unwrap(), [] as [String; 0], "{who}");
        let expected: Vec<String> = (0..items).map(|n| item(n).url.replace('(', "%28").replace(')', "%29")).collect();
        let links: Vec<String> = fake.links().iter().map(|link| link.replace('(', "%28").replace(')', "%29")).collect();
        assert_eq!(links, expected, "{who}");
        let taken = fake.taken.lock().unwrap().clone();
        let mut text = letters(&taken.iter().map(|read| read.text.as_str()).collect::<Vec<_>>().join("\n"));
        for n in 0..items {
            // A headline may be cut where it makes its item too large, or where its field ends.
            let headline: String = letters(&item(n).title).chars().take(20).collect();
            let at = text.find(&headline).unwrap_or_else(|| panic!("{who}: the headline {n} is missing: {headline}"));
            text.drain(..at + headline.len());
        }
        for (n, read) in taken.iter().enumerate() {
            assert!(letters(&read.title).contains("清渚日报20261120"), "{who}: {}", read.title);
            if taken.len() > 1 {
                let label = format!("({}/{})", n + 1, taken.len());
                let written: String = read.title.nfkc().collect();
                assert!(written.contains(&label), "{who}: {label} is not in {written}");
            }
        }
        let ledger = store.deliveries(&DeliveryQuery { limit: 1000, ..DeliveryQuery::default() }).await.unwrap();
        assert!(ledger.iter().all(|d| d.state == newsboy::model::DeliveryState::Delivered), "{who}");
        println!("{who}: {items} items in {} messages", taken.len());
    }
}

#[tokio::test]
async fn every_service_takes_a_digest_without_items() {
    every_service_takes(0).await;
}

#[tokio::test]
async fn every_service_takes_a_digest_of_one_item() {
    every_service_takes(1).await;
}

#[tokio::test]
async fn every_service_takes_a_digest_of_twenty_items() {
    every_service_takes(20).await;
}

#[tokio::test]
async fn every_service_takes_a_digest_of_five_hundred_items() {
    every_service_takes(500).await;
}

#[tokio::test]
async fn whatever_request_fails_everything_arrives_in_order_and_twice_only_where_the_answer_was_lost() {
    for service in SERVICES {
        let expected: Vec<ArticleId> = digest(40).items.into_iter().map(|item| item.article).collect();
        for fault in [Fault::Busy, Fault::Dropped, Fault::AnswerLost] {
            for at in 1.. {
                let fake = Fake::start(service, Some((at, fault)));
                let webhook = webhook(destination(service, &fake.url()));
                let folder = tempfile::tempdir().unwrap();
                let store = queued(folder.path(), &webhook, digest(40)).await;
                deliver_all(&store, &webhook).await;
                let ledger = store.deliveries(&DeliveryQuery { limit: 100, ..DeliveryQuery::default() }).await.unwrap();
                let tries: usize = ledger.iter().map(|delivery| delivery.attempts.len()).sum();

                let mut seen: Vec<String> = Vec::new();
                let mut twice = 0;
                for read in fake.taken.lock().unwrap().iter() {
                    let links: Vec<String> = read.links.iter().filter(|link| link.contains("/articles/")).cloned().collect();
                    if seen.ends_with(&links) && !links.is_empty() {
                        twice += 1;
                    } else {
                        seen.extend(links);
                    }
                }
                let who = format!("{} {fault:?} at {at}", service.kind);
                assert_eq!(seen.len(), expected.len(), "{who}");
                assert!(seen.iter().zip(&expected).all(|(link, article)| link.contains(article.as_str())), "{who}");
                let happened = tries > ledger.len();
                assert_eq!(twice, usize::from(happened && fault == Fault::AnswerLost), "{who}");
                if !happened {
                    break;
                }
            }
        }
    }
}

/// WeCom with a limit of a quarter of what its documents say.
const STRICT_WECOM: Service = Service {
    kind: "wecom",
    settings: &[],
    address: "/cgi-bin/webhook/send?key=K3Y",
    accept: |request| {
        let body: serde_json::Value = serde_json::from_str(&request.body).unwrap();
        match body["markdown"]["content"].as_str().unwrap().len() {
            0..=1024 => contract::wecom(request),
            length => Err(format!(r#"{{"errcode":40058,"errmsg":"markdown.content exceed max length 1024: {length}"}}"#)),
        }
    },
    yes: r#"{"errcode":0,"errmsg":"ok"}"#,
};

/// Telegram that has stopped to read HTML.
const BLIND_TELEGRAM: Service = Service {
    kind: "telegram",
    settings: &[("token", "123:ABC"), ("chat", "@channel")],
    address: "",
    accept: |request| match request.body.contains("\"parse_mode\"") {
        true => Err(r#"{"ok":false,"error_code":400,"description":"Bad Request: can't parse entities"}"#.to_owned()),
        false => contract::telegram(request),
    },
    yes: r#"{"ok":true,"result":{"message_id":1}}"#,
};

#[tokio::test]
async fn what_is_too_long_or_not_to_be_read_goes_out_in_another_form_whole_and_in_order() {
    static SERVICES: [Service; 2] = [STRICT_WECOM, BLIND_TELEGRAM];
    for service in &SERVICES {
        let fake = Fake::start(service, None);
        let webhook = webhook(destination(service, &fake.url()));
        let folder = tempfile::tempdir().unwrap();
        let store = queued(folder.path(), &webhook, digest(40)).await;
        let planned = encode(&webhook, &digest(40)).len();
        deliver_all(&store, &webhook).await;
        let links = fake.links();
        let expected: Vec<ArticleId> = digest(40).items.into_iter().map(|item| item.article).collect();
        assert_eq!(links.len(), expected.len(), "{}: {:?}", service.kind, fake.refused.lock().unwrap());
        assert!(links.iter().zip(&expected).all(|(link, article)| link.contains(article.as_str())), "{}", service.kind);
        let ledger = store.deliveries(&DeliveryQuery { limit: 1000, ..DeliveryQuery::default() }).await.unwrap();
        let count = |state| ledger.iter().filter(|delivery| delivery.state == state).count();
        use newsboy::model::DeliveryState::{Delivered, Replaced};
        assert_eq!(count(Delivered), fake.taken.lock().unwrap().len());
        assert!(count(Replaced) >= planned && count(Delivered) + count(Replaced) == ledger.len(), "{}", service.kind);
    }
}
