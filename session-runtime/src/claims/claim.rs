//! A value with the time it was fetched.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;

/// A value with the time it was fetched: `{"v":…,"t":…}` on the wire, `t` in milliseconds since the epoch.
///
/// It is for what another system decides and may change behind the session's back: an e-mail address that was verified, the
/// roles in a directory. A guard can ask that the value be no older than it needs.
///
/// ```
/// use std::time::Duration;
/// use session_runtime::Claim;
///
/// let verified = Claim::at_millis(true, 1_700_000_000_000);
/// assert_eq!(serde_json::to_string(&verified)?, r#"{"v":true,"t":1700000000000}"#);
/// assert_eq!(verified.age_at_millis(1_700_000_060_000), Duration::from_secs(60));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Claim<T> {
    #[serde(rename = "v")]
    value: T,
    #[serde(rename = "t")]
    fetched_at: i64,
}

/// What a guard reads from a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reading<'a, T> {
    /// The value, if there is one.
    pub value: Option<&'a T>,
    /// When it was fetched, in milliseconds since the epoch; `None` for a field that does not say.
    pub fetched_at: Option<i64>,
}

/// The latest time that a browser keeps as a whole number, in milliseconds since the epoch: 2⁵³ − 1.
const LATEST: i64 = (1 << 53) - 1;

impl<T> Claim<T> {
    /// A value that was fetched at a time, in milliseconds since the epoch. A time before the epoch, or one that no browser
    /// could hold (beyond the year 287,000), is moved to the nearest that can be.
    pub const fn at_millis(value: T, fetched_at: i64) -> Self {
        let fetched_at = match fetched_at {
            ..0 => 0,
            0..=LATEST => fetched_at,
            _ => LATEST,
        };
        Self { value, fetched_at }
    }

    /// A value that was fetched at a time, such as [`Sessions::now`](crate::Sessions::now); see [`at_millis`](Self::at_millis).
    pub const fn at(value: T, fetched_at: Timestamp) -> Self {
        Self::at_millis(value, fetched_at.as_millis())
    }

    /// The value.
    pub const fn value(&self) -> &T {
        &self.value
    }

    /// The value alone.
    pub fn into_value(self) -> T {
        self.value
    }

    /// When it was fetched, in milliseconds since the epoch.
    pub const fn fetched_at(&self) -> i64 {
        self.fetched_at
    }

    /// How old the value is at a time, in milliseconds since the epoch. One from the future is new.
    pub const fn age_at_millis(&self, now: i64) -> Duration {
        age(self.fetched_at, now)
    }
}

/// The time between two times, none if it would be negative.
pub(super) const fn age(fetched_at: i64, now: i64) -> Duration {
    let millis = now.saturating_sub(fetched_at);
    Duration::from_millis(if millis > 0 { millis.unsigned_abs() } else { 0 })
}
