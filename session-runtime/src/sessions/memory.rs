//! What a node keeps in memory of sessions that it holds no tokens of, counted by the allocator.

use std::hint::black_box;

use allocation_counter::AllocationInfo;

use super::feed::Feed;
use super::notes::Notes;
use crate::clock::Timestamp;
use crate::id::{Generation, SessionHandle};
use crate::reason::RevocationReason;
use crate::store::{Invalidation, Note, Subject};

/// What a map holds that has just grown, at its dearest; and how many there are at the most in notes.
const JUST_GROWN: [usize; 3] = [1_793, 28_673, 114_689];

fn handle(number: usize) -> SessionHandle {
    SessionHandle::mint(Timestamp::from_secs(1_800_000_000 + number as i64)).expect("random bytes")
}

/// Bytes that `work` has taken and not given back, for each of so many.
fn bytes_each(count: usize, work: impl FnOnce()) -> f64 {
    let AllocationInfo { bytes_current, .. } = allocation_counter::measure(work);
    bytes_current as f64 / count as f64
}

#[test]
fn a_live_announcement_takes_up_to_a_hundred_bytes() {
    let expires_at = Timestamp::from_secs(1_900_000_000);
    let reason = RevocationReason::custom("password_changed").expect("a reason");
    for count in JUST_GROWN {
        let (feed, now) = (Feed::default(), Timestamp::from_secs(1_800_000_000));
        let ended = (1_i64..).zip((0..count).map(handle)).map(|(sequence, handle)| Invalidation {
            sequence,
            subject: Some(Subject::Session(handle)),
            reason: reason.clone(),
            expires_at,
        });
        let announced: Vec<_> = ended.collect();
        let each = bytes_each(count, || {
            feed.learn(&announced, now);
            feed.looked(0, now);
        });
        assert_eq!(feed.len(), count);
        assert!(each <= 100.0, "{each:.1} bytes for each of {count}");
        assert!(each > 40.0, "{each:.1} bytes are less than what is known of one");
    }
}

#[test]
fn a_pending_note_takes_up_to_sixty_four_bytes() {
    for count in JUST_GROWN {
        let notes = Notes::default();
        let seen: Vec<_> = (0..count).map(|number| (handle(number), Timestamp::from_secs(1_800_000_000))).collect();
        let each = bytes_each(count, || {
            for &(handle, seen_at) in &seen {
                // However often it is seen.
                for generation in [Generation::FIRST, Generation::new(2)] {
                    notes.add(Note { handle, generation, seen_at });
                }
            }
        });
        assert_eq!(black_box(notes.pending()).len(), count);
        assert!(each <= 64.0, "{each:.1} bytes for each of {count}");
        assert!(each > 26.0, "{each:.1} bytes are less than what is known of one");
    }
}

#[test]
fn a_note_is_read_as_it_was_made() {
    let note = |generation, seconds| {
        let (handle, seen_at) = (handle(1), Timestamp::from_secs(seconds));
        Note { handle, generation: Generation::new(generation), seen_at }
    };
    for note in [note(1, 0), note(u32::MAX, 1_800_000_000), note(7, 281_474_976_710)] {
        let notes = Notes::default();
        notes.add(note);
        assert_eq!((notes.pending(), notes.newest_seen(note.handle)), (vec![note], Some(note.generation)));
        notes.forget(&[note]);
        assert!(notes.pending().is_empty());
    }
}
