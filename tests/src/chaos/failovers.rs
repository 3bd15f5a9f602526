//! What an asynchronous failover may lose: what was acknowledged while nobody followed the primary that died then. Everything before and
//! after is kept.

use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use super::now;

/// When a client asked for something, and when it heard that it was done.
#[derive(Clone, Copy)]
pub(super) struct Done {
    asked: Instant,
    acknowledged: Instant,
}

impl Done {
    /// Acknowledged just now.
    pub(super) fn since(asked: Instant) -> Self {
        Self { asked, acknowledged: now() }
    }
}

/// The failovers of a run.
#[derive(Debug, Default)]
pub(super) struct Failovers(Mutex<Vec<Lag>>);

/// From when on the promoted server may lack what was acknowledged, until whoever asks finds that server.
#[derive(Debug)]
struct Lag {
    began: Instant,
    ended: Option<Instant>,
}

impl Failovers {
    /// To be called before it is looked up how far the replica must be: what was acknowledged earlier is on it.
    pub(super) fn lag_begins(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(Lag { began: now(), ended: None });
    }

    /// To be called after the old primary's end, and before anybody can reach the new one.
    pub(super) fn lag_ends(&self) {
        if let Some(lag) = self.0.lock().unwrap_or_else(PoisonError::into_inner).last_mut() {
            lag.ended = Some(now());
        }
    }

    /// Whether a failover may have taken it back.
    pub(super) fn may_have_lost(&self, done: Done) -> bool {
        let lags = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        lags.iter().any(|lag| lag.began <= done.acknowledged && lag.ended.is_none_or(|ended| done.asked <= ended))
    }
}
