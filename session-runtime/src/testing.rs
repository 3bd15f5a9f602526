//! For tests: a clock that is turned by hand, and sessions on a database in memory.
//!
//! ```
//! # #[cfg(feature = "sqlite")]
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use std::time::Duration;
//! use session_runtime::testing::{self, ManualClock};
//! use session_runtime::{NoData, NoPayload};
//!
//! let clock = ManualClock::default();
//! let sessions = testing::sessions(clock.clone()).await?;
//! let session = sessions.create_new_session::<NoPayload, NoData>("user-17", NoPayload, NoData).await?;
//! let token = session.tokens().unwrap().access_token();
//!
//! clock.advance(Duration::from_secs(3600));
//! assert!(sessions.verify::<NoPayload, NoData>(token).is_err());
//! # Ok(())
//! # }
//! # #[cfg(not(feature = "sqlite"))]
//! # fn main() {}
//! ```

#[doc(hidden)]
#[path = "vault.rs"]
pub mod vault;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use crate::clock::{TimeProvider, Timestamp};
#[cfg(feature = "sqlite")]
use crate::config::{Keys, Policy};
#[cfg(feature = "sqlite")]
use crate::error::SetupError;
use crate::sessions::Sessions;

/// A clock that stands still until it is turned. Clones are the same clock.
#[derive(Clone, Debug)]
pub struct ManualClock(Arc<AtomicI64>);

impl ManualClock {
    /// A clock that shows `now`.
    #[must_use]
    pub fn at(now: Timestamp) -> Self {
        Self(Arc::new(AtomicI64::new(now.as_millis())))
    }

    /// Turns it forward.
    pub fn advance(&self, by: Duration) {
        self.set(self.now().after(by));
    }

    /// Turns it to `now`, forward or back.
    pub fn set(&self, now: Timestamp) {
        self.0.store(now.as_millis(), Ordering::SeqCst);
    }
}

impl Default for ManualClock {
    /// 2030-01-01T00:00:00Z.
    fn default() -> Self {
        Self::at(Timestamp::from_secs(1_893_456_000))
    }
}

impl TimeProvider for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::SeqCst))
    }
}

/// Sessions with the default policy for `http://localhost:3000`, managed keys, and an SQLite database in memory.
///
/// # Errors
///
/// When SQLite cannot be had; never in practice.
#[cfg(feature = "sqlite")]
pub async fn sessions(clock: ManualClock) -> Result<Sessions, SetupError> {
    let policy = Policy::for_api("http://localhost:3000").build().expect("the defaults hold together");
    Sessions::builder(policy, Keys::managed()).clock(clock).connect("sqlite::memory:").await
}

impl Sessions {
    /// Writes the notes of verification now, as the background task would.
    ///
    /// # Errors
    ///
    /// When the database cannot be written.
    pub async fn flush_notes(&self) -> Result<(), crate::SessionError> {
        self.write_notes().await
    }

    /// Learns now what was revoked elsewhere, as the background task would.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    pub async fn read_revocations(&self) -> Result<(), crate::SessionError> {
        self.read_feed().await
    }

    /// Learns now which managed keys others have made or revoked, and makes the next one if its time has come, as the background task
    /// would.
    ///
    /// # Errors
    ///
    /// When the database cannot be read or written.
    pub async fn keep_keys(&self) -> Result<(), crate::SessionError> {
        self.keep_keys_now().await
    }

    /// Deletes now what is long over, as the background task would.
    ///
    /// # Errors
    ///
    /// When the database cannot be written.
    pub async fn purge(&self) -> Result<(), crate::SessionError> {
        self.purge_now().await
    }
}
