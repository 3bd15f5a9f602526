//! The work behind the requests: writing notes, learning revocations, purging what is over. It ends with the last `Sessions`.

use std::error::Error;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::timeout;

use super::Core;
use crate::id::SessionHandle;
use crate::store::StoreError;

/// How often a page of rows is looked at for what is over, and how large a page is.
const PURGE_INTERVAL: Duration = Duration::from_secs(10);
const PURGE_PAGE: u64 = 500;

/// What the background tasks share.
pub(super) struct Keeper {
    stop: watch::Sender<bool>,
    /// Where the next purge goes on; nothing at the table's start.
    purged_to: Mutex<Option<SessionHandle>>,
}

impl Keeper {
    pub(super) fn new() -> Self {
        Self { stop: watch::Sender::new(false), purged_to: Mutex::new(None) }
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
        spawn(
            core,
            PURGE_INTERVAL,
            "expired sessions could not be purged",
            |core| async move { core.purge_page().await },
        );
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
        loop {
            let news = self.store.invalidations_after(self.feed.sequence()).await?;
            if news.is_empty() {
                break;
            }
            self.feed.learn(&news);
        }
        self.feed.forget(self.now());
        Ok(())
    }

    /// Looks at the next page of rows and deletes those that are over.
    async fn purge_page(&self) -> Result<(), StoreError> {
        let now = self.now();
        let cursor = *self.keeper.purged_to.lock().unwrap_or_else(PoisonError::into_inner);
        if cursor.is_none() {
            self.store.purge_invalidations(now).await?;
        }
        let (deleted, next) = self.store.purge(cursor, now, PURGE_PAGE).await?;
        if deleted > 0 {
            tracing::debug!(deleted, "expired sessions purged");
        }
        *self.keeper.purged_to.lock().unwrap_or_else(PoisonError::into_inner) = next;
        Ok(())
    }
}
