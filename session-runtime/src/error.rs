//! What can go wrong with a session, sorted by what the caller does next.

use std::fmt;
use std::time::Duration;

use crate::claims::ClaimFailures;
use crate::config::{KeyError, PolicyError};
use crate::id::{IdError, SessionHandle, UserId};
use crate::payload::PayloadError;
use crate::reason::RevocationReason;
use crate::store::{SCHEMES, StoreError};
use crate::token::access::AccessTokenError;

/// Why a session operation was refused or failed.
///
/// Look at [`kind`](Self::kind) to decide what to do. In an axum handler it is a response: status and body say the kind and never
/// the cause, which is in `Display` and `source` for the log: the library itself logs refusals at `DEBUG` and failures at `ERROR`, and
/// what happens to sessions (created, refreshed, revoked, reused) from `DEBUG` to `WARN`, with handles and user ids and never a token.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct SessionError(Box<Cause>);

/// What the caller does next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SessionErrorKind {
    /// There is no session, or it is over: sign in. 401.
    Unauthorised,
    /// The access token is of no use any more: refresh and try again. 401.
    TryRefreshToken,
    /// A refresh token was used twice by different parties; the session was revoked: sign in. 401.
    TokenTheft,
    /// The session is good, but not for this: the failed claims say why. 403.
    InvalidClaims,
    /// The request, or the value that the caller gave, cannot be accepted as it is. 400.
    InvalidInput,
    /// The operation names a session that does not exist, any more or in this tenant. 404.
    NotFound,
    /// What is stored was written by another type, or by another version of it, than it is read by. 409.
    Unreadable,
    /// The user has as many sessions as the policy allows, and one of them must end first. 409: it is the state of things that is in the
    /// way, and not, as 429 would say, how often was asked.
    TooManySessions,
    /// Others changed the same value, again and again, between reading and writing it, or in a way that cannot be merged: read it
    /// and try again. 409.
    Conflict,
    /// The database cannot be reached, is busy, or is full: try again later. 503, with `Retry-After`; no token is cleared.
    Unavailable,
    /// The application or its set-up is at fault. 500.
    Internal,
}

/// The inside of an error: what happened, in the words of the room where it did.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Cause {
    #[error("the request brought no session")]
    NoSession,
    #[error("the access token was refused: {}", .0.as_str())]
    AccessToken(AccessTokenError),
    #[error("the session was revoked: {reason}")]
    Revoked { reason: RevocationReason },
    #[error("the refresh token is missing or none of ours")]
    RefreshToken,
    #[error("the refresh token names a key that this node does not know")]
    UnknownKey,
    #[error("the session is over")]
    SessionOver,
    #[error("a refresh token of session {handle} of user {user_id} was reused; the session was revoked")]
    TokenTheft { handle: SessionHandle, user_id: UserId },
    #[error("the session's payload has been changed since the access token was made")]
    OutdatedPayload,
    #[error("others' revocations have not been read for too long, and the policy asks for the database's word")]
    FeedStale,
    #[error("the request does not show that the website sent it")]
    Forgery,
    #[error("the refresh request does not show that the website sent it")]
    RefreshForgery,
    #[error(transparent)]
    Claims(ClaimFailures),
    #[error(transparent)]
    Id(IdError),
    #[error("the session's own lifetime does not hold")]
    Terms(#[source] PolicyError),
    #[error("who acts as somebody, or is nobody known, cannot act as somebody else")]
    NestedImpersonation,
    #[error("the value cannot be stored")]
    Payload(#[source] PayloadError),
    #[error("the session data has {bytes} bytes of JSON, the policy allows {limit}")]
    DataTooLarge { bytes: usize, limit: usize },
    #[error("the session is of kind `{found}`, `{expected}` was asked for")]
    WrongKind { expected: &'static str, found: String, failures: ClaimFailures },
    #[error("what the session holds cannot be read")]
    Unreadable(#[source] PayloadError),
    #[error("what is stored is not what was asked for")]
    Stored(#[source] PayloadError),
    #[error("there is no such session")]
    UnknownSession,
    #[error("the tokens need a cookie of {octets} octets, browsers keep {limit}; put less into the payload")]
    CookieTooLarge { octets: usize, limit: usize },
    #[error("the user has {limit} sessions, and the policy allows no more")]
    TooManySessions { limit: usize },
    #[error("others changed the session {attempts} times in a row")]
    Conflict { attempts: usize },
    #[error("others changed it too, and it cannot be merged: {}", .fields.join(", "))]
    Unmerged { fields: Vec<String> },
    #[error("the session was rotated by others each time it was read")]
    Contended,
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("a claim could not be fetched")]
    Fetch(#[source] Box<dyn std::error::Error + Send + Sync>),
    #[error("the payload source failed")]
    Source(#[source] Box<dyn std::error::Error + Send + Sync>),
    #[error("the payload source did not answer in time")]
    SourceTimeout,
    #[error("no random bytes could be drawn")]
    Random(#[source] getrandom::Error),
    #[error("the keys are the application's own, not managed in the database")]
    KeysNotManaged,
    #[error(transparent)]
    Keys(KeyError),
    #[error("no request is at hand; put the session layer around this route")]
    Unbound,
}

impl SessionError {
    /// What to do about it.
    #[must_use]
    pub fn kind(&self) -> SessionErrorKind {
        use SessionErrorKind::*;
        match &*self.0 {
            Cause::NoSession
            | Cause::Revoked { .. }
            | Cause::RefreshToken
            | Cause::UnknownKey
            | Cause::SessionOver
            | Cause::RefreshForgery => Unauthorised,
            Cause::AccessToken(_) | Cause::OutdatedPayload | Cause::Forgery => TryRefreshToken,
            Cause::TokenTheft { .. } => TokenTheft,
            Cause::Unreadable(_) => Unauthorised,
            Cause::Claims(_) | Cause::WrongKind { .. } => InvalidClaims,
            Cause::Id(_)
            | Cause::Terms(_)
            | Cause::Payload(_)
            | Cause::DataTooLarge { .. }
            | Cause::NestedImpersonation
            | Cause::CookieTooLarge { .. } => InvalidInput,
            Cause::UnknownSession => NotFound,
            Cause::Stored(_) => Unreadable,
            Cause::TooManySessions { .. } => TooManySessions,
            Cause::Conflict { .. } | Cause::Unmerged { .. } => Conflict,
            Cause::Contended
            | Cause::FeedStale
            | Cause::Store(_)
            | Cause::Fetch(_)
            | Cause::Source(_)
            | Cause::SourceTimeout => Unavailable,
            Cause::Random(_) | Cause::Unbound | Cause::KeysNotManaged | Cause::Keys(_) => Internal,
        }
    }

    /// The session and the user whose refresh token was reused.
    #[must_use]
    pub fn stolen(&self) -> Option<(&SessionHandle, &UserId)> {
        match &*self.0 {
            Cause::TokenTheft { handle, user_id } => Some((handle, user_id)),
            _ => None,
        }
    }

    /// Why the session ended, where this node still knows: for about as long as its access tokens could have lived. The
    /// client is answered it too, in the body's `reason`.
    #[must_use]
    pub fn revocation_reason(&self) -> Option<&RevocationReason> {
        match &*self.0 {
            Cause::Revoked { reason } => Some(reason),
            Cause::TokenTheft { .. } => Some(&RevocationReason::TokenTheft),
            _ => None,
        }
    }

    /// The claims that failed. A token of another payload kind than the handler's is one too: the claim `_k`.
    #[must_use]
    pub fn claim_failures(&self) -> Option<&ClaimFailures> {
        match &*self.0 {
            Cause::Claims(failures) | Cause::WrongKind { failures, .. } => Some(failures),
            _ => None,
        }
    }

    /// The fields of session data, by their wire names, that this edit and another have both changed and no rule merges. Empty for
    /// every other error.
    #[must_use]
    pub fn conflicting_fields(&self) -> &[String] {
        match &*self.0 {
            Cause::Unmerged { fields } => fields,
            _ => &[],
        }
    }

    /// How long to wait before another try, where waiting helps.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        (self.kind() == SessionErrorKind::Unavailable).then_some(Duration::from_secs(1))
    }

    pub(crate) fn cause(&self) -> &Cause {
        &self.0
    }

    /// Whether the client's tokens are of no more use, whatever it tries.
    pub(crate) fn ends_session(&self) -> bool {
        matches!(&*self.0, Cause::Revoked { .. } | Cause::SessionOver | Cause::TokenTheft { .. })
    }
}

impl<E: Into<Cause>> From<E> for SessionError {
    fn from(cause: E) -> Self {
        Self(Box::new(cause.into()))
    }
}

impl From<ClaimFailures> for Cause {
    fn from(failures: ClaimFailures) -> Self {
        Self::Claims(failures)
    }
}

impl AccessTokenError {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Foreign => "it is none of ours",
            Self::UnknownKey => "its key is not known",
            Self::Forged => "its signature is wrong",
            Self::Unreadable => "it says what this version does not understand",
            Self::Expired => "it has expired",
            Self::NotForUs => "it is for another issuer or audience",
        }
    }
}

/// Why an application's sessions could not be set up.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SetupError {
    /// The database cannot be opened, or its tables cannot be brought up to date.
    #[error("the database cannot be used for sessions")]
    Database(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The database is of a kind that this build does not serve.
    #[error("the database is {found:?}, this build serves {}: a URL such as sqlite://sessions.db", SCHEMES.join(", "))]
    Engine {
        /// What it is.
        found: String,
    },
    /// The keys cannot be used.
    #[error(transparent)]
    Keys(#[from] KeyError),
}

impl From<StoreError> for SetupError {
    fn from(error: StoreError) -> Self {
        Self::Database(Box::new(error))
    }
}

impl fmt::Display for SessionErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unauthorised => "unauthorised",
            Self::TryRefreshToken => "try refresh token",
            Self::TokenTheft => "token theft detected",
            Self::InvalidClaims => "invalid claim",
            Self::InvalidInput => "invalid input",
            Self::NotFound => "not found",
            Self::Unreadable => "unreadable",
            Self::TooManySessions => "too many sessions",
            Self::Conflict => "conflict",
            Self::Unavailable => "unavailable",
            Self::Internal => "internal error",
        })
    }
}
