//! Tables by session handle, which every request may look into.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use crate::id::SessionHandle;

pub(super) type ByHandle<T> = HashMap<SessionHandle, T, BuildHasherDefault<HandleHasher>>;

/// A handle is random enough for a table as it is: 62 bits at its end are drawn by the node that made it (RFC 9562 §5.7). What is looked up or
/// kept here comes out of signed tokens and of the database, so nobody chooses one; who makes a million sessions and keeps those that are
/// neighbours makes a look-up a microsecond longer.
#[derive(Default)]
pub(super) struct HandleHasher(u64);

impl Hasher for HandleHasher {
    /// The length of the bytes may come before them; what comes last counts.
    fn write(&mut self, bytes: &[u8]) {
        if let Some(end) = bytes.last_chunk() {
            // The two bits in front are the same in every UUID, and a table looks at the front too: the product spreads the others there.
            self.0 = u64::from_be_bytes(*end).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        }
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::hash::BuildHasher;

    use super::*;
    use crate::clock::Timestamp;

    #[test]
    fn handles_of_one_millisecond_are_spread_at_both_ends() {
        let hasher = BuildHasherDefault::<HandleHasher>::default();
        let hashes: Vec<_> = (0..4096)
            .map(|_| hasher.hash_one(SessionHandle::mint(Timestamp::from_millis(1)).expect("a handle")))
            .collect();
        // Of 4,096 that fall into as many places at random, 63 in a hundred places are taken.
        let taken = |place: fn(u64) -> u64| hashes.iter().map(|hash| place(*hash)).collect::<HashSet<_>>().len();
        assert!(taken(|hash| hash & 0xfff) > 2400, "{}", taken(|hash| hash & 0xfff));
        assert!(taken(|hash| hash >> 52) > 2400, "{}", taken(|hash| hash >> 52));
    }
}
