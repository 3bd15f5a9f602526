#![cfg_attr(feature = "axum", doc = include_str!("docs/crate.md"))]
#![cfg_attr(not(feature = "axum"), doc = "Typed sessions for Rust web services.")]
#![cfg_attr(not(feature = "axum"), allow(dead_code, unused_imports, reason = "some of the desk is there for the door"))]

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;
mod backoff;
pub mod claims;
mod clock;
mod config;
mod device;
mod error;
mod id;
pub mod payload;
mod reason;
mod scan;
mod secret;
mod sessions;
mod store;
mod token;
#[cfg(feature = "axum")]
mod web;

#[cfg(feature = "testing")]
pub mod testing;

#[cfg(test)]
extern crate self as session_runtime;

#[doc = include_str!("docs/access_token_payload.md")]
pub use session_macros::AccessTokenPayload;
#[doc = include_str!("docs/claim_value.md")]
pub use session_macros::ClaimValue;
#[doc = include_str!("docs/session_data.md")]
pub use session_macros::SessionData;

pub use crate::claims::Claim;
pub use crate::clock::{SystemClock, TimeProvider, Timestamp};
pub use crate::config::*;
pub use crate::error::{SessionError, SessionErrorKind, SetupError};
pub use crate::id::{Generation, IdError, SessionHandle, TenantId, UserId};
pub use crate::payload::{AccessTokenPayload, ClaimValue, NoData, NoPayload, SessionData};
pub use crate::reason::{CustomReason, RevocationReason, RevocationReasonError};
pub use crate::secret::Secret;
pub use crate::sessions::rotation;
pub use crate::sessions::{AuditEvent, AuditQuery, AuditRecord, EventSink, SessionEvent, SessionEventKind};
pub use crate::sessions::{
    DataEdit, FeedStatus, KeyInformation, KeyState, Migrations, PayloadRequest, PayloadVerdict, RefreshedSession,
    Session, SessionInformation, SessionPage, SessionTokens, Sessions, SessionsBuilder,
};
pub use crate::store::{Migrator, TablePrefix, TablePrefixError};
#[cfg(feature = "axum")]
pub use crate::web::{Authoritative, GuardFuture, GuardLayer, GuardService, Guarded, MaybeSession, Recent};
#[cfg(feature = "axum")]
pub use crate::web::{ResponseFuture, SessionLayer, SessionService};
