//! Typed sessions.

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;
pub mod claims;
pub mod payload;
mod secret;

#[cfg(test)]
extern crate self as session_runtime;

pub use session_macros::{AccessTokenPayload, ClaimValue, SessionData};

pub use crate::claims::Claim;
pub use crate::payload::{AccessTokenPayload, ClaimValue, NoData, NoPayload, SessionData};
pub use crate::secret::Secret;
