//! Guards made of guards.

use std::borrow::Cow;

use super::{ClaimFailure, ClaimFailures, Guard, Subject};

/// Both must hold: [`Guard::and`].
#[derive(Debug, Clone, Copy, Default)]
pub struct And<A, B>(pub(super) A, pub(super) B);

/// One must hold: [`Guard::or`].
#[derive(Debug, Clone, Copy, Default)]
pub struct Or<A, B>(pub(super) A, pub(super) B);

/// It must not hold: [`Guard::not`].
#[derive(Debug, Clone, Copy, Default)]
pub struct Not<A>(pub(super) A);

impl<P, A: Guard<P>, B: Guard<P>> Guard<P> for And<A, B> {
    fn id(&self) -> Cow<'static, str> {
        format!("{} and {}", self.0.id(), self.1.id()).into()
    }

    fn check(&self, subject: &Subject<'_, P>) -> Result<(), ClaimFailures> {
        match (self.0.check(subject), self.1.check(subject)) {
            (Ok(()), Ok(())) => Ok(()),
            (Err(first), Err(second)) => Err(first.and(second)),
            (Err(failures), Ok(())) | (Ok(()), Err(failures)) => Err(failures),
        }
    }

    fn stale(&self, subject: &Subject<'_, P>, names: &mut Vec<&'static str>) {
        self.0.stale(subject, names);
        self.1.stale(subject, names);
    }
}

impl<P, A: Guard<P>, B: Guard<P>> Guard<P> for Or<A, B> {
    fn id(&self) -> Cow<'static, str> {
        format!("{} or {}", self.0.id(), self.1.id()).into()
    }

    fn check(&self, subject: &Subject<'_, P>) -> Result<(), ClaimFailures> {
        let Err(first) = self.0.check(subject) else { return Ok(()) };
        let Err(second) = self.1.check(subject) else { return Ok(()) };
        Err(first.and(second))
    }

    /// The second is asked only where the first does not hold, and so it is with its claims.
    fn stale(&self, subject: &Subject<'_, P>, names: &mut Vec<&'static str>) {
        self.0.stale(subject, names);
        if self.0.check(subject).is_err() {
            self.1.stale(subject, names);
        }
    }
}

impl<P, A: Guard<P>> Guard<P> for Not<A> {
    fn id(&self) -> Cow<'static, str> {
        format!("not {}", self.0.id()).into()
    }

    fn check(&self, subject: &Subject<'_, P>) -> Result<(), ClaimFailures> {
        match self.0.check(subject) {
            Ok(()) => Err(ClaimFailure::new(self.id()).into()),
            Err(_) => Ok(()),
        }
    }

    fn stale(&self, subject: &Subject<'_, P>, names: &mut Vec<&'static str>) {
        self.0.stale(subject, names);
    }
}
