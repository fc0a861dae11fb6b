//! What is published: each feed's bytes with their compressed twins, ready to be sent.
//!
//! Compressing costs a hundred times what sending does, so it is done once, when a feed changes.

use std::collections::{HashMap, HashSet};
use std::io::{self, Read, Write};
use std::sync::Arc;

use arc_swap::ArcSwap;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};

use super::Format;

/// gzip's level. A feed is compressed once and sent a thousand times.
const GZIP_LEVEL: u32 = 9;

/// Brotli's quality, from 0 to 11. For a feed of 315 KB 9 takes 65 ms and 11 takes 510 ms to save
/// another 8 % (`tests/bench/feeds.rs`): a page that lands is to be read at once.
const BROTLI_QUALITY: i32 = 9;

/// Brotli's window as a power of two: 4 MiB holds a whole feed, and every decoder allows it.
const BROTLI_WINDOW: i32 = 22;

/// Bytes of the hash that an entity tag shows: 128 bits.
const ETAG_BYTES: usize = 16;

/// One encoding of a representation, with the strong entity tag (RFC 9110, section 8.8.3) that
/// belongs to exactly these bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Encoded {
    /// The bytes as they are sent.
    pub bytes: Bytes,
    /// The entity tag with its quotes.
    pub etag: String,
}

impl Encoded {
    /// Takes bytes and makes their tag.
    pub fn new(bytes: impl Into<Bytes>) -> Self {
        let bytes = bytes.into();
        let hash = Sha256::digest(&bytes);
        let mut etag = String::with_capacity(2 * ETAG_BYTES + 2);
        etag.push('"');
        for byte in &hash[..ETAG_BYTES] {
            for nibble in [byte >> 4, byte & 15] {
                etag.push(char::from_digit(nibble.into(), 16).unwrap_or('0'));
            }
        }
        etag.push('"');
        Self { bytes, etag }
    }
}

/// A feed in one format, as it is published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Representation {
    /// The value of `Content-Type`.
    pub content_type: &'static str,
    /// The value of the `Link` header, where there is one.
    pub link: Option<String>,
    /// When the bytes last changed, in whole seconds.
    pub last_modified: DateTime<Utc>,
    /// The bytes themselves.
    pub identity: Encoded,
    /// The bytes for `Content-Encoding: gzip`.
    pub gzip: Encoded,
    /// The bytes for `Content-Encoding: br`.
    pub brotli: Encoded,
}

impl Representation {
    /// Compresses `bytes`, which were changed at `last_modified`.
    ///
    /// # Errors
    /// Those of the compressors, which write into memory.
    pub fn compress(format: Format, bytes: Vec<u8>, last_modified: DateTime<Utc>) -> io::Result<Self> {
        let (gzip, brotli) = (to_gzip(&bytes)?, to_brotli(&bytes)?);
        Ok(Self::of_twins(format, bytes, gzip, brotli, last_modified))
    }

    /// As [`Representation::compress`] for twins that were made before; one that does not unpack
    /// to `bytes` is made anew.
    ///
    /// # Errors
    /// Those of the compressors, which write into memory.
    pub fn restore(
        format: Format,
        bytes: Vec<u8>,
        gzip_twin: Option<Vec<u8>>,
        brotli_twin: Option<Vec<u8>>,
        last_modified: DateTime<Utc>,
    ) -> io::Result<Self> {
        let gzip = match gzip_twin.filter(|twin| unpacks_to(flate2::read::MultiGzDecoder::new(twin.as_slice()), &bytes)) {
            Some(twin) => twin,
            None => to_gzip(&bytes)?,
        };
        let brotli = match brotli_twin.filter(|twin| unpacks_to(brotli::Decompressor::new(twin.as_slice(), 4096), &bytes)) {
            Some(twin) => twin,
            None => to_brotli(&bytes)?,
        };
        Ok(Self::of_twins(format, bytes, gzip, brotli, last_modified))
    }

    /// The same with a `Link` header.
    pub fn linking(self, link: Option<String>) -> Self {
        Self { link, ..self }
    }

    fn of_twins(format: Format, bytes: Vec<u8>, gzip: Vec<u8>, brotli: Vec<u8>, last_modified: DateTime<Utc>) -> Self {
        Self {
            content_type: format.content_type(),
            link: None,
            last_modified: DateTime::from_timestamp(last_modified.timestamp(), 0).unwrap_or(last_modified),
            identity: Encoded::new(bytes),
            gzip: Encoded::new(gzip),
            brotli: Encoded::new(brotli),
        }
    }
}

/// The gzip and Brotli twins of some bytes, as feeds have them.
///
/// # Errors
/// Those of the compressors, which write into memory.
pub fn compress_twins(bytes: &[u8]) -> io::Result<(Vec<u8>, Vec<u8>)> {
    Ok((to_gzip(bytes)?, to_brotli(bytes)?))
}

/// The header carries neither a time nor a name, so that the same bytes give the same twin.
fn to_gzip(bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::with_capacity(bytes.len() / 2), flate2::Compression::new(GZIP_LEVEL));
    encoder.write_all(bytes)?;
    encoder.finish()
}

fn to_brotli(bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut out = Vec::with_capacity(bytes.len() / 2);
    let params =
        brotli::enc::BrotliEncoderParams { quality: BROTLI_QUALITY, lgwin: BROTLI_WINDOW, size_hint: bytes.len(), ..Default::default() };
    brotli::BrotliCompress(&mut &*bytes, &mut out, &params)?;
    Ok(out)
}

/// Whether `twin` unpacks to `bytes` and nothing more. A damaged twin, even one that would unpack
/// to gigabytes, is read no further than the first byte that differs.
fn unpacks_to(mut twin: impl Read, bytes: &[u8]) -> bool {
    let mut rest = bytes;
    let mut chunk = [0; 16 * 1024];
    loop {
        match twin.read(&mut chunk) {
            Ok(0) => return rest.is_empty(),
            Ok(n) => match rest.strip_prefix(&chunk[..n]) {
                Some(behind) => rest = behind,
                None => return false,
            },
            Err(_) => return false,
        }
    }
}

/// Everything that is published now. Reading never waits; a feed is replaced as a whole.
#[derive(Debug, Default)]
pub struct Publications(ArcSwap<HashMap<String, Arc<Representation>>>);

impl Publications {
    /// Nothing is published yet.
    pub fn new() -> Self {
        Self::default()
    }

    fn path(feed: &str, file_name: &str) -> String {
        format!("{feed}/{file_name}")
    }

    /// A feed by its name, in the format whose file has this name.
    pub fn get(&self, feed: &str, file_name: &str) -> Option<Arc<Representation>> {
        self.0.load().get(&Self::path(feed, file_name)).cloned()
    }

    /// Publishes a feed in all its formats at once.
    pub fn replace(&self, feed: &str, representations: &[(Format, Arc<Representation>)]) {
        self.0.rcu(|now| {
            let mut next = HashMap::clone(now);
            for (format, representation) in representations {
                next.insert(Self::path(feed, format.file_name()), Arc::clone(representation));
            }
            next
        });
    }

    /// Withdraws every feed whose name is not among `feeds`.
    pub fn retain(&self, feeds: &HashSet<&str>) {
        let kept = |path: &str| path.rsplit_once('/').is_some_and(|(feed, _)| feeds.contains(feed));
        if self.0.load().keys().all(|path| kept(path)) {
            return;
        }
        self.0
            .rcu(|now| now.iter().filter(|(path, _)| kept(path)).map(|(path, r)| (path.clone(), Arc::clone(r))).collect::<HashMap<_, _>>());
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn representation(text: &str) -> Arc<Representation> {
        Arc::new(Representation::compress(Format::Rss, text.as_bytes().to_vec(), DateTime::UNIX_EPOCH).unwrap())
    }

    #[test]
    fn the_twins_unpack_to_the_bytes_and_each_has_its_own_tag() {
        let text = "县城供水改造完成。".repeat(200);
        let made = representation(&text);
        assert!(unpacks_to(flate2::read::MultiGzDecoder::new(&*made.gzip.bytes), text.as_bytes()));
        assert!(unpacks_to(brotli::Decompressor::new(&*made.brotli.bytes, 4096), text.as_bytes()));
        let tags: HashSet<&str> = [&made.identity, &made.gzip, &made.brotli].iter().map(|e| e.etag.as_str()).collect();
        assert_eq!(tags.len(), 3);
        assert!(tags.iter().all(|t| t.len() == 34 && t.starts_with('"') && t.ends_with('"')));
        assert_eq!(made, representation(&text));
    }

    #[test]
    fn a_damaged_or_foreign_twin_is_made_anew() {
        let text = b"some text".repeat(50);
        let right = Representation::compress(Format::Atom, text.clone(), DateTime::UNIX_EPOCH).unwrap();
        let foreign = to_gzip(b"another text").unwrap();
        let mut longer = text.clone();
        longer.push(b'!');
        for (gz, br) in [
            (None, None),
            (Some(foreign), Some(to_brotli(b"another text").unwrap())),
            (Some(right.gzip.bytes[..20].to_vec()), Some(right.brotli.bytes[..10].to_vec())),
            (Some(to_gzip(&longer).unwrap()), Some(to_brotli(&longer).unwrap())),
        ] {
            assert_eq!(Representation::restore(Format::Atom, text.clone(), gz, br, DateTime::UNIX_EPOCH).unwrap(), right);
        }
    }

    #[test]
    fn a_sound_twin_is_kept_though_another_level_made_it() {
        let text = b"some text".repeat(50);
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(1));
        encoder.write_all(&text).unwrap();
        let twin = encoder.finish().unwrap();
        let restored = Representation::restore(Format::Rss, text, Some(twin.clone()), None, DateTime::UNIX_EPOCH).unwrap();
        assert_eq!(restored.gzip.bytes, twin);
    }

    #[test]
    fn a_feed_is_replaced_without_touching_the_others_and_a_dropped_one_goes() {
        let publications = Publications::new();
        publications.replace("a", &[(Format::Rss, representation("one")), (Format::Atom, representation("two"))]);
        publications.replace("b", &[(Format::Rss, representation("three"))]);
        let before = publications.get("b", "rss.xml").unwrap();
        publications.replace("a", &[(Format::Rss, representation("four"))]);
        assert!(Arc::ptr_eq(&before, &publications.get("b", "rss.xml").unwrap()));
        assert_eq!(publications.get("a", "rss.xml").unwrap().identity.bytes, "four");
        assert_eq!(publications.get("a", "atom.xml").unwrap().identity.bytes, "two");
        publications.retain(&HashSet::from(["b"]));
        assert!(publications.get("a", "rss.xml").is_none() && publications.get("b", "rss.xml").is_some());
    }
}
