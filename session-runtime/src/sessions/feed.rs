//! What this node knows of sessions that are over although their tokens still verify: the live announcements, in memory.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::Duration;

use tokio::sync::watch;

use super::handles::ByHandle;
use super::window::Window;
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
    edition: Edition,
    window: Mutex<Window>,
    /// One look at a time: each goes on where the last one ended.
    pub(super) looking: tokio::sync::Mutex<()>,
    /// When the last look began that succeeded, in milliseconds.
    read_at: AtomicI64,
    /// Whether the log was told that it is stale.
    told_stale: AtomicBool,
    /// Woken when a session has ended, for those who wait for the end of theirs.
    ends: watch::Sender<()>,
}

#[derive(Default)]
struct Known {
    sessions: ByHandle<End>,
    /// Those that were ended by tenant.
    tenants: HashMap<TenantId, TenantEnd>,
    /// The revisions of payloads that were changed: tokens with an earlier one are of no use.
    payloads: ByHandle<Payload>,
    /// The reasons that are not the library's own, each once, whatever the number of sessions that share it.
    words: HashSet<RevocationReason>,
    /// How often something became known by which a session may be over or outdated that was not before.
    changes: u64,
}

/// An announced end. With its handle it takes 40 bytes, about 80 in a map that has just grown.
struct End {
    reason: RevocationReason,
    expires_at: Timestamp,
}

struct Payload {
    revision: i64,
    expires_at: Timestamp,
}

/// How often what is known has changed. A token that was found good in one edition is good as long as it lasts: one comparison, and no look
/// into the maps.
#[derive(Default)]
struct Edition(AtomicU64);

/// The edition in which a token was last found good; zero for none.
#[derive(Default)]
pub(super) struct FoundGood(AtomicU64);

/// What is known of a session of which a token has come.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Standing {
    Good,
    Over(RevocationReason),
    /// Its payload is another by now.
    Outdated,
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
        self.read().end_in(tenant, handle)
    }

    /// What is known of a session whose token carries a payload of this revision. The maps are looked into once for each token and edition.
    pub(super) fn standing(
        &self,
        tenant: &TenantId,
        handle: SessionHandle,
        revision: i64,
        found_good: &FoundGood,
    ) -> Standing {
        // Read before the maps: what changes meanwhile makes a later edition, and is looked for at the next request.
        let edition = self.edition.current();
        if found_good.0.load(Ordering::Relaxed) == edition {
            return Standing::Good;
        }
        let standing = self.read().standing(tenant, handle, revision);
        if standing == Standing::Good {
            found_good.0.store(edition, Ordering::Relaxed);
        }
        standing
    }

    /// The revision of a session's payload, as far as a change of it is known.
    pub(super) fn payload_revision(&self, handle: SessionHandle) -> i64 {
        self.read().payloads.get(&handle).map_or(0, |payload| payload.revision)
    }

    pub(super) fn add_payload(&self, handle: SessionHandle, revision: i64, expires_at: Timestamp) {
        self.change(|known| known.change_payload(handle, revision, expires_at));
    }

    /// The time that a session of the tenant must be made at, so that it is none of those that have ended: `now`, or the moment
    /// after the end of all that were there, which another node's clock may have set.
    pub(super) fn first_good(&self, tenant: &TenantId, now: Timestamp) -> Timestamp {
        self.read().tenants.get(tenant).map_or(now, |cut| cut.before.max(now))
    }

    pub(super) fn add(&self, handle: SessionHandle, reason: &RevocationReason, expires_at: Timestamp) {
        self.change(|known| known.end(handle, reason, expires_at));
        self.ends.send_replace(());
    }

    pub(super) fn add_cutoff(&self, cutoff: &Cutoff, reason: &RevocationReason, expires_at: Timestamp) {
        self.change(|known| known.cut_off(cutoff, reason, expires_at));
        self.ends.send_replace(());
    }

    /// Takes announcements in, among them some that are known already.
    pub(super) fn learn(&self, announcements: &[Invalidation], now: Timestamp) {
        let mut has_ends = false;
        let mut known = self.write();
        let mut window = self.window();
        for announcement in announcements {
            has_ends |= known.learn(announcement);
            window.see(announcement.sequence, announcement.mark(), now);
        }
        self.edition.turn(&known);
        drop((known, window));
        if has_ends {
            self.ends.send_replace(());
        }
    }

    /// Starts over, keeping what is known.
    pub(super) fn rewind(&self) {
        *self.window() = Window::default();
    }

    pub(super) fn window(&self) -> MutexGuard<'_, Window> {
        self.window.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A look that began at `from` and at `began` has found all that there was.
    pub(super) fn looked(&self, from: i64, began: Timestamp) {
        self.window().looked(from, began);
        self.read_at.store(began.as_millis(), Ordering::Relaxed);
    }

    /// When the last look began that succeeded: all that was committed by then is known here.
    pub(super) fn read_at(&self) -> Timestamp {
        Timestamp::from_millis(self.read_at.load(Ordering::Relaxed))
    }

    /// Whether the log does not know yet that the feed is stale, or that it is not any more.
    pub(super) fn is_news(&self, stale: bool) -> bool {
        self.told_stale.load(Ordering::Relaxed) != stale && self.told_stale.swap(stale, Ordering::Relaxed) != stale
    }

    /// How many announcements are in memory.
    pub(super) fn len(&self) -> usize {
        let known = self.read();
        known.sessions.len() + known.tenants.len() + known.payloads.len()
    }

    /// Tells of sessions that end from now on.
    pub(super) fn ends(&self) -> watch::Receiver<()> {
        self.ends.subscribe()
    }

    /// Tenants are not among what is forgotten here: rows may be left of their sessions, which a refresh would take for good.
    pub(super) fn forget(&self, now: Timestamp) {
        let mut known = self.write();
        known.sessions.retain(|_, end| now < end.expires_at.after(FORGET_MARGIN));
        known.payloads.retain(|_, payload| now < payload.expires_at.after(FORGET_MARGIN));
        known.words.retain(|word| !word.is_held_once());
    }

    /// To be called when no row is left of the sessions of any tenant whose announcement has expired.
    pub(super) fn forget_cutoffs(&self, now: Timestamp) {
        self.write().tenants.retain(|_, cut| now < cut.end.expires_at.after(FORGET_MARGIN));
    }

    fn change<T>(&self, change: impl FnOnce(&mut Known) -> T) {
        let mut known = self.write();
        change(&mut known);
        self.edition.turn(&known);
    }

    fn read(&self) -> RwLockReadGuard<'_, Known> {
        self.known.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Known> {
        self.known.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Edition {
    /// Never zero.
    fn current(&self) -> u64 {
        self.0.load(Ordering::Acquire) + 1
    }

    /// While what is known is locked: whoever reads the new edition and then the maps finds there what it is about.
    fn turn(&self, known: &Known) {
        self.0.store(known.changes, Ordering::Release);
    }
}

impl Known {
    fn standing(&self, tenant: &TenantId, handle: SessionHandle, revision: i64) -> Standing {
        match self.end_in(tenant, handle) {
            Some(reason) => Standing::Over(reason),
            None if self.payloads.get(&handle).is_some_and(|payload| revision < payload.revision) => Standing::Outdated,
            None => Standing::Good,
        }
    }

    /// Answers whether sessions have ended that had not before.
    fn learn(&mut self, announcement: &Invalidation) -> bool {
        let Invalidation { reason, expires_at, .. } = announcement;
        match &announcement.subject {
            Some(Subject::Session(handle)) => self.end(*handle, reason, *expires_at),
            Some(Subject::Tenant(cutoff)) => self.cut_off(cutoff, reason, *expires_at),
            Some(Subject::Payload { handle, revision }) => {
                self.change_payload(*handle, *revision, *expires_at);
                false
            }
            None => false,
        }
    }

    fn end_in(&self, tenant: &TenantId, handle: SessionHandle) -> Option<RevocationReason> {
        let by_tenant = || self.tenants.get(tenant).filter(|cut| handle.created_at() < cut.before).map(|cut| &cut.end);
        self.sessions.get(&handle).or_else(by_tenant).map(|end| end.reason.clone())
    }

    /// Of several the latest counts, however late it is heard of the others.
    fn change_payload(&mut self, handle: SessionHandle, revision: i64, expires_at: Timestamp) {
        let known = self.payloads.entry(handle).or_insert(Payload { revision: 0, expires_at });
        self.changes += u64::from(known.revision < revision);
        *known = Payload { revision: known.revision.max(revision), expires_at: known.expires_at.max(expires_at) };
    }

    /// Of several for one tenant the latest holds, and as long as any of them.
    fn cut_off(&mut self, cutoff: &Cutoff, reason: &RevocationReason, expires_at: Timestamp) -> bool {
        let is_news = self.tenants.get(&cutoff.tenant).is_none_or(|known| known.before < cutoff.before);
        self.changes += u64::from(is_news);
        let reason = self.kept_once(reason);
        let known = self
            .tenants
            .entry(cutoff.tenant.clone())
            .or_insert_with(|| TenantEnd { before: cutoff.before, end: End { reason: reason.clone(), expires_at } });
        if known.before <= cutoff.before {
            (known.before, known.end.reason) = (cutoff.before, reason);
        }
        known.end.expires_at = known.end.expires_at.max(expires_at);
        is_news
    }

    fn end(&mut self, handle: SessionHandle, reason: &RevocationReason, expires_at: Timestamp) -> bool {
        let reason = self.kept_once(reason);
        let is_news = self.sessions.insert(handle, End { reason, expires_at }).is_none();
        self.changes += u64::from(is_news);
        is_news
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
