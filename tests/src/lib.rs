//! What the integration tests share: an application with two kinds of sessions, a client that keeps tokens as a browser or a mobile
//! app does, and a recorder of everything that is logged.
#![allow(missing_docs, missing_debug_implementations, reason = "read by the tests beside it only")]
#![allow(clippy::indexing_slicing, reason = "a test that indexes wrongly fails, as it should")]

pub mod app;
pub mod browser;
pub mod chaos;
pub mod client;
pub mod engine;
pub mod log;
pub mod machine;
pub mod plans;
pub mod process;
pub mod rows;
pub mod tunnel;
