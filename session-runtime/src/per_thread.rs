//! Values whose holders are counted by thread.
//!
//! A count that every request touches, as that of an `Arc` in a service which is cloned for each, is one for all threads, and the line of the
//! cache that it is in goes from processor to processor, the more often the more of them there are. Here each thread has a count of its own.

use std::array;
use std::fmt;
use std::ops::Deref;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock, Weak};

/// So many threads count by themselves; with more of them some share.
const PLACES: usize = 32;

/// Values that are as good as each other, one for each thread. Clones are counted for all threads together.
pub(crate) struct Shares<T>(Arc<[Arc<Share<T>>; PLACES]>);

/// A value of [`Shares`]. Clones are the cloning thread's own while the shares are there, and count with what they were cloned from after
/// that.
pub(crate) struct PerThread<T> {
    share: Arc<Share<T>>,
    /// Those of all threads; not in clones, which would be counted together there.
    _all: Option<Shares<T>>,
}

/// What one thread's clones hold; apart from the counts, which are before it.
#[repr(align(128))]
pub(crate) struct Share<T> {
    value: T,
    places: Arc<Places<T>>,
}

/// Where the others are. They do not hold each other, or nobody would let go of them.
type Places<T> = [OnceLock<Weak<Share<T>>>; PLACES];

impl<T> Shares<T> {
    pub(crate) fn new(value: impl Fn() -> T) -> Self {
        let places: Arc<Places<T>> = Arc::new(array::from_fn(|_| OnceLock::new()));
        let all = array::from_fn(|_| Arc::new(Share { value: value(), places: Arc::clone(&places) }));
        places.iter().zip(&all).for_each(|(place, share)| drop(place.set(Arc::downgrade(share))));
        Self(Arc::new(all))
    }

    /// One that keeps the places of all threads, which its clones do not.
    pub(crate) fn keeper(&self) -> PerThread<T> {
        let [share, ..] = &*self.0;
        PerThread { share: Arc::clone(share), _all: Some(self.clone()) }
    }
}

impl<T> PerThread<T> {
    /// The value, to be held beyond this one's life.
    pub(crate) fn share(&self) -> Arc<Share<T>> {
        Arc::clone(&self.share)
    }

    fn at(&self, place: usize) -> Self {
        let share = self.share.places.get(place).and_then(OnceLock::get).and_then(Weak::upgrade);
        Self { share: share.unwrap_or_else(|| self.share()), _all: None }
    }
}

impl<T> Clone for Shares<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> Clone for PerThread<T> {
    fn clone(&self) -> Self {
        self.at(place())
    }
}

impl<T> Deref for Share<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T> Deref for PerThread<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.share
    }
}

impl<T: fmt::Debug> fmt::Debug for Shares<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [share, ..] = &*self.0;
        T::fmt(share, f)
    }
}

impl<T: fmt::Debug> fmt::Debug for PerThread<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        T::fmt(self, f)
    }
}

/// The place of the thread that asks: threads take them in turn.
fn place() -> usize {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    thread_local! {
        static PLACE: usize = NEXT.fetch_add(1, Ordering::Relaxed) % PLACES;
    }
    PLACE.with(|place| *place)
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;

    fn count_together<T>(one: &PerThread<T>, other: &PerThread<T>) -> bool {
        Arc::ptr_eq(&one.share, &other.share)
    }

    #[test]
    fn each_thread_counts_by_itself() {
        let value = Shares::new(|| 7).keeper();
        let (here, there) = (value.at(1), value.at(2));
        assert!(count_together(&here, &there.at(1)) && count_together(&there, &here.at(2)));
        assert!(!count_together(&here, &there));
        assert_eq!((*here, *there), (7, 7));
        assert!(count_together(&value.clone(), &value.clone()), "of one thread");
        assert_ne!(place(), thread::spawn(place).join().expect("a place"));
    }

    #[test]
    fn what_was_cloned_lives_on_and_the_last_takes_all_along() {
        let held = Arc::new(());
        let shares = Shares::new(|| Arc::clone(&held));
        let (first, clone) = (shares.keeper(), shares.keeper().at(1));
        drop(shares);
        assert!(!count_together(&clone, &clone.at(2)), "they are there by the first");
        drop(first);
        assert!(count_together(&clone, &clone.at(2)));
        assert_eq!(Arc::strong_count(&held), 2, "here, and what was cloned");
        drop(clone);
        assert_eq!(Arc::strong_count(&held), 1);
    }
}
