//! Looks for mistakes: one function per rule, each with the forbidden input above it. All rules run, so that one build shows
//! every mistake. What needs the types behind the names is checked by the compiler, in constants that the expansion asks for.

mod evolution;
mod limits;
mod merging;
mod names;
mod secrets;
mod shape;
mod wire;

use crate::errors::Errors;
use crate::input::Input;

/// Runs every rule.
pub(crate) fn check(input: &Input, errors: &mut Errors) {
    shape::check(input, errors);
    names::check(input, errors);
    secrets::check(input, errors);
    wire::check(input, errors);
    limits::check(input, errors);
    evolution::check(input, errors);
    merging::check(input, errors);
}
