//! What happened, counted, and what must not have.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};

/// The figures of a run.
#[derive(Debug, Default)]
pub struct Report {
    counts: Mutex<BTreeMap<String, u64>>,
    broken: Mutex<Vec<String>>,
}

impl Report {
    pub(super) fn count(&self, what: impl Into<String>) {
        *self.counts.lock().unwrap_or_else(PoisonError::into_inner).entry(what.into()).or_default() += 1;
    }

    /// A promise that did not hold.
    pub(super) fn broken(&self, promise: String) {
        self.broken.lock().unwrap_or_else(PoisonError::into_inner).push(promise);
    }

    /// The promises that did not hold.
    #[must_use]
    pub fn losses(&self) -> Vec<String> {
        self.broken.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// How often something happened whose name begins so.
    #[must_use]
    pub fn total(&self, prefix: &str) -> u64 {
        let counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        counts.iter().filter(|(name, _)| name.starts_with(prefix)).map(|(_, count)| count).sum()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, count) in &*self.counts.lock().unwrap_or_else(PoisonError::into_inner) {
            writeln!(f, "{count:>9}  {name}")?;
        }
        let losses = self.losses();
        writeln!(f, "{:>9}  promises broken", losses.len())?;
        losses.iter().try_for_each(|loss| writeln!(f, "           {loss}"))
    }
}
