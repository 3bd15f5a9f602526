//! What this node knows of sessions that are over although their tokens still verify: the live announcements, in memory.

use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{PoisonError, RwLock};
use std::time::Duration;

use crate::clock::Timestamp;
use crate::id::SessionHandle;
use crate::store::Invalidation;

/// How long what is over is kept beyond its time: a clock that jumps ahead and is set right must not bring a session back.
pub(super) const FORGET_MARGIN: Duration = Duration::from_secs(60 * 60);

/// Bounded by itself: each entry goes when the last token that it concerns has expired.
#[derive(Default)]
pub(super) struct Feed {
    over: RwLock<HashMap<SessionHandle, Timestamp>>,
    /// The last announcement that was read.
    sequence: AtomicI64,
}

impl Feed {
    pub(super) fn is_revoked(&self, handle: SessionHandle) -> bool {
        self.over.read().unwrap_or_else(PoisonError::into_inner).contains_key(&handle)
    }

    pub(super) fn add(&self, handle: SessionHandle, expires_at: Timestamp) {
        self.over.write().unwrap_or_else(PoisonError::into_inner).insert(handle, expires_at);
    }

    /// Takes announcements in, oldest first.
    pub(super) fn learn(&self, announcements: &[Invalidation]) {
        let mut over = self.over.write().unwrap_or_else(PoisonError::into_inner);
        for announcement in announcements {
            over.extend(announcement.handle.map(|handle| (handle, announcement.expires_at)));
            self.sequence.store(announcement.sequence, Ordering::Relaxed);
        }
    }

    /// Starts over, keeping what is known.
    pub(super) fn rewind(&self) {
        self.sequence.store(0, Ordering::Relaxed);
    }

    pub(super) fn forget(&self, now: Timestamp) {
        let mut over = self.over.write().unwrap_or_else(PoisonError::into_inner);
        over.retain(|_, expires_at| now < expires_at.after(FORGET_MARGIN));
    }

    pub(super) fn sequence(&self) -> i64 {
        self.sequence.load(Ordering::Relaxed)
    }
}
