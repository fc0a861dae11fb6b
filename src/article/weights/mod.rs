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
mod merge;
mod news;
mod owner;
mod owner_again;
mod paragraph;
mod part;
mod photo;
mod rival;
mod rival_again;
mod role;
mod same;
mod same_again;
mod shed;
mod sure;
mod take;
mod tile;

pub(crate) use gap::GAP;
pub(crate) use news::NEWS;
pub(crate) use owner::OWNER;
pub(crate) use owner_again::OWNER_AGAIN;
pub(crate) use part::PART;
pub(crate) use photo::PHOTO;
pub(crate) use role::ROLE;
pub(crate) use same::SAME;
pub(crate) use same_again::SAME_AGAIN;
pub(crate) use shed::SHED;
pub(crate) use sure::SURE;
pub(crate) use take::TAKE;

use super::forest::Planted;

// Those that are asked about many rows at once.
pub(crate) static CLASS: [Planted; 6] = [
    Planted::of(&class::CLASS[0]),
    Planted::of(&class::CLASS[1]),
    Planted::of(&class::CLASS[2]),
    Planted::of(&class::CLASS[3]),
    Planted::of(&class::CLASS[4]),
    Planted::of(&class::CLASS[5]),
];
pub(crate) static CLASS_AGAIN: [Planted; 6] = [
    Planted::of(&class::CLASS_AGAIN[0]),
    Planted::of(&class::CLASS_AGAIN[1]),
    Planted::of(&class::CLASS_AGAIN[2]),
    Planted::of(&class::CLASS_AGAIN[3]),
    Planted::of(&class::CLASS_AGAIN[4]),
    Planted::of(&class::CLASS_AGAIN[5]),
];
pub(crate) static EDGE: [Planted; 2] = [Planted::of(&edge::EDGE[0]), Planted::of(&edge::EDGE[1])];
pub(crate) static GLUE: Planted = Planted::of(&glue::GLUE);
pub(crate) static LINK: Planted = Planted::of(&link::LINK);
pub(crate) static LINK_AGAIN: Planted = Planted::of(&link_again::LINK_AGAIN);
pub(crate) static MERGE: Planted = Planted::of(&merge::MERGE);
pub(crate) static PARAGRAPH: Planted = Planted::of(&paragraph::PARAGRAPH);
pub(crate) static RIVAL: Planted = Planted::of(&rival::RIVAL);
pub(crate) static RIVAL_AGAIN: Planted = Planted::of(&rival_again::RIVAL_AGAIN);
pub(crate) static TILE: Planted = Planted::of(&tile::TILE);
