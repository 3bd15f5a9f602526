//! Refreshing: opens the refresh token, asks the rotation rule, carries its decision out.

use super::audit::{TOKEN_THEFT, theft_detail};
use super::event::SessionEventKind;
use super::exchange::{Clearing, Exchange, Transport};
use super::mint::SessionTokens;
use super::presented::{Presented, SiteProof};
use super::rotation::{self, Decision, ReuseClass, RotationRule, RotationState};
use super::source::Sourced;
use super::verify::check_forgery;
use super::{Core, Sessions};
use crate::clock::Timestamp;
use crate::config::TransferMethod;
use crate::device::Device;
use crate::error::{Cause, SessionError};
use crate::id::{Generation, SessionHandle, UserId};
use crate::payload::PAYLOAD_BYTES_IN_A_COOKIE;
use crate::reason::RevocationReason;
use crate::store::{Advance, Announcement, Audited, Doomed, Rotation, SessionRow, Swap};
use crate::token::access;
use crate::token::csrf;
use crate::token::key::KeyRing;
use crate::token::refresh::{self, RefreshClaims, RefreshTokenError};

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
    /// stored payload goes into the new access token as it is. Cost: one statement, or on PostgreSQL its part of one for up to 64; one read
    /// more for a repeat; one read and one write more where the payload may not fit a cookie, or the row is behind the token. On MySQL and
    /// MariaDB, and where a payload source is asked: one read and one write; a repeat writes nothing.
    ///
    /// # Errors
    ///
    /// When the token is none of ours (nothing is asked of the database then), when the session is over, when the token was
    /// used before (the session is then revoked), and when the database cannot be reached.
    pub async fn refresh_session(&self, refresh_token: &str) -> Result<RefreshedSession, SessionError> {
        let claims =
            refresh::open(refresh_token.as_bytes(), &self.core.ring.load()).map_err(|_| Cause::RefreshToken)?;
        self.detached().exchange_tokens(claims, Transport::Header).await
    }

    /// Refreshes the session of the request that this handle is bound to, and attaches the new tokens to the response. This
    /// is what the ready-made route calls; call it from a handler of your own to do more.
    ///
    /// # Errors
    ///
    /// As [`refresh_session`](Self::refresh_session), and when the request does not prove where it comes from. The response
    /// clears the client's tokens where they are of no more use; never when the database failed, when another site sent the
    /// request, or when a node with newer keys may know the token.
    pub async fn refresh_request(&self) -> Result<RefreshedSession, SessionError> {
        let exchange = self.exchange().ok_or(Cause::Unbound)?;
        let (claims, transport) = self.core.find_refresh_token(exchange).inspect_err(|error| {
            if matches!(error.cause(), Cause::RefreshToken) {
                self.clear(None, Clearing::Both);
            }
        })?;
        let refreshed = self.exchange_tokens(claims, transport).await.inspect_err(|error| {
            if error.ends_session() {
                self.clear(None, Clearing::Both);
            }
        })?;
        self.attach(refreshed.handle, &refreshed.tokens, transport, exchange.ways().has_other(transport));
        Ok(refreshed)
    }

    async fn exchange_tokens(
        &self,
        claims: RefreshClaims,
        transport: Transport,
    ) -> Result<RefreshedSession, SessionError> {
        let Settled { row, now } = self.settle(&claims, transport).await?;
        let mut access = self.core.claims_of(&row, row.generation, now);
        self.shorten(&mut access, now);
        let tokens = self.core.mint_all(&access, claims.secret, &row);
        Ok(RefreshedSession { handle: row.handle, user_id: row.user_id, tokens })
    }

    /// Carries out what the rule decides, until nobody else was faster.
    async fn settle(&self, claims: &RefreshClaims, transport: Transport) -> Result<Settled, SessionError> {
        // Also where the database has lost the revocation.
        if let Some(reason) = self.core.feed.end_of(claims.handle) {
            return Err(Cause::Revoked { reason }.into());
        }
        if let Some(settled) = self.advance(claims, transport).await? {
            return Ok(settled);
        }
        for _ in 0..LOOKS {
            // Before the row is read: what is written and forgotten in between is then in the row.
            let seen = self.core.notes.newest_seen(claims.handle);
            let row = self.core.store.load_row(claims.handle).await?.ok_or(Cause::SessionOver)?;
            if !claims.secret.has_digest(&row.secret_digest) {
                return Err(Cause::SessionOver.into());
            }
            if let Some(reason) = self.core.feed.end_in(&row.tenant, row.handle) {
                return Err(Cause::Revoked { reason }.into());
            }
            let now = self.core.now();
            let state = rotation_state(&row, seen);
            let decision = rotation::decide(&state, claims.generation, now, &self.core.rotation_rule());
            match decision {
                Decision::Repeat | Decision::Recover => {
                    self.core.emit_refreshed(&row, decision);
                    return Ok(Settled { row, now });
                }
                Decision::Rotate { next } | Decision::FastForward { next } => {
                    let device = row.device.clone().seen_as(self.device());
                    let rotation = self.core.rotation_to(next, now, &row, device);
                    if let Some(row) = self.rotate(row, rotation, transport).await? {
                        self.core.emit_refreshed(&row, decision);
                        return Ok(Settled { row, now });
                    }
                }
                Decision::Reused(class) => return Err(self.reused(&row, claims.generation, class).await?),
                Decision::Expired => return Err(Cause::SessionOver.into()),
            }
        }
        Err(Cause::Contended.into())
    }

    /// The happy path, in one statement where the engine can: the newest generation is presented, and nothing but the database has a say
    /// in what becomes of it. `None` for all other cases, which the rule is asked about.
    async fn advance(&self, claims: &RefreshClaims, transport: Transport) -> Result<Option<Settled>, SessionError> {
        if !self.core.sources.is_empty() || !self.core.store.advances() {
            return Ok(None);
        }
        let now = self.core.now();
        let advance = Advance {
            handle: claims.handle,
            presented: claims.generation,
            secret_digest: claims.secret.digest(),
            now,
            idle_timeout: self.core.policy.idle_timeout,
            // Whatever else is in its token, it fits the cookie; what is longer is measured before it is written.
            longest_payload: (transport == Transport::Cookie).then_some(PAYLOAD_BYTES_IN_A_COOKIE),
            device: self.device(),
        };
        let Some(row) = self.core.store.advance(advance).await? else { return Ok(None) };
        // Known only now. The rotation is of no use to anybody: its token goes to nobody, and the row is about to be deleted.
        if let Some(reason) = self.core.feed.end_in(&row.tenant, row.handle) {
            return Err(Cause::Revoked { reason }.into());
        }
        let row = self.core.not_behind(row);
        self.core.emit_refreshed(&row, Decision::Rotate { next: row.generation });
        Ok(Some(Settled { row, now }))
    }

    /// One rotation, with the payload that the source gives the session; `None` where another was faster.
    async fn rotate(
        &self,
        row: SessionRow,
        rotation: Rotation,
        transport: Transport,
    ) -> Result<Option<SessionRow>, SessionError> {
        let payload = match self.core.source_payload(&row).await? {
            Sourced::Unchanged => None,
            Sourced::Changed(payload) => Some(payload),
            Sourced::End => {
                self.in_tenant(row.tenant.clone())
                    .end(Doomed::One(row.handle), RevocationReason::PayloadSource)
                    .await?;
                return Err(self.core.over(&row.tenant, row.handle).into());
            }
        };
        let rotation = Rotation { payload, ..rotation };
        let rotated = row.clone().rotated(&rotation);
        // Before it is written: a token that the browser drops would be a rotation that nobody hears of.
        self.core.check_row(&rotated, rotation.next, transport)?;
        let written = self.core.store.rotate(&row, &rotation).await?;
        Ok((written == Swap::Done).then(|| self.core.not_behind(rotated)))
    }

    /// Two parties hold tokens of this session, and nobody can tell which is the user: it ends for both (RFC 9700 §4.14.2).
    async fn reused(
        &self,
        row: &SessionRow,
        presented: Generation,
        class: ReuseClass,
    ) -> Result<SessionError, SessionError> {
        let generation = row.generation;
        let audited = Audited { event: TOKEN_THEFT, detail: Some(&theft_detail(class, presented, generation)) };
        let announcement = Announcement { audited, ..self.core.announcement(&RevocationReason::TokenTheft) };
        let sessions = self.in_tenant(row.tenant.clone());
        let revoked = sessions.end_announced(Doomed::One(row.handle), announcement).await?;
        // Of several who present it at once, one ends the session; to the others it is over.
        if revoked.is_empty() {
            return Ok(self.core.over(&row.tenant, row.handle).into());
        }
        self.core.emit(row, SessionEventKind::Reused { class, presented, generation });
        Ok(Cause::TokenTheft { handle: row.handle, user_id: row.user_id.clone() }.into())
    }
}

/// A refresh that was carried out.
struct Settled {
    /// The row as it now stands.
    row: SessionRow,
    /// When that was decided.
    now: Timestamp,
}

impl From<RefreshTokenError> for Cause {
    fn from(error: RefreshTokenError) -> Self {
        match error {
            RefreshTokenError::Foreign | RefreshTokenError::Forged => Self::RefreshToken,
            RefreshTokenError::UnknownKey => Self::UnknownKey,
        }
    }
}

impl Core {
    /// Tells of a refresh; `row` is as it now stands.
    fn emit_refreshed(&self, row: &SessionRow, decision: Decision) {
        let generation = row.generation;
        let kind = match decision {
            Decision::Rotate { .. } => SessionEventKind::Refreshed { generation },
            Decision::Repeat => SessionEventKind::Repeated { generation },
            Decision::Recover => SessionEventKind::Recovered { generation },
            Decision::FastForward { .. } => SessionEventKind::FastForwarded { generation },
            Decision::Reused(_) | Decision::Expired => return,
        };
        self.emit(row, kind);
    }

    /// The request's refresh token and how it came: the bearer token if it is ours, else a cookie. A foreign bearer token does
    /// not disturb a cookie.
    fn find_refresh_token(&self, exchange: &Exchange) -> Result<(RefreshClaims, Transport), SessionError> {
        let presented = exchange.presented();
        let ring = self.ring.load();
        let header = presented.bearer.as_deref().filter(|_| self.policy.transfer != TransferMethod::Cookie);
        if let Some(token) = header.filter(|token| refresh::has_our_shape(token)) {
            return Ok((refresh::open(token, &ring)?, Transport::Header));
        }
        if self.policy.transfer == TransferMethod::Header {
            return Err(Cause::RefreshToken.into());
        }
        // Browsers withhold cookies from requests of other sites, but take what the answer says of them: such a request must not
        // sign anybody out by having no token.
        if presented.proof.site == SiteProof::Foreign && presented.refresh_cookies.is_empty() {
            return Err(Cause::RefreshForgery.into());
        }
        let claims = self.open_refresh_cookie(presented, &ring)?;
        // A tab that lost the race still sends the value of the generation that it had, or that of the one that won.
        let matches = |value: &[u8]| {
            [claims.generation, claims.generation.next()]
                .into_iter()
                .any(|generation| csrf::matches(value, &ring, claims.handle, generation))
        };
        check_forgery(self.policy.anti_csrf, &presented.proof, matches).map_err(|_| Cause::RefreshForgery)?;
        Ok((claims, Transport::Cookie))
    }

    /// Of several refresh cookies, the one of the session that the access cookie is of, which a neighbouring host cannot plant
    /// (6265bis §4.1.3.2); of those the newest, since an older one would pass for a reuse.
    fn open_refresh_cookie(&self, presented: &Presented<'_>, ring: &KeyRing) -> Result<RefreshClaims, SessionError> {
        let mut opened = Vec::new();
        let mut refusal = RefreshTokenError::Foreign;
        for cookie in presented.refresh_cookies.iter() {
            match refresh::open(cookie, ring) {
                Ok(claims) => opened.push(claims),
                Err(error) => refusal = refusal.max(error),
            }
        }
        let own = match opened.len() {
            0 | 1 => None,
            _ => presented.access_cookies.iter().find_map(|cookie| Some(access::session_of(cookie, ring)?.0)),
        };
        let newest =
            opened.into_iter().max_by_key(|claims| (Some(claims.handle) == own, claims.handle, claims.generation));
        Ok(newest.ok_or(refusal)?)
    }

    /// The row with no lower revision of its payload than was announced. It is lower only where the database has lost the change, as with a
    /// restored backup: the token would be refused again and again.
    fn not_behind(&self, row: SessionRow) -> SessionRow {
        let announced = self.feed.payload_revision(row.handle);
        SessionRow { payload_revision: row.payload_revision.max(announced), ..row }
    }

    fn rotation_to(&self, next: Generation, now: Timestamp, row: &SessionRow, device: Device) -> Rotation {
        // Nobody was idle since before they were last here: a clock that was set back takes nothing of the time that is left.
        let idle_expires_at = self.idle_expiry(row, now.max(row.rotated_at));
        Rotation { next, now, idle_expires_at, payload: None, device }
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
