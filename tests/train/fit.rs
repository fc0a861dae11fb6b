//! Fits the numbers in `src/article/weights/` on typeset pages.
//!
//!     cargo run --release --example train -- STEP TRAIN_DIR HELD_DIR [PAGES]
//!
//! `README.md` beside this file has the whole way from articles to weights.
//!
//! Every step fits one decision on what the steps before it, as compiled in, make of the pages; so
//! the steps run in this order, each by a build of its own. The same pages give the same numbers.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, clippy::print_stderr, missing_docs)]
#![allow(unreachable_pub, clippy::needless_range_loop)]

mod boost;
mod causes;
mod joins;
mod lines_over;
mod pages;
mod steps;
mod summaries;

use std::path::Path;

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    // The summaries are fitted on the articles themselves, not on pages of them.
    if args == ["salience"] {
        return summaries::run();
    }
    let [step, train, held, rest @ ..] = args.as_slice() else {
        eprintln!("usage: train STEP TRAIN_DIR HELD_DIR [PAGES], or train salience");
        std::process::exit(2);
    };
    let limit = rest.first().and_then(|n| n.parse().ok()).unwrap_or(usize::MAX);
    let train = pages::load(Path::new(train), limit);
    let held = pages::load(Path::new(held), limit);
    steps::run(step, &train, &held);
}
