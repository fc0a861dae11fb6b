//! `newsboy read-page`: the process of its own that a PDF is read in. Nobody calls it by hand.

use newsboy::jobs::read_page;

use super::Failure;

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// What the page is called.
    #[arg(long)]
    page: String,
    /// Where the bytes came from, for people.
    #[arg(long)]
    origin: String,
}

pub(crate) fn run(arguments: Arguments) -> Result<(), Failure> {
    read_page::serve(arguments.page, arguments.origin).map_err(|error| Failure::Work(format!("cannot read the page: {error}")))
}
