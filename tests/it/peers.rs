//! Real receivers and the vendors' own validators: what newsboy sends arrives at them and is right by them.

use std::io::Write;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use newsboy::model::{DeliveryId, DigestId, DueDelivery, Outcome, Secret};
use newsboy::webhook::{DestinationConfig, Settings};
use serde_json::{Value, json};

use crate::house::{House, crate_root, free_port, get, has_tool, python, skip, wait_for};
use crate::receiver::Receiver;
use crate::services;

/// A process that ends with the test.
struct Peer(Child);

impl Drop for Peer {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Runs a validator on an input; gives what it printed, and fails where it does.
fn validated(mut command: Command, input: &str) -> String {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}\n{input}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn tool(name: &str) -> PathBuf {
    crate_root().join("tests/tools").join(name)
}

/// Whether the packages of npm are there; if not, the test skips.
fn has_npm_package(name: &str) -> bool {
    let found = tool("npm/node_modules").join(name).is_dir() && has_tool("node");
    if !found {
        skip(&format!("the npm package {name} is missing (tests/tools/install.sh installs it)"));
    }
    found
}

fn parsed(kind: &str, settings: Settings) -> DestinationConfig {
    DestinationConfig::parse(kind, settings).unwrap()
}

fn with_url(url: &str) -> Settings {
    Settings::default().with_secret("url", Some(Secret::new(url)))
}

#[test]
fn slack_sdk_takes_every_block() {
    let Some(python) = python() else { return };
    let webhook = services::webhook(parsed("slack", with_url("https://hooks.slack.test/services/T/B/X")));
    for items in [0, 1, 20, 200] {
        for message in newsboy::webhook::encode(&webhook, &services::digest(items)) {
            let mut command = Command::new(&python);
            command.arg(tool("check_slack.py"));
            validated(command, &message.body);
        }
    }
}

#[test]
fn the_renderer_of_adaptive_cards_finds_nothing_wrong() {
    if !has_npm_package("adaptivecards") {
        return;
    }
    let webhook = services::webhook(parsed("teams", with_url("https://x.logic.azure.test/workflows/1")));
    for items in [0, 1, 20] {
        for message in newsboy::webhook::encode(&webhook, &services::digest(items)) {
            let body: Value = serde_json::from_str(&message.body).unwrap();
            let mut command = Command::new("node");
            command.arg(tool("npm/check_card.js"));
            assert_eq!(validated(command, &body["attachments"][0]["content"].to_string()), "");
        }
    }
}

#[test]
fn the_python_library_of_standard_webhooks_verifies_what_a_test_message_is_signed_with() {
    let Some(python) = python() else { return };
    let receiver = Receiver::willing();
    let keys = ["whsec_bmV3c2JveS10ZXN0LWtleS0wMTIzNDU2Nzg5YWJjZGVm", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"];
    let house = House::new(&format!(
        "[[webhook]]\nname = \"desk\"\nkind = \"webhook\"\nurl = \"{}\"\nsecret = {{ env = \"KEYS\" }}\non = \"arrival\"\n",
        receiver.url()
    ));
    house.land_sample("2026-11-20");
    house.run_well_with(&["once"], &[("KEYS", &keys.join(" "))]);
    house.run_well_with(&["digest", "desk", "--send"], &[("KEYS", &keys.join(" "))]);
    let request = receiver.requests().pop().unwrap();
    assert!(request.body.contains("[test]"), "{}", request.body);
    let headers: serde_json::Map<String, Value> = request.headers.iter().map(|(name, value)| (name.to_lowercase(), json!(value))).collect();
    for key in keys {
        let mut command = Command::new(&python);
        command.arg(tool("check_webhook.py"));
        validated(command, &json!([key, headers, request.body]).to_string());
    }
}

/// A mail server, once it listens.
fn mail_server(python: &PathBuf, arguments: &[&str]) -> Peer {
    let mut child = Command::new(python).arg(tool("smtp_server.py")).args(arguments).stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    std::io::BufRead::read_line(&mut std::io::BufReader::new(child.stdout.take().unwrap()), &mut line).unwrap();
    assert_eq!(line, "ready\n");
    Peer(child)
}

fn mail_webhook(url: &str) -> String {
    format!(
        "[[webhook]]\nname = \"mail\"\nkind = \"smtp\"\nurl = \"{url}\"\nfrom = \"newsboy <newsboy@example.org>\"\nto = [\"desk@example.org\", \"Chef <chef@example.org>\"]\nschedule = \"* * * * * *\"\nretry = {{ schedule = [\"1s\"], expires = \"1h\" }}\nbackfill = true\n"
    )
}

#[test]
fn a_mail_that_is_refused_in_passing_arrives_at_aiosmtpd_with_both_its_texts_and_one_id() {
    let Some(python) = python() else { return };
    let port = free_port();
    let house = House::new(&mail_webhook(&format!("smtp+plain://127.0.0.1:{port}")));
    let mails = house.path("mails");
    let _server = mail_server(&python, &[&port.to_string(), mails.to_str().unwrap(), "1"]);
    house.land_sample("2026-11-20");
    house.run_well(&["once"]);
    let ledger = house.run_well(&["deliveries"]);
    assert!(ledger.contains("answered 451") && house.read("mails").is_empty(), "{ledger}");
    let line = wait_for("the mail", || {
        house.run_well(&["once"]);
        house.read("mails").lines().next().map(str::to_owned)
    });
    let mail: Value = serde_json::from_str(&line).unwrap();
    assert_eq!(mail["to"], json!(["desk@example.org", "chef@example.org"]));
    let text = mail["mail"].as_str().unwrap();
    for part in ["Message-ID: <dig_", "multipart/alternative", "text/plain", "text/html", "Subject: =?utf-8?"] {
        assert!(text.contains(part), "{part} is missing in {text}");
    }
    let ledger = house.run_well(&["deliveries"]);
    assert!(ledger.contains("delivered") && ledger.lines().count() == 2, "{ledger}");
}

#[test]
fn a_mail_goes_over_starttls_with_a_login_and_not_at_all_to_a_server_nobody_vouches_for() {
    let Some(python) = python() else { return };
    if !has_tool("openssl") {
        return;
    }
    let port = free_port();
    let house = House::new(&mail_webhook(&format!("smtp://desk:sesame@localhost:{port}")));
    let (key, certificate) = (house.path("key.pem"), house.path("cert.pem"));
    let made = Command::new("openssl")
        .args([
            "req",
            "-x509",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-days",
            "2",
            "-subj",
            "/CN=localhost",
            "-addext",
            "subjectAltName=DNS:localhost",
        ])
        .args(["-addext", "basicConstraints=critical,CA:FALSE", "-keyout", key.to_str().unwrap(), "-out", certificate.to_str().unwrap()])
        .output()
        .unwrap();
    assert!(made.status.success());
    let mails = house.path("mails");
    let paths = [mails.to_str().unwrap(), certificate.to_str().unwrap(), key.to_str().unwrap()];
    let _server = mail_server(&python, &[&port.to_string(), paths[0], "0", paths[1], paths[2]]);
    house.land_sample("2026-11-20");
    house.run_well(&["once"]);
    let refused = house.run(&["digest", "mail", "--send"]);
    assert_eq!((refused.status.code(), house.read("mails").as_str()), (Some(1), ""), "its certificate is of nobody");
    assert!(!String::from_utf8_lossy(&refused.stderr).contains("sesame"));
    house.run_well_with(&["digest", "mail", "--send"], &[("SSL_CERT_FILE", paths[1])]);
    let mail: Value = serde_json::from_str(house.read("mails").lines().next().unwrap()).unwrap();
    assert_eq!(mail["tls"], json!(true));
}

#[test]
fn a_digest_arrives_at_maildev() {
    if !has_npm_package("maildev") {
        return;
    }
    let (smtp, web) = (free_port(), free_port());
    let house = House::new(&mail_webhook(&format!("smtp+plain://127.0.0.1:{smtp}")));
    let _maildev = Peer(
        Command::new("node")
            .arg(tool("npm/node_modules/maildev/dist/bin/maildev.js"))
            .args(["--ip", "127.0.0.1", "-s", &smtp.to_string(), "-w", &web.to_string()])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap(),
    );
    wait_for("maildev", || get(&format!("http://127.0.0.1:{web}/api/email")).filter(|(status, _)| *status == 200));
    house.land_sample("2026-11-20");
    house.run_well(&["once"]);
    let (_, mails) =
        wait_for("the mail", || get(&format!("http://127.0.0.1:{web}/api/email")).filter(|(_, body)| body.contains("newsboy@example.org")));
    assert!(mails.contains("清渚日报") && mails.contains("/articles/art_"), "{mails}");
}

/// Synapse, with an account and a room.
struct Synapse {
    _server: Peer,
    _folder: tempfile::TempDir,
    url: String,
    token: String,
    room: String,
}

/// How fast one account may write at Synapse in this test: three at once, and one a second after that.
const RATES: &str = "\nrc_message:\n  per_second: 1\n  burst_count: 3\nrc_login:\n  address: {per_second: 100, burst_count: 100}\n  account: {per_second: 100, burst_count: 100}\n";

async fn synapse() -> Option<Synapse> {
    let python = tool("synapse/bin/python");
    if !python.is_file() {
        skip("Synapse is missing (tests/tools/install.sh installs it)");
        return None;
    }
    let folder = tempfile::tempdir().unwrap();
    let port = free_port();
    let run = |arguments: &[&str]| {
        let mut command = Command::new(&python);
        command.current_dir(folder.path()).args(["-m", "synapse.app.homeserver", "-c", "homeserver.yaml"]).args(arguments);
        command
    };
    let generated = run(&["--server-name", "localhost", "--generate-config", "--report-stats=no"]).output().unwrap();
    assert!(generated.status.success(), "{}", String::from_utf8_lossy(&generated.stderr));
    let config = std::fs::read_to_string(folder.path().join("homeserver.yaml")).unwrap();
    let config = config.replace("port: 8008", &format!("port: {port}")).replace("'::1', ", "");
    std::fs::write(folder.path().join("homeserver.yaml"), config + RATES).unwrap();
    let server = Peer(run(&[]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap());
    let url = format!("http://127.0.0.1:{port}");
    wait_for("Synapse", || get(&format!("{url}/health")).filter(|(status, _)| *status == 200));
    let register = tool("synapse/bin/register_new_matrix_user");
    let registered = Command::new(register)
        .current_dir(folder.path())
        .args(["-u", "newsboy", "-p", "sesame", "--no-admin", "-c", "homeserver.yaml", &url])
        .output()
        .unwrap();
    assert!(registered.status.success(), "{}", String::from_utf8_lossy(&registered.stderr));
    let login = json!({ "type": "m.login.password", "identifier": { "type": "m.id.user", "user": "newsboy" }, "password": "sesame" });
    let token = post(&format!("{url}/_matrix/client/v3/login"), "", &login).await["access_token"].as_str().unwrap().to_owned();
    let room = post(&format!("{url}/_matrix/client/v3/createRoom"), &token, &json!({})).await["room_id"].as_str().unwrap().to_owned();
    Some(Synapse { _server: server, _folder: folder, url, token, room })
}

async fn post(url: &str, token: &str, body: &Value) -> Value {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let request = reqwest::Client::new().post(url).header("content-type", "application/json").bearer_auth(token).body(body.to_string());
    serde_json::from_str(&request.send().await.unwrap().text().await.unwrap()).unwrap()
}

#[tokio::test]
async fn synapse_takes_a_digest_once_whatever_is_sent_twice_and_says_what_it_does_not_take() {
    let Some(synapse) = synapse().await else { return };
    let settings =
        |token: &str| with_url(&synapse.url).with_secret("token", Some(Secret::new(token))).with_text("room", Some(synapse.room.clone()));
    let matrix = parsed("matrix", settings(&synapse.token));
    let webhook = services::webhook(matrix.clone());
    let digest = services::digest(500);
    let messages = newsboy::webhook::encode(&webhook, &digest);
    assert!(messages.len() > 1);
    let delivery = |n: usize, body: &str| DueDelivery {
        id: DeliveryId::assign(&[&n.to_be_bytes()]),
        digest: DigestId::assign(&[b"d"]),
        webhook: "desk".to_owned(),
        slot: digest.slot,
        body: body.to_owned(),
        articles: Vec::new(),
        label: String::new(),
        is_last: false,
        attempts: 0,
        earlier: 0,
        queued: digest.slot,
        expires: digest.slot,
    };
    let sender = services::sender();
    let mut events = Vec::new();
    let mut was_asked_to_wait = false;
    for (n, message) in messages.iter().enumerate() {
        // Twice, as after a lost answer.
        for _ in 0..2 {
            loop {
                let sent = sender.send(&matrix, &delivery(n, &message.body), chrono::Utc::now()).await;
                match sent.outcome {
                    Outcome::Delivered => {
                        let answer: Value = serde_json::from_str(&sent.answer).unwrap();
                        events.push(answer["event_id"].as_str().unwrap().to_owned());
                        break;
                    }
                    Outcome::Retry { after: Some(wait), .. } => {
                        was_asked_to_wait = true;
                        tokio::time::sleep(wait.to_std().unwrap() + Duration::from_millis(50)).await;
                    }
                    other => panic!("{other:?} {}", sent.answer),
                }
            }
        }
    }
    let mut distinct = events.clone();
    distinct.dedup();
    assert_eq!((events.len(), distinct.len()), (2 * messages.len(), messages.len()), "sent twice, it is one event");
    for n in 1000.. {
        if was_asked_to_wait {
            break;
        }
        let small = json!({ "msgtype": "m.text", "body": n.to_string() }).to_string();
        let sent = sender.send(&matrix, &delivery(n, &small), chrono::Utc::now()).await;
        was_asked_to_wait = matches!(sent.outcome, Outcome::Retry { after: Some(_), .. });
        assert!(n < 1100, "Synapse never asked to wait: {sent:?}");
    }
    tokio::time::sleep(Duration::from_secs(3)).await;

    let large = json!({ "msgtype": "m.text", "body": "x".repeat(70_000) }).to_string();
    let outcome = sender.send(&matrix, &delivery(2000, &large), chrono::Utc::now()).await.outcome;
    assert!(matches!(outcome, Outcome::Split { .. }), "{outcome:?}");
    let stranger = parsed("matrix", settings("syt_nobody"));
    let sent = sender.send(&stranger, &delivery(2001, "{}"), chrono::Utc::now()).await;
    assert!(matches!(sent.outcome, Outcome::GaveUp { .. }) && !format!("{sent:?}").contains("syt_nobody"), "{sent:?}");
}
