//! Refreshing: opens the refresh token, asks the rotation rule, carries its decision out.

use super::exchange::{Clearing, Exchange, Transport};
use super::mint::SessionTokens;
use super::revoke::reason;
use super::rotation::{self, Decision, ReuseClass, RotationRule, RotationState};
use super::verify::check_forgery;
use super::{Core, Sessions, event};
use crate::clock::Timestamp;
use crate::config::TransferMethod;
use crate::error::{Cause, SessionError};
use crate::id::{Generation, SessionHandle, UserId};
use crate::store::{Doomed, SessionRow, Swap};
use crate::token::csrf;
use crate::token::refresh::{self, RefreshClaims};

/// How often a rotation that lost its race reads the row again. Who loses finds a newer generation, which is repeated without a
/// race, so a second look is enough; the others are for a database that fails over meanwhile.
const LOOKS: usize = 4;

/// A session whose tokens are new.
#[derive(Clone, Debug)]
#[must_use = "tokens that do not reach the client leave it with its old ones"]
pub struct RefreshedSession {
    handle: SessionHandle,
    user_id: UserId,
    tokens: SessionTokens,
}

impl RefreshedSession {
    /// Which session it is.
    #[must_use]
    pub const fn handle(&self) -> &SessionHandle {
        &self.handle
    }

    /// Whose session it is.
    #[must_use]
    pub const fn user_id(&self) -> &UserId {
        &self.user_id
    }

    /// The new tokens.
    pub const fn tokens(&self) -> &SessionTokens {
        &self.tokens
    }
}

impl Sessions {
    /// Exchanges a refresh token for new tokens, which stay in the caller's hands. Anti-CSRF does not apply. Untyped: the
    /// stored payload goes into the new access token as it is. Cost: one read and one write; a repeat writes nothing.
    ///
    /// # Errors
    ///
    /// When the token is none of ours (nothing is asked of the database then), when the session is over, when the token was
    /// used before (the session is then revoked), and when the database cannot be reached.
    pub async fn refresh_session(&self, refresh_token: &str) -> Result<RefreshedSession, SessionError> {
        let claims = refresh::open(refresh_token, &self.core.ring.load()).ok_or(Cause::RefreshToken)?;
        self.detached().exchange_tokens(claims).await
    }

    /// Refreshes the session of the request that this handle is bound to, and attaches the new tokens to the response. This
    /// is what the ready-made route calls; call it from a handler of your own to do more.
    ///
    /// # Errors
    ///
    /// As [`refresh_session`](Self::refresh_session), and when the request does not prove where it comes from. The response
    /// clears the client's tokens where they are of no more use; never when the database failed.
    pub async fn refresh_request(&self) -> Result<RefreshedSession, SessionError> {
        let exchange = self.exchange().ok_or(Cause::Unbound)?;
        let found = self.core.find_refresh_token(exchange)?;
        let Some((claims, transport)) = found else {
            self.clear(Clearing::Both);
            return Err(Cause::RefreshToken.into());
        };
        let refreshed = self.exchange_tokens(claims).await.inspect_err(|error| {
            if error.ends_session() {
                self.clear(Clearing::Both);
            }
        })?;
        self.core.check_size(&refreshed.tokens, transport)?;
        self.attach(&refreshed.tokens, transport, exchange.has_other(transport));
        Ok(refreshed)
    }

    async fn exchange_tokens(&self, claims: RefreshClaims) -> Result<RefreshedSession, SessionError> {
        let (generation, now, row) = self.settle(&claims).await?;
        let access = self.core.claims_of(&row, generation, now);
        let tokens = self.core.mint_all(&access, claims.secret, &row);
        Ok(RefreshedSession { handle: row.handle, user_id: row.user_id, tokens })
    }

    /// Carries out what the rule decides, until nobody else was faster. Answers the generation to hand out, when that was
    /// decided, and the row.
    async fn settle(&self, claims: &RefreshClaims) -> Result<(Generation, Timestamp, SessionRow), SessionError> {
        for _ in 0..LOOKS {
            // Before the row is read: what is written and forgotten in between is then in the row.
            let seen = self.core.notes.newest_seen(claims.handle);
            let mut row = self.core.store.load(claims.handle).await?.ok_or(Cause::SessionOver)?;
            if !claims.secret.has_digest(&row.secret_digest) {
                return Err(Cause::SessionOver.into());
            }
            let now = self.core.now();
            let state = rotation_state(&row, seen);
            match rotation::decide(&state, claims.generation, now, &self.core.rotation_rule()) {
                decision @ (Decision::Repeat | Decision::Recover) => {
                    event::refreshed(&row, decision);
                    return Ok((row.generation, now, row));
                }
                decision @ (Decision::Rotate { next } | Decision::FastForward { next }) => {
                    row.idle_expires_at = now.after(self.core.policy.idle_timeout).min(row.absolute_expires_at);
                    let swap =
                        self.core.store.rotate(row.handle, row.generation, next, now, row.idle_expires_at).await?;
                    if swap == Swap::Done {
                        event::refreshed(&row, decision);
                        return Ok((next, now, row));
                    }
                }
                Decision::Reused(class) => return Err(self.reused(&row, claims.generation, class).await?),
                Decision::Expired => return Err(Cause::SessionOver.into()),
            }
        }
        Err(Cause::Contended.into())
    }

    /// Two parties hold tokens of this session, and nobody can tell which is the user: it ends for both (RFC 9700 §4.14.2).
    async fn reused(
        &self,
        row: &SessionRow,
        presented: Generation,
        class: ReuseClass,
    ) -> Result<SessionError, SessionError> {
        let revoked = self.in_tenant(row.tenant.clone()).end(Doomed::One(row.handle), reason::TOKEN_THEFT).await?;
        // Of several who present it at once, one ends the session; to the others it is over.
        if revoked.is_empty() {
            return Ok(Cause::SessionOver.into());
        }
        event::reused(row, presented, class);
        Ok(Cause::TokenTheft { handle: row.handle, user_id: row.user_id.clone() }.into())
    }
}

impl Core {
    /// The request's refresh token and how it came: the bearer token if it is ours, else the newest cookie that opens. A foreign
    /// bearer token does not disturb a cookie.
    fn find_refresh_token(&self, exchange: &Exchange) -> Result<Option<(RefreshClaims, Transport)>, SessionError> {
        let presented = exchange.presented();
        let ring = self.ring.load();
        let header = presented.bearer.as_deref().filter(|_| self.policy.transfer != TransferMethod::Cookie);
        if let Some(token) = header.filter(|token| refresh::has_our_shape(token)) {
            return Ok(refresh::open(token, &ring).map(|claims| (claims, Transport::Header)));
        }
        if self.policy.transfer == TransferMethod::Header {
            return Ok(None);
        }
        let opened = presented.refresh_cookies.iter().filter_map(|cookie| refresh::open(cookie, &ring));
        // The newest, since an older one of the same session would pass for a reuse.
        let Some(claims) = opened.max_by_key(|claims| (claims.handle, claims.generation)) else {
            return Ok(None);
        };
        // A tab that lost the race still sends the value of the generation that it had, or that of the one that won.
        let matches = |value: &str| {
            [claims.generation, claims.generation.next()]
                .into_iter()
                .any(|generation| csrf::matches(value, &ring, claims.handle, generation))
        };
        check_forgery(self.policy.anti_csrf, &presented.proof, matches).map_err(|_| Cause::RefreshForgery)?;
        Ok(Some((claims, Transport::Cookie)))
    }

    fn rotation_rule(&self) -> RotationRule {
        RotationRule { grace: self.policy.refresh_grace, recovery: self.policy.recovery }
    }
}

/// What the row says, and what this node has noticed and not yet written.
fn rotation_state(row: &SessionRow, seen: Option<Generation>) -> RotationState {
    RotationState {
        generation: row.generation,
        confirmed: row.confirmed || seen == Some(row.generation),
        rotated_at: row.rotated_at,
        expires_at: row.expires_at(),
    }
}
