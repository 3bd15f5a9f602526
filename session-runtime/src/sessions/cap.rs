//! Which sessions of a user make way for a new one. Pure: the store asks while nobody else signs this user in.

use crate::config::{Cap, WhenFull};
use crate::id::SessionHandle;
use crate::store::LiveSession;

impl Cap {
    /// The sessions that end so that one more may begin; nothing where it may not. More than one where the limit was lowered since.
    pub(super) fn make_room(self, mut live: Vec<LiveSession>) -> Option<Vec<SessionHandle>> {
        let surplus = (live.len() + 1).saturating_sub(self.limit);
        match self.when_full {
            WhenFull::Refuse if surplus > 0 => return None,
            WhenFull::Refuse => {}
            // Handles sort by the time they were made.
            WhenFull::EndOldest => live.sort_unstable_by_key(|session| session.handle),
            WhenFull::EndLeastRecentlyUsed => {
                live.sort_unstable_by_key(|session| (session.last_seen_at, session.handle));
            }
        }
        Some(live.into_iter().take(surplus).map(|session| session.handle).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Timestamp;

    /// Three sessions, of which the second was not seen for longest.
    fn live() -> Vec<LiveSession> {
        [(3, 30), (1, 20), (2, 10)]
            .map(|(created, seen)| LiveSession {
                handle: SessionHandle::mint(Timestamp::from_millis(created)).expect("a handle"),
                last_seen_at: Timestamp::from_millis(seen),
            })
            .into()
    }

    #[test]
    fn each_rule_ends_whom_it_says() {
        let found = live();
        let [third, first, second] = [0, 1, 2].map(|index| found[index].handle);
        for (limit, when_full, expected) in [
            (4, WhenFull::Refuse, Some(vec![])),
            (3, WhenFull::Refuse, None),
            (4, WhenFull::EndOldest, Some(vec![])),
            (3, WhenFull::EndOldest, Some(vec![first])),
            (1, WhenFull::EndOldest, Some(vec![first, second, third])),
            (3, WhenFull::EndLeastRecentlyUsed, Some(vec![second])),
            (2, WhenFull::EndLeastRecentlyUsed, Some(vec![second, first])),
        ] {
            assert_eq!(Cap { limit, when_full }.make_room(found.clone()), expected, "{limit} {when_full:?}");
        }
    }
}
