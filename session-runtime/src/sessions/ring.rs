//! The keys in use, and which edition of them it is: what remembers by edition need not hold the keys.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use arc_swap::{ArcSwap, Guard};

use crate::token::key::KeyRing;

pub(super) struct Ring {
    keys: ArcSwap<KeyRing>,
    edition: AtomicU64,
}

/// How often the keys have changed. No two rings of one node have the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct RingEdition(u64);

impl Ring {
    pub(super) fn new(keys: KeyRing) -> Self {
        Self { keys: ArcSwap::from_pointee(keys), edition: AtomicU64::default() }
    }

    pub(super) fn load(&self) -> Guard<Arc<KeyRing>> {
        self.keys.load()
    }

    /// To be read before the keys that it is said to be of: they are of this edition or, where they change meanwhile, of a later one, and
    /// what was found by them is then looked for again.
    pub(super) fn edition(&self) -> RingEdition {
        RingEdition(self.edition.load(Ordering::Acquire))
    }

    /// The edition is the last to change: who reads it finds the keys that it is of.
    pub(super) fn store(&self, keys: KeyRing) {
        self.keys.store(Arc::new(keys));
        self.edition.fetch_add(1, Ordering::Release);
    }
}

#[cfg(test)]
impl RingEdition {
    pub(super) const FIRST: Self = Self(0);
    pub(super) const SECOND: Self = Self(1);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::token::key::Key;

    fn keys(seed: u8) -> KeyRing {
        KeyRing::new(Key::derive(&[seed; 32]).expect("a key"), vec![]).expect("a ring")
    }

    #[test]
    fn other_keys_are_another_edition_and_those_before_are_gone() {
        let ring = Ring::new(keys(1));
        let (edition, before) = (ring.edition(), Arc::downgrade(&ring.load()));
        assert_eq!(ring.edition(), edition);
        ring.store(keys(2));
        assert_ne!(ring.edition(), edition);
        assert!(before.upgrade().is_none(), "they are wiped");
        assert_eq!(ring.load().current().id(), keys(2).current().id());
    }
}
