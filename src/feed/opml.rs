//! The list of all feeds as OPML 2.0 (opml.org/spec2.opml), which readers import.

use std::borrow::Cow;

use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};
use quick_xml::{Error, Writer};

use super::content::Texts;
use super::rss::GENERATOR;
use super::{FeedConfig, Format, Heading, Site};

/// A feed with those that are parts of it.
#[derive(Debug, Clone)]
pub struct Listed {
    /// The feed.
    pub feed: Heading,
    /// Its sections and pages.
    pub parts: Vec<Heading>,
}

impl Listed {
    /// A feed without parts.
    pub fn alone(feed: &FeedConfig, site: &Site) -> Self {
        Self { feed: Heading::feed(feed, site), parts: Vec::new() }
    }
}

/// The list of `feeds` under `title`. It holds no time, so that it changes only as the feeds do.
///
/// # Errors
/// Writing into memory does not fail; the error is there because the writer's signature has one.
pub fn opml(title: &str, feeds: &[Listed]) -> Result<Vec<u8>, Error> {
    let mut writer = Writer::new(Vec::new());
    writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let opml = BytesStart::new("opml").with_attributes([("version", "2.0")]);
    writer.write_event(Event::Start(opml))?;
    writer.create_element("head").write_inner_content(|writer| {
        writer.create_element("title").write_text_content(BytesText::new(&Texts::of(None).label(title)))?;
        writer.create_element("ownerName").write_text_content(BytesText::new(GENERATOR))?;
        Ok(())
    })?;
    writer.write_event(Event::Start(BytesStart::new("body")))?;
    for Listed { feed, parts } in feeds {
        if parts.is_empty() {
            writer.write_event(Event::Empty(outline(feed)))?;
            continue;
        }
        // A group of its own, for readers take an outline that is a feed as one and pass over what is
        // in it.
        let name = Texts::of(None).label(&feed.title);
        let group = BytesStart::new("outline").with_attributes([("text", name.as_str()), ("title", name.as_str())]);
        writer.write_event(Event::Start(group))?;
        writer.write_event(Event::Empty(outline(feed)))?;
        for part in parts {
            writer.write_event(Event::Empty(outline(part)))?;
        }
        writer.write_event(Event::End(BytesEnd::new("outline")))?;
    }
    writer.write_event(Event::End(BytesEnd::new("body")))?;
    writer.write_event(Event::End(BytesEnd::new("opml")))?;
    Ok(writer.into_inner())
}

fn outline(feed: &Heading) -> BytesStart<'static> {
    let title = Texts::of(feed.language.as_deref()).label(&feed.title);
    let mut attributes: Vec<(&str, Cow<'_, str>)> = vec![
        ("type", "rss".into()),
        ("text", title.as_str().into()),
        ("title", title.as_str().into()),
        ("xmlUrl", feed.address(Format::Rss).into()),
        ("htmlUrl", feed.home.as_str().into()),
        ("version", "RSS2".into()),
    ];
    attributes.extend(feed.language.as_deref().map(|language| ("language", language.into())));
    BytesStart::new("outline").with_attributes(attributes.iter().map(|(name, value)| (*name, value.as_ref()))).into_owned()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::feed::specimen::{HOSTILE, config, site};

    #[test]
    fn a_list_of_feeds() {
        let site = site();
        let parts = vec![Heading::section(&site.sources[0], "要闻", &site)];
        let listed =
            [Listed { parts, ..Listed::alone(&config(), &site) }, Listed::alone(&FeedConfig { name: "水".to_owned(), ..config() }, &site)];
        let text = String::from_utf8(opml("云浦 & \"邻县\"", &listed).unwrap()).unwrap();
        insta::assert_snapshot!(text.replace("><", ">\n<"));
    }

    #[test]
    fn titles_that_break_xml_do_not() {
        for text in HOSTILE {
            let feed = FeedConfig { title: text.to_owned(), ..config() };
            let bytes = opml(text, &[Listed::alone(&feed, &site())]).unwrap();
            let mut reader = quick_xml::Reader::from_reader(bytes.as_slice());
            reader.config_mut().check_end_names = true;
            let mut outlines = 0;
            loop {
                match reader.read_event().unwrap() {
                    Event::Eof => break,
                    Event::Empty(element) if element.name().as_ref() == b"outline" => outlines += 1,
                    _ => {}
                }
            }
            assert_eq!(outlines, 1);
        }
    }
}
