//! What can go wrong with a database.

use sea_orm::DbErr;

/// The database did not do what was asked: it is down, busy, full, or answered nonsense. Nothing of it reaches a client.
#[derive(Debug, thiserror::Error)]
#[error("the session store failed")]
pub(crate) struct StoreError(#[source] StoreFailure);

#[derive(Debug, thiserror::Error)]
enum StoreFailure {
    #[error(transparent)]
    Database(DbErr),
    #[error("row has {what} that this library does not write")]
    Row { what: &'static str },
}

impl StoreError {
    pub(super) const fn row(what: &'static str) -> Self {
        Self(StoreFailure::Row { what })
    }
}

impl From<DbErr> for StoreError {
    fn from(error: DbErr) -> Self {
        Self(StoreFailure::Database(error))
    }
}
