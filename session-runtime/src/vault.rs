//! The vault by itself, for those who measure it: no sessions, no cache, no clock.

use zeroize::Zeroizing;

use crate::clock::Timestamp;
use crate::id::{Generation, IdError, SessionHandle, TenantId, UserId};
use crate::payload::{self, AccessTokenPayload};
use crate::token::access::{self, AccessClaims, Expected, OpenedClaims};
use crate::token::key::{Key, KeyRing};
use crate::token::refresh::{self, RefreshClaims, SessionSecret};

/// One key, and the claims of one session.
#[allow(missing_debug_implementations, reason = "it holds a key")]
pub struct Vault {
    ring: KeyRing,
    claims: AccessClaims,
}

impl Vault {
    /// Claims as most sessions have them, with this payload.
    ///
    /// # Errors
    ///
    /// When the user id is none.
    ///
    /// # Panics
    ///
    /// When the payload cannot be encoded, or nothing random can be drawn.
    pub fn new<P: AccessTokenPayload>(user_id: &str, payload: &P) -> Result<Self, IdError> {
        let issued_at = Timestamp::from_secs(1_893_456_000);
        let ring = KeyRing::new(Key::derive(&[7; 32]).expect("32 bytes are a secret"), vec![]);
        let claims = AccessClaims {
            user_id: UserId::new(user_id)?,
            issued_at,
            expires_at: Timestamp::from_secs(1_893_459_600),
            handle: SessionHandle::mint(issued_at).expect("the system has random bytes"),
            tenant: TenantId::default(),
            issuer: None,
            audience: None,
            anti_csrf: None,
            actor: None,
            anonymous: false,
            kind: P::KIND.to_owned(),
            payload_version: P::VERSION,
            payload_revision: 0,
            generation: Generation::FIRST,
            authenticated_at: issued_at,
            payload: payload::encode_payload(payload).expect("the payload is right"),
        };
        Ok(Self { ring: ring.expect("one key is a ring"), claims })
    }

    /// Signs the claims.
    #[must_use]
    pub fn issue(&self) -> String {
        access::issue(&self.claims, &self.ring)
    }

    /// Verifies a token and decodes its payload.
    #[must_use]
    pub fn verify<P: AccessTokenPayload>(&self, token: &str) -> Option<P> {
        let read = |claims: &OpenedClaims<'_>| {
            payload::decode_members(&claims.kind, claims.payload_version, claims.payload).ok()
        };
        access::verify(token.as_bytes(), &self.ring, self.claims.issued_at, Expected::default(), read).ok()?
    }

    /// A refresh token of the session, always the same.
    #[must_use]
    pub fn refresh_token(&self) -> String {
        let AccessClaims { handle, generation, .. } = self.claims;
        let secret = SessionSecret::new(Zeroizing::new([9; 32]));
        refresh::mint(&RefreshClaims { handle, generation, secret }, self.ring.current())
    }

    /// Which session a refresh token is of.
    #[must_use]
    pub fn open_refresh_token(&self, token: &str) -> Option<SessionHandle> {
        refresh::open(token.as_bytes(), &self.ring).ok().map(|claims| claims.handle)
    }
}
