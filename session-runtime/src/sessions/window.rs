//! How far the announcements have been read. Transactions commit out of order, so a number may appear after a higher one was read:
//! what is missing among the last numbers is looked for again, until no transaction can be left that holds it. Pure.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::clock::Timestamp;
use crate::store::{INVALIDATIONS_PAGE, Invalidation, Mark};

/// How long a number may be missing: a transaction that took it is over by then, and has reached every node of a cluster.
pub(super) const OPEN: Duration = Duration::from_secs(30);

/// A window of more than a page is read again this often only: each announcement about ten times in all, however many there are.
const AGAIN: Duration = Duration::from_secs(3);

/// How often all is read, for what broke the rule above: a node that stood still between its insert and its commit.
const ALL: Duration = Duration::from_secs(5 * 60);

/// What was read of the sequence. A number that is `settled` has none below it that may still appear.
#[derive(Debug, Default)]
pub(super) struct Window {
    settled: i64,
    /// Of the announcement with that number.
    mark: Option<Mark>,
    /// Those above it.
    seen: BTreeMap<i64, Seen>,
    again_at: Option<Timestamp>,
    all_at: Option<Timestamp>,
}

/// A number, when it was seen first, and whose it was then.
#[derive(Debug)]
struct Seen {
    at: Timestamp,
    mark: Mark,
}

impl Window {
    /// Where the next look begins; zero for all.
    pub(super) fn from(&self, now: Timestamp) -> i64 {
        if self.all_at.is_none_or(|at| is_past(at, ALL, now)) {
            return 0;
        }
        let is_small = self.seen.len() <= INVALIDATIONS_PAGE;
        if is_small || self.again_at.is_none_or(|at| is_past(at, AGAIN, now)) { self.settled } else { self.last() }
    }

    /// The last number that was read.
    pub(super) fn last(&self) -> i64 {
        self.seen.last_key_value().map_or(self.settled, |(&last, _)| last)
    }

    /// How many announcements the next look may find that are known already.
    pub(super) fn len(&self) -> usize {
        self.seen.len()
    }

    /// Whether this is the announcement that was read with the number `from`.
    pub(super) fn has_read(&self, from: i64, announcement: &Invalidation) -> bool {
        let seen = self.seen.get(&from).map(|seen| seen.mark);
        let mark = if from == self.settled { self.mark } else { seen };
        announcement.sequence == from && mark == Some(announcement.mark())
    }

    pub(super) fn see(&mut self, sequence: i64, mark: Mark, now: Timestamp) {
        if self.settled < sequence {
            self.seen.entry(sequence).or_insert(Seen { at: now, mark });
        }
    }

    /// A look that began at `from` and at `began` has found all that there was.
    pub(super) fn looked(&mut self, from: i64, began: Timestamp) {
        if from == 0 {
            self.all_at = Some(began);
        }
        if from > self.settled {
            return;
        }
        self.again_at = Some(began);
        while let Some(first) = self.seen.first_entry() {
            let is_next = *first.key() == self.settled.saturating_add(1);
            if !is_next && !is_past(first.get().at, OPEN, began) {
                break;
            }
            let (settled, seen) = first.remove_entry();
            (self.settled, self.mark) = (settled, Some(seen.mark));
        }
    }
}

/// Whether `span` is over since `at`, or the clock was set back, and nobody knows.
fn is_past(at: Timestamp, span: Duration, now: Timestamp) -> bool {
    now < at || at.after(span) <= now
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reason::RevocationReason;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_secs(1_000_000 + seconds)
    }

    fn look(window: &mut Window, found: &[i64], now: Timestamp) -> i64 {
        let from = window.from(now);
        let found = found.iter().filter(|sequence| **sequence >= from);
        found.for_each(|sequence| window.see(*sequence, announcement(*sequence, 0).mark(), now));
        window.looked(from, now);
        from
    }

    fn announcement(sequence: i64, expires_at: i64) -> Invalidation {
        let expires_at = Timestamp::from_secs(expires_at);
        Invalidation { sequence, subject: None, reason: RevocationReason::SignedOut, expires_at }
    }

    #[test]
    fn a_number_that_was_given_out_again_is_not_taken_for_what_was_read() {
        let mut window = Window::default();
        look(&mut window, &[1, 2, 4], at(0));
        for from in [2, 4] {
            assert!(window.has_read(from, &announcement(from, 0)));
            assert!(!window.has_read(from, &announcement(from, 1)));
            assert!(!window.has_read(from, &announcement(from + 1, 0)));
        }
    }

    #[test]
    fn where_no_number_is_missing_only_the_last_is_read_again() {
        let mut window = Window::default();
        assert_eq!(look(&mut window, &[1, 2, 3], at(0)), 0);
        assert_eq!((look(&mut window, &[3, 4], at(1)), window.len()), (3, 0));
        assert_eq!(look(&mut window, &[4], at(2)), 4);
    }

    #[test]
    fn a_missing_number_is_looked_for_until_it_is_there() {
        let mut window = Window::default();
        look(&mut window, &[1, 2, 5], at(0));
        assert_eq!(look(&mut window, &[2, 5], at(1)), 2);
        assert_eq!(look(&mut window, &[2, 3, 4, 5, 6], at(2)), 2);
        assert_eq!((window.from(at(3)), window.last()), (6, 6));
    }

    #[test]
    fn a_number_that_nobody_wrote_is_given_up_after_a_look_that_began_late_enough() {
        let mut window = Window::default();
        look(&mut window, &[1, 3], at(0));
        for second in 1..=30 {
            assert_eq!(look(&mut window, &[1, 3], at(second)), 1);
        }
        assert_eq!(window.from(at(31)), 3);
    }

    #[test]
    fn a_large_window_is_read_again_now_and_then() {
        let mut window = Window::default();
        look(&mut window, &[1], at(0));
        let many: Vec<i64> = (0..1_000).map(|number| 3 * number).collect();
        assert_eq!(look(&mut window, &many, at(0)), 1);
        assert_eq!((window.from(at(1)), window.len()), (2_997, 999));
        assert_eq!(look(&mut window, &[2_997, 3_000], at(1)), 2_997);
        assert_eq!(window.from(at(3)), 1);
    }

    #[test]
    fn all_is_read_every_five_minutes_and_when_the_clock_was_set_back() {
        let mut window = Window::default();
        look(&mut window, &[1, 2], at(0));
        assert_eq!((window.from(at(299)), window.from(at(300)), window.from(at(-1))), (2, 0, 0));
    }
}
