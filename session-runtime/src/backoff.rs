//! Waiting before another try, spread at random, so that those who met once do not meet again.

use std::time::Duration;

use crate::secret;

/// The first wait is this at most, each further one at most twice as long, and none longer than the last.
const FIRST: Duration = Duration::from_millis(4);
const LONGEST: Duration = Duration::from_millis(250);

/// Waits before the try after the one of this number, counted from 0.
pub(crate) async fn back_off(attempt: usize) {
    let most = FIRST.saturating_mul(1 << attempt.min(16)).min(LONGEST);
    let [part] = secret::draw::<1>().map_or([128], |drawn| *drawn);
    tokio::time::sleep(most * (u32::from(part) + 1) / 256).await;
}
