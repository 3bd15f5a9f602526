//! The typed name of a payload field.

use std::fmt;

use super::{Check, Elements, Excludes, ExcludesAll, Includes, IncludesAll, IncludesAny, Is};
use crate::payload::{ClaimValue, Form, ValueOf};

/// One element of a field's value.
type ItemOf<F> = <ValueOf<F> as Elements>::Item;

/// The typed name of a payload field: `Shopper::ROLE` for the field `role` of `Shopper`.
///
/// The derive makes one per field, as visible as the field. What a key is compared with must be of the field's type, and a
/// guard made of it fits handlers of its payload only.
pub struct Key<P, F> {
    name: &'static str,
    field: fn(&P) -> &F,
}

impl<P, F> Key<P, F> {
    #[doc(hidden)]
    pub const fn new(name: &'static str, field: fn(&P) -> &F) -> Self {
        Self { name, field }
    }

    /// The field's name on the wire, which is also the id of guards made of the key.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// The field of a payload.
    pub fn of<'a>(&self, payload: &'a P) -> &'a F {
        (self.field)(payload)
    }
}

/// What can be expected of a field. A value of another type than the field's does not compile.
impl<P, F: ClaimValue> Key<P, F> {
    /// The value is equal.
    pub const fn is(self, expected: ValueOf<F>) -> Check<P, F, Is<ValueOf<F>>> {
        Check::new(self, Is(expected))
    }

    /// The value is `true`.
    pub const fn is_true(self) -> Check<P, F, Is<bool>>
    where
        F: ClaimValue<Form: Form<F, Value = bool>>,
    {
        Check::new(self, Is(true))
    }

    /// The value is `false`.
    pub const fn is_false(self) -> Check<P, F, Is<bool>>
    where
        F: ClaimValue<Form: Form<F, Value = bool>>,
    {
        Check::new(self, Is(false))
    }

    /// The element is there.
    pub fn includes(self, item: ItemOf<F>) -> Check<P, F, Includes<ItemOf<F>>>
    where
        ValueOf<F>: Elements,
    {
        Check::new(self, Includes(item))
    }

    /// The element is not there.
    pub fn excludes(self, item: ItemOf<F>) -> Check<P, F, Excludes<ItemOf<F>>>
    where
        ValueOf<F>: Elements,
    {
        Check::new(self, Excludes(item))
    }

    /// Every one of the elements is there; none asked, none missing.
    pub fn includes_all(self, items: impl IntoIterator<Item = ItemOf<F>>) -> Check<P, F, IncludesAll<ItemOf<F>>>
    where
        ValueOf<F>: Elements,
    {
        Check::new(self, IncludesAll(items.into_iter().collect()))
    }

    /// At least one of the elements is there; none asked, none found.
    pub fn includes_any(self, items: impl IntoIterator<Item = ItemOf<F>>) -> Check<P, F, IncludesAny<ItemOf<F>>>
    where
        ValueOf<F>: Elements,
    {
        Check::new(self, IncludesAny(items.into_iter().collect()))
    }

    /// None of the elements is there; none asked, none in the way.
    pub fn excludes_all(self, items: impl IntoIterator<Item = ItemOf<F>>) -> Check<P, F, ExcludesAll<ItemOf<F>>>
    where
        ValueOf<F>: Elements,
    {
        Check::new(self, ExcludesAll(items.into_iter().collect()))
    }
}

impl<P, F> Clone for Key<P, F> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<P, F> Copy for Key<P, F> {}

impl<P, F> fmt::Debug for Key<P, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Key").field(&self.name).finish()
    }
}
