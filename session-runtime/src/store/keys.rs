//! Rows of `session_keys`.

use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, EntityTrait, QueryOrder, TryInsert};
use zeroize::Zeroizing;

use super::entity::Sealed;
use super::entity::key::{ActiveModel, Column, Entity};
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
        let rows = Entity::find().order_by_desc(Column::Sequence).all(&self.db).await?;
        let stored = |row: super::entity::key::Model| StoredKey {
            sequence: row.sequence,
            secret: Zeroizing::new(row.secret.0),
            wrapped: row.wrapped,
        };
        Ok(rows.into_iter().map(stored).collect())
    }

    /// One statement: stores a key at its place, unless another node has taken it.
    pub(crate) async fn insert_key(&self, key: &StoredKey, now: Timestamp) -> Result<(), StoreError> {
        let row = ActiveModel {
            sequence: Set(key.sequence),
            secret: Set(Sealed(key.secret.to_vec())),
            wrapped: Set(key.wrapped),
            created_at: Set(now.as_millis()),
        };
        let first_wins = OnConflict::column(Column::Sequence).do_nothing().to_owned();
        TryInsert::one(row).on_conflict(first_wins).exec_without_returning(&self.db).await?;
        Ok(())
    }
}
