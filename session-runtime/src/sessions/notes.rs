//! What verification noticed and has not written yet: which generation of which session was seen, and when.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use crate::clock::Timestamp;
use crate::id::{Generation, SessionHandle};
use crate::store::Note;

/// Beyond this many sessions between two flushes, last-seen times of further ones are dropped: memory is bounded, and what is
/// lost is a few seconds of them.
const MOST: usize = 200_000;

#[derive(Default)]
pub(super) struct Notes(Mutex<HashMap<SessionHandle, (Generation, Timestamp)>>);

impl Notes {
    pub(super) fn add(&self, note: Note) {
        let mut notes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if notes.len() >= MOST && !notes.contains_key(&note.handle) {
            return;
        }
        let seen = notes.entry(note.handle).or_insert((note.generation, note.seen_at));
        // An older generation's token may still be in use beside the newer one's; it is the newer one that wants confirming.
        *seen = (seen.0.max(note.generation), seen.1.max(note.seen_at));
    }

    /// The newest generation of a session that was seen here and is not written yet.
    pub(super) fn newest_seen(&self, handle: SessionHandle) -> Option<Generation> {
        let notes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        notes.get(&handle).map(|seen| seen.0)
    }

    /// What is to be written. It stays here until it is, so that a refresh meanwhile finds it in one place or the other.
    pub(super) fn pending(&self) -> Vec<Note> {
        let notes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        notes.iter().map(|(&handle, &(generation, seen_at))| Note { handle, generation, seen_at }).collect()
    }

    /// Forgets what was written, unless it has changed since.
    pub(super) fn forget(&self, written: &[Note]) {
        let mut notes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for note in written {
            if notes.get(&note.handle) == Some(&(note.generation, note.seen_at)) {
                notes.remove(&note.handle);
            }
        }
    }
}
