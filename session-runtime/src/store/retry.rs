//! Trying again what the database undid for another's sake, so that callers see it only when it never ends.

use std::time::Duration;

use super::StoreError;
use crate::secret;

/// How often, and how long the first wait is at most; each further one is at most twice as long. A quarter of a second in all.
const ATTEMPTS: u32 = 6;
const FIRST_WAIT: Duration = Duration::from_millis(8);

/// Runs `work` until the database does not undo it.
pub(super) async fn retried<T, F, W>(work: F) -> Result<T, StoreError>
where
    F: Fn() -> W,
    W: Future<Output = Result<T, StoreError>>,
{
    for attempt in 0..ATTEMPTS {
        match work().await {
            Err(error) if error.was_undone() => tokio::time::sleep(wait(attempt)).await,
            outcome => return outcome,
        }
    }
    work().await
}

/// Spread, so that those who met once do not meet again.
fn wait(attempt: u32) -> Duration {
    let [part] = secret::draw::<1>().map_or([128], |drawn| *drawn);
    FIRST_WAIT * 2_u32.pow(attempt) * (u32::from(part) + 1) / 256
}
