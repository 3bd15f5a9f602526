//! The database's clock. No statement decides by it: nodes tell the time. It is asked once, when a node starts, to say so where the
//! two differ.

use super::dialect::{Engine, column};
use super::{Store, StoreError};
use crate::clock::Timestamp;

impl Store {
    /// One read: the time on the database's machine. Nothing for SQLite, which has its application's clock.
    pub(crate) async fn time(&self) -> Result<Option<Timestamp>, StoreError> {
        let read = match self.dialect().engine {
            Engine::Sqlite => return Ok(None),
            Engine::Postgres => "SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)",
            Engine::MySql => "SELECT CAST(UNIX_TIMESTAMP(SYSDATE(3)) * 1000 AS SIGNED)",
        };
        let row = self.query_one(self.dialect().sql(read).with([])).await?;
        row.map(|row| Ok(Timestamp::from_millis(column(&row, 0)?))).transpose()
    }
}
