//! What happened, counted, and what must not have.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};

use super::failovers::{Done, Failovers};

/// What the names of losses begin with that asynchronous failover is documented to bring.
const LOST: &str = "lost by failover: ";

/// The figures of a run.
#[derive(Debug, Default)]
pub struct Report {
    counts: Mutex<BTreeMap<String, u64>>,
    broken: Mutex<Vec<String>>,
    pub(super) failovers: Failovers,
}

impl Report {
    pub(super) fn count(&self, what: impl Into<String>) {
        self.count_many(what, 1);
    }

    pub(super) fn count_many(&self, what: impl Into<String>, times: u64) {
        *self.counts.lock().unwrap_or_else(PoisonError::into_inner).entry(what.into()).or_default() += times;
    }

    /// A promise that did not hold.
    pub(super) fn broken(&self, promise: String) {
        self.broken.lock().unwrap_or_else(PoisonError::into_inner).push(promise);
    }

    /// Something acknowledged is not there: as documented where a failover came between, else a promise that did not hold.
    pub(super) fn lost(&self, what: &str, acknowledged: Done, promise: impl FnOnce() -> String) {
        if self.failovers.may_have_lost(acknowledged) {
            self.count(format!("{LOST}{what}"));
        } else {
            self.broken(promise());
        }
    }

    /// The promises that did not hold.
    #[must_use]
    pub fn broken_promises(&self) -> Vec<String> {
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
        let broken = self.broken_promises();
        writeln!(f, "{:>9}  lost by failover, as documented", self.total(LOST))?;
        writeln!(f, "{:>9}  promises broken", broken.len())?;
        broken.iter().try_for_each(|promise| writeln!(f, "           {promise}"))
    }
}
