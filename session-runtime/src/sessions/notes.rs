//! What verification noticed and has not written yet: which generation of which session was seen, and when.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Mutex, PoisonError};

use super::handles::ByHandle;
use crate::clock::Timestamp;
use crate::id::{Generation, SessionHandle};
use crate::store::Note;

/// Beyond this many sessions between two flushes, last-seen times of further ones are dropped: memory is bounded, and what is
/// lost is a few seconds of them.
const MOST: usize = 200_000;

#[derive(Default)]
pub(super) struct Notes(Mutex<ByHandle<Seen>>);

/// What was seen of a session, in bytes that need no alignment: with its handle an entry takes 26, about 62 in a map that has just grown.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Seen {
    generation: [u8; 4],
    /// The last 48 bits of the milliseconds, as in a handle: enough until the year 10889.
    at: [u8; 6],
}

impl Seen {
    fn new(generation: Generation, at: Timestamp) -> Self {
        let [_, _, at @ ..] = at.as_millis().max(0).to_be_bytes();
        Self { generation: generation.number().to_be_bytes(), at }
    }

    const fn generation(self) -> Generation {
        Generation::new(u32::from_be_bytes(self.generation))
    }

    const fn at(self) -> Timestamp {
        let [a, b, c, d, e, f] = self.at;
        Timestamp::from_millis(i64::from_be_bytes([0, 0, a, b, c, d, e, f]))
    }
}

/// When a token was last noted. What is written down is right to the second, and so is this: a token that comes more often than that costs
/// one comparison.
#[derive(Default)]
pub(super) struct Noted(AtomicI64);

impl Noted {
    const PRECISION: i64 = 1000;

    /// Whether it is to be noted again.
    pub(super) fn is_due(&self, now: Timestamp) -> bool {
        let since = now.as_millis() - self.0.load(Ordering::Relaxed);
        let is_due = !(0..Self::PRECISION).contains(&since);
        if is_due {
            self.0.store(now.as_millis(), Ordering::Relaxed);
        }
        is_due
    }
}

impl Notes {
    pub(super) fn add(&self, note: Note) {
        let mut notes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if notes.len() >= MOST && !notes.contains_key(&note.handle) {
            return;
        }
        let seen = notes.entry(note.handle).or_insert(Seen::new(note.generation, note.seen_at));
        // An older generation's token may still be in use beside the newer one's; it is the newer one that wants confirming.
        *seen = Seen::new(seen.generation().max(note.generation), seen.at().max(note.seen_at));
    }

    /// The newest generation of a session that was seen here and is not written yet.
    pub(super) fn newest_seen(&self, handle: SessionHandle) -> Option<Generation> {
        let notes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        notes.get(&handle).map(|seen| seen.generation())
    }

    /// What is to be written. It stays here until it is, so that a refresh meanwhile finds it in one place or the other.
    pub(super) fn pending(&self) -> Vec<Note> {
        let notes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        notes.iter().map(|(&handle, seen)| Note { handle, generation: seen.generation(), seen_at: seen.at() }).collect()
    }

    /// Forgets what was written, unless it has changed since.
    pub(super) fn forget(&self, written: &[Note]) {
        let mut notes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for note in written {
            if notes.get(&note.handle) == Some(&Seen::new(note.generation, note.seen_at)) {
                notes.remove(&note.handle);
            }
        }
    }
}
