//! Signatures of messages (section 7.1).

use hmac::Hmac;
use sha2::{Sha256, Sha384, Sha512};

use crate::model::Secret;

/// How a message is signed. `sha1`, which the specification knows too, is broken and not offered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// HMAC of SHA-256.
    Sha256,
    /// HMAC of SHA-384.
    Sha384,
    /// HMAC of SHA-512.
    Sha512,
}

impl Method {
    /// Every method with its name.
    pub const ALL: [(&'static str, Self); 3] = [("sha256", Self::Sha256), ("sha384", Self::Sha384), ("sha512", Self::Sha512)];

    /// The value of `X-Hub-Signature` for a body: the method's name and the HMAC over the exact bytes.
    pub fn sign(self, secret: &Secret, body: &[u8]) -> String {
        let key = secret.expose().as_bytes();
        match self {
            Self::Sha256 => format!("sha256={}", hex(hmac::<Hmac<Sha256>>(key, body))),
            Self::Sha384 => format!("sha384={}", hex(hmac::<Hmac<Sha384>>(key, body))),
            Self::Sha512 => format!("sha512={}", hex(hmac::<Hmac<Sha512>>(key, body))),
        }
    }
}

fn hmac<M: hmac::Mac + hmac::KeyInit>(key: &[u8], body: &[u8]) -> Vec<u8> {
    // An HMAC takes keys of every length.
    let Ok(mut mac) = <M as hmac::KeyInit>::new_from_slice(key) else { return Vec::new() };
    mac.update(body);
    mac.finalize().into_bytes().to_vec()
}

fn hex(bytes: Vec<u8>) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 4231, test case 2.
    #[test]
    fn the_test_vectors_of_rfc_4231() {
        let (secret, body) = (Secret::new("Jefe"), b"what do ya want for nothing?");
        assert_eq!(Method::Sha256.sign(&secret, body), "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
        assert_eq!(
            Method::Sha384.sign(&secret, body),
            "sha384=af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e8e2240ca5e69e2c78b3239ecfab21649"
        );
        assert_eq!(
            Method::Sha512.sign(&secret, body),
            "sha512=164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737"
        );
    }
}
