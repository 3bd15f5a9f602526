//! Rows of `session_keys`. The primary key is their order, so of several nodes that make the next one only one succeeds.

use sea_orm::QueryResult;
use zeroize::Zeroizing;

use super::dialect::column;
use super::{Store, StoreError};
use crate::clock::Timestamp;

/// A managed key as it is stored.
pub(crate) struct StoredKey {
    /// Its place in the order in which keys were made; the last one whose time has come signs.
    pub(crate) sequence: i64,
    /// Empty where it is revoked.
    pub(crate) secret: Zeroizing<Vec<u8>>,
    pub(crate) wrapped: bool,
    pub(crate) created_at: Timestamp,
    pub(crate) signs_from: Timestamp,
    pub(crate) revoked_at: Option<Timestamp>,
}

impl Store {
    /// One read: all keys, the newest first.
    pub(crate) async fn keys(&self) -> Result<Vec<StoredKey>, StoreError> {
        let read = "SELECT sequence, secret, wrapped, created_at, signs_from, revoked_at FROM {session_keys} \
                    ORDER BY sequence DESC";
        self.query_all(self.dialect().sql(read).with([])).await?.iter().map(StoredKey::read).collect()
    }

    /// One statement: stores a key at its place. `false` where another node has taken it.
    pub(crate) async fn insert_key(&self, key: &StoredKey) -> Result<bool, StoreError> {
        let insert = "{insert unless there} {session_keys} (sequence, secret, wrapped, created_at, signs_from) \
                      VALUES (?, ?, ?, ?, ?){unless there}";
        let values = [
            key.sequence.into(),
            key.secret.to_vec().into(),
            key.wrapped.into(),
            key.created_at.as_millis().into(),
            key.signs_from.as_millis().into(),
        ];
        Ok(self.execute(self.dialect().sql(insert).with(values)).await? > 0)
    }

    /// One statement: revokes a key and wipes its secret. `false` where it was revoked before.
    pub(crate) async fn revoke_key(&self, sequence: i64, now: Timestamp) -> Result<bool, StoreError> {
        let revoke = "UPDATE {session_keys} SET revoked_at = ?, secret = ? WHERE sequence = ? AND revoked_at IS NULL";
        let values = [now.as_millis().into(), Vec::<u8>::new().into(), sequence.into()];
        Ok(self.execute(self.dialect().sql(revoke).with(values)).await? > 0)
    }

    /// One statement: forgets the keys before this one.
    pub(crate) async fn delete_keys_before(&self, sequence: i64) -> Result<u64, StoreError> {
        let delete = "DELETE FROM {session_keys} WHERE sequence < ?";
        self.execute(self.dialect().sql(delete).with([sequence.into()])).await
    }
}

impl StoredKey {
    fn read(row: &QueryResult) -> Result<Self, StoreError> {
        Ok(Self {
            sequence: column(row, 0)?,
            secret: Zeroizing::new(column(row, 1)?),
            wrapped: column(row, 2)?,
            created_at: Timestamp::from_millis(column(row, 3)?),
            signs_from: Timestamp::from_millis(column(row, 4)?),
            revoked_at: column::<Option<i64>>(row, 5)?.map(Timestamp::from_millis),
        })
    }
}
