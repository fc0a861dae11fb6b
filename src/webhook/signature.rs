//! HMAC-SHA256 (RFC 2104), which every signing service uses, each over something else.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// The HMAC-SHA256 of `message` under `key`, in base 64.
pub(super) fn hmac_sha256(key: &[u8], message: &[u8]) -> String {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { unreachable!("HMAC takes a key of any length (RFC 2104, section 3)") };
    mac.update(message);
    STANDARD.encode(mac.finalize().into_bytes())
}
