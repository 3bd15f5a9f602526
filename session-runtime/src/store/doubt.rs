//! Whether connections that come back to the pool may be stuck. The pool asks each whether it is well and waits for the answer without
//! end: where the database's machine has vanished without a word, that is a quarter of an hour, and the pool is empty by then.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use sea_orm::sqlx::{Connection, Database};
use tokio::time::timeout;

/// How many of the connections that come back after work was given up are doubted. The one in question is among the first, since it
/// comes back at once.
const DOUBTED: u32 = 1024;

/// Raised when work was given up halfway.
#[derive(Default)]
pub(super) struct Doubt {
    left: AtomicU32,
}

impl Doubt {
    pub(super) fn raise(&self) {
        self.left.store(DOUBTED, Ordering::Release);
    }
}

/// How long a connection that is asked whether it is well has for its answer.
const ANSWER: Duration = Duration::from_secs(1);

pub(super) async fn answers<D: Database>(connection: &mut D::Connection) -> bool {
    matches!(timeout(ANSWER, connection.ping()).await, Ok(Ok(())))
}

/// What the pool does about it. SQLite has no other side that could vanish.
#[cfg(any(feature = "postgres", feature = "mysql"))]
mod servers {
    use std::sync::Arc;
    use std::sync::atomic::Ordering;

    use sea_orm::SqlxError;
    use sea_orm::sqlx::Database;
    use sea_orm::sqlx::pool::PoolOptions;

    use super::{Doubt, answers};

    impl Doubt {
        /// Whether the connection that comes back is doubted.
        fn falls_on_next(&self) -> bool {
            self.left.fetch_update(Ordering::AcqRel, Ordering::Acquire, |left| left.checked_sub(1)).is_ok()
        }

        /// A pool that closes a connection which comes back while the doubt stands and does not answer in time. Without a doubt it is
        /// not asked, as that would be one more round trip for every statement.
        pub(in crate::store) fn of_pool<D: Database>(self: Arc<Self>, options: PoolOptions<D>) -> PoolOptions<D> {
            options.after_release(move |connection, _| {
                let is_doubted = self.falls_on_next();
                Box::pin(async move { if is_doubted { ask::<D>(connection).await } else { Ok(true) } })
            })
        }
    }

    /// A pool in which every connection that comes back is doubted.
    pub(in crate::store) fn doubted<D: Database>(options: PoolOptions<D>) -> PoolOptions<D> {
        options.after_release(|connection, _| Box::pin(ask::<D>(connection)))
    }

    /// Whoever does not answer is not said goodbye to either.
    async fn ask<D: Database>(connection: &mut D::Connection) -> Result<bool, SqlxError> {
        if answers::<D>(connection).await { Ok(true) } else { Err(SqlxError::PoolTimedOut) }
    }
}

#[cfg(any(feature = "postgres", feature = "mysql"))]
pub(super) use self::servers::doubted;
