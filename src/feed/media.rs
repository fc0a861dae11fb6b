//! What goes with an article besides its text: its pictures, or the picture of its page, and the page
//! as a file. newsboy names them where they are and hands none over.

use super::address::encoded;
use super::content::Texts;
use crate::model::{Article, Facsimile, Measure};

/// Media types by the ending of a file's name, for sites that were not asked: those of the IANA's list
/// that a newspaper's pages have.
const TYPES: [(&str, &str); 11] = [
    ("jpg", "image/jpeg"),
    ("jpeg", "image/jpeg"),
    ("png", "image/png"),
    ("gif", "image/gif"),
    ("webp", "image/webp"),
    ("avif", "image/avif"),
    ("bmp", "image/bmp"),
    ("svg", "image/svg+xml"),
    ("tif", "image/tiff"),
    ("tiff", "image/tiff"),
    ("pdf", "application/pdf"),
];

/// A picture, or a page as a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Media {
    /// Its address, absolute and percent-encoded.
    pub url: String,
    /// What it is to a reader.
    pub medium: Medium,
    /// Its media type without parameters, where anything tells it.
    pub media_type: Option<String>,
    /// Its size in bytes, where its site said so; never a guess.
    pub bytes: Option<u64>,
    /// What stands below it. Plain text, one line, free of what reads as markup; may be empty.
    pub caption: String,
}

/// What a medium is to a reader, in the words of Media RSS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Medium {
    /// A picture.
    Image,
    /// A page as a file.
    Document,
}

impl Medium {
    /// Media RSS `medium`.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Image => "image",
            Self::Document => "document",
        }
    }
}

impl Media {
    /// `None` for an address that no reader could follow.
    fn of(url: &str, medium: Medium, measure: Option<&Measure>, caption: String) -> Option<Self> {
        if !url.starts_with("http://") && !url.starts_with("https://") {
            return None;
        }
        let measured = measure.and_then(|measure| measure.media_type.as_deref()).filter(|name| is_of(medium, name));
        let media_type = measured.or_else(|| type_by_ending(url)).map(str::to_owned);
        Some(Self { url: encoded(url), medium, media_type, bytes: measure.map(|measure| measure.bytes), caption })
    }

    /// What RSS must know of an enclosure: size and type.
    pub(super) fn as_enclosure(&self) -> Option<(u64, &str)> {
        Some((self.bytes?, self.media_type.as_deref()?))
    }
}

/// The media of an article: its pictures, or where it has none, the picture of its page; then the page as
/// a file.
pub(super) fn media(article: &Article, facsimile: &Facsimile, texts: Texts) -> Vec<Media> {
    let pictures = article.site.iter().flat_map(|site| &site.pictures).filter_map(|picture| {
        let caption = picture.caption.as_deref().map(|caption| texts.label(caption)).unwrap_or_default();
        Media::of(&picture.url, Medium::Image, picture.measure.as_ref(), caption)
    });
    let of_page = |url: &Option<String>, medium, measure: &Option<Measure>| {
        url.as_deref().and_then(|url| Media::of(url, medium, measure.as_ref(), String::new()))
    };
    let mut media: Vec<Media> = pictures.collect();
    if media.is_empty() {
        media.extend(of_page(&facsimile.image, Medium::Image, &facsimile.image_measure));
    }
    media.extend(of_page(&facsimile.pdf, Medium::Document, &facsimile.pdf_measure));
    media
}

/// Whether a media type is one of the medium's. Servers that do not know a file call it bytes
/// (`application/octet-stream`) or text, which says less than its name.
fn is_of(medium: Medium, media_type: &str) -> bool {
    match medium {
        Medium::Image => media_type.strip_prefix("image/").is_some_and(is_token),
        Medium::Document => media_type == "application/pdf",
    }
}

/// Whether a text is a token of HTTP (RFC 9110, section 5.6.2), as the halves of a media type are.
fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b))
}

fn type_by_ending(url: &str) -> Option<&'static str> {
    let path = url.split(['?', '#']).next()?;
    let (_, ending) = path.rsplit('/').next()?.rsplit_once('.')?;
    TYPES.iter().find(|(known, _)| ending.eq_ignore_ascii_case(known)).map(|(_, media_type)| *media_type)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{OnSite, Picture};

    fn picture(url: &str, measure: Option<Measure>) -> Picture {
        Picture { url: url.to_owned(), caption: Some("白鹭\n起飞 <b>".to_owned()), measure }
    }

    fn of(pictures: Vec<Picture>, facsimile: &Facsimile) -> Vec<Media> {
        let article = Article { site: Some(Box::new(OnSite { pictures, ..OnSite::default() })), ..Article::default() };
        media(&article, facsimile, Texts::of(None))
    }

    fn measure(bytes: u64, media_type: &str) -> Option<Measure> {
        Some(Measure { bytes, media_type: Some(media_type.to_owned()) })
    }

    #[test]
    fn what_the_site_says_of_a_picture_goes_before_the_ending_of_its_name() {
        let found = |url: &str, measure| of(vec![picture(url, measure)], &Facsimile::default()).remove(0);
        let jpeg = "https://paper.example/a.JPG?size=big.png";
        assert_eq!(found(jpeg, None).as_enclosure(), None, "no size is made up");
        assert_eq!(found(jpeg, None).media_type.as_deref(), Some("image/jpeg"));
        assert_eq!(found(jpeg, measure(7, "image/webp")).as_enclosure(), Some((7, "image/webp")));
        for useless in ["application/octet-stream", "text/html", "image/", "image/a b"] {
            assert_eq!(found(jpeg, measure(7, useless)).as_enclosure(), Some((7, "image/jpeg")), "{useless}");
        }
        let nameless = "https://paper.example/pic?id=3";
        assert_eq!(found(nameless, Some(Measure { bytes: 7, media_type: None })).as_enclosure(), None);
        assert_eq!(found(nameless, None).caption, "白鹭 起飞 ＜b>");
    }

    #[test]
    fn the_picture_of_the_page_stands_in_for_an_article_s_own() {
        let own = "https://paper.example/a.jpg";
        let facsimile = Facsimile {
            image: Some("https://paper.example/01.jpg".to_owned()),
            pdf: Some("https://paper.example/01|a.pdf".to_owned()),
            pdf_measure: measure(9, "application/octet-stream"),
            ..Facsimile::default()
        };
        let urls = |media: Vec<Media>| media.into_iter().map(|media| media.url).collect::<Vec<_>>();
        let pdf = "https://paper.example/01%7Ca.pdf";
        assert_eq!(urls(of(vec![picture(own, None)], &facsimile)), [own, pdf]);
        assert_eq!(urls(of(Vec::new(), &facsimile)), ["https://paper.example/01.jpg", pdf]);
        assert_eq!(of(Vec::new(), &facsimile)[1].as_enclosure(), Some((9, "application/pdf")));
        assert_eq!(of(vec![picture("ftp://paper.example/a.jpg", None)], &Facsimile::default()), []);
    }
}
