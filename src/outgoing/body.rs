//! Bodies, read up to a bound.

use std::io::Read;

use flate2::read::MultiGzDecoder;
use reqwest::Response;
use reqwest::header::CONTENT_ENCODING;

use super::OutgoingError;
use super::client::Limits;

/// Reads a body: at most [`Limits::body`] bytes on the wire, and as many after decompression.
pub(super) async fn read(mut response: Response, host: &str, limits: &Limits) -> Result<Vec<u8>, OutgoingError> {
    let limit = limits.body;
    let too_large = |unpacked| OutgoingError::TooLarge { host: host.to_owned(), limit, unpacked };
    let encoding = response.headers().get(CONTENT_ENCODING).map(|value| String::from_utf8_lossy(value.as_bytes()).trim().to_lowercase());
    if response.content_length().is_some_and(|length| length > limit as u64) {
        return Err(too_large(false));
    }
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| OutgoingError::of(error, host, limits.whole))? {
        if body.len() + chunk.len() > limit {
            return Err(too_large(false));
        }
        body.extend_from_slice(&chunk);
    }
    match encoding.as_deref() {
        None | Some("" | "identity") => Ok(body),
        // An answer without a body may carry the header of one.
        Some(_) if body.is_empty() => Ok(body),
        Some("gzip" | "x-gzip") => {
            let mut unpacked = Vec::new();
            let unpack = |why: std::io::Error| OutgoingError::Unpack { host: host.to_owned(), why: why.to_string() };
            MultiGzDecoder::new(body.as_slice()).take(limit as u64 + 1).read_to_end(&mut unpacked).map_err(unpack)?;
            if unpacked.len() > limit { Err(too_large(true)) } else { Ok(unpacked) }
        }
        Some(other) => {
            let why = format!("it is packed as {other:?}, and newsboy asked for gzip");
            Err(OutgoingError::Unpack { host: host.to_owned(), why })
        }
    }
}
