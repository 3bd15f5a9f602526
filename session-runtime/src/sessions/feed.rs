//! What this node knows of sessions that are over although their tokens still verify: the live announcements, in memory.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::Duration;

use crate::clock::Timestamp;
use crate::id::{SessionHandle, TenantId};
use crate::reason::RevocationReason;
use crate::store::{Cutoff, Invalidation, Subject};

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
    /// Those that were ended by tenant.
    tenants: HashMap<TenantId, TenantEnd>,
    /// The reasons that are not the library's own, each once, whatever the number of sessions that share it.
    words: HashSet<RevocationReason>,
}

/// An announced end. With its handle it takes 40 bytes, about 80 in a map that has just grown.
struct End {
    reason: RevocationReason,
    expires_at: Timestamp,
}

/// All sessions of a tenant that were created before a time have ended.
struct TenantEnd {
    before: Timestamp,
    end: End,
}

impl Feed {
    /// Why the session is over, if this node knows that it is.
    pub(super) fn end_of(&self, handle: SessionHandle) -> Option<RevocationReason> {
        self.read().sessions.get(&handle).map(|end| end.reason.clone())
    }

    /// As [`end_of`](Self::end_of), where the tenant is known too.
    pub(super) fn end_in(&self, tenant: &TenantId, handle: SessionHandle) -> Option<RevocationReason> {
        let known = self.read();
        let by_tenant = || known.tenants.get(tenant).filter(|cut| handle.created_at() < cut.before).map(|cut| &cut.end);
        known.sessions.get(&handle).or_else(by_tenant).map(|end| end.reason.clone())
    }

    /// The time that a session of the tenant must be made at, so that it is none of those that have ended: `now`, or the moment
    /// after the end of all that were there, which another node's clock may have set.
    pub(super) fn first_good(&self, tenant: &TenantId, now: Timestamp) -> Timestamp {
        self.read().tenants.get(tenant).map_or(now, |cut| cut.before.max(now))
    }

    pub(super) fn add(&self, handle: SessionHandle, reason: &RevocationReason, expires_at: Timestamp) {
        self.write().end(handle, reason, expires_at);
    }

    pub(super) fn add_cutoff(&self, cutoff: &Cutoff, reason: &RevocationReason, expires_at: Timestamp) {
        self.write().cut_off(cutoff, reason, expires_at);
    }

    /// Takes announcements in, oldest first.
    pub(super) fn learn(&self, announcements: &[Invalidation]) {
        let mut known = self.write();
        for announcement in announcements {
            known.learn(announcement);
            self.sequence.store(announcement.sequence, Ordering::Relaxed);
        }
    }

    /// Starts over, keeping what is known.
    pub(super) fn rewind(&self) {
        self.sequence.store(0, Ordering::Relaxed);
    }

    /// Tenants are not among what is forgotten here: rows may be left of their sessions, which a refresh would take for good.
    pub(super) fn forget(&self, now: Timestamp) {
        let mut known = self.write();
        known.sessions.retain(|_, end| now < end.expires_at.after(FORGET_MARGIN));
        known.words.retain(|word| !word.is_held_once());
    }

    /// To be called when no row is left of the sessions of any tenant whose announcement has expired.
    pub(super) fn forget_cutoffs(&self, now: Timestamp) {
        self.write().tenants.retain(|_, cut| now < cut.end.expires_at.after(FORGET_MARGIN));
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
    fn learn(&mut self, announcement: &Invalidation) {
        let Invalidation { reason, expires_at, .. } = announcement;
        match &announcement.subject {
            Some(Subject::Session(handle)) => self.end(*handle, reason, *expires_at),
            Some(Subject::Tenant(cutoff)) => self.cut_off(cutoff, reason, *expires_at),
            None => {}
        }
    }

    /// Of several for one tenant the latest holds, and as long as any of them.
    fn cut_off(&mut self, cutoff: &Cutoff, reason: &RevocationReason, expires_at: Timestamp) {
        let reason = self.kept_once(reason);
        let known = self
            .tenants
            .entry(cutoff.tenant.clone())
            .or_insert_with(|| TenantEnd { before: cutoff.before, end: End { reason: reason.clone(), expires_at } });
        if known.before <= cutoff.before {
            (known.before, known.end.reason) = (cutoff.before, reason);
        }
        known.end.expires_at = known.end.expires_at.max(expires_at);
    }

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
