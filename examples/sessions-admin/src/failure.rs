//! How it can end, other than well.

use std::process::ExitCode;

use session_runtime::{SessionError, SetupError};

#[derive(Debug)]
pub(crate) enum Failure {
    /// What was asked for is not there.
    NotFound(String),
    /// What was typed cannot be meant.
    Usage(String),
    /// The database, or the machine.
    Failed(String),
}

impl Failure {
    pub(crate) fn message(&self) -> &str {
        match self {
            Self::NotFound(message) | Self::Usage(message) | Self::Failed(message) => message,
        }
    }

    pub(crate) fn exit_code(&self) -> ExitCode {
        ExitCode::from(match self {
            Self::NotFound(_) => 1,
            Self::Usage(_) => 2,
            Self::Failed(_) => 3,
        })
    }
}

impl From<SessionError> for Failure {
    fn from(error: SessionError) -> Self {
        Self::Failed(chain(&error))
    }
}

impl From<SetupError> for Failure {
    fn from(error: SetupError) -> Self {
        Self::Failed(chain(&error))
    }
}

/// An error and what it comes from.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(source) = next {
        let more = source.to_string();
        // Many say what they come from by themselves.
        if !text.contains(&more) {
            text = format!("{text}: {more}");
        }
        next = source.source();
    }
    text
}
