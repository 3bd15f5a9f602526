//! Identifiers, a type each, so that none can be passed for another. Each is checked once, when it is made.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::{Builder, Uuid};

use crate::clock::Timestamp;
use crate::secret;

/// An identifier that was refused: which one, and what was expected.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what} {problem}")]
pub struct IdError {
    what: &'static str,
    problem: &'static str,
}

/// A user id that is one already cannot be refused; this lets it stand where one is asked for.
impl From<std::convert::Infallible> for IdError {
    fn from(never: std::convert::Infallible) -> Self {
        match never {}
    }
}

/// The constant name of one session, from sign-in to its end. It is no credential: knowing it opens nothing.
///
/// A UUID version 7 ([RFC 9562 §5.7](https://www.rfc-editor.org/rfc/rfc9562#section-5.7)): sessions sort by the time they were created.
///
/// ```
/// use session_runtime::SessionHandle;
///
/// let handle: SessionHandle = "0190b7a0-6b1c-7cc3-98c4-dc0c0c07398f".parse()?;
/// assert_eq!(handle.to_string(), "0190b7a0-6b1c-7cc3-98c4-dc0c0c07398f");
/// assert!("session-1".parse::<SessionHandle>().is_err());
/// # Ok::<(), session_runtime::IdError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SessionHandle(Uuid);

impl SessionHandle {
    /// How long one is when it is written.
    pub(crate) const CHARS: usize = 36;

    pub(crate) fn mint(now: Timestamp) -> Result<Self, getrandom::Error> {
        let millis = u64::try_from(now.as_millis()).unwrap_or(0);
        Ok(Self(Builder::from_unix_timestamp_millis(millis, &*secret::draw::<10>()?).into_uuid()))
    }

    /// When the session was created, to the millisecond, by the clock of the node that did: the handle's first 48 bits.
    #[must_use]
    pub fn created_at(&self) -> Timestamp {
        Timestamp::from_millis(i64::try_from(self.0.as_u128() >> 80).unwrap_or(i64::MAX))
    }

    /// Before all handles that are made at `time` or later, and after all others.
    pub(crate) fn first_at(time: Timestamp) -> Self {
        let millis = u128::try_from(time.as_millis()).unwrap_or(0).min((1 << 48) - 1);
        Self(Uuid::from_u128(millis << 80))
    }

    pub(crate) const fn from_uuid(uuid: Uuid) -> Self {
        Self(uuid)
    }

    pub(crate) const fn as_uuid(&self) -> Uuid {
        self.0
    }

    pub(crate) const fn as_bytes(&self) -> &[u8; 16] {
        self.0.as_bytes()
    }
}

impl fmt::Display for SessionHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.hyphenated().fmt(f)
    }
}

impl FromStr for SessionHandle {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        // One spelling only, so that a handle in a log can be found by searching for its text.
        let is_ours = text.len() == Self::CHARS && !text.bytes().any(|byte| byte.is_ascii_uppercase());
        match Uuid::try_parse(text) {
            // Of this length, it is hyphenated.
            Ok(uuid) if is_ours => Ok(Self(uuid)),
            _ => Err(IdError { what: "session handle", problem: "is not a lower-case hyphenated UUID" }),
        }
    }
}

/// Who is signed in: 1–128 visible characters (no space, no control character) of the application's choice. Not checked against
/// anything; unknown users may have sessions.
///
/// ```
/// use session_runtime::UserId;
///
/// assert_eq!(UserId::new("user-17")?.as_str(), "user-17");
/// assert!(UserId::new("").is_err());
/// assert!(UserId::new("two words").is_err());
/// # Ok::<(), session_runtime::IdError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct UserId(Box<str>);

impl UserId {
    /// The longest user id, in characters.
    pub const MAX_CHARS: usize = 128;

    /// Checks and takes a user id.
    ///
    /// # Errors
    ///
    /// When it is empty, longer than [`MAX_CHARS`](Self::MAX_CHARS), or has a character that cannot be seen.
    pub fn new(id: impl Into<String>) -> Result<Self, IdError> {
        let id = id.into();
        Self::check(&id)?;
        Ok(Self(id.into_boxed_str()))
    }

    /// Of a text that [`check`](Self::check) has found to be an id.
    pub(crate) fn of_checked(id: &str) -> Self {
        Self(id.into())
    }

    pub(crate) fn check(id: &str) -> Result<(), IdError> {
        // What nearly all ids are made of. Where nothing ends the loop the processor looks at many at once.
        let is_plain = || id.bytes().fold(true, |all, byte| all & byte.is_ascii_graphic());
        if (1..=Self::MAX_CHARS).contains(&id.len()) && is_plain() {
            return Ok(());
        }
        let problem = match id.chars().count() {
            0 => "is empty, expected 1 to 128 visible characters",
            1..=Self::MAX_CHARS if id.chars().all(is_visible) => return Ok(()),
            1..=Self::MAX_CHARS => "has a character that cannot be seen, expected 1 to 128 visible characters",
            _ => "is too long, expected 1 to 128 visible characters",
        };
        Err(IdError { what: "user id", problem })
    }

    /// The id as the application gave it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Spaces and control characters hide in logs and let two ids look alike, and so do the marks that show nothing at all.
fn is_visible(c: char) -> bool {
    const INVISIBLE: &[std::ops::RangeInclusive<char>] = &[
        '\u{ad}'..='\u{ad}',
        '\u{34f}'..='\u{34f}',
        '\u{61c}'..='\u{61c}',
        '\u{115f}'..='\u{1160}',
        '\u{17b4}'..='\u{17b5}',
        '\u{180b}'..='\u{180f}',
        '\u{200b}'..='\u{200f}',
        '\u{202a}'..='\u{202e}',
        '\u{2060}'..='\u{206f}',
        '\u{3164}'..='\u{3164}',
        '\u{fe00}'..='\u{fe0f}',
        '\u{feff}'..='\u{feff}',
        '\u{ffa0}'..='\u{ffa0}',
        '\u{fff0}'..='\u{fffb}',
        '\u{1bca0}'..='\u{1bca3}',
        '\u{1d173}'..='\u{1d17a}',
        '\u{e0000}'..='\u{e0fff}',
    ];
    !c.is_whitespace() && !c.is_control() && !INVISIBLE.iter().any(|range| range.contains(&c))
}

impl fmt::Display for UserId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for UserId {
    type Error = IdError;

    fn try_from(id: String) -> Result<Self, IdError> {
        Self::new(id)
    }
}

impl TryFrom<&str> for UserId {
    type Error = IdError;

    fn try_from(id: &str) -> Result<Self, IdError> {
        Self::new(id)
    }
}

impl TryFrom<&String> for UserId {
    type Error = IdError;

    fn try_from(id: &String) -> Result<Self, IdError> {
        Self::new(id.as_str())
    }
}

impl From<&Self> for UserId {
    fn from(id: &Self) -> Self {
        id.clone()
    }
}

impl FromStr for UserId {
    type Err = IdError;

    fn from_str(id: &str) -> Result<Self, IdError> {
        Self::new(id)
    }
}

impl From<UserId> for String {
    fn from(id: UserId) -> Self {
        id.0.into()
    }
}

/// The customer of a multi-tenant application that a session belongs to: 1–64 characters of `A–Z a–z 0–9 - _`. Default: `public`.
///
/// ```
/// use session_runtime::TenantId;
///
/// assert_eq!(TenantId::default().as_str(), "public");
/// assert!(TenantId::new("../etc").is_err());
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TenantId(Cow<'static, str>);

impl TenantId {
    const PUBLIC: &'static str = "public";

    /// The longest tenant id, in characters.
    pub const MAX_CHARS: usize = 64;

    /// Checks and takes a tenant id.
    ///
    /// # Errors
    ///
    /// When it is empty, longer than [`MAX_CHARS`](Self::MAX_CHARS), or has another character than those listed above.
    pub fn new(id: impl Into<String>) -> Result<Self, IdError> {
        let id = id.into();
        Self::check(&id)?;
        Ok(Self::of_checked(id))
    }

    /// Of a text that [`check`](Self::check) has found to be an id. The tenant of those who have but one is in every token, and costs no
    /// memory.
    pub(crate) fn of_checked<'a>(id: impl Into<Cow<'a, str>>) -> Self {
        match id.into() {
            public if public == Self::PUBLIC => Self(Cow::Borrowed(Self::PUBLIC)),
            id => Self(Cow::Owned(id.into_owned())),
        }
    }

    pub(crate) fn check(id: &str) -> Result<(), IdError> {
        let allowed = id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
        if allowed && (1..=Self::MAX_CHARS).contains(&id.len()) {
            Ok(())
        } else {
            Err(IdError { what: "tenant id", problem: "is not 1 to 64 characters of A-Z a-z 0-9 - _" })
        }
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for TenantId {
    fn default() -> Self {
        Self(Cow::Borrowed(Self::PUBLIC))
    }
}

impl fmt::Display for TenantId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for TenantId {
    type Error = IdError;

    fn try_from(id: String) -> Result<Self, IdError> {
        Self::new(id)
    }
}

impl From<TenantId> for String {
    fn from(id: TenantId) -> Self {
        id.0.into_owned()
    }
}

/// How often a session's refresh token has been rotated, counted from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Generation(u32);

impl Generation {
    /// The generation of the tokens that creating a session hands out.
    pub const FIRST: Self = Self(1);

    /// The generation with this number.
    #[must_use]
    pub const fn new(number: u32) -> Self {
        Self(number)
    }

    /// Its number.
    #[must_use]
    pub const fn number(self) -> u32 {
        self.0
    }

    /// The generation after this one; the last one stays, after 4,294,967,295 rotations.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}
