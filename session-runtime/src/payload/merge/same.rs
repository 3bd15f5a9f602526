//! Whether two values are the same in the store: their JSON is, whatever order a map was written in.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::payload::codec::stored_text;
use crate::payload::{PayloadError, SessionData};

/// The names of a JSON object with their values, which stay text: a number is not rounded on the way.
pub(super) type Json = BTreeMap<String, Box<RawValue>>;

/// The data as the store would keep it.
pub(super) fn object<D: SessionData>(data: &D) -> Result<Json, PayloadError> {
    let text = stored_text(D::KIND, data)?;
    serde_json::from_str(&text).map_err(|_| PayloadError::NotAnObject { kind: D::KIND })
}

/// Whether the two have the same value under a name, or both have none.
pub(super) fn same(left: &Json, right: &Json, name: &str) -> bool {
    match (left.get(name), right.get(name)) {
        (Some(left), Some(right)) => same_text(left.get(), right.get()),
        (left, right) => left.is_none() && right.is_none(),
    }
}

/// A `HashMap` is written in another order each time it was read; what is inside of it can hold another.
fn same_text(left: &str, right: &str) -> bool {
    if left == right {
        return true;
    }
    match (left.as_bytes().first(), right.as_bytes().first()) {
        (Some(b'{'), Some(b'{')) => {
            let (Some(left), Some(right)) = (read::<Names<'_>>(left), read::<Names<'_>>(right)) else { return false };
            left.keys().eq(right.keys())
                && left.values().zip(right.values()).all(|(left, right)| same_text(left.get(), right.get()))
        }
        (Some(b'['), Some(b'[')) => {
            let (Some(left), Some(right)) = (read::<Items<'_>>(left), read::<Items<'_>>(right)) else { return false };
            left.len() == right.len() && left.iter().zip(&right).all(|(left, right)| same_text(left.get(), right.get()))
        }
        _ => false,
    }
}

type Names<'a> = BTreeMap<String, &'a RawValue>;
type Items<'a> = Vec<&'a RawValue>;

fn read<'a, T: Deserialize<'a>>(text: &'a str) -> Option<T> {
    serde_json::from_str(text).ok()
}

#[cfg(test)]
mod tests {
    use super::same_text;

    #[test]
    fn the_order_of_names_does_not_matter_at_any_depth() {
        assert!(same_text(r#"[{"a":1,"b":{"c":2,"d":3}}]"#, r#"[{"b":{"d":3,"c":2},"a":1}]"#));
    }

    #[test]
    fn the_order_of_elements_does() {
        assert!(!same_text("[1,2]", "[2,1]"));
        assert!(!same_text("[1]", "[1,1]"));
    }

    #[test]
    fn numbers_beyond_a_double_are_told_apart() {
        assert!(!same_text("[340282366920938463463374607431768211455]", "[340282366920938463463374607431768211454]"));
    }

    #[test]
    fn text_that_looks_like_an_object_is_text() {
        assert!(!same_text(r#""{}""#, "{}"));
        assert!(!same_text(r#"{"a":null}"#, "{}"));
    }
}
