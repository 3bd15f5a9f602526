//! Guards about who is behind a session: nobody known yet, or somebody who acts as the user.

use std::borrow::Cow;

use serde_json::json;

use super::{ClaimFailure, ClaimFailures, Guard, Subject};

/// A guard for what takes a known user: [`identified`].
#[derive(Debug, Clone, Copy)]
pub struct Identified;

/// A guard for what only the user may do: [`not_impersonated`].
#[derive(Debug, Clone, Copy)]
pub struct NotImpersonated;

/// The user has said who they are: the session is not anonymous. Fits every payload; its id is `identified`.
///
/// ```
/// use session_runtime::NoPayload;
/// use session_runtime::claims::{Guard, Subject, identified};
///
/// let subject = Subject::new(&NoPayload, 0);
/// assert!(identified().check(&subject.anonymous()).is_err());
/// assert!(identified().check(&Subject::new(&NoPayload, 0)).is_ok());
/// ```
#[must_use]
pub const fn identified() -> Identified {
    Identified
}

/// The user acts in person: nobody impersonates them. For changes of password, payment and consent. Fits every payload; its id is
/// `not-impersonated`.
///
/// ```
/// use session_runtime::NoPayload;
/// use session_runtime::claims::{Guard, Subject, not_impersonated};
///
/// let subject = Subject::new(&NoPayload, 0);
/// assert!(not_impersonated().check(&subject.acted_for_by("grace")).is_err());
/// assert!(not_impersonated().check(&Subject::new(&NoPayload, 0)).is_ok());
/// ```
#[must_use]
pub const fn not_impersonated() -> NotImpersonated {
    NotImpersonated
}

impl<P> Guard<P> for Identified {
    fn id(&self) -> Cow<'static, str> {
        "identified".into()
    }

    fn check(&self, subject: &Subject<'_, P>) -> Result<(), ClaimFailures> {
        passes(!subject.is_anonymous(), Guard::<P>::id(self))
    }
}

impl<P> Guard<P> for NotImpersonated {
    fn id(&self) -> Cow<'static, str> {
        "not-impersonated".into()
    }

    fn check(&self, subject: &Subject<'_, P>) -> Result<(), ClaimFailures> {
        passes(subject.actor().is_none(), Guard::<P>::id(self))
    }
}

fn passes(holds: bool, id: Cow<'static, str>) -> Result<(), ClaimFailures> {
    if holds {
        return Ok(());
    }
    let reason = json!({ "message": "wrong value", "expectedValue": true, "actualValue": false });
    Err(ClaimFailure::new(id).because(reason).into())
}
