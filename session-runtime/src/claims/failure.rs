//! Why a guard refused, in the words of the session protocol.

use std::borrow::Cow;
use std::{fmt, slice, vec};

use serde::Serialize;
use serde_json::Value;

/// Why one guard refused: `{"id":…,"reason":…}` in the answer to the client.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ClaimFailure {
    id: Cow<'static, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<Value>,
}

impl ClaimFailure {
    /// A refusal without a reason.
    pub fn new(id: impl Into<Cow<'static, str>>) -> Self {
        Self { id: id.into(), reason: None }
    }

    /// Adds a reason. The client sees it.
    #[must_use]
    pub fn because(mut self, reason: Value) -> Self {
        self.reason = Some(reason);
        self
    }

    /// The guard that refused.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Why.
    #[must_use]
    pub const fn reason(&self) -> Option<&Value> {
        self.reason.as_ref()
    }
}

/// Why the guards refused: one failure or more. It serializes to the `claimValidationErrors` of the answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct ClaimFailures(Vec<ClaimFailure>);

impl ClaimFailures {
    /// These and then the others.
    #[must_use]
    pub fn and(mut self, others: Self) -> Self {
        self.0.extend(others.0);
        self
    }

    /// The failures in the order of the guards.
    pub fn iter(&self) -> slice::Iter<'_, ClaimFailure> {
        self.0.iter()
    }
}

impl From<ClaimFailure> for ClaimFailures {
    fn from(failure: ClaimFailure) -> Self {
        Self(vec![failure])
    }
}

impl IntoIterator for ClaimFailures {
    type Item = ClaimFailure;
    type IntoIter = vec::IntoIter<ClaimFailure>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a> IntoIterator for &'a ClaimFailures {
    type Item = &'a ClaimFailure;
    type IntoIter = slice::Iter<'a, ClaimFailure>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// The ids only: reasons can quote the payload.
impl fmt::Display for ClaimFailures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("refused by ")?;
        for (at, failure) in self.iter().enumerate() {
            let separator = if at == 0 { "" } else { ", " };
            write!(f, "{separator}`{}`", failure.id)?;
        }
        Ok(())
    }
}

impl std::error::Error for ClaimFailures {}
