//! The one source of time. Times are whole milliseconds since the epoch; a clock can be handed in, so that no test sleeps.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// A point in time: whole milliseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The time that lies `millis` milliseconds after the epoch.
    #[must_use]
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// Milliseconds since the epoch.
    #[must_use]
    pub const fn as_millis(self) -> i64 {
        self.0
    }

    /// Seconds since the epoch, rounded down: the NumericDate of RFC 7519 §2.
    #[must_use]
    pub const fn as_secs(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// The time `secs` seconds after the epoch; times beyond the range end at its end.
    #[must_use]
    pub const fn from_secs(secs: i64) -> Self {
        Self(secs.saturating_mul(1000))
    }

    /// This time and `duration` more; times beyond the range end at its end.
    #[must_use]
    pub fn after(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)))
    }

    /// This time, `duration` earlier; times beyond the range end at its end.
    #[must_use]
    pub fn before(self, duration: Duration) -> Self {
        Self(self.0.saturating_sub(i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)))
    }

    /// How long before `later` this time lies; zero where it does not.
    #[must_use]
    pub fn until(self, later: Self) -> Duration {
        Duration::from_millis(u64::try_from(later.0.saturating_sub(self.0)).unwrap_or(0))
    }
}

/// Tells the time. Implement it to bring a clock of your own; `testing::ManualClock` is one that is turned by hand.
pub trait TimeProvider: Send + Sync + 'static {
    /// The present time.
    fn now(&self) -> Timestamp;

    /// The present time, or one a few milliseconds before it where that is told faster. Every request asks it, for whether its access
    /// token has expired, whether the feed is stale, and when its session was last seen. What is issued or ended, and guards, ask the other.
    /// Default: [`now`](Self::now).
    fn now_coarse(&self) -> Timestamp {
        self.now()
    }
}

/// The operating system's clock, the default. On Linux the coarse one is what the kernel noted at its last tick, usually 1 to 10
/// milliseconds ago.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl TimeProvider for SystemClock {
    #[allow(clippy::disallowed_methods, reason = "one of the three places that may")]
    fn now(&self) -> Timestamp {
        // A clock set before 1970 reads as 1970; nothing panics over it.
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp(0).after(since_epoch)
    }

    #[cfg(target_os = "linux")]
    #[allow(clippy::disallowed_methods, reason = "another")]
    fn now_coarse(&self) -> Timestamp {
        let since_epoch = rustix::time::clock_gettime(rustix::time::ClockId::RealtimeCoarse).try_into();
        Timestamp(0).after(since_epoch.unwrap_or_default())
    }
}

/// How long something has lasted, whatever the application's clock says: of connections, which live in the world's time.
#[derive(Clone, Copy)]
pub(crate) struct Stopwatch(Instant);

impl Stopwatch {
    #[allow(clippy::disallowed_methods, reason = "the third")]
    pub(crate) fn start() -> Self {
        Self(Instant::now())
    }

    pub(crate) fn elapsed(self) -> Duration {
        self.0.elapsed()
    }
}

/// The clock that one application uses everywhere.
#[derive(Clone)]
pub(crate) struct Clock(Arc<dyn TimeProvider>);

impl Clock {
    pub(crate) fn new(provider: impl TimeProvider) -> Self {
        Self(Arc::new(provider))
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.0.now()
    }

    pub(crate) fn now_coarse(&self) -> Timestamp {
        self.0.now_coarse()
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clock")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_coarse_time_is_never_ahead_and_little_behind() {
        for _ in 0..1000 {
            let (coarse, fine) = (SystemClock.now_coarse(), SystemClock.now());
            assert!(coarse <= fine && coarse.until(fine) < Duration::from_secs(1), "{coarse:?} {fine:?}");
        }
    }
}
