//! Why a payload or session data could not be written or read.

use serde_json::error::Category;

/// Why a payload or session data could not be written or read.
///
/// The first four are about reading: what the application wants to happen then is said per type, by [`Unreadable`]. The others
/// are about writing: the value is refused and nothing has changed.
///
/// No variant carries a value out of the JSON, so the error can be logged even where the data holds secrets.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PayloadError {
    /// It was written by another type.
    #[error("expected kind `{expected}`, found `{found}`")]
    WrongKind {
        /// The kind of the type that was asked for.
        expected: &'static str,
        /// The kind that wrote it.
        found: String,
    },
    /// It was written by a newer deployment.
    #[error("`{kind}` was written by version {found}, this code knows up to {newest}")]
    NewerVersion {
        /// The kind.
        kind: &'static str,
        /// The version that wrote it.
        found: u32,
        /// The newest version that this code knows.
        newest: u32,
    },
    /// It was written by an older version that this code has no way from.
    #[error("`{kind}` was written by version {found}, and there is no way from there to version {current}")]
    NoPath {
        /// The kind.
        kind: &'static str,
        /// The version that wrote it.
        found: u32,
        /// The version of this code.
        current: u32,
    },
    /// Kind and version fit, the JSON does not.
    #[error("`{kind}` cannot be read: {problem} at line {line}, column {column}")]
    Undecodable {
        /// The kind.
        kind: &'static str,
        /// What is wrong with the JSON; never a value out of it.
        problem: &'static str,
        /// Where, from 1; 0 when the place is not known.
        line: usize,
        /// Where, from 1; 0 when the place is not known.
        column: usize,
    },
    /// Its `Serialize` failed.
    #[error("`{kind}` cannot be written: its `Serialize` failed")]
    Unencodable {
        /// The kind.
        kind: &'static str,
    },
    /// Its `Serialize` wrote something else than a JSON object.
    #[error("`{kind}` was not written as a JSON object")]
    NotAnObject {
        /// The kind.
        kind: &'static str,
    },
    /// Its `Serialize` wrote a name that is not for users.
    #[error("`{kind}` was written with the name `{name}`, which belongs to the access token")]
    ReservedName {
        /// The kind.
        kind: &'static str,
        /// The name.
        name: String,
    },
    /// A value is longer than `#[claim(max_len = …)]` allows.
    #[error("`{field}` takes {len} bytes of JSON, at most {max_len} are allowed")]
    TooLong {
        /// The field, with the way to it.
        field: String,
        /// The bytes between the delimiters.
        len: usize,
        /// The most that are allowed.
        max_len: usize,
    },
    /// A number is outside `#[claim(min = …, max = …)]`.
    #[error("`{field}` is outside the range that its `#[claim(…)]` allows")]
    OutOfRange {
        /// The field, with the way to it.
        field: String,
    },
    /// The whole is larger than its type promises or `max_bytes` allows.
    #[error("`{kind}` takes {len} bytes of JSON, at most {limit} are allowed")]
    TooLarge {
        /// The kind.
        kind: &'static str,
        /// The bytes.
        len: usize,
        /// The most that are allowed.
        limit: usize,
    },
}

/// What becomes of a session whose stored payload or data this code cannot read: the errors of reading in [`PayloadError`].
/// Said per type with `#[session_data(unreadable = …)]` or `#[access_token(unreadable = …)]`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unreadable {
    /// `refuse`: the request fails, the session stays. The default: a rollback of the deployment finds it again.
    #[default]
    Refuse,
    /// `sign_out`: the session ends and the user signs in anew.
    SignOut,
    /// `reset`: the data starts over from `Default`. For session data only.
    Reset,
}

impl PayloadError {
    /// Whether the type was asked to read what it cannot, so that [`Unreadable`] applies.
    #[must_use]
    pub const fn is_unreadable(&self) -> bool {
        matches!(
            self,
            Self::WrongKind { .. } | Self::NewerVersion { .. } | Self::NoPath { .. } | Self::Undecodable { .. }
        )
    }

    /// The same, said of the version that asked in the end.
    pub(super) fn towards(self, current: u32) -> Self {
        match self {
            Self::NoPath { kind, found, .. } => Self::NoPath { kind, found, current },
            other => other,
        }
    }

    /// serde's own message can quote a value, and the value can be a secret.
    pub(super) fn undecodable(kind: &'static str, error: &serde_json::Error) -> Self {
        let problem = match error.classify() {
            Category::Io => "it could not be read",
            Category::Syntax => "it is no JSON",
            Category::Data => "it does not fit the type",
            Category::Eof => "it ends too early",
        };
        Self::Undecodable { kind, problem, line: error.line(), column: error.column() }
    }
}
