//! Deleting what is long over: in small batches, by one node at a time, with pauses in which sign-ins have the database to themselves.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::event::{About, SessionEventKind};
use super::feed::FORGET_MARGIN;
use super::{Core, Sessions};
use crate::clock::Timestamp;
use crate::error::SessionError;
use crate::id::SessionHandle;
use crate::secret;
use crate::store::{Cutoff, StoreError, UserCursor};

/// How often a node looks whether it is its turn, and how long a turn takes at most.
pub(super) const PURGE_INTERVAL: Duration = Duration::from_secs(10);
const TURN: Duration = Duration::from_secs(8);

/// Whose turn it is goes from node to node when its holder has not been heard of for so long.
const LEASE: &str = "purge";
const LEASE_TIME: Duration = Duration::from_secs(60);

/// How many rows a statement deletes or looks at.
const PAGE: i64 = 500;

/// Of the rows that no index finds, how many pages are looked at in a turn in which none of them is over: 2,000 rows a second.
const IDLE_PAGES: usize = 40;
const PAGE_OF_USERS: usize = 200;

/// How many pages of each of the other kinds go in a turn: 1,000 rows a second. What piled up of one must not keep the others waiting.
const PAGES: usize = 20;

/// How long a session that is over keeps its row. Nobody can use it; but a node whose clock is wrong would take the rows of all.
const PURGE_MARGIN: Duration = Duration::from_secs(24 * 60 * 60);

/// Where this node's purging stands.
pub(super) struct Purger {
    /// What this node is called in the lease.
    name: String,
    /// Where the look at idle sessions goes on; nothing at the table's start.
    idle: Mutex<Option<SessionHandle>>,
    /// As `idle`, of the users who signed in under a cap.
    users: Mutex<Option<UserCursor>>,
}

impl Purger {
    pub(super) fn new() -> Result<Self, getrandom::Error> {
        let name = u128::from_be_bytes(*secret::draw::<16>()?);
        Ok(Self { name: format!("{name:032x}"), idle: Mutex::default(), users: Mutex::default() })
    }
}

impl Sessions {
    /// Deletes everything that is long over (sessions a day after their end, revocations an hour after the last token that they concern,
    /// audit records after the policy's retention), which the background does by itself: for tools, and for schedulers where no
    /// service runs. `progress` hears after every batch how many sessions are gone so far. Answers how many went. Cost: about
    /// three statements for every 500 sessions that there are, with pauses in between.
    ///
    /// # Errors
    ///
    /// When the database cannot be written; what was deleted until then stays so.
    pub async fn purge_expired(&self, mut progress: impl FnMut(u64)) -> Result<u64, SessionError> {
        let core = &self.core;
        let cutoff = core.now().before(PURGE_MARGIN);
        core.purge_small(core.now(), usize::MAX).await?;
        let (mut deleted, mut cursor) = (0, None);
        loop {
            let began = core.now();
            let ended = core.store.purge_ended(cutoff, PAGE).await?;
            let (idle, next) = core.store.purge_idle(cursor, cutoff, PAGE).await?;
            deleted += ended + idle;
            progress(deleted);
            if ended < PAGE as u64 && next.is_none() {
                return Ok(deleted);
            }
            cursor = next.or(cursor);
            core.rest_since(began).await;
        }
    }
}

impl Core {
    /// A turn, if it is this node's; and what each node forgets for itself.
    pub(super) async fn purge(&self) -> Result<(), StoreError> {
        let now = self.now();
        if self.store.take_lease(LEASE, &self.purger.name, now, now.after(LEASE_TIME)).await? {
            self.purge_small(now, PAGES).await?;
            let sessions = self.purge_sessions(self.now()).await?;
            if sessions > 0 {
                self.emit(About::default(), SessionEventKind::Purged { sessions });
            }
        }
        // Where no announcement is left in the database, whoever deleted it, no row is left that it was about.
        if self.store.expired_cutoffs(now.before(FORGET_MARGIN)).await?.is_empty() {
            self.feed.forget_cutoffs(now);
        }
        Ok(())
    }

    /// What there is little of: announcements, keys, audit records, and those who signed in under a cap. Up to so many pages of each.
    async fn purge_small(&self, now: Timestamp, pages: usize) -> Result<(), StoreError> {
        let over = now.before(FORGET_MARGIN);
        self.purge_announcements(over, pages).await?;
        self.purge_cut_off(over, pages).await?;
        self.retire_keys().await?;
        self.purge_audit(now.before(self.policy.audit_retention), pages).await?;
        // A row for each user who signed in within a day, of which few are over at a time.
        self.purge_users(now.before(PURGE_MARGIN), pages.div_ceil(PAGES)).await
    }

    /// Announcements of sessions, the oldest first.
    async fn purge_announcements(&self, over: Timestamp, pages: usize) -> Result<(), StoreError> {
        for _ in 0..pages {
            let began = self.now();
            let page_ends = self.store.page_of_invalidations(over, PAGE).await?;
            self.store.purge_invalidations(page_ends.unwrap_or(over)).await?;
            if page_ends.is_none() {
                break;
            }
            self.rest_since(began).await;
        }
        Ok(())
    }

    /// Announcements of tenants, those whose sessions left no row. Who deleted them may have ended in between, so that is made sure
    /// of: a look that finds rows deletes them, and the next one may let the announcement go.
    async fn purge_cut_off(&self, over: Timestamp, pages: usize) -> Result<(), StoreError> {
        let mut left = pages;
        for (sequence, cutoff) in &self.store.expired_cutoffs(over).await? {
            if self.delete_rest_of(cutoff, &mut left).await? {
                self.store.delete_cutoff(*sequence).await?;
            }
            if left == 0 {
                break;
            }
        }
        Ok(())
    }

    /// Deletes what a cutoff has left, up to so many pages. Answers whether there was nothing.
    async fn delete_rest_of(&self, cutoff: &Cutoff, left: &mut usize) -> Result<bool, StoreError> {
        let (mut was_clear, mut cursor) = (true, None);
        while *left > 0 {
            *left -= 1;
            let began = self.now();
            let (deleted, next) = self.store.delete_cut_off(cutoff, cursor).await?;
            was_clear &= deleted == 0;
            if next.is_none() {
                return Ok(was_clear);
            }
            cursor = next;
            self.rest_since(began).await;
        }
        Ok(false)
    }

    async fn purge_audit(&self, cutoff: Timestamp, pages: usize) -> Result<(), StoreError> {
        for _ in 0..pages {
            let began = self.now();
            if self.store.purge_audit(cutoff, PAGE).await? < PAGE as u64 {
                break;
            }
            self.rest_since(began).await;
        }
        Ok(())
    }

    /// Looks at some pages more, from where it left off; not beyond the table's end.
    async fn purge_users(&self, cutoff: Timestamp, pages: usize) -> Result<(), StoreError> {
        let users = || self.purger.users.lock().unwrap_or_else(PoisonError::into_inner);
        for _ in 0..pages {
            let began = self.now();
            let cursor = users().take();
            let next = self.store.purge_users(cursor, cutoff, PAGE_OF_USERS).await?;
            let is_over = next.is_none();
            *users() = next;
            if is_over {
                break;
            }
            self.rest_since(began).await;
        }
        Ok(())
    }

    /// Sessions that have reached their absolute end, as far as the turn goes, and of those that were idle for too long, which no
    /// index finds, as many pages as there is something on, and some more.
    async fn purge_sessions(&self, now: Timestamp) -> Result<u64, StoreError> {
        let cutoff = now.before(PURGE_MARGIN);
        let (mut deleted, mut looks) = (0, 0);
        while looks < IDLE_PAGES && self.now() < now.after(TURN) {
            let began = self.now();
            let ended = self.store.purge_ended(cutoff, PAGE).await?;
            let cursor = *self.purger.idle.lock().unwrap_or_else(PoisonError::into_inner);
            let (idle, next) = self.store.purge_idle(cursor, cutoff, PAGE).await?;
            *self.purger.idle.lock().unwrap_or_else(PoisonError::into_inner) = next;
            deleted += ended + idle;
            looks += usize::from(ended + idle == 0);
            if ended < PAGE as u64 && next.is_none() {
                break;
            }
            self.rest_since(began).await;
        }
        Ok(deleted)
    }

    /// As long a rest as the work took.
    async fn rest_since(&self, began: Timestamp) {
        tokio::time::sleep(began.until(self.now()).min(TURN)).await;
    }
}
