//! The files of the static twin, held against the rules of feeds.

use std::convert::Infallible;
use std::sync::Arc;

use reqwest::Url;

use super::orders::room;
use super::{Server, router};
use crate::feed::specimen::hostile;
use crate::feed::validity::{Expected, check};
use crate::feed::{Format, Site};
use crate::http::walk;
use crate::jobs::publish_feeds::newsroom::{day, noon};
use crate::model::{Article, Facsimile};

#[tokio::test]
async fn every_feed_of_the_twin_is_valid_where_it_is_found() {
    let mut room = room().await;
    room.site = Site { hub: None, is_static: true, ..room.site };
    room.feeds.retain(|feed| feed.token.is_none());
    let pdf = Some("https://paper.example.org/03.pdf".to_owned());
    room.facsimile = Some(Facsimile { pdf: pdf.clone(), ..Facsimile::default() });
    let articles = hostile().into_iter().map(|item| Article { section: None, ..item.article.article });
    room.print_page("yunpu", day(), "03", articles.collect()).await;
    let server = Server::start(room).await;
    let (site, mut feeds, mut with_pdf) = (&server.room.site, 0, 0);
    let walked = walk(router(Arc::clone(&server.served)), site, |file| {
        if let Some(format) = file.path.rsplit('/').next().and_then(Format::of_file) {
            // A browser's parser writes the address; it shares no code with what newsboy writes.
            let address = Url::parse(&format!("{}/{}", site.public_url, file.path)).unwrap();
            let expected = Expected { address: address.as_str(), now: noon() };
            assert_eq!(check(format, &file.bytes, &expected), [], "{address}");
            feeds += 1;
            with_pdf += usize::from(memchr::memmem::find(&file.bytes, pdf.as_deref().unwrap().as_bytes()).is_some());
        }
        Ok::<_, Infallible>(())
    });
    assert!(walked.await.is_ok());
    assert!(feeds >= 30, "{feeds}");
    assert!(with_pdf >= 9, "the page's file stands in {with_pdf}: published feeds and those on order name it");
}
