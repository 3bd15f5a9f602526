//! What this node knows of sessions that are over although their tokens still verify: the live announcements, in memory.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::Duration;

use crate::clock::Timestamp;
use crate::id::SessionHandle;
use crate::reason::RevocationReason;
use crate::store::Invalidation;

/// How long what is over is kept beyond its time: a clock that jumps ahead and is set right must not bring a session back.
pub(super) const FORGET_MARGIN: Duration = Duration::from_secs(60 * 60);

/// Bounded by itself: each entry goes when the last token that it concerns has expired.
#[derive(Default)]
pub(super) struct Feed {
    known: RwLock<Known>,
    /// The last announcement that was read.
    sequence: AtomicI64,
}

#[derive(Default)]
struct Known {
    sessions: HashMap<SessionHandle, End>,
    /// The reasons that are not the library's own, each once, whatever the number of sessions that share it.
    words: HashSet<RevocationReason>,
}

/// An announced end. With its handle it takes 40 bytes, about 80 in a map that has just grown.
struct End {
    reason: RevocationReason,
    expires_at: Timestamp,
}

impl Feed {
    /// Why the session is over, if this node knows that it is.
    pub(super) fn end_of(&self, handle: SessionHandle) -> Option<RevocationReason> {
        self.read().sessions.get(&handle).map(|end| end.reason.clone())
    }

    pub(super) fn add(
        &self,
        handles: impl IntoIterator<Item = SessionHandle>,
        reason: &RevocationReason,
        expires_at: Timestamp,
    ) {
        let mut known = self.write();
        for handle in handles {
            known.end(handle, reason, expires_at);
        }
    }

    /// Takes announcements in, oldest first.
    pub(super) fn learn(&self, announcements: &[Invalidation]) {
        let mut known = self.write();
        for announcement in announcements {
            if let Some(handle) = announcement.handle {
                known.end(handle, &announcement.reason, announcement.expires_at);
            }
            self.sequence.store(announcement.sequence, Ordering::Relaxed);
        }
    }

    /// Starts over, keeping what is known.
    pub(super) fn rewind(&self) {
        self.sequence.store(0, Ordering::Relaxed);
    }

    pub(super) fn forget(&self, now: Timestamp) {
        let mut known = self.write();
        known.sessions.retain(|_, end| now < end.expires_at.after(FORGET_MARGIN));
        known.words.retain(|word| !word.is_held_once());
    }

    pub(super) fn sequence(&self) -> i64 {
        self.sequence.load(Ordering::Relaxed)
    }

    fn read(&self) -> RwLockReadGuard<'_, Known> {
        self.known.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Known> {
        self.known.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    fn end(&mut self, handle: SessionHandle, reason: &RevocationReason, expires_at: Timestamp) {
        let reason = self.kept_once(reason);
        self.sessions.insert(handle, End { reason, expires_at });
    }

    fn kept_once(&mut self, reason: &RevocationReason) -> RevocationReason {
        if !matches!(reason, RevocationReason::Custom(_)) {
            return reason.clone();
        }
        match self.words.get(reason) {
            Some(known) => known.clone(),
            None => {
                self.words.insert(reason.clone());
                reason.clone()
            }
        }
    }
}
