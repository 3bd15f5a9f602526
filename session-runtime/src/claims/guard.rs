//! Who may pass.

use std::borrow::Cow;
use std::sync::Arc;

use super::{And, ClaimFailures, Not, Or};

/// What a guard looks at.
#[derive(Debug)]
pub struct Subject<'a, P> {
    payload: &'a P,
    now_millis: i64,
    authenticated_at_millis: Option<i64>,
    actor: Option<&'a str>,
    anonymous: bool,
}

impl<'a, P> Subject<'a, P> {
    /// A payload at a time, in milliseconds since the epoch.
    pub const fn new(payload: &'a P, now_millis: i64) -> Self {
        Self { payload, now_millis, authenticated_at_millis: None, actor: None, anonymous: false }
    }

    /// Adds when the user last proved who they are, in milliseconds since the epoch.
    #[must_use]
    pub const fn authenticated_at(mut self, millis: i64) -> Self {
        self.authenticated_at_millis = Some(millis);
        self
    }

    /// Adds who acts as the user: impersonation.
    #[must_use]
    pub const fn acted_for_by(mut self, actor: &'a str) -> Self {
        self.actor = Some(actor);
        self
    }

    /// Adds that nobody has said who the user is.
    #[must_use]
    pub const fn anonymous(mut self) -> Self {
        self.anonymous = true;
        self
    }

    /// The payload of the session.
    #[must_use]
    pub const fn payload(&self) -> &'a P {
        self.payload
    }

    /// The time of the request, in milliseconds since the epoch.
    #[must_use]
    pub const fn now_millis(&self) -> i64 {
        self.now_millis
    }

    /// When the user last proved who they are, in milliseconds since the epoch; `None` when it is not known.
    #[must_use]
    pub const fn authenticated_at_millis(&self) -> Option<i64> {
        self.authenticated_at_millis
    }

    /// Who acts as the user, where somebody does.
    #[must_use]
    pub const fn actor(&self) -> Option<&'a str> {
        self.actor
    }

    /// Whether nobody has said who the user is.
    #[must_use]
    pub const fn is_anonymous(&self) -> bool {
        self.anonymous
    }
}

/// A rule about a session with the payload `P`: it lets the request pass, or says everything that is in the way.
///
/// Guards come from keys (`Shopper::ROLE.is(Role::Admin)`) and from [`ensure`](super::ensure), are put together with
/// [`and`](Self::and), [`or`](Self::or) and [`not`](Self::not), and are written by hand where a rule deserves a name. A guard
/// for one payload does not compile where another is guarded.
///
/// # Example: a rule with a name
///
/// ```
/// use std::borrow::Cow;
/// use serde::{Deserialize, Serialize};
/// use session_runtime::AccessTokenPayload;
/// use session_runtime::claims::{ClaimFailures, Guard, Subject};
///
/// #[derive(Serialize, Deserialize, AccessTokenPayload)]
/// struct Shopper {
///     level: u8,
/// }
///
/// #[derive(Default)]
/// struct GoldOnly;
///
/// impl Guard<Shopper> for GoldOnly {
///     fn id(&self) -> Cow<'static, str> {
///         "gold".into()
///     }
///
///     fn check(&self, subject: &Subject<'_, Shopper>) -> Result<(), ClaimFailures> {
///         Shopper::LEVEL.is(3).id(self.id()).check(subject)
///     }
/// }
///
/// assert!(GoldOnly.check(&Subject::new(&Shopper { level: 3 }, 0)).is_ok());
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no guard for sessions with the payload `{P}`",
    label = "this rule does not speak of `{P}`",
    note = "a guard made of a key fits the payload that the key belongs to: `{P}::…`"
)]
pub trait Guard<P>: Send + Sync {
    /// The name that a refusal carries to the client.
    fn id(&self) -> Cow<'static, str>;

    /// Whether the request may pass.
    ///
    /// # Errors
    ///
    /// Every reason why not, never only the first.
    fn check(&self, subject: &Subject<'_, P>) -> Result<(), ClaimFailures>;

    /// Adds the wire names of the claims that should be fetched anew before [`check`](Self::check): those without a value and
    /// those older than the guard allows. None by default.
    fn stale(&self, subject: &Subject<'_, P>, names: &mut Vec<&'static str>) {
        let _ = (subject, names);
    }

    /// Both must hold; a refusal carries the failures of both.
    fn and<G: Guard<P>>(self, other: G) -> And<Self, G>
    where
        Self: Sized,
    {
        And(self, other)
    }

    /// One of them must hold; a refusal carries the failures of both.
    fn or<G: Guard<P>>(self, other: G) -> Or<Self, G>
    where
        Self: Sized,
    {
        Or(self, other)
    }

    /// It must not hold.
    fn not(self) -> Not<Self>
    where
        Self: Sized,
    {
        Not(self)
    }
}

macro_rules! pointers {
    ($([$($parameters:tt)*] $ty:ty,)*) => {$(
        impl<$($parameters)*> Guard<P> for $ty {
            fn id(&self) -> Cow<'static, str> {
                (**self).id()
            }

            fn check(&self, subject: &Subject<'_, P>) -> Result<(), ClaimFailures> {
                (**self).check(subject)
            }

            fn stale(&self, subject: &Subject<'_, P>, names: &mut Vec<&'static str>) {
                (**self).stale(subject, names);
            }
        }
    )*};
}

pointers! {
    [P, G: Guard<P> + ?Sized] &G,
    [P, G: Guard<P> + ?Sized] Box<G>,
    [P, G: Guard<P> + ?Sized] Arc<G>,
}
