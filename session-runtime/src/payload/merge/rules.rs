//! The rules of `#[session_data(merge = …)]`: what becomes of a field that both have changed. Pure functions of three values;
//! `None` is a conflict.

use std::cmp;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};
use std::hash::{BuildHasher, Hash};
use std::time::Duration;

/// What `#[session_data(merge = add)]` is for: whole numbers, and the time that something has taken.
///
/// Implement it for a number of your own.
///
/// ```
/// use session_runtime::payload::Counter;
///
/// assert_eq!(u32::add(&10, &12, &15), Some(17), "two more than the fifteen that are stored now");
/// assert_eq!(u32::add(&10, &4, &5), None, "six of the five that are left");
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no counter, so it cannot say `merge = add`",
    label = "expected a whole number",
    note = "`add` is for whole numbers and `Duration`; `append` is for text and sequences, `union` for sets and maps",
    note = "for a type of your own: `impl session_runtime::payload::Counter`"
)]
pub trait Counter: Sized {
    /// `theirs`, changed by as much as `mine` is away from `base`. `None` where that is no such number.
    fn add(base: &Self, mine: &Self, theirs: &Self) -> Option<Self>;
}

/// What `#[session_data(merge = append)]` is for: text and sequences that grow at their end.
///
/// ```
/// use session_runtime::payload::Sequence;
///
/// let list = |text: &str| text.chars().collect::<Vec<_>>();
/// assert_eq!(Sequence::append(&list("a"), &list("ab"), &list("ac")), Some(list("acb")));
/// assert_eq!(Sequence::append(&list("a"), &list(""), &list("ac")), Some(list("c")), "what is gone stays so");
/// assert_eq!(Sequence::append(&list("a"), &list("b"), &list("c")), None);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no sequence, so it cannot say `merge = append`",
    label = "expected `Vec`, `VecDeque` or `String`",
    note = "the elements must be `Clone` and `PartialEq`",
    note = "`add` is for whole numbers, `union` for sets and maps",
    note = "for a type of your own: `impl session_runtime::payload::Sequence`"
)]
pub trait Sequence: Sized {
    /// What one appended behind all that the other made of it, `theirs` first. `None` where both did more than append.
    fn append(base: &Self, mine: &Self, theirs: &Self) -> Option<Self>;
}

/// What `#[session_data(merge = union)]` is for: sets and maps.
///
/// ```
/// use std::collections::BTreeSet;
/// use session_runtime::payload::Collection;
///
/// let (base, mine, theirs) = (BTreeSet::from([1, 2]), BTreeSet::from([2, 3]), BTreeSet::from([1, 2, 4]));
/// assert_eq!(Collection::union(&base, &mine, &theirs), Some(BTreeSet::from([2, 3, 4])));
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no set or map, so it cannot say `merge = union`",
    label = "expected `BTreeSet`, `HashSet`, `BTreeMap` or `HashMap`",
    note = "elements and keys must be `Clone`, values `Clone` and `PartialEq`",
    note = "`append` is for text and sequences, `add` for whole numbers",
    note = "for a type of your own: `impl session_runtime::payload::Collection`"
)]
pub trait Collection: Sized {
    /// `theirs` with what `mine` gained since `base`, and without what it lost. `None` where a map has, under one key, what both
    /// have changed in different ways.
    fn union(base: &Self, mine: &Self, theirs: &Self) -> Option<Self>;
}

/// `merge = max`
pub fn greatest<T: Ord + Clone>(_base: &T, mine: &T, theirs: &T) -> Option<T> {
    Some(cmp::max(mine, theirs).clone())
}

/// `merge = min`
pub fn least<T: Ord + Clone>(_base: &T, mine: &T, theirs: &T) -> Option<T> {
    Some(cmp::min(mine, theirs).clone())
}

macro_rules! counters {
    ($($ty:ty: $add:ident, $sub:ident;)*) => {$(
        impl Counter for $ty {
            fn add(base: &Self, mine: &Self, theirs: &Self) -> Option<Self> {
                let step = mine.abs_diff(*base);
                if mine >= base { theirs.$add(step) } else { theirs.$sub(step) }
            }
        }
    )*};
}

counters! {
    u8: checked_add, checked_sub;
    u16: checked_add, checked_sub;
    u32: checked_add, checked_sub;
    u64: checked_add, checked_sub;
    u128: checked_add, checked_sub;
    usize: checked_add, checked_sub;
    // The step of a signed number can be twice as wide as the number: it is unsigned.
    i8: checked_add_unsigned, checked_sub_unsigned;
    i16: checked_add_unsigned, checked_sub_unsigned;
    i32: checked_add_unsigned, checked_sub_unsigned;
    i64: checked_add_unsigned, checked_sub_unsigned;
    i128: checked_add_unsigned, checked_sub_unsigned;
    isize: checked_add_unsigned, checked_sub_unsigned;
    Duration: checked_add, checked_sub;
}

impl<T: Clone + PartialEq> Sequence for Vec<T> {
    fn append(base: &Self, mine: &Self, theirs: &Self) -> Option<Self> {
        let behind_theirs = mine.strip_prefix(base.as_slice()).map(|added| [theirs, added].concat());
        behind_theirs.or_else(|| theirs.strip_prefix(base.as_slice()).map(|added| [mine, added].concat()))
    }
}

impl<T: Clone + PartialEq> Sequence for VecDeque<T> {
    fn append(base: &Self, mine: &Self, theirs: &Self) -> Option<Self> {
        let [base, mine, theirs] = [base, mine, theirs].map(|deque| deque.iter().cloned().collect::<Vec<_>>());
        <Vec<T> as Sequence>::append(&base, &mine, &theirs).map(Self::from)
    }
}

impl Sequence for String {
    fn append(base: &Self, mine: &Self, theirs: &Self) -> Option<Self> {
        let behind_theirs = mine.strip_prefix(base.as_str()).map(|added| [theirs, added].concat());
        behind_theirs.or_else(|| theirs.strip_prefix(base.as_str()).map(|added| [mine, added].concat()))
    }
}

/// The sets of the standard library have the same methods and no common trait; the maps neither.
macro_rules! union_of_sets {
    ($base:ident, $mine:ident, $theirs:ident) => {{
        let mut merged = $theirs.clone();
        merged.retain(|item| $mine.contains(item) || !$base.contains(item));
        merged.extend($mine.difference($base).cloned());
        Some(merged)
    }};
}

macro_rules! union_of_maps {
    ($base:ident, $mine:ident, $theirs:ident) => {{
        let mut merged = $theirs.clone();
        for key in $base.keys().chain($mine.keys()) {
            let (before, own, other) = ($base.get(key), $mine.get(key), $theirs.get(key));
            if own == before || own == other {
                continue;
            }
            if other != before {
                return None;
            }
            match own {
                Some(value) => merged.insert(key.clone(), value.clone()),
                None => merged.remove(key),
            };
        }
        Some(merged)
    }};
}

impl<T: Clone + Ord> Collection for BTreeSet<T> {
    fn union(base: &Self, mine: &Self, theirs: &Self) -> Option<Self> {
        union_of_sets!(base, mine, theirs)
    }
}

impl<T: Clone + Eq + Hash, S: Clone + BuildHasher> Collection for HashSet<T, S> {
    fn union(base: &Self, mine: &Self, theirs: &Self) -> Option<Self> {
        union_of_sets!(base, mine, theirs)
    }
}

impl<K: Clone + Ord, V: Clone + PartialEq> Collection for BTreeMap<K, V> {
    fn union(base: &Self, mine: &Self, theirs: &Self) -> Option<Self> {
        union_of_maps!(base, mine, theirs)
    }
}

impl<K: Clone + Eq + Hash, V: Clone + PartialEq, S: Clone + BuildHasher> Collection for HashMap<K, V, S> {
    fn union(base: &Self, mine: &Self, theirs: &Self) -> Option<Self> {
        union_of_maps!(base, mine, theirs)
    }
}
