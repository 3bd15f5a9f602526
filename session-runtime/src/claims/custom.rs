//! Guards that look at something else than one field.

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use serde_json::{Value, json};

use super::{ClaimFailure, ClaimFailures, Guard, Subject, claim};

/// A guard made of a closure: [`ensure`].
#[derive(Clone)]
pub struct Ensure<F> {
    id: Cow<'static, str>,
    test: F,
}

/// A guard with an id and a test of one's own. The reason in the `Err` is what the client sees.
///
/// ```
/// use serde::{Deserialize, Serialize};
/// use session_runtime::AccessTokenPayload;
/// use session_runtime::claims::{Guard, Subject, ensure};
///
/// #[derive(Serialize, Deserialize, AccessTokenPayload)]
/// struct Shopper {
///     age: u8,
/// }
///
/// let adults = ensure("adult", |subject: &Subject<'_, Shopper>| {
///     let age = subject.payload().age;
///     if age >= 18 { Ok(()) } else { Err(serde_json::json!({ "age": age })) }
/// });
/// assert!(adults.check(&Subject::new(&Shopper { age: 18 }, 0)).is_ok());
/// assert_eq!(adults.check(&Subject::new(&Shopper { age: 3 }, 0)).unwrap_err().to_string(), "refused by `adult`");
/// ```
pub fn ensure<P, F>(id: impl Into<Cow<'static, str>>, test: F) -> Ensure<F>
where
    F: Fn(&Subject<'_, P>) -> Result<(), Value> + Send + Sync,
{
    Ensure { id: id.into(), test }
}

impl<P, F> Guard<P> for Ensure<F>
where
    F: Fn(&Subject<'_, P>) -> Result<(), Value> + Send + Sync,
{
    fn id(&self) -> Cow<'static, str> {
        self.id.clone()
    }

    fn check(&self, subject: &Subject<'_, P>) -> Result<(), ClaimFailures> {
        (self.test)(subject).map_err(|reason| ClaimFailure::new(self.id.clone()).because(reason).into())
    }
}

impl<F> fmt::Debug for Ensure<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ensure").field("id", &self.id).finish_non_exhaustive()
    }
}

/// A guard for what must not be done with a forgotten session: [`recently_authenticated`].
#[derive(Debug, Clone, Copy)]
pub struct RecentlyAuthenticated {
    within: Duration,
}

/// The user has proved who they are within a time: step-up authentication. Fits every payload; its id is
/// `recently-authenticated`. A session that does not know when that was is refused.
///
/// ```
/// use std::time::Duration;
/// use session_runtime::NoPayload;
/// use session_runtime::claims::{Guard, Subject, recently_authenticated};
///
/// let recent = recently_authenticated(Duration::from_secs(300));
/// let subject = Subject::new(&NoPayload, 300_000);
/// assert!(recent.check(&subject).is_err(), "not known");
/// assert!(recent.check(&subject.authenticated_at(0)).is_ok());
/// ```
#[must_use]
pub const fn recently_authenticated(within: Duration) -> RecentlyAuthenticated {
    RecentlyAuthenticated { within }
}

impl<P> Guard<P> for RecentlyAuthenticated {
    fn id(&self) -> Cow<'static, str> {
        "recently-authenticated".into()
    }

    fn check(&self, subject: &Subject<'_, P>) -> Result<(), ClaimFailures> {
        let age = subject.authenticated_at_millis().map(|at| claim::age(at, subject.now_millis()));
        if age.is_some_and(|age| age <= self.within) {
            return Ok(());
        }
        let reason = json!({
            "message": if age.is_some() { "expired" } else { "value does not exist" },
            "maxAgeInSeconds": self.within.as_secs(),
        });
        Err(ClaimFailure::new(Guard::<P>::id(self)).because(reason).into())
    }
}
