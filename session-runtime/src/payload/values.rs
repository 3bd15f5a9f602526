//! The types of the standard library that may stand in a payload.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};
use std::hash::{BuildHasher, Hash};
use std::marker::PhantomData;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::num::{NonZeroI8, NonZeroI16, NonZeroI32, NonZeroI64, NonZeroU8, NonZeroU16, NonZeroU32, NonZeroU64};

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{ClaimValue, Maybe, Plain, Schema, Timed};
use crate::claims::Claim;

macro_rules! claim_values {
    ($($ty:ty => $schema:expr,)*) => {$(
        impl ClaimValue for $ty {
            type Form = Plain;
            const SCHEMA: &'static Schema = &$schema;
        }
    )*};
}

macro_rules! integers {
    ($($ty:ident)*) => { claim_values!($($ty => Schema::Integer { min: $ty::MIN as i128, max: $ty::MAX as u128 },)*); };
}

/// A `NonZero` is described by the integers around it: one value more than it has.
macro_rules! non_zero {
    ($($ty:ident: $integer:ident)*) => {
        claim_values!($($ty => Schema::Integer { min: $integer::MIN as i128, max: $integer::MAX as u128 },)*);
    };
}

integers!(u8 u16 u32 u64 u128 usize i8 i16 i32 i64 i128 isize);
non_zero!(NonZeroU8: u8 NonZeroU16: u16 NonZeroU32: u32 NonZeroU64: u64);
non_zero!(NonZeroI8: i8 NonZeroI16: i16 NonZeroI32: i32 NonZeroI64: i64);

claim_values! {
    () => Schema::Null,
    bool => Schema::Bool,
    f32 => Schema::Float,
    f64 => Schema::Float,
    // The longest escape of one character is `\u0000`.
    char => Schema::Text { max_len: Some(6) },
    String => Schema::Text { max_len: None },
    Box<str> => Schema::Text { max_len: None },
    Cow<'static, str> => Schema::Text { max_len: None },
    Ipv4Addr => Schema::Text { max_len: Some(15) },
    Ipv6Addr => Schema::Text { max_len: Some(45) },
    IpAddr => Schema::Text { max_len: Some(45) },
    serde_json::Value => Schema::Any,
}

impl<T> ClaimValue for PhantomData<T> {
    type Form = Plain;
    const SCHEMA: &'static Schema = &Schema::Null;
}

impl<T: ClaimValue> ClaimValue for Option<T> {
    type Form = Maybe<T::Form>;
    const SCHEMA: &'static Schema = &Schema::Optional { inner: T::SCHEMA };
}

impl<T: ClaimValue> ClaimValue for Claim<T> {
    type Form = Timed;
    const SCHEMA: &'static Schema = &Schema::Timed { inner: T::SCHEMA };
}

impl<T: ClaimValue> ClaimValue for Box<T> {
    type Form = Plain;
    const SCHEMA: &'static Schema = T::SCHEMA;
}

/// A sequence of any number of elements: it has no bound of its own.
macro_rules! lists {
    ($([$($parameters:tt)*] $ty:ty,)*) => {$(
        impl<$($parameters)*> ClaimValue for $ty {
            type Form = Plain;
            const SCHEMA: &'static Schema = &Schema::List { item: T::SCHEMA, len: None };
        }
    )*};
}

lists! {
    [T: ClaimValue] Vec<T>,
    [T: ClaimValue] VecDeque<T>,
    [T: ClaimValue + Ord] BTreeSet<T>,
    [T: ClaimValue + Eq + Hash, S: BuildHasher + Default] HashSet<T, S>,
}

impl<T: ClaimValue, const N: usize> ClaimValue for [T; N]
where
    [T; N]: Serialize + DeserializeOwned,
{
    type Form = Plain;
    const SCHEMA: &'static Schema = &Schema::List { item: T::SCHEMA, len: Some(N) };
}

impl<K: ClaimValue + Ord, V: ClaimValue> ClaimValue for BTreeMap<K, V> {
    type Form = Plain;
    const SCHEMA: &'static Schema = &Schema::Map { key: K::SCHEMA, value: V::SCHEMA };
}

impl<K: ClaimValue + Eq + Hash, V: ClaimValue, S: BuildHasher + Default> ClaimValue for HashMap<K, V, S> {
    type Form = Plain;
    const SCHEMA: &'static Schema = &Schema::Map { key: K::SCHEMA, value: V::SCHEMA };
}

macro_rules! tuples {
    ($(($($parameter:ident)+))*) => {$(
        impl<$($parameter: ClaimValue),+> ClaimValue for ($($parameter,)+) {
            type Form = Plain;
            const SCHEMA: &'static Schema = &Schema::Tuple { items: &[$($parameter::SCHEMA),+] };
        }
    )*};
}

tuples! { (A) (A B) (A B C) (A B C D) (A B C D E) (A B C D E F) (A B C D E F G) (A B C D E F G H) }
