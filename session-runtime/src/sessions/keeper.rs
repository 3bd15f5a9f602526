//! The work behind the requests: writing notes, learning revocations, purging what is over. It ends with the last `Sessions`.

use std::error::Error;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use tokio::sync::{Notify, watch};
use tokio::task::AbortHandle;
use tokio::time::{sleep, timeout};

use super::Core;
use super::keys::KEYS_INTERVAL;
use super::purge::PURGE_INTERVAL;
use crate::backoff::part_of;
use crate::store::{CHECKPOINT_INTERVAL, INVALIDATIONS_PAGE, Listener, StoreError};

/// Announcements that come within this time are read at once.
const TOGETHER: Duration = Duration::from_millis(10);

/// How long to wait before the first try to listen again, and before any other at most.
const LISTEN_AGAIN: Duration = Duration::from_millis(500);
const LISTEN_AGAIN_AT_MOST: Duration = Duration::from_secs(30);

/// What the background tasks share.
pub(super) struct Keeper {
    stop: watch::Sender<bool>,
    ears: Arc<Ears>,
    listener: OnceLock<AbortHandle>,
}

/// What reading the feed and listening for news share.
#[derive(Default)]
struct Ears {
    /// There are announcements to read, or none any more.
    wake: Notify,
    listening: AtomicBool,
}

impl Drop for Keeper {
    fn drop(&mut self) {
        self.stop();
    }
}

impl Keeper {
    pub(super) fn new() -> Self {
        Self { stop: watch::Sender::new(false), ears: Arc::default(), listener: OnceLock::new() }
    }

    /// Tells the tasks to end.
    pub(super) fn stop(&self) {
        self.stop.send_replace(true);
        self.ears.wake.notify_one();
        if let Some(listener) = self.listener.get() {
            listener.abort();
            self.ears.listening.store(false, Ordering::Relaxed);
        }
    }

    pub(super) fn is_listening(&self) -> bool {
        self.ears.listening.load(Ordering::Relaxed)
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
        read_when_told(core);
        if let Some(listener) = core.store.listener() {
            let task = tokio::spawn(listen(listener, Arc::clone(&core.keeper.ears)));
            // It is set once, since the keeper starts once.
            let _ = core.keeper.listener.set(task.abort_handle());
        }
        if core.managed_keys.is_some() {
            spawn(core, KEYS_INTERVAL, "keys could not be read", |core| async move { core.keep_keys().await });
        }
        if core.store.has_log() {
            // Where it cannot be, a commit does it after all, or fails and says so.
            spawn(core, CHECKPOINT_INTERVAL, "the log is as long as it was", |core| async move {
                drop(core.store.checkpoint().await);
                Ok(())
            });
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

/// Reads the feed at every interval, and when there is news.
fn read_when_told(core: &Arc<Core>) {
    let weak = Arc::downgrade(core);
    let (period, stop) = (core.policy.feed_interval, core.keeper.stop.subscribe());
    let ears = Arc::clone(&core.keeper.ears);
    tokio::spawn(async move {
        loop {
            let is_told = timeout(period, ears.wake.notified()).await.is_ok();
            if *stop.borrow() {
                return;
            }
            {
                let Some(core) = weak.upgrade() else { return };
                if let Err(error) = core.read_feed().await {
                    tracing::warn!(error = &error as &dyn Error, "revocations could not be read");
                }
                core.is_feed_stale(core.now_coarse());
            }
            if is_told {
                sleep(TOGETHER).await;
            }
        }
    });
}

/// Has the feed read when something was announced. Whenever it begins to listen, something may have been missed.
async fn listen(listener: Listener, ears: Arc<Ears>) {
    let mut wait = LISTEN_AGAIN;
    loop {
        let failure = match listener.listen().await {
            Ok(mut listening) => {
                wait = LISTEN_AGAIN;
                ears.listening.store(true, Ordering::Relaxed);
                loop {
                    ears.wake.notify_one();
                    if let Err(error) = listening.announced().await {
                        break error;
                    }
                }
            }
            Err(error) => error,
        };
        ears.listening.store(false, Ordering::Relaxed);
        tracing::warn!(error = &failure as &dyn Error, "nobody listens for revocations; they are looked for on time");
        sleep(wait).await;
        wait = (wait * 2).min(LISTEN_AGAIN_AT_MOST);
    }
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
        // backup, a replica that lagged. That gives its numbers out again, so all is read again, also where another has this one.
        if from > 0 && news.first().is_none_or(|first| !self.feed.window().has_read(from, first)) {
            self.feed.rewind();
            from = 0;
            news = self.store.invalidations_from(from).await?;
        }
        while let Some(newest) = news.last().map(|newest| newest.sequence) {
            let is_page_full = news.len() >= INVALIDATIONS_PAGE;
            // Seen when the look began, not now: a number that was seen after that would pass for one of a clock that was set back, and
            // nobody would wait for those that are missing below it.
            self.feed.learn(&news, began);
            news = if is_page_full { self.store.invalidations_from(newest + 1).await? } else { Vec::new() };
        }
        self.feed.looked(from, began);
        self.feed.forget(self.now());
        self.is_feed_stale(self.now_coarse());
        Ok(())
    }
}
