//! What verification noticed, written in one statement a batch.

use sea_orm::Value;

use super::dialect::Engine;
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
        let mut notes = notes.to_vec();
        // In one order everywhere, so that nodes that write at once wait for each other rather than in a ring.
        notes.sort_unstable_by_key(|note| note.handle);
        for batch in notes.chunks(BATCH) {
            let update = self.dialect().sql(&update(self.dialect().engine, batch.len()));
            self.execute(update.with_all(values(batch))).await?;
        }
        Ok(())
    }
}

/// An UPDATE that joins a list of values is spelt differently everywhere.
fn update(engine: Engine, notes: usize) -> String {
    let confirmed = "confirmed = (sessions.confirmed OR sessions.generation = notes.generation)";
    let seen = "last_seen_at = {greatest}(sessions.last_seen_at, notes.seen_at)";
    match engine {
        Engine::Sqlite => format!(
            "WITH notes (handle, generation, seen_at) AS (VALUES {}) UPDATE {{sessions}} AS sessions \
             SET {confirmed}, {seen} FROM notes WHERE sessions.handle = notes.handle",
            listed("(?, ?, ?)", ", ", notes)
        ),
        Engine::Postgres => format!(
            "UPDATE {{sessions}} AS sessions SET {confirmed}, {seen} \
             FROM (VALUES {}) AS notes (handle, generation, seen_at) WHERE sessions.handle = notes.handle",
            listed("(?, ?, ?)", ", ", notes)
        ),
        Engine::MySql => format!(
            "UPDATE {{sessions}} AS sessions JOIN ({}) AS notes ON sessions.handle = notes.handle \
             SET sessions.{confirmed}, sessions.{seen}",
            listed("SELECT ? AS handle, ? AS generation, ? AS seen_at", " UNION ALL ", notes)
        ),
    }
}

fn listed(item: &str, separator: &str, times: usize) -> String {
    vec![item; times].join(separator)
}

fn values(notes: &[Note]) -> impl Iterator<Item = Value> + '_ {
    notes.iter().flat_map(|note| {
        [note.handle.as_uuid().into(), i64::from(note.generation.number()).into(), note.seen_at.as_millis().into()]
    })
}
