//! What generated code names. No part of the public interface: it changes without notice, with the macro crate, whose version
//! is pinned to this one's.

pub use std::default::Default;
pub use std::marker::{Send, Sync};
pub use std::mem::swap;
pub use std::option::Option::{self, None, Some};
pub use std::result::Result;

pub use serde::de::DeserializeOwned;
pub use serde::{self, Serialize};

pub use crate::claims::Key;
pub use crate::payload::generated::*;
pub use crate::payload::{
    AccessTokenPayload, ClaimValue, Collection, Content, Counter, DataField, DataHalf, Field, Limits, NoData,
    PayloadError, Plain, Schema, Sequence, SessionData, Tagging, TokenHalf, Travels, Unreadable, Variant,
};
