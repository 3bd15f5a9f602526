//! The work behind the requests: writing notes, learning revocations, purging what is over. It ends with the last `Sessions`.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::timeout;

use super::Core;
use super::keys::KEYS_INTERVAL;
use super::purge::PURGE_INTERVAL;
use crate::backoff::part_of;
use crate::store::{INVALIDATIONS_PAGE, StoreError};

/// What the background tasks share.
pub(super) struct Keeper {
    stop: watch::Sender<bool>,
}

impl Keeper {
    pub(super) fn new() -> Self {
        Self { stop: watch::Sender::new(false) }
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
        spawn(core, policy.feed_interval, "revocations could not be read", |core| async move {
            let read = core.read_feed().await;
            core.is_feed_stale(core.now());
            read
        });
        if core.managed_keys.is_some() {
            spawn(core, KEYS_INTERVAL, "keys could not be read", |core| async move { core.keep_keys().await });
        }
        // Soon, not in the way of the first requests, and not on all nodes of a deployment at once.
        spawn_after(
            PURGE_INTERVAL + part_of(PURGE_INTERVAL),
            core,
            PURGE_INTERVAL,
            "expired sessions could not be purged",
            |core| async move { core.purge().await },
        );
    }
}

/// Runs `work` every `period`, as [`spawn_after`] with the first wait as long as the others.
fn spawn<W, F>(core: &Arc<Core>, period: Duration, failure: &'static str, work: W)
where
    W: Fn(Arc<Core>) -> F + Send + 'static,
    F: Future<Output = Result<(), StoreError>> + Send,
{
    spawn_after(period, core, period, failure, work);
}

/// Runs `work` after `first` and then every `period` until it is told to stop or nobody holds the sessions any more. A failure is logged and tried again.
fn spawn_after<W, F>(first: Duration, core: &Arc<Core>, period: Duration, failure: &'static str, work: W)
where
    W: Fn(Arc<Core>) -> F + Send + 'static,
    F: Future<Output = Result<(), StoreError>> + Send,
{
    let weak = Arc::downgrade(core);
    let mut stop = core.keeper.stop.subscribe();
    tokio::spawn(async move {
        let mut wait = first;
        // The wait ends early only to stop, also when the last `Sessions` and with it the sender is gone.
        while timeout(wait, stop.changed()).await.is_err() {
            wait = period;
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

    /// Learns what was announced since the last time, and what appears late.
    pub(super) async fn read_feed(&self) -> Result<(), StoreError> {
        let _looking = self.feed.looking.lock().await;
        let began = self.now();
        let mut from = self.feed.window().from(began);
        let mut news = self.store.invalidations_from(from).await?;
        // What was read should be there still. Where it is not, it was purged, or the database is an older one: a restored
        // backup, a replica that lagged. Its numbers may begin anew, so all is read again.
        if from > 0 && news.first().is_none_or(|first| first.sequence != from) {
            self.feed.rewind();
            from = 0;
            news = self.store.invalidations_from(from).await?;
        }
        while let Some(newest) = news.last().map(|newest| newest.sequence) {
            let is_page_full = news.len() >= INVALIDATIONS_PAGE;
            self.feed.learn(&news, self.now());
            news = if is_page_full { self.store.invalidations_from(newest + 1).await? } else { Vec::new() };
        }
        self.feed.looked(from, began);
        self.feed.forget(self.now());
        self.is_feed_stale(self.now());
        Ok(())
    }
}
