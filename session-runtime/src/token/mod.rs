//! The vault: what tokens look like, how they are made and how they are opened.
//!
//! Pure: no `async`, no I/O, and the time is a parameter. It knows neither the store nor HTTP.

pub(crate) mod access;
pub(crate) mod csrf;
pub(crate) mod front;
pub(crate) mod key;
pub(crate) mod refresh;

mod b64;
mod mac;
mod reader;
mod text;
