//! Trying again what the database undid for another's sake, so that callers see it only when it never ends.

use super::StoreError;
use crate::backoff::back_off;

/// How often. A second of waiting in all.
const ATTEMPTS: usize = 10;

/// Runs `work` until the database does not undo it.
pub(super) async fn retried<T, F, W>(work: F) -> Result<T, StoreError>
where
    F: Fn() -> W,
    W: Future<Output = Result<T, StoreError>>,
{
    for attempt in 0..ATTEMPTS {
        match work().await {
            Err(error) if error.was_undone() => back_off(attempt).await,
            outcome => return outcome,
        }
    }
    work().await
}
