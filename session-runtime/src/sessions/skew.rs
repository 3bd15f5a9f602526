//! Whether this node's clock can be worked with: nodes judge each other's tokens and rows by their own.

use std::time::Duration;

use super::Core;
use crate::clock::Timestamp;
use crate::store::StoreError;

/// Up to here a difference between nodes signs nobody out: it lies well within the default grace of a refresh.
const TOLERATED: Duration = Duration::from_secs(5);

impl Core {
    /// One read at the start: warns where this node's clock and the database's differ by more than is tolerated.
    pub(super) async fn check_clock(&self) -> Result<(), StoreError> {
        let asked = self.now();
        let Some(there) = self.store.time().await? else { return Ok(()) };
        let answered = self.now();
        // What the answer took is not counted as a difference.
        let ahead = beyond(there, asked);
        let behind = beyond(answered, there);
        if let Some((skew, direction)) = ahead.map(|skew| (skew, "ahead of")).or(behind.map(|skew| (skew, "behind"))) {
            tracing::warn!(
                skew_ms = u64::try_from(skew.as_millis()).unwrap_or(u64::MAX),
                "this node's clock is {direction} the database's by more than {} s: sessions may end early or late",
                TOLERATED.as_secs()
            );
        }
        Ok(())
    }
}

/// How much later `later` is, where that is more than is tolerated.
fn beyond(earlier: Timestamp, later: Timestamp) -> Option<Duration> {
    Some(earlier.until(later)).filter(|skew| *skew > TOLERATED)
}
