//! Rows of `session_keys`. The primary key is their order, so of several nodes that make the next one only one succeeds.

use zeroize::Zeroizing;

use super::dialect::column;
use super::{Store, StoreError};
use crate::clock::Timestamp;

/// A managed key as it is stored.
pub(crate) struct StoredKey {
    /// Its place in the order in which keys were made; the last one signs.
    pub(crate) sequence: i64,
    pub(crate) secret: Zeroizing<Vec<u8>>,
    pub(crate) wrapped: bool,
}

impl Store {
    /// One read: all keys, the newest first.
    pub(crate) async fn keys(&self) -> Result<Vec<StoredKey>, StoreError> {
        let read = "SELECT sequence, secret, wrapped FROM {session_keys} ORDER BY sequence DESC";
        let rows = self.query_all(self.dialect().sql(read).with([])).await?;
        let stored = |row| {
            let secret = Zeroizing::new(column(row, 1)?);
            Ok(StoredKey { sequence: column(row, 0)?, secret, wrapped: column(row, 2)? })
        };
        rows.iter().map(stored).collect()
    }

    /// One statement: stores a key at its place, unless another node has taken it.
    pub(crate) async fn insert_key(&self, key: &StoredKey, now: Timestamp) -> Result<(), StoreError> {
        let insert = "{insert unless there} {session_keys} (sequence, secret, wrapped, created_at) \
                      VALUES (?, ?, ?, ?){unless there}";
        let values = [key.sequence.into(), key.secret.to_vec().into(), key.wrapped.into(), now.as_millis().into()];
        self.execute(self.dialect().sql(insert).with(values)).await?;
        Ok(())
    }
}
