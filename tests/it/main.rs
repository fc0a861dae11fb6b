//! End to end: the real daemon against real files, a real HTTP receiver and real feed readers.
//!
//! Each test starts the built program in a folder of its own, as a user would. What a test needs
//! beyond the toolchain is installed by `tests/tools/install.sh`; where it is missing the test says
//! so and skips, and under `CI=true` it fails.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, clippy::print_stderr)]

mod bad_input;
mod browser;
mod commands;
mod crash;
mod delivery;
mod epaper;
mod hostile;
mod house;
mod landing;
mod layout;
mod load;
mod many;
mod page_pdfs;
mod pdf;
mod pdf_hostile;
mod pdf_maker;
mod peers;
mod programs;
mod readers;
mod receiver;
mod relay;
mod rss2email;
mod search;

mod services;
mod site;
mod sites;
mod subscriber;
mod twin;
mod websub;
mod words;
