//! What verification noticed, written in one statement a batch.

use sea_orm::{ConnectionTrait, Statement, Value};

use super::{Store, StoreError};
use crate::clock::Timestamp;
use crate::id::{Generation, SessionHandle};

/// A token of this generation was seen in use at this time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Note {
    pub(crate) handle: SessionHandle,
    pub(crate) generation: Generation,
    pub(crate) seen_at: Timestamp,
}

/// How many notes one statement carries: three values each, well under every engine's limit.
const BATCH: usize = 500;

impl Store {
    /// One statement for every 500 notes. A note confirms its own generation only, so a late one cannot confirm a newer.
    pub(crate) async fn write_notes(&self, notes: &[Note]) -> Result<(), StoreError> {
        let backend = self.db.get_database_backend();
        for batch in notes.chunks(BATCH) {
            let statement = Statement::from_sql_and_values(backend, update(batch.len()), values(batch));
            self.db.execute_raw(statement).await?;
        }
        Ok(())
    }
}

/// Raw, since an UPDATE that joins a list of values is spelt differently everywhere; this is SQLite's way.
fn update(notes: usize) -> String {
    let mut sql = String::from("WITH notes (handle, generation, seen_at) AS (VALUES ");
    for position in 0..notes {
        let comma = if position == 0 { "" } else { ", " };
        sql.push_str(comma);
        sql.push_str("(?, ?, ?)");
    }
    sql.push_str(
        ") UPDATE sessions SET confirmed = (confirmed OR sessions.generation = notes.generation), \
         last_seen_at = max(last_seen_at, notes.seen_at) FROM notes WHERE sessions.handle = notes.handle",
    );
    sql
}

fn values(notes: &[Note]) -> impl Iterator<Item = Value> + '_ {
    notes.iter().flat_map(|note| {
        [note.handle.as_uuid().into(), i64::from(note.generation.number()).into(), note.seen_at.as_millis().into()]
    })
}
