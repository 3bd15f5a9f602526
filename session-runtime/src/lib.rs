//! Typed sessions.

mod secret;

pub use crate::secret::Secret;
