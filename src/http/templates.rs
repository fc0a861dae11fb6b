//! The pages' templates. Their names end in `.html`, so that every value is escaped.

use std::sync::LazyLock;

use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, Error, UndefinedBehavior, escape_formatter};
use serde::Serialize;

/// The pages' style sheet.
pub(super) const STYLE: &str = include_str!("templates/style.css");

/// The style sheet of feeds that are opened in a browser.
pub(super) const FEED_STYLE: &str = include_str!("templates/feed.css");

/// The site's icon, and the same for browsers that ask for no other form: 16 by 16 pixels of two colours.
pub(super) const ICON_SVG: &str = include_str!("templates/favicon.svg");
pub(super) const ICON_ICO: &[u8] = include_bytes!("templates/favicon.ico");

const TEMPLATES: [(&str, &str); 9] = [
    ("base.html", include_str!("templates/base.html")),
    ("front.html", include_str!("templates/front.html")),
    ("edition.html", include_str!("templates/edition.html")),
    ("article.html", include_str!("templates/article.html")),
    ("pages.html", include_str!("templates/pages.html")),
    ("hits.html", include_str!("templates/hits.html")),
    ("search.html", include_str!("templates/search.html")),
    ("feeds.html", include_str!("templates/feeds.html")),
    ("message.html", include_str!("templates/message.html")),
];

static ENVIRONMENT: LazyLock<Result<Environment<'static>, Error>> = LazyLock::new(|| {
    let mut environment = Environment::new();
    // A name that is misspelt fails the tests instead of showing nothing.
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_syntax(SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build()?);
    environment.set_formatter(|out, state, value| match (value.as_str(), state.auto_escape()) {
        // minijinja's own escaping writes `/` as `&#x2f;`, which feed finders that read pages by
        // pattern do not undo.
        (Some(text), AutoEscape::Html) if !value.is_safe() => out.write_str(&escape(text)).map_err(Error::from),
        _ => escape_formatter(out, state, value),
    });
    for (name, source) in TEMPLATES {
        environment.add_template(name, source)?;
    }
    Ok(environment)
});

/// `text` as HTML: as the text of an element, or as the value of an attribute in quotes.
fn escape(text: &str) -> String {
    let mut html = String::with_capacity(text.len() + text.len() / 16);
    for c in text.chars() {
        match c {
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '&' => html.push_str("&amp;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            c => html.push(c),
        }
    }
    html
}

/// A page as HTML.
pub(super) fn render(template: &str, page: &impl Serialize) -> Result<String, Error> {
    let environment = ENVIRONMENT.as_ref().map_err(|error| Error::new(error.kind(), error.to_string()))?;
    environment.get_template(template)?.render(Serde(page))
}
