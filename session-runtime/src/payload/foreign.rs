//! Identifiers and times that may stand in a payload: our own, and those of the crates that most programs have.
//!
//! Each length is that of the longest text that the type's `Serialize` writes; minting checks it again.

use super::{ClaimValue, Plain, Schema};
use crate::id::{SessionHandle, TenantId, UserId};

macro_rules! texts {
    ($($(#[$cfg:meta])? $ty:ty => $max_len:expr,)*) => {$(
        $(#[$cfg])?
        impl ClaimValue for $ty {
            type Form = Plain;
            const SCHEMA: &'static Schema = &Schema::Text { max_len: Some($max_len) };
        }
    )*};
}

texts! {
    SessionHandle => 36,
    TenantId => TenantId::MAX_CHARS,
    // Visible characters have four bytes at the most, and those that JSON escapes (`"` and `\`) take two.
    UserId => 4 * UserId::MAX_CHARS,
    uuid::Uuid => 36,
    // `+262142-12-31T23:59:59.999999999Z`, and with an offset in its place.
    #[cfg(feature = "chrono")]
    chrono::DateTime<chrono::Utc> => 33,
    #[cfg(feature = "chrono")]
    chrono::DateTime<chrono::FixedOffset> => 38,
    #[cfg(feature = "chrono")]
    chrono::NaiveDateTime => 32,
    #[cfg(feature = "chrono")]
    chrono::NaiveDate => 13,
    // `-9999-12-31 23:59:59.999999999 +23:59:59`, with room for the years that another crate may switch on.
    #[cfg(feature = "time")]
    time::OffsetDateTime => 43,
    #[cfg(feature = "time")]
    time::Date => 13,
}

#[cfg(test)]
mod tests {
    use serde::Serialize;

    use super::*;

    fn assert_longest<T: ClaimValue + Serialize>(values: impl IntoIterator<Item = T>) {
        let lengths = values.into_iter().map(|value| serde_json::to_string(&value).unwrap().len());
        let longest = lengths.max().unwrap();
        assert!(Some(longest) <= T::MAX_ENCODED_LEN, "{longest} {:?}", T::MAX_ENCODED_LEN);
    }

    #[test]
    fn identifiers_are_as_long_as_they_say() {
        assert_longest([uuid::Uuid::max()]);
        assert_longest(["\\", "\"", "é", "\u{10ffff}"].map(|c| UserId::new(c.repeat(128)).unwrap()));
        assert_longest([TenantId::new("a".repeat(64)).unwrap()]);
    }

    #[cfg(feature = "chrono")]
    #[test]
    fn times_of_chrono_are_as_long_as_they_say() {
        use chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime, Utc};
        let offset = FixedOffset::west_opt(86_399).unwrap();
        assert_longest([DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC]);
        assert_longest([DateTime::<Utc>::MAX_UTC.with_timezone(&offset)]);
        assert_longest([NaiveDateTime::MIN, NaiveDateTime::MAX]);
        assert_longest([NaiveDate::MIN, NaiveDate::MAX]);
    }

    #[cfg(feature = "time")]
    #[test]
    fn times_of_time_are_as_long_as_they_say() {
        use time::{Date, OffsetDateTime, PrimitiveDateTime, Time, UtcOffset};
        let offset = UtcOffset::from_hms(-23, -59, -59).unwrap();
        let last = Time::from_hms_nano(23, 59, 59, 999_999_999).unwrap();
        let at = |date| PrimitiveDateTime::new(date, last).assume_offset(offset);
        assert_longest::<OffsetDateTime>([at(Date::MIN), at(Date::MAX)]);
        assert_longest([Date::MIN, Date::MAX]);
    }
}
