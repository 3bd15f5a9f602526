//! The integration tests: one binary, linked once.

mod typed_claims;
mod ui;
