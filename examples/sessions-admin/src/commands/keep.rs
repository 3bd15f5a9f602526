//! Keeping the tables: what is over, and what is new.

use std::time::Duration;

use crate::arguments::Database;
use crate::failure::Failure;
use crate::open::policy;
use crate::output::{Output, progress};

/// How many rows between two lines of progress.
const STEP: u64 = 10_000;

pub(super) async fn purge(database: &Database, output: &Output, audit_retention_days: u32) -> Result<(), Failure> {
    let retention = Duration::from_secs(u64::from(audit_retention_days) * 24 * 60 * 60);
    let sessions = database.open(policy().audit_retention(retention)).await?;
    let mut said = 0;
    let purged = sessions.purge_expired(|so_far| {
        if so_far >= said + STEP {
            said = so_far;
            progress(&format!("{so_far} sessions so far"));
        }
    });
    output.one(vec![("purged", purged.await?.into())])
}

pub(super) async fn migrate(database: &Database, output: &mut Output) -> Result<(), Failure> {
    let pending = database.pending().await?;
    database.migrate().await?;
    pending.into_iter().try_for_each(|name| output.line(vec![("applied", name.into())]))
}

pub(super) async fn status(database: &Database, output: &mut Output) -> Result<(), Failure> {
    let pending = database.pending().await?;
    if pending.is_empty() {
        return Err(Failure::NotFound("the tables are up to date".to_owned()));
    }
    pending.into_iter().try_for_each(|name| output.line(vec![("pending", name.into())]))
}
