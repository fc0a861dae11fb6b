//! Which encoding a page is in.

use encoding_rs::{Encoding, GB18030, UTF_8};
use regex::bytes::Regex;
use std::sync::LazyLock;

/// Bytes at a page's beginning in which its own word about its encoding is looked for; HTML asks for it
/// within the first 1024 (<https://html.spec.whatwg.org/multipage/semantics.html#charset>), and real
/// pages are late.
const META_WITHIN: usize = 4096;

/// The charset of a `<meta>` or an XML declaration.
static META: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r#"(?i)(?:charset\s*=\s*|<\?xml[^>]*?encoding\s*=\s*)["']?\s*([a-z0-9_:.-]+)"#).ok());

/// The text of a page, and how many of its characters were lost.
///
/// In this order: what the description says; a byte order mark; the header; UTF-8 where the whole is
/// that, for pages that are say gb2312 in their `<meta>`; the `<meta>`, where gb2312 and GBK are read as
/// GB18030, which holds both; GB18030. A header that names an encoding the bytes are not in is passed
/// over where they are UTF-8.
pub(in crate::source::epaper) fn decode(bytes: &[u8], header: Option<&str>, said: Option<&'static Encoding>) -> (String, usize) {
    if let Some(encoding) = said {
        return counted(bytes, encoding);
    }
    if let Some((encoding, mark)) = Encoding::for_bom(bytes) {
        return counted(&bytes[mark..], encoding);
    }
    let in_header = header.and_then(|header| header.split_once("charset=")).and_then(|(_, label)| known(label));
    let is_utf8 = std::str::from_utf8(bytes).is_ok();
    if let Some(encoding) = in_header.filter(|encoding| !is_utf8 || *encoding == UTF_8) {
        let (text, lost) = counted(bytes, encoding);
        if lost == 0 {
            return (text, 0);
        }
    }
    if is_utf8 {
        return counted(bytes, UTF_8);
    }
    let in_page = META.as_ref().and_then(|meta| meta.captures(&bytes[..bytes.len().min(META_WITHIN)]));
    let in_page = in_page.and_then(|found| known(&String::from_utf8_lossy(&found[1]))).filter(|encoding| *encoding != UTF_8);
    let candidates = [in_page, Some(GB18030), Some(UTF_8), in_header].into_iter().flatten();
    // The first one that loses nothing; where all do, the one that loses least.
    let mut best: Option<(String, usize)> = None;
    for encoding in candidates {
        let (text, lost) = counted(bytes, encoding);
        if lost == 0 {
            return (text, 0);
        }
        if best.as_ref().is_none_or(|(_, least)| lost < *least) {
            best = Some((text, lost));
        }
    }
    best.unwrap_or_default()
}

fn counted(bytes: &[u8], encoding: &'static Encoding) -> (String, usize) {
    let (text, had_errors) = encoding.decode_without_bom_handling(bytes);
    let lost = if had_errors { text.matches('\u{fffd}').count() } else { 0 };
    (text.into_owned(), lost)
}

/// The encoding of a label. What calls itself gb2312 or GBK is GB18030, which holds them.
fn known(label: &str) -> Option<&'static Encoding> {
    let label = label.trim().trim_matches(['"', '\'', ';', ' ']);
    let encoding = Encoding::for_label(label.as_bytes())?;
    Some(if encoding == encoding_rs::GBK { GB18030 } else { encoding })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 喆 and 瑄 are outside GB2312.
    const NAMES: &str = "<meta charset=gb2312>记者 陶喆 许瑄";

    #[test]
    fn the_bytes_count_more_than_what_is_said_of_them() {
        let (gbk, ..) = GB18030.encode(NAMES);
        let with_mark = [b"\xef\xbb\xbf".as_slice(), NAMES.as_bytes()].concat();
        for (bytes, header) in [
            (gbk.as_ref(), None),
            (gbk.as_ref(), Some("text/html; charset=utf-8")),
            (gbk.as_ref(), Some("text/html; charset=GB2312")),
            (NAMES.as_bytes(), None),
            (NAMES.as_bytes(), Some("text/html; charset=gb2312")),
            (with_mark.as_slice(), Some("text/html; charset=gbk")),
        ] {
            assert_eq!(decode(bytes, header, None), (NAMES.to_owned(), 0), "{header:?}");
        }
    }

    #[test]
    fn a_broken_character_costs_itself_and_no_other() {
        let (gbk, ..) = GB18030.encode(NAMES);
        let mut bytes = gbk.into_owned();
        bytes.insert(21, 0xff);
        let (text, lost) = decode(&bytes, None, None);
        assert!(lost > 0 && text.ends_with("许瑄"), "{text}");
    }

    #[test]
    fn a_traditional_page_is_read_by_its_own_word() {
        let page = "<meta charset='big5'>議會通過預算";
        let (big5, ..) = encoding_rs::BIG5.encode(page);
        assert_eq!(decode(&big5, None, None).0, page);
    }
}
