//! The work behind the requests: writing notes, learning revocations, purging what is over. It ends with the last `Sessions`.

use std::error::Error;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::timeout;

use super::Core;
use super::feed::FORGET_MARGIN;
use super::keys::KEYS_INTERVAL;
use crate::clock::Timestamp;
use crate::id::SessionHandle;
use crate::store::{INVALIDATIONS_PAGE, StoreError, UserCursor};

/// How often rows are looked at for what is over, how many at once, and how many pages each time: 2,000 rows a second at the most.
const PURGE_INTERVAL: Duration = Duration::from_secs(10);
const PURGE_PAGE: i64 = 500;
const PURGE_PAGES: usize = 40;
const PURGE_USERS: usize = 200;

/// How long a session that is over keeps its row. Nobody can use it; but a node whose clock is wrong would take the rows of all.
const PURGE_MARGIN: Duration = Duration::from_secs(24 * 60 * 60);

/// What the background tasks share.
pub(super) struct Keeper {
    stop: watch::Sender<bool>,
    /// Where the next purge goes on; nothing at the table's start.
    purged_to: Mutex<Option<SessionHandle>>,
    /// As `purged_to`, of the users who signed in.
    users_purged_to: Mutex<Option<UserCursor>>,
}

impl Keeper {
    pub(super) fn new() -> Self {
        Self { stop: watch::Sender::new(false), purged_to: Mutex::new(None), users_purged_to: Mutex::new(None) }
    }

    /// Tells the tasks to end.
    pub(super) fn stop(&self) {
        self.stop.send_replace(true);
    }

    /// Starts the tasks, in the runtime that calls.
    pub(super) fn start(core: &Arc<Core>) {
        let policy = &core.policy;
        spawn(
            core,
            policy.notes_interval,
            "notes could not be written",
            |core| async move { core.flush_notes().await },
        );
        spawn(
            core,
            policy.feed_interval,
            "revocations could not be read",
            |core| async move { core.read_feed().await },
        );
        if core.managed_keys.is_some() {
            spawn(core, KEYS_INTERVAL, "keys could not be read", |core| async move { core.keep_keys().await });
        }
        spawn(core, PURGE_INTERVAL, "expired sessions could not be purged", |core| async move { core.purge().await });
    }
}

/// Runs `work` every `period` until it is told to stop or nobody holds the sessions any more. A failure is logged and tried again.
fn spawn<W, F>(core: &Arc<Core>, period: Duration, failure: &'static str, work: W)
where
    W: Fn(Arc<Core>) -> F + Send + 'static,
    F: Future<Output = Result<(), StoreError>> + Send,
{
    let weak = Arc::downgrade(core);
    let mut stop = core.keeper.stop.subscribe();
    tokio::spawn(async move {
        // The wait ends early only to stop, also when the last `Sessions` and with it the sender is gone.
        while timeout(period, stop.changed()).await.is_err() {
            let Some(core) = weak.upgrade() else { return };
            if let Err(error) = work(core).await {
                tracing::warn!(error = &error as &dyn Error, "{failure}");
            }
        }
    });
}

impl Core {
    /// Writes the notes that are due; those that could not be written are kept for the next time.
    pub(super) async fn flush_notes(&self) -> Result<(), StoreError> {
        let notes = self.notes.pending();
        self.store.write_notes(&notes).await?;
        self.notes.forget(&notes);
        Ok(())
    }

    /// Learns what was revoked elsewhere since the last time.
    pub(super) async fn read_feed(&self) -> Result<(), StoreError> {
        let last = self.feed.sequence();
        let mut news = self.store.invalidations_from(last).await?;
        // What was read last should be there still. Where it is not, it was purged, or the database is an older one: a restored
        // backup, a replica that lagged. Its numbers may begin anew, so all is read again.
        if last > 0 && news.first().is_none_or(|first| first.sequence != last) {
            self.feed.rewind();
            news = self.store.invalidations_from(0).await?;
        }
        while let Some(newest) = news.last().map(|newest| newest.sequence) {
            let is_page_full = news.len() >= INVALIDATIONS_PAGE;
            self.feed.learn(&news);
            news = if is_page_full { self.store.invalidations_from(newest + 1).await? } else { Vec::new() };
        }
        self.feed.forget(self.now());
        Ok(())
    }

    /// Deletes what is over: all announcements and all that has reached its absolute end, and of the rest, which has no index
    /// that tells, a number of pages at a time.
    pub(super) async fn purge(&self) -> Result<(), StoreError> {
        let now = self.now();
        self.store.purge_invalidations(now.before(FORGET_MARGIN)).await?;
        self.retire_keys().await?;
        let mut deleted = 0;
        for _ in 0..PURGE_PAGES {
            let ended = self.store.purge_ended(now.before(PURGE_MARGIN), PURGE_PAGE).await?;
            let cursor = *self.keeper.purged_to.lock().unwrap_or_else(PoisonError::into_inner);
            let (idle, next) = self.store.purge_idle(cursor, now.before(PURGE_MARGIN), PURGE_PAGE).await?;
            *self.keeper.purged_to.lock().unwrap_or_else(PoisonError::into_inner) = next;
            deleted += ended + idle;
            if ended < PURGE_PAGE as u64 && next.is_none() {
                break;
            }
        }
        if deleted > 0 {
            tracing::debug!(deleted, "expired sessions purged");
        }
        self.purge_users(now).await
    }

    /// A page of those who signed in under a cap, each time. Without a cap there are none.
    async fn purge_users(&self, now: Timestamp) -> Result<(), StoreError> {
        let users_purged_to = || self.keeper.users_purged_to.lock().unwrap_or_else(PoisonError::into_inner);
        let cursor = users_purged_to().take();
        let next = self.store.purge_users(cursor, now.before(PURGE_MARGIN), PURGE_USERS).await?;
        *users_purged_to() = next;
        Ok(())
    }
}
