//! Temporary stand-in.

use crate::model::{Block, Page, Problem, RawPage};

/// Temporary stand-in.
pub fn read(raw: &RawPage) -> Page {
    let mut page = Page { number: raw.key.page.clone(), blocks: Vec::new(), problems: Vec::new() };
    match String::from_utf8(raw.bytes.clone()) {
        Ok(text) if text.contains('\0') => page.problems.push(Problem::new("page-binary", format!("{} is not text", raw.origin))),
        Ok(text) if text.trim().is_empty() => page.problems.push(Problem::new("page-empty", format!("{} holds no text", raw.origin))),
        Ok(text) => {
            let blocks = text.split("\n\n").filter(|block| !block.trim().is_empty());
            page.blocks = blocks.map(|block| Block { lines: block.lines().map(str::to_owned).collect() }).collect();
        }
        Err(_) => page.problems.push(Problem::new("page-binary", format!("{} is not text", raw.origin))),
    }
    page
}
