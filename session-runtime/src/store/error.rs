//! What can go wrong with a database.

use std::borrow::Cow;
use std::sync::Arc;

use sea_orm::sqlx::error::DatabaseError;
use sea_orm::{DbErr, RuntimeErr, SqlxError};

/// The database did not do what was asked: it is down, busy, full, or answered nonsense. Nothing of it reaches a client.
#[derive(Debug, thiserror::Error)]
#[error("the session store failed")]
pub(crate) struct StoreError(#[source] StoreFailure);

#[derive(Debug, thiserror::Error)]
enum StoreFailure {
    #[error(transparent)]
    Database(DbErr),
    #[error("the database's URL cannot be read: scheme, host, port or one of its parameters")]
    Url,
    #[error("row has {what} that this library does not write")]
    Row { what: &'static str },
    #[error("the database did not answer in time; whether it did what it was asked is unknown")]
    TimedOut,
    #[error("too many operations wait for the database already; nothing was asked of it")]
    Crowded,
}

impl StoreError {
    pub(super) const fn row(what: &'static str) -> Self {
        Self(StoreFailure::Row { what })
    }

    pub(super) const fn timed_out() -> Self {
        Self(StoreFailure::TimedOut)
    }

    pub(super) const fn crowded() -> Self {
        Self(StoreFailure::Crowded)
    }

    /// What went wrong while a database was opened. Who complains about a URL quotes it, and its password with it.
    pub(super) fn opening(error: DbErr) -> Self {
        match &error {
            DbErr::Conn(RuntimeErr::Internal(_)) => Self(StoreFailure::Url),
            DbErr::Conn(RuntimeErr::SqlxError(cause)) if matches!(**cause, SqlxError::Configuration(_)) => {
                Self(StoreFailure::Url)
            }
            _ => error.into(),
        }
    }

    /// Whether it was given up: what became of it is unknown.
    pub(super) const fn is_about_time(&self) -> bool {
        matches!(self.0, StoreFailure::TimedOut)
    }

    /// Whether the database undid all of it so that another could finish: a deadlock, a serialization failure, on Galera a
    /// conflict with another node. It can be tried again as it is.
    pub(super) fn was_undone(&self) -> bool {
        matches!(self.sql_state().as_deref(), Some("40001" | "40P01"))
    }

    /// Whether the database knows no variable of that name.
    pub(super) fn is_unknown_variable(&self) -> bool {
        /// `ER_UNKNOWN_SYSTEM_VARIABLE`. Its SQL state says nothing.
        const UNKNOWN_SYSTEM_VARIABLE: u16 = 1193;
        self.mysql_number() == Some(UNKNOWN_SYSTEM_VARIABLE)
    }

    #[cfg(feature = "mysql")]
    fn mysql_number(&self) -> Option<u16> {
        let error = self.of_the_database()?.try_downcast_ref::<sea_orm::sqlx::mysql::MySqlDatabaseError>()?;
        Some(error.number())
    }

    #[cfg(not(feature = "mysql"))]
    fn mysql_number(&self) -> Option<u16> {
        None
    }

    /// The five characters by which SQL says what went wrong.
    fn sql_state(&self) -> Option<Cow<'_, str>> {
        self.of_the_database()?.code()
    }

    fn of_the_database(&self) -> Option<&dyn DatabaseError> {
        let StoreFailure::Database(
            DbErr::Exec(RuntimeErr::SqlxError(error))
            | DbErr::Query(RuntimeErr::SqlxError(error))
            | DbErr::Conn(RuntimeErr::SqlxError(error)),
        ) = &self.0
        else {
            return None;
        };
        match &**error {
            SqlxError::Database(error) => Some(&**error),
            _ => None,
        }
    }
}

impl From<SqlxError> for StoreError {
    fn from(error: SqlxError) -> Self {
        DbErr::Query(RuntimeErr::SqlxError(Arc::new(error))).into()
    }
}

impl From<DbErr> for StoreError {
    fn from(error: DbErr) -> Self {
        Self(StoreFailure::Database(error))
    }
}
