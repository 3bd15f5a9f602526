//! Making the tokens that go out: access token, refresh token, front-token and anti-CSRF value, which belong together.

use std::fmt;

use super::exchange::{TokenChange, Transport};
use super::{Core, Sessions};
use crate::clock::Timestamp;
use crate::config::{AntiCsrf, CookieLifetime, TransferMethod};
use crate::error::{Cause, SessionError};
use crate::id::{Generation, SessionHandle};
use crate::store::SessionRow;
use crate::token::access::AccessClaims;
use crate::token::refresh::{RefreshClaims, SessionSecret};
use crate::token::{access, csrf, front, refresh};

/// The longest cookie, name and value, that browsers keep (6265bis §5.6; ASVS 3.3.5).
const COOKIE_OCTETS: usize = 4096;

/// The tokens of a session, to be handed to its client. The layer does so by itself within a request.
///
/// They are credentials: `Debug` shows none of them.
#[derive(Clone)]
#[must_use = "tokens that do not reach the client leave it signed out"]
pub struct SessionTokens {
    access: String,
    front: String,
    refresh: Option<String>,
    anti_csrf: Option<String>,
    access_expires_at: Timestamp,
    refresh_expires_at: Option<Timestamp>,
    cookie_lifetime: CookieLifetime,
}

impl SessionTokens {
    /// The access token, for `Authorization: Bearer`.
    #[must_use]
    pub fn access_token(&self) -> &str {
        &self.access
    }

    /// The refresh token; only creating and refreshing a session give one.
    #[must_use]
    pub fn refresh_token(&self) -> Option<&str> {
        self.refresh.as_deref()
    }

    /// What the front end may read: user id, expiry and payload, base64 of JSON.
    #[must_use]
    pub fn front_token(&self) -> &str {
        &self.front
    }

    /// The value for the header `anti-csrf`, where the policy asks for one.
    #[must_use]
    pub fn anti_csrf(&self) -> Option<&str> {
        self.anti_csrf.as_deref()
    }

    /// When the access token expires, a whole second.
    #[must_use]
    pub const fn access_expires_at(&self) -> Timestamp {
        self.access_expires_at
    }

    /// When the refresh token expires unless it is used.
    #[must_use]
    pub const fn refresh_expires_at(&self) -> Option<Timestamp> {
        self.refresh_expires_at
    }

    /// How long a browser is to keep them, where they travel in cookies.
    #[must_use]
    pub const fn cookie_lifetime(&self) -> CookieLifetime {
        self.cookie_lifetime
    }

    /// Tokens that say nothing, for tests of where they go.
    #[cfg(test)]
    pub(super) const fn blank() -> Self {
        Self {
            access: String::new(),
            front: String::new(),
            refresh: None,
            anti_csrf: None,
            access_expires_at: Timestamp::from_millis(0),
            refresh_expires_at: None,
            cookie_lifetime: CookieLifetime::Persistent,
        }
    }

    pub(super) fn completed_by(self, earlier: Self) -> Self {
        Self {
            refresh: self.refresh.or(earlier.refresh),
            refresh_expires_at: self.refresh_expires_at.or(earlier.refresh_expires_at),
            anti_csrf: self.anti_csrf.or(earlier.anti_csrf),
            ..self
        }
    }
}

impl fmt::Debug for SessionTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionTokens").field("access_expires_at", &self.access_expires_at).finish_non_exhaustive()
    }
}

impl Core {
    /// The claims of a fresh access token for a session as it is stored.
    pub(super) fn claims_of(&self, row: &SessionRow, generation: Generation, now: Timestamp) -> AccessClaims {
        let anti_csrf = (self.policy.anti_csrf == AntiCsrf::Token)
            .then(|| csrf::value(self.ring.load().current(), row.handle, generation));
        AccessClaims {
            user_id: row.user_id.clone(),
            issued_at: whole_second(now),
            // No access token outlives its session (ASVS 7.3.1, 7.3.2).
            expires_at: whole_second(now.after(self.access_token_lifetime(row)).min(row.expires_at())),
            handle: row.handle,
            tenant: row.tenant.clone(),
            issuer: self.policy.issuer.clone(),
            audience: self.policy.audience.clone(),
            anti_csrf,
            actor: row.actor.clone(),
            anonymous: row.anonymous,
            kind: row.payload.kind.clone(),
            payload_version: row.payload.version,
            payload_revision: row.payload_revision,
            generation,
            authenticated_at: whole_second(row.authenticated_at),
            payload: row.payload.json.clone(),
        }
    }

    /// An access token and what goes with it.
    pub(super) fn mint_access(&self, claims: &AccessClaims, cookie_lifetime: CookieLifetime) -> SessionTokens {
        SessionTokens {
            access: access::issue(claims, &self.ring.load()),
            front: front::write(claims),
            refresh: None,
            anti_csrf: None,
            access_expires_at: claims.expires_at,
            refresh_expires_at: None,
            cookie_lifetime,
        }
    }

    /// All tokens of a generation.
    pub(super) fn mint_all(&self, claims: &AccessClaims, secret: SessionSecret, row: &SessionRow) -> SessionTokens {
        let refresh_claims = RefreshClaims { handle: claims.handle, generation: claims.generation, secret };
        SessionTokens {
            refresh: Some(refresh::mint(&refresh_claims, self.ring.load().current())),
            refresh_expires_at: Some(row.expires_at()),
            anti_csrf: claims.anti_csrf.clone(),
            ..self.mint_access(claims, row.cookie_lifetime)
        }
    }

    /// As [`check_size`](Self::check_size), before anything is written: of the access token that a row would lead to.
    pub(super) fn check_row(
        &self,
        row: &SessionRow,
        generation: Generation,
        transport: Transport,
    ) -> Result<(), SessionError> {
        // Nothing is signed for what nobody will measure: most refreshes of mobile apps end here.
        if transport == Transport::Header {
            return Ok(());
        }
        self.check_size(&self.mint_access(&self.claims_of(row, generation, self.now()), row.cookie_lifetime), transport)
    }

    /// Refuses tokens that a browser would silently drop.
    pub(super) fn check_size(&self, tokens: &SessionTokens, transport: Transport) -> Result<(), SessionError> {
        if transport == Transport::Header {
            return Ok(());
        }
        let octets = self.policy.cookies.current.access.len() + 1 + tokens.access.len().max(tokens.front.len());
        if octets > COOKIE_OCTETS {
            return Err(Cause::CookieTooLarge { octets, limit: COOKIE_OCTETS }.into());
        }
        Ok(())
    }
}

impl Sessions {
    /// How tokens of a new session travel: as the policy says, else as the request asks, else in headers.
    pub(super) fn transport_of_new(&self) -> Transport {
        match self.core.policy.transfer {
            TransferMethod::Cookie => Transport::Cookie,
            TransferMethod::Header => Transport::Header,
            TransferMethod::Any => {
                self.exchange().and_then(|exchange| exchange.ways().asked).unwrap_or(Transport::Header)
            }
        }
    }

    /// Attaches tokens to the response, where there is one to attach them to.
    pub(super) fn attach(
        &self,
        handle: SessionHandle,
        tokens: &SessionTokens,
        transport: Transport,
        clear_other: bool,
    ) {
        let Some(exchange) = self.exchange() else { return };
        if !exchange.change(TokenChange::Issued { handle, tokens: tokens.clone(), transport, clear_other }) {
            tracing::warn!(
                "tokens were issued after the response had left; they are in the session that the call answered"
            );
        }
    }
}

/// A time as a token can say it (RFC 7519 §2).
const fn whole_second(time: Timestamp) -> Timestamp {
    Timestamp::from_secs(time.as_secs())
}
