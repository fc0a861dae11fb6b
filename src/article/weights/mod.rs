//! The fitted numbers. `tests/train` writes the files beside this one and says how.

#![allow(unreachable_pub, reason = "the trainer writes plain statics")]
#![allow(clippy::approx_constant, reason = "a fitted number may come near a famous one")]

pub(crate) use super::forest::Forest;

mod class;
mod edge;
mod gap;
mod glue;
mod link;
mod link_again;
mod owner;
mod owner_again;
mod paragraph;
mod part;
mod photo;
mod role;
mod same;
mod same_again;
mod sure;
mod tile;

pub(crate) use class::{CLASS, CLASS_AGAIN};
pub(crate) use edge::EDGE;
pub(crate) use gap::GAP;
pub(crate) use glue::GLUE;
pub(crate) use link::LINK;
pub(crate) use link_again::LINK_AGAIN;
pub(crate) use owner::OWNER;
pub(crate) use owner_again::OWNER_AGAIN;
pub(crate) use paragraph::PARAGRAPH;
pub(crate) use part::PART;
pub(crate) use photo::PHOTO;
pub(crate) use role::ROLE;
pub(crate) use same::SAME;
pub(crate) use same_again::SAME_AGAIN;
pub(crate) use sure::SURE;
pub(crate) use tile::TILE;
