//! Claims that know their age, typed keys, and guards: who may pass.
//!
//! Pure: nothing here reads the time, asks a database or waits. The time is part of the [`Subject`] that a guard looks at, and
//! fetching a claim anew is the caller's: [`Guard::stale`] says which claims a guard wants fetched first.
//!
//! ```
//! use std::time::Duration;
//! use serde::{Deserialize, Serialize};
//! use session_runtime::claims::{Guard, Subject};
//! use session_runtime::{AccessTokenPayload, Claim, ClaimValue};
//!
//! #[derive(PartialEq, Serialize, Deserialize, ClaimValue)]
//! enum Role {
//!     Customer,
//!     Admin,
//! }
//!
//! #[derive(Serialize, Deserialize, AccessTokenPayload)]
//! struct Shopper {
//!     role: Role,
//!     email_verified: Claim<bool>,
//! }
//!
//! let admins = Shopper::ROLE.is(Role::Admin);
//! let fresh = Shopper::EMAIL_VERIFIED.is_true().no_older_than(Duration::from_secs(300));
//!
//! let shopper = Shopper { role: Role::Customer, email_verified: Claim::at_millis(true, 0) };
//! let failures = admins.and(fresh).check(&Subject::new(&shopper, 300_001)).unwrap_err();
//! assert_eq!(
//!     serde_json::to_value(&failures)?,
//!     serde_json::json!([
//!         { "id": "role", "reason": { "message": "wrong value", "expectedValue": "Admin", "actualValue": "Customer" } },
//!         { "id": "email_verified", "reason": { "message": "expired", "ageInSeconds": 300.001, "maxAgeInSeconds": 300 } },
//!     ])
//! );
//! # Ok::<(), serde_json::Error>(())
//! ```

mod check;
mod claim;
mod compose;
mod custom;
mod expect;
mod failure;
mod guard;
mod identity;
mod key;

pub use self::check::Check;
pub use self::claim::{Claim, Reading};
pub use self::compose::{And, Not, Or};
pub use self::custom::{Ensure, RecentlyAuthenticated, ensure, recently_authenticated};
pub use self::expect::{Elements, Excludes, ExcludesAll, Expectation, Includes, IncludesAll, IncludesAny, Is};
pub use self::failure::{ClaimFailure, ClaimFailures};
pub use self::guard::{Guard, Subject};
pub use self::identity::{Identified, NotImpersonated, identified, not_impersonated};
pub use self::key::Key;
