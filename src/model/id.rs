//! Identifiers: prefixed, typed, given once and then only read back from the store.

use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// Crockford's base 32 in lower case: no letter that a person reads as a digit.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// Characters of an identifier behind its prefix: 80 bits, so that a collision among a billion
/// articles has a chance below one in a million.
const ID_CHARS: usize = 16;

/// SHA-256 over the parts, each preceded by its length so that ("ab", "c") and ("a", "bc") differ.
fn digest_of(parts: &[&[u8]]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hash.finalize().into()
}

fn base32(bytes: &[u8], chars: usize) -> String {
    let bit = |n: usize| bytes.get(n / 8).map_or(0, |b| usize::from(b >> (7 - n % 8) & 1));
    (0..chars).map(|c| ALPHABET[(0..5).fold(0, |v, b| v << 1 | bit(c * 5 + b))] as char).collect()
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $prefix:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// What every identifier of this type begins with.
            pub const PREFIX: &'static str = $prefix;

            /// A new identifier, fixed by what is known when the thing is first seen.
            ///
            /// The same parts give the same identifier, so that work which is done twice, or a
            /// store that is built anew from the same editions, announces nothing twice. It is
            /// called once a thing; afterwards the stored identifier is read back, whatever has
            /// become of the parts.
            pub fn assign(parts: &[&[u8]]) -> Self {
                Self(format!("{}{}", $prefix, base32(&digest_of(parts), ID_CHARS)))
            }

            /// Reads an identifier back; `None` where the text has not the form of one.
            pub fn parse(text: &str) -> Option<Self> {
                let tail = text.strip_prefix($prefix)?;
                (tail.len() == ID_CHARS && tail.bytes().all(|b| ALPHABET.contains(&b))).then(|| Self(text.to_owned()))
            }

            /// The identifier as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

id! {
    /// An article, from its first sight to the end of the archive.
    ArticleId, "art_"
}
id! {
    /// What one webhook gets for one slot of its schedule.
    DigestId, "dig_"
}
id! {
    /// One message of a digest to one webhook. It is the `webhook-id` (or the service's own
    /// idempotency key) of every attempt.
    DeliveryId, "dlv_"
}

/// SHA-256 of a page's bytes: the key of the work done on them.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ContentHash(String);

impl ContentHash {
    /// The hash of `bytes`, in lower-case hexadecimal digits.
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).iter().map(|b| format!("{b:02x}")).collect())
    }

    /// Takes a hash that was stored before.
    pub fn from_stored(text: String) -> Self {
        Self(text)
    }

    /// Its first sixty bits, for where a number is enough to tell states apart.
    pub fn number(&self) -> i64 {
        i64::from_str_radix(self.0.get(..15).unwrap_or_default(), 16).unwrap_or_default()
    }

    /// The 64 hexadecimal digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_parts_give_the_same_id_and_the_split_of_the_parts_counts() {
        assert_eq!(ArticleId::assign(&[b"ab", b"c"]), ArticleId::assign(&[b"ab", b"c"]));
        assert_ne!(ArticleId::assign(&[b"ab", b"c"]), ArticleId::assign(&[b"a", b"bc"]));
    }

    #[test]
    fn an_id_reads_back_and_another_prefix_or_letter_does_not() {
        let id = ArticleId::assign(&[b"x"]);
        assert_eq!(ArticleId::parse(id.as_str()), Some(id.clone()));
        assert_eq!(DigestId::parse(id.as_str()), None);
        assert_eq!(ArticleId::parse("art_il0o000000000000"), None);
    }
}
