//! A guard made of a key.

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::expect::{self, Expectation};
use super::{ClaimFailure, ClaimFailures, Guard, Key, Reading, Subject, claim};
use crate::payload::{ClaimValue, Dated, Form, ValueOf};

/// A guard that expects something of one field: what the methods of [`Key`] make.
///
/// It refuses, in this order, a value that is not there, one that is too old, and one that is not as expected. A value that is
/// not there is refused by the excluding guards as well.
#[must_use = "a guard does nothing until it guards a handler or its `check` is called"]
pub struct Check<P, F, E> {
    key: Key<P, F>,
    expectation: E,
    max_age: Option<Duration>,
    id: Cow<'static, str>,
}

impl<P, F, E> Check<P, F, E> {
    pub(super) const fn new(key: Key<P, F>, expectation: E) -> Self {
        Self { key, expectation, max_age: None, id: Cow::Borrowed(key.name()) }
    }

    /// Gives the guard an id of its own; by default it is the field's name on the wire.
    pub fn id(mut self, id: impl Into<Cow<'static, str>>) -> Self {
        self.id = id.into();
        self
    }

    /// Refuses a value that was fetched longer ago. Only a field declared as [`Claim`](super::Claim) knows its age.
    ///
    /// [`Duration::ZERO`] asks for a value of this very millisecond: it is fetched anew on every check.
    pub fn no_older_than(mut self, max_age: Duration) -> Self
    where
        F: ClaimValue<Form: Dated>,
    {
        self.max_age = Some(max_age);
        self
    }
}

impl<P, F: ClaimValue, E: Expectation<ValueOf<F>>> Check<P, F, E> {
    fn read<'a>(&self, subject: &Subject<'a, P>) -> Reading<'a, ValueOf<F>>
    where
        F: 'a,
    {
        F::Form::read(self.key.of(subject.payload()))
    }

    /// The age where it is more than the guard allows.
    fn excess_age(&self, reading: &Reading<'_, ValueOf<F>>, subject: &Subject<'_, P>) -> Option<(Duration, Duration)> {
        let (max_age, fetched_at) = (self.max_age?, reading.fetched_at?);
        let age = claim::age(fetched_at, subject.now_millis());
        (age > max_age).then_some((age, max_age))
    }

    fn fail(&self, reason: Value) -> Result<(), ClaimFailures> {
        Err(ClaimFailure::new(self.id.clone()).because(reason).into())
    }

    fn reason(&self, message: &str, name: &str) -> Map<String, Value> {
        let expected = (name.to_owned(), self.expectation.expected());
        [("message".to_owned(), message.into()), expected].into_iter().collect()
    }
}

impl<P, F, E> Guard<P> for Check<P, F, E>
where
    F: ClaimValue,
    ValueOf<F>: Serialize,
    E: Expectation<ValueOf<F>>,
{
    fn id(&self) -> Cow<'static, str> {
        self.id.clone()
    }

    fn check(&self, subject: &Subject<'_, P>) -> Result<(), ClaimFailures> {
        let reading = self.read(subject);
        let Some(value) = reading.value else {
            return self.fail(self.reason("value does not exist", E::NAME_WITHOUT_VALUE).into());
        };
        if let Some((age, max_age)) = self.excess_age(&reading, subject) {
            return self.fail(json!({
                "message": "expired",
                "ageInSeconds": seconds(age),
                "maxAgeInSeconds": seconds(max_age),
            }));
        }
        if self.expectation.holds(value) {
            return Ok(());
        }
        let mut reason = self.reason("wrong value", E::NAME);
        reason.insert("actualValue".to_owned(), expect::json(value));
        self.fail(reason.into())
    }

    fn stale(&self, subject: &Subject<'_, P>, names: &mut Vec<&'static str>) {
        let reading = self.read(subject);
        let is_stale = reading.value.is_none() || self.excess_age(&reading, subject).is_some();
        if is_stale && !names.contains(&self.key.name()) {
            names.push(self.key.name());
        }
    }
}

/// Whole seconds as a whole number, others with their fraction, as a browser would write them.
fn seconds(duration: Duration) -> Value {
    if duration.subsec_millis() == 0 { duration.as_secs().into() } else { duration.as_secs_f64().into() }
}

impl<P, F, E: Clone> Clone for Check<P, F, E> {
    fn clone(&self) -> Self {
        Self { key: self.key, expectation: self.expectation.clone(), max_age: self.max_age, id: self.id.clone() }
    }
}

impl<P, F, E: fmt::Debug> fmt::Debug for Check<P, F, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Check")
            .field("id", &self.id)
            .field("key", &self.key)
            .field("expectation", &self.expectation)
            .field("max_age", &self.max_age)
            .finish()
    }
}
