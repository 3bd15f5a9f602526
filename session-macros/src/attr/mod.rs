//! Reads attributes, ours and serde's, into plain fields. Later steps never look at raw attributes again.

mod claim;
mod container;
mod item;
mod merge;
mod serde;

pub(crate) use self::claim::{Claim, Half, Mark};
pub(crate) use self::container::Container;
pub(crate) use self::item::Bound;
pub(crate) use self::merge::{Merge, Rule};
pub(crate) use self::serde::{Names, Serde, Via};
