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

    pub(super) fn has_seen(&self, handle: SessionHandle, generation: Generation) -> bool {
        let notes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        notes.get(&handle).is_some_and(|seen| seen.0 == generation)
    }

    /// Takes what is there; whoever fails to write it puts it back.
    pub(super) fn take(&self) -> Vec<Note> {
        let notes = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        notes.into_iter().map(|(handle, (generation, seen_at))| Note { handle, generation, seen_at }).collect()
    }
}
