//! The way to the database: so many at once and no longer than so long. When it is slow or hangs, requests are answered that it is
//! unavailable, rather than piled up before it until memory or patience ends.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::time::timeout;

use super::StoreError;
use super::attempt::Attempt;
use super::doubt::Doubt;

pub(super) struct Gate {
    places: Semaphore,
    time: Duration,
    doubt: Arc<Doubt>,
}

/// How many operations may be under way or wait for a connection, and how long each may take, waiting and repeats included.
#[derive(Clone, Copy)]
pub(crate) struct Limits {
    pub(crate) places: usize,
    pub(crate) time: Duration,
}

impl Gate {
    pub(super) fn new(limits: Limits, doubt: Arc<Doubt>) -> Self {
        Self { places: Semaphore::new(limits.places), time: limits.time, doubt }
    }

    /// Does `work` if there is a place, and gives it up when its time is over: whether the database did it is then unknown, as it is
    /// when a connection breaks.
    pub(super) async fn pass<T>(&self, work: impl Future<Output = Result<T, StoreError>>) -> Result<T, StoreError> {
        let _place = self.places.try_acquire().map_err(|_| StoreError::crowded())?;
        self.in_time(work).await
    }

    /// As [`pass`](Self::pass), for work that has a connection of its own and so stands in nobody's way.
    pub(super) async fn in_time<T>(&self, work: impl Future<Output = Result<T, StoreError>>) -> Result<T, StoreError> {
        let mut work = pin!(work);
        // Declared after the work and so dropped before it: the doubt stands when the pool gets the connection back.
        let mut attempt = Attempt::new(|| self.doubt.raise());
        let outcome = timeout(self.time, work.as_mut()).await;
        if outcome.is_ok() {
            attempt.end();
        }
        outcome.unwrap_or_else(|_| Err(StoreError::timed_out()))
    }
}
