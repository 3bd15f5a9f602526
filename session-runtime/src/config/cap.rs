//! How many sessions one user may have at once.

use super::check::error;
use super::policy::PolicyError;

/// What happens when a user who has as many sessions as the policy allows signs in once more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum WhenFull {
    /// The sign-in is refused ([`TooManySessions`](crate::SessionErrorKind::TooManySessions)): the user has to end a session first.
    Refuse,
    /// The session that was created first ends.
    EndOldest,
    /// The session that was not seen for longest ends. When a session was last seen is written in batches, so those that were seen
    /// within the last few seconds may be taken for each other.
    EndLeastRecentlyUsed,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Cap {
    pub(crate) limit: usize,
    pub(crate) when_full: WhenFull,
}

impl Cap {
    pub(super) fn checked(self) -> Result<Self, PolicyError> {
        if (1..=1000).contains(&self.limit) {
            return Ok(self);
        }
        Err(error("sessions_per_user", self.limit.to_string(), "1 to 1000"))
    }
}
