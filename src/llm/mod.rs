//! Summaries by a language model: one request an article to an endpoint of the user's own that speaks
//! OpenAI's chat completions, as llama.cpp, Ollama, vLLM and most services do.
//!
//! <https://platform.openai.com/docs/api-reference/chat/create>
//!
//! A model may be slow, wrong or gone, and a digest is not: everything here is bounded, what comes back is
//! held against the article ([`faithful`]), and whoever asks has another summary ready.

use std::time::Duration;

use reqwest::{Client, StatusCode, redirect};
use serde::{Deserialize, Serialize};

use crate::model::sentences::sentences;
use crate::model::{Article, Secret};

pub mod faithful;

use faithful::Unfaithful;

/// Characters of an article that are sent at most: the rest of a longer one is in no summary of it.
const MOST_SENT: usize = 6_000;
/// Bytes of an answer that are read at most: a summary with all that services say around it has a few
/// thousand.
const MOST_READ: usize = 256 * 1024;
/// Tokens of an answer for each character of the budget, for a script that models break up finely, and
/// some more for the ends.
const TOKENS_A_CHARACTER: usize = 2;
const MORE_TOKENS: usize = 64;
/// How long a connection is waited for.
const CONNECT: Duration = Duration::from_secs(5);

/// Where summaries are written, and within which bounds.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// The address of the interface, such as `http://127.0.0.1:8080/v1`, without a `/` at its end.
    pub endpoint: String,
    /// The model's name.
    pub model: String,
    /// The key, where the endpoint wants one.
    pub key: Option<Secret>,
    /// How long one summary may take.
    pub timeout: Duration,
    /// How long the summaries of a digest may take together. Then it leaves.
    pub within: Duration,
    /// How many summaries are asked for at most for one digest; the first items get them.
    pub most: usize,
    /// How many requests are made at most on one day of UTC, to the same address by whichever webhook.
    pub requests_a_day: u32,
    /// How many characters are sent and asked for at most on such a day.
    pub characters_a_day: u64,
}

/// Why there is no summary. No key stands in it, and nothing of the answer.
#[derive(Debug, thiserror::Error)]
pub enum LlmError {
    /// No cryptography was chosen for TLS; a defect of newsboy.
    #[error("no TLS provider is installed")]
    NoTlsProvider,
    /// The request failed, or took too long.
    #[error("the endpoint cannot be reached: {0}")]
    Request(String),
    /// The endpoint refused.
    #[error("the endpoint answered {0}; see its address, the model's name and the key")]
    Status(StatusCode),
    /// The answer is too long.
    #[error("the answer has more than {MOST_READ} bytes")]
    TooLong,
    /// The answer is no chat completion.
    #[error("the answer is no chat completion: {0}")]
    Form(String),
    /// The model wrote nothing, or no sentence that fits.
    #[error("the model wrote no sentence within the budget")]
    Empty,
    /// The model wrote what the article does not say.
    #[error(transparent)]
    Unfaithful(#[from] Unfaithful),
}

/// Writes summaries.
#[derive(Debug, Clone)]
pub struct Writer {
    client: Client,
    config: Config,
}

#[derive(Serialize)]
struct Request<'a> {
    model: &'a str,
    messages: [Line<'a>; 2],
    max_tokens: usize,
    temperature: f32,
    stream: bool,
}

#[derive(Serialize)]
struct Line<'a> {
    role: &'static str,
    content: &'a str,
}

#[derive(Deserialize)]
struct Answer {
    choices: Vec<Choice>,
}

#[derive(Deserialize)]
struct Choice {
    message: Written,
}

#[derive(Deserialize)]
struct Written {
    content: Option<String>,
}

impl Writer {
    /// A writer within the bounds of `config`.
    ///
    /// # Errors
    ///
    /// No TLS provider was installed before, or the HTTP client cannot be set up.
    pub fn new(config: &Config) -> Result<Self, LlmError> {
        // reqwest panics where there is none.
        if rustls::crypto::CryptoProvider::get_default().is_none() {
            return Err(LlmError::NoTlsProvider);
        }
        let client = Client::builder()
            .user_agent(concat!("newsboy/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(CONNECT)
            .timeout(config.timeout)
            // A key must not reach another address.
            .redirect(redirect::Policy::none())
            .build()
            .map_err(told)?;
        Ok(Self { client, config: config.clone() })
    }

    /// The characters that a summary of `article` costs: those that are sent, and those that are asked for.
    pub fn characters(&self, article: &Article, chars: usize) -> u64 {
        let all = ask(chars).chars().count() + sent(article).chars().count() + chars;
        u64::try_from(all).unwrap_or(u64::MAX)
    }

    /// A summary of `article` in whole sentences, at most `chars` characters, on one line.
    ///
    /// # Errors
    ///
    /// [`LlmError`]: there is none, or it says what the article does not.
    pub async fn write(&self, article: &Article, chars: usize) -> Result<String, LlmError> {
        let text = sent(article);
        let ask = ask(chars);
        let request = Request {
            model: &self.config.model,
            messages: [Line { role: "system", content: &ask }, Line { role: "user", content: &text }],
            max_tokens: chars * TOKENS_A_CHARACTER + MORE_TOKENS,
            temperature: 0.0,
            stream: false,
        };
        let body = serde_json::to_vec(&request).map_err(|error| LlmError::Form(error.to_string()))?;
        let mut post = self.client.post(format!("{}/chat/completions", self.config.endpoint)).header("content-type", "application/json");
        if let Some(key) = &self.config.key {
            post = post.bearer_auth(key.expose());
        }
        let mut response = post.body(body).send().await.map_err(told)?;
        if !response.status().is_success() {
            return Err(LlmError::Status(response.status()));
        }
        let mut read = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(told)? {
            if read.len() + chunk.len() > MOST_READ {
                return Err(LlmError::TooLong);
            }
            read.extend_from_slice(&chunk);
        }
        let answer: Answer = serde_json::from_slice(&read).map_err(|error| LlmError::Form(format!("{:?}", error.classify())))?;
        let written = answer.choices.into_iter().next().and_then(|choice| choice.message.content).unwrap_or_default();
        let summary = within(&written, chars).ok_or(LlmError::Empty)?;
        faithful::check(&summary, article)?;
        Ok(summary)
    }
}

/// What the model is asked to do.
fn ask(chars: usize) -> String {
    format!(
        "Summarize the newspaper article in its own language, in one or two plain sentences of at most {chars} characters together. \
         Use only names and figures that stand in the article, written as there. No headline, no list, no markup, nothing else."
    )
}

/// What of a failed request can be told: not its address, in which somebody may keep a key.
fn told(error: reqwest::Error) -> LlmError {
    let what = if error.is_timeout() { "it took too long" } else { "the connection failed" };
    LlmError::Request(format!("{what} ({})", error.without_url()))
}

/// What the model gets to read: the headline and the body, up to a limit.
fn sent(article: &Article) -> String {
    let lines = article.headline.iter().chain(&article.paragraphs).map(String::as_str);
    lines.collect::<Vec<_>>().join("\n").chars().take(MOST_SENT).collect()
}

/// The first whole sentences of what was written that fit, on one line; `None` where none does.
fn within(written: &str, chars: usize) -> Option<String> {
    let line = written.split_whitespace().collect::<Vec<_>>().join(" ");
    let line = line.trim_matches(['"', '*', '`']);
    let (mut kept, mut used) = (0, 0);
    for sentence in sentences(line) {
        used += sentence.chars().count();
        if used > chars {
            break;
        }
        kept += sentence.len();
    }
    (kept > 0).then(|| line[..kept].trim().to_owned()).filter(|summary| !summary.is_empty())
}

#[cfg(test)]
mod tests;
