//! Which of the three derives is at work.

/// What the item is derived to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// `AccessTokenPayload`: a JSON object that everybody may read.
    Payload,
    /// `SessionData`: a JSON object that stays in the store.
    Data,
    /// `ClaimValue`: any JSON value inside a payload.
    Value,
}

impl Role {
    /// The attribute that configures the item as a whole.
    pub(crate) const fn container_attribute(self) -> &'static str {
        match self {
            Self::Payload => "access_token",
            Self::Data => "session_data",
            Self::Value => "claim",
        }
    }

    /// How messages speak of the item.
    pub(crate) const fn noun(self) -> &'static str {
        match self {
            Self::Payload => "an access token payload",
            Self::Data => "session data",
            Self::Value => "a claim value",
        }
    }

    /// Whether what the item holds can be read by the browser.
    pub(crate) const fn is_public(self) -> bool {
        matches!(self, Self::Payload | Self::Value)
    }

    /// Whether the item must be a JSON object.
    pub(crate) const fn is_object(self) -> bool {
        matches!(self, Self::Payload | Self::Data)
    }
}
