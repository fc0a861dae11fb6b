//! Addresses that a site answers by POST only: interfaces of single-page sites, most of them with JSON.
//!
//! A description writes such an address with a query, like any other, so that each has an address of its
//! own by which it is remembered; what is sent is the address without it, and the query as the body.

use reqwest::Url;
use reqwest::header::{CONTENT_TYPE, HeaderValue};

use super::describe::Fetch;
use crate::outgoing::Request;

/// What stands for a body of all parameters as one object of JSON.
const ALL_AS_JSON: &str = "json";

/// The request for an address.
pub(super) fn request(url: &Url, fetch: &Fetch) -> Request {
    if !fetch.post.fit(url.as_str()) {
        return Request::get(url.clone());
    }
    let template = fetch.post_body.trim();
    let (kind, body) = if template == ALL_AS_JSON {
        let all: serde_json::Map<String, serde_json::Value> =
            url.query_pairs().map(|(name, value)| (name.into_owned(), value.into_owned().into())).collect();
        ("application/json", serde_json::Value::from(all).to_string())
    } else if template.starts_with(['{', '[']) && serde_json::from_str::<serde_json::Value>(template).is_ok() {
        ("application/json", filled(template, url, &in_json))
    } else if template.is_empty() {
        ("application/x-www-form-urlencoded", url.query().unwrap_or_default().to_owned())
    } else {
        ("application/x-www-form-urlencoded", filled(template, url, &in_form))
    };
    let mut bare = url.clone();
    bare.set_query(None);
    let mut request = Request::post(bare, body);
    request.headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    request
}

/// A template with the query's parameters in the place of their names in braces. What a parameter holds is
/// no template.
fn filled(template: &str, url: &Url, written: &dyn Fn(&str) -> String) -> String {
    let mut out = String::new();
    let mut rest = template;
    while let Some(open) = rest.find('{') {
        out.push_str(&rest[..open]);
        let inside = &rest[open + 1..];
        let name = inside.find('}').map(|close| &inside[..close]);
        match name.and_then(|name| Some((name, url.query_pairs().find(|(key, _)| key == name)?))) {
            Some((name, (_, value))) => {
                out.push_str(&written(&value));
                rest = &inside[name.len() + 1..];
            }
            None => {
                out.push('{');
                rest = inside;
            }
        }
    }
    out + rest
}

/// A text inside the quotes of JSON.
fn in_json(text: &str) -> String {
    let quoted = serde_json::Value::from(text).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}

/// A text as a form writes it.
fn in_form(text: &str) -> String {
    let mut url = Url::parse("http://form/").ok();
    url.as_mut().map(|url| url.query_pairs_mut().append_pair("", text).finish().as_str().to_owned());
    url.and_then(|url| url.query()?.strip_prefix('=').map(str::to_owned)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::source::epaper::describe::{Description, Layer, preset};

    fn sent(own: &str, url: &str) -> (String, String, String, Option<String>) {
        let layers = ["template/classic", "address/founder-classic"].map(|name| Layer::parse(preset(name).unwrap().text).unwrap());
        let layers = [Layer::parse(own).unwrap()].into_iter().chain(layers);
        let description = Description::new("https://paper.example/".parse().unwrap(), layers).unwrap();
        let request = request(&url.parse().unwrap(), &description.fetch);
        let kind = request.headers.get(CONTENT_TYPE).map(|kind| kind.to_str().unwrap().to_owned());
        (request.method.to_string(), request.url.to_string(), String::from_utf8(request.body.to_vec()).unwrap(), kind)
    }

    #[test]
    fn what_a_description_names_is_asked_by_post_with_its_query_as_the_body() {
        let form = Some("application/x-www-form-urlencoded".to_owned());
        let json = Some("application/json".to_owned());
        let asked = "https://paper.example/uv/page?date=2023-02-20&q=%E5%A0%A4%22%26{x}&n=1";
        let bare = "https://paper.example/uv/page".to_owned();
        let get = sent("fetch.post = ['/uv/']", "https://paper.example/html/x.htm?n=1");
        assert_eq!(get, ("GET".to_owned(), "https://paper.example/html/x.htm?n=1".to_owned(), String::new(), None));
        let query = asked.split_once('?').unwrap().1.to_owned();
        assert_eq!(sent("fetch.post = ['/uv/']", asked), ("POST".to_owned(), bare.clone(), query, form.clone()));
        let (method, _, body, kind) = sent("fetch.post = ['/uv/']\nfetch.post_body = 'json'", asked);
        let all = r#"{"date":"2023-02-20","n":"1","q":"堤\"&{x}"}"#;
        assert_eq!(
            (method.as_str(), serde_json::from_str::<serde_json::Value>(&body).unwrap()),
            ("POST", serde_json::from_str(all).unwrap())
        );
        assert_eq!(kind, json);
        let own = "fetch.post = ['/uv/']\nfetch.post_body = '{\"day\": \"{date}\", \"q\": \"{q}\", \"z\": \"{none}\"}'";
        let body = "{\"day\": \"2023-02-20\", \"q\": \"堤\\\"&{x}\", \"z\": \"{none}\"}".to_owned();
        assert_eq!(sent(own, asked), ("POST".to_owned(), bare.clone(), body, json));
        let own = "fetch.post = ['/uv/']\nfetch.post_body = 'd={date}&q={q}'";
        assert_eq!(sent(own, asked), ("POST".to_owned(), bare, "d=2023-02-20&q=%E5%A0%A4%22%26%7Bx%7D".to_owned(), form));
    }
}
