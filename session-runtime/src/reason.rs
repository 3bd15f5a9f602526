//! Why a session ended: words that reach the database, the log and the client.

use std::fmt;
use std::sync::Arc;

/// Why a session ended. The words are for machines: events, the audit trail and the body of the refusal that a client gets say
/// them, and what a person reads is the front end's to write.
///
/// ```
/// use session_runtime::RevocationReason;
///
/// let reason = RevocationReason::custom("password_changed")?;
/// assert_eq!(reason.as_str(), "password_changed");
/// assert!(RevocationReason::custom("Password changed!").is_err());
/// assert!(RevocationReason::custom("token_theft").is_err(), "nobody but the library says that");
/// # Ok::<(), session_runtime::RevocationReasonError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RevocationReason {
    /// By its handle, and nobody said why.
    Revoked,
    /// Its user signed out.
    SignedOut,
    /// Its user ended all other sessions.
    RevokedOthers,
    /// All sessions of its user were ended.
    RevokedAll,
    /// It was one of those from before some time.
    RevokedBefore,
    /// All sessions of its tenant were ended.
    TenantRevoked,
    /// Its refresh token was used by two parties.
    TokenTheft,
    /// Its user signed in anew.
    SignedInAnew,
    /// Its user had more sessions than the policy allows.
    CapReached,
    /// The application said so when it was asked for the payload, as [`EndSession`](crate::PayloadVerdict::EndSession).
    PayloadSource,
    /// A reason of the application's own, made by [`custom`](Self::custom).
    Custom(CustomReason),
}

/// A reason of the application's own.
// A thin pointer: nodes keep a reason for every session that has ended.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CustomReason(Arc<String>);

/// A word that cannot be a reason.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("reason {word:?} {problem}")]
pub struct RevocationReasonError {
    word: String,
    problem: &'static str,
}

/// The library's own words.
const OWN: [RevocationReason; 10] = [
    RevocationReason::Revoked,
    RevocationReason::SignedOut,
    RevocationReason::RevokedOthers,
    RevocationReason::RevokedAll,
    RevocationReason::RevokedBefore,
    RevocationReason::TenantRevoked,
    RevocationReason::TokenTheft,
    RevocationReason::SignedInAnew,
    RevocationReason::CapReached,
    RevocationReason::PayloadSource,
];

/// The longest reason, in characters: the width of the column.
const MAX_CHARS: usize = 64;

impl RevocationReason {
    /// A reason of the application's own: 1–64 of `a–z`, `0–9` and `_`, such as `password_changed`.
    ///
    /// # Errors
    ///
    /// When it is empty, longer, has other characters, or is one of the library's own words.
    pub fn custom(word: impl Into<String>) -> Result<Self, RevocationReasonError> {
        let word = word.into();
        let is_plain = word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
        if !is_plain || !(1..=MAX_CHARS).contains(&word.len()) {
            return Err(RevocationReasonError { word, problem: "is not 1 to 64 of a-z, 0-9 and _" });
        }
        match Self::own(&word) {
            Some(_) => Err(RevocationReasonError { word, problem: "is the library's own word" }),
            None => Ok(Self::Custom(CustomReason(Arc::new(word)))),
        }
    }

    /// The word that stands in the database, in events, and in answers to clients.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Revoked => "revoked",
            Self::SignedOut => "signed_out",
            Self::RevokedOthers => "revoked_others",
            Self::RevokedAll => "revoked_all",
            Self::RevokedBefore => "revoked_before",
            Self::TenantRevoked => "tenant_revoked",
            Self::TokenTheft => "token_theft",
            Self::SignedInAnew => "signed_in_anew",
            Self::CapReached => "cap_reached",
            Self::PayloadSource => "payload_source",
            Self::Custom(CustomReason(word)) => word,
        }
    }

    /// What is stored, read again. A word that nobody can have written is a revocation all the same.
    pub(crate) fn from_stored(word: &str) -> Self {
        Self::own(word).or_else(|| Self::custom(word).ok()).unwrap_or(Self::Revoked)
    }

    /// Whether nobody else holds this very word any more, so that whoever keeps words once may drop it.
    pub(crate) fn is_held_once(&self) -> bool {
        matches!(self, Self::Custom(CustomReason(word)) if Arc::strong_count(word) == 1)
    }

    fn own(word: &str) -> Option<Self> {
        OWN.into_iter().find(|reason| reason.as_str() == word)
    }
}

impl fmt::Display for RevocationReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_stored_is_read_as_what_it_was() {
        let custom = RevocationReason::custom("password_changed").unwrap();
        for reason in OWN.into_iter().chain([custom]) {
            assert_eq!(RevocationReason::from_stored(reason.as_str()), reason);
        }
        for nonsense in ["", "Revoked", "signed out", &"x".repeat(65)] {
            assert_eq!(RevocationReason::from_stored(nonsense), RevocationReason::Revoked, "{nonsense:?}");
            assert!(RevocationReason::custom(nonsense).is_err(), "{nonsense:?}");
        }
    }

    #[test]
    fn a_live_reason_takes_little_room() {
        assert!(size_of::<RevocationReason>() <= 16);
    }
}
