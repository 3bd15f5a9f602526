//! What the derives accept, a file each: it is built as a user's crate is, and does what its test says.

#![allow(dead_code, unreachable_pub, reason = "a crate of a user has no use for all of it here")]

mod design;
mod enums;
mod evolution;
mod generics;
mod inside_a_function;
mod macro_rules;
mod merging;
mod renamed_crate;
mod split;
mod std_types;
mod transparent_over_an_object;
mod words;
