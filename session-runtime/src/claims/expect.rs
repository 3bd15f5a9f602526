//! What a guard expects of a claim's value, named on the wire as the session protocol names it.

use std::collections::{BTreeSet, HashSet, VecDeque};
use std::hash::{BuildHasher, Hash};

use serde::Serialize;
use serde_json::Value;

/// What is expected of a value.
pub trait Expectation<V>: Send + Sync {
    /// The name of the expected value in a failure.
    const NAME: &'static str;

    /// The same where there is no value to compare with.
    const NAME_WITHOUT_VALUE: &'static str = Self::NAME;

    /// Whether the value is as expected.
    fn holds(&self, value: &V) -> bool;

    /// The expected value, for the failure.
    fn expected(&self) -> Value;
}

/// A value with elements that a guard can ask for: sequences and sets.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no elements that could be included or excluded",
    label = "this key is for one value",
    note = "compare it with `is(…)`, or declare the field as a `Vec<_>`, an array or a set"
)]
pub trait Elements {
    /// One element.
    type Item;

    /// Whether it is among them.
    fn has(&self, item: &Self::Item) -> bool;
}

/// Equal: [`Key::is`](super::Key::is).
#[derive(Debug, Clone, Copy)]
pub struct Is<V>(pub(super) V);

/// Among the elements: [`Key::includes`](super::Key::includes).
#[derive(Debug, Clone, Copy)]
pub struct Includes<I>(pub(super) I);

/// Not among the elements: [`Key::excludes`](super::Key::excludes).
#[derive(Debug, Clone, Copy)]
pub struct Excludes<I>(pub(super) I);

/// All among the elements: [`Key::includes_all`](super::Key::includes_all).
#[derive(Debug, Clone)]
pub struct IncludesAll<I>(pub(super) Vec<I>);

/// One or more among the elements: [`Key::includes_any`](super::Key::includes_any).
#[derive(Debug, Clone)]
pub struct IncludesAny<I>(pub(super) Vec<I>);

/// None among the elements: [`Key::excludes_all`](super::Key::excludes_all).
#[derive(Debug, Clone)]
pub struct ExcludesAll<I>(pub(super) Vec<I>);

impl<V: PartialEq + Serialize + Send + Sync> Expectation<V> for Is<V> {
    const NAME: &'static str = "expectedValue";

    fn holds(&self, value: &V) -> bool {
        *value == self.0
    }

    fn expected(&self) -> Value {
        json(&self.0)
    }
}

macro_rules! expectations {
    ($($expectation:ident $name:literal $(without value $slip:literal)?, $holds:expr;)*) => {$(
        impl<V: Elements> Expectation<V> for $expectation<V::Item>
        where
            V::Item: Serialize + Send + Sync,
        {
            const NAME: &'static str = $name;
            $(const NAME_WITHOUT_VALUE: &'static str = $slip;)?

            fn holds(&self, value: &V) -> bool {
                let holds: fn(&$expectation<V::Item>, &V) -> bool = $holds;
                holds(self, value)
            }

            fn expected(&self) -> Value {
                json(&self.0)
            }
        }
    )*};
}

expectations! {
    Includes "expectedToInclude", |this, value| value.has(&this.0);
    Excludes "expectedToNotInclude", |this, value| !value.has(&this.0);
    IncludesAll "expectedToInclude", |this, value| this.0.iter().all(|item| value.has(item));
    // The other name in the case without a value is the protocol's, and front ends have learnt it.
    IncludesAny "expectedToIncludeAtLeastOneOf" without value "expectedToNotInclude",
        |this, value| this.0.iter().any(|item| value.has(item));
    ExcludesAll "expectedToNotInclude", |this, value| !this.0.iter().any(|item| value.has(item));
}

/// A value that cannot be written is left out: the failure is told all the same.
pub(super) fn json(value: &impl Serialize) -> Value {
    serde_json::to_value(value).unwrap_or_default()
}

macro_rules! elements {
    ($([$($parameters:tt)*] $ty:ty,)*) => {$(
        impl<$($parameters)*> Elements for $ty {
            type Item = T;

            fn has(&self, item: &T) -> bool {
                self.contains(item)
            }
        }
    )*};
}

elements! {
    [T: PartialEq] Vec<T>,
    [T: PartialEq] VecDeque<T>,
    [T: PartialEq, const N: usize] [T; N],
    [T: Ord] BTreeSet<T>,
    [T: Eq + Hash, S: BuildHasher] HashSet<T, S>,
}
