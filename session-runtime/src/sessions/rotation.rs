//! The rotation rule: what a presented refresh token leads to. Pure; every other file only carries out what this one decides.
//!
//! With G the row's generation and g the presented one, after MAC and secret have been checked:
//!
//! | presented | decision |
//! |---|---|
//! | g = G | [`Rotate`](Decision::Rotate): the session moves to G+1 |
//! | g = G−1, within the grace | [`Repeat`](Decision::Repeat): generation G is handed out again |
//! | g = G−1, later, G never seen in use | [`Recover`](Decision::Recover): as Repeat, the response was lost |
//! | g = G−1, later, G seen in use; or g < G−1 | [`Reused`](Decision::Reused): the session is revoked |
//! | g > G | [`FastForward`](Decision::FastForward): the database lost writes, the session moves to g+1 |
//! | idle or absolute expiry passed | [`Expired`](Decision::Expired) |
//!
//! What follows from it, explored state by state in `tests/it/rotation` with the functions below:
//!
//! - Clients that share a cookie jar (tabs, retries) are never signed out, whatever is lost for good, and whatever is delayed but
//!   arrives before that jar's next rotation. The boundary is exact, and has three sides: a *response* that arrives after
//!   a later one puts an old token into the jar; a *request* that is decided only after the grace, its successor in use; a *request*
//!   that is decided only after the next rotation, also within the grace. To the server each is a replay, and ends the session.
//! - Once a thief has used a generation newer than the victim's and the grace is over, the victim's next refresh revokes
//!   the session; and the other way round. A use counts when it is written, at the latest one notes interval later, or when
//!   the node that noticed it is the one that decides. A node that crashes forgets the uses of that interval: the reuse is then
//!   taken for a lost response, and is caught at the next use.
//! - There is one generation to rotate from, and a revoked session never comes back, whatever was in flight.
//!
//! What remains possible: a thief who repeats inside every grace window shares the victim's generation until the next one; so
//! does one who rotates first and uses nothing, since that looks like a response that was lost; and no rotation scheme sees a
//! stolen access token. A grace of zero with [`Recovery::Never`] is the strict rule of RFC 9700 §4.14.2, at whose price racing
//! tabs and lost responses sign users out.

use std::time::Duration;

use crate::clock::Timestamp;
use crate::config::Recovery;
use crate::id::Generation;

/// What the row says of its rotation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(clippy::exhaustive_structs, reason = "a decision has these inputs")]
pub struct RotationState {
    /// The newest generation that was handed out.
    pub generation: Generation,
    /// Whether a token of it was seen in use.
    pub confirmed: bool,
    /// When it was handed out first.
    pub rotated_at: Timestamp,
    /// When the session ends, by idle or absolute expiry.
    pub expires_at: Timestamp,
}

/// What the policy says of rotation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "a decision has these inputs")]
pub struct RotationRule {
    /// How long the previous generation is answered with the same successor.
    pub grace: Duration,
    /// Whether a lost response may be recovered from after the grace.
    pub recovery: Recovery,
}

/// What a presented refresh token leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(clippy::exhaustive_enums, reason = "whoever carries it out must carry out all of it")]
pub enum Decision {
    /// Move the session to `next`, by compare-and-set, and hand it out.
    Rotate {
        /// The generation after the row's.
        next: Generation,
    },
    /// Hand out the row's generation again. Nothing is written.
    Repeat,
    /// As [`Repeat`](Self::Repeat), though the grace is over.
    Recover,
    /// Move the session to `next`, by compare-and-set, and hand it out: the row is older than a token that we minted.
    FastForward {
        /// The generation after the presented one.
        next: Generation,
    },
    /// Two parties hold tokens of this session: revoke it.
    Reused(ReuseClass),
    /// The session is over.
    Expired,
}

/// How a reuse was recognised.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ReuseClass {
    /// The previous generation, after its successor was seen in use and the grace was over.
    Previous,
    /// The previous generation after the grace, its successor never seen in use, and the policy forbids recovery.
    Unrecovered,
    /// A generation from before the previous one.
    Stale,
}

impl ReuseClass {
    /// The word for logs and events.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Previous => "previous",
            Self::Unrecovered => "unrecovered",
            Self::Stale => "stale",
        }
    }

    pub(crate) fn from_word(word: &str) -> Option<Self> {
        [Self::Previous, Self::Unrecovered, Self::Stale].into_iter().find(|class| class.as_str() == word)
    }
}

/// Decides; see the table above.
#[must_use]
pub fn decide(row: &RotationState, presented: Generation, now: Timestamp, rule: &RotationRule) -> Decision {
    if row.expires_at <= now {
        return Decision::Expired;
    }
    if presented == row.generation {
        return Decision::Rotate { next: presented.next() };
    }
    if presented > row.generation {
        return Decision::FastForward { next: presented.next() };
    }
    if presented.next() < row.generation {
        return Decision::Reused(ReuseClass::Stale);
    }
    if !rule.grace.is_zero() && now <= row.rotated_at.after(rule.grace) {
        return Decision::Repeat;
    }
    match (row.confirmed, rule.recovery) {
        (true, _) => Decision::Reused(ReuseClass::Previous),
        (false, Recovery::Never) => Decision::Reused(ReuseClass::Unrecovered),
        (false, Recovery::WhileUnconfirmed) => Decision::Recover,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GRACE: Duration = Duration::from_secs(30);
    const ROTATED: Timestamp = Timestamp::from_secs(1000);
    const IN_GRACE: Timestamp = Timestamp::from_secs(1030);
    const AFTER_GRACE: Timestamp = Timestamp::from_millis(1_030_001);

    fn decided(presented: u32, confirmed: bool, now: Timestamp, recovery: Recovery, grace: Duration) -> Decision {
        let row = RotationState {
            generation: Generation::new(5),
            confirmed,
            rotated_at: ROTATED,
            expires_at: Timestamp::from_secs(9000),
        };
        decide(&row, Generation::new(presented), now, &RotationRule { grace, recovery })
    }

    #[test]
    fn the_table_is_as_the_design_has_it() {
        use Recovery::{Never, WhileUnconfirmed};
        let six = Generation::new(6);
        for (presented, confirmed, now, recovery, expected) in [
            (5, false, AFTER_GRACE, WhileUnconfirmed, Decision::Rotate { next: six }),
            (5, true, IN_GRACE, Never, Decision::Rotate { next: six }),
            (4, true, IN_GRACE, Never, Decision::Repeat),
            (4, false, IN_GRACE, WhileUnconfirmed, Decision::Repeat),
            (4, false, AFTER_GRACE, WhileUnconfirmed, Decision::Recover),
            (4, false, AFTER_GRACE, Never, Decision::Reused(ReuseClass::Unrecovered)),
            (4, true, AFTER_GRACE, WhileUnconfirmed, Decision::Reused(ReuseClass::Previous)),
            (3, false, IN_GRACE, WhileUnconfirmed, Decision::Reused(ReuseClass::Stale)),
            (0, false, IN_GRACE, WhileUnconfirmed, Decision::Reused(ReuseClass::Stale)),
            (7, true, IN_GRACE, WhileUnconfirmed, Decision::FastForward { next: Generation::new(8) }),
            (5, true, Timestamp::from_secs(9000), WhileUnconfirmed, Decision::Expired),
            (4, true, Timestamp::from_secs(9001), WhileUnconfirmed, Decision::Expired),
        ] {
            assert_eq!(
                decided(presented, confirmed, now, recovery, GRACE),
                expected,
                "{presented} {confirmed} {now:?}"
            );
        }
    }

    #[test]
    fn rfc_9700_4_14_2_no_grace_and_no_recovery_is_the_strict_rule() {
        for now in [ROTATED, IN_GRACE] {
            for confirmed in [true, false] {
                let decision = decided(4, confirmed, now, Recovery::Never, Duration::ZERO);
                assert!(matches!(decision, Decision::Reused(_)), "{now:?} {confirmed}");
            }
        }
    }
}
