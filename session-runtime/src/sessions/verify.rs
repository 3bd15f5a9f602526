//! Verifying: MAC, expiry, feed, anti-CSRF; no database call. A policy or a caller may ask for one authoritative read.

use std::sync::Arc;

use serde_json::json;

use super::exchange::{Clearing, Exchange, TokenChange, Transport, Verified};
use super::feed::Standing;
use super::known::KnownToken;
use super::presented::{CookieValues, ForgeryProof, Presented, SiteProof};
use super::ring::RingEdition;
use super::session::{Held, Session};
use super::status::unconfirmed;
use super::{Core, Sessions};
use crate::claims::ClaimFailure;
use crate::clock::Timestamp;
use crate::config::{AntiCsrf, TransferMethod};
use crate::error::{Cause, SessionError};
use crate::id::{SessionHandle, TenantId};
use crate::payload::{AccessTokenPayload, PayloadError, SessionData, Unreadable};
use crate::store::{Note, SessionRow, StoredSession};
use crate::token::access::{self, AccessClaims, AccessTokenError, Expected};
use crate::token::key::same;

impl Sessions {
    /// Verifies an access token that came some other way than a request's header or cookie, such as a WebSocket's first
    /// message. Anti-CSRF does not apply. Cost: no statement.
    ///
    /// # Errors
    ///
    /// When the token is none, expired, revoked, of another tenant, or of another payload kind; and when the policy asks for the
    /// database's word ([`StaleFeed::AskDatabase`](crate::StaleFeed::AskDatabase)), which
    /// [`verify_authoritative`](Self::verify_authoritative) asks for.
    pub fn verify<P: AccessTokenPayload, D: SessionData>(
        &self,
        access_token: &str,
    ) -> Result<Session<P, D>, SessionError> {
        let session = self.verify_by_memory(access_token)?;
        if self.core.must_ask() { Err(unconfirmed()) } else { Ok(session) }
    }

    fn verify_by_memory<P: AccessTokenPayload, D: SessionData>(
        &self,
        access_token: &str,
    ) -> Result<Session<P, D>, SessionError> {
        let token = self.core.open(access_token.as_bytes())?;
        let (tenant, handle, decoded) = (token.claims.tenant.clone(), token.claims.handle, token.decode());
        self.seen_from(tenant, self.core.unbound()).typed(handle, decoded, Held::Known(token), None)
    }

    /// As [`verify`](Self::verify), and then asks the database whether the session is still there. Cost: one read by
    /// primary key.
    ///
    /// # Errors
    ///
    /// As [`verify`](Self::verify), and when the session is over or the database cannot be read.
    pub async fn verify_authoritative<P: AccessTokenPayload, D: SessionData>(
        &self,
        access_token: &str,
    ) -> Result<Session<P, D>, SessionError> {
        let session = self.verify_by_memory(access_token)?;
        session.check_database().await?;
        Ok(session)
    }

    /// The session of the request that this handle is bound to, which has been [verified](verify_presented). Where the feed may be stale,
    /// it is to be confirmed before.
    pub(crate) fn verify_request<P: AccessTokenPayload, D: SessionData>(self) -> Result<Session<P, D>, SessionError> {
        let accepted = self.exchange().and_then(|exchange| exchange.accepted());
        let Verified { token, transport, .. } = accepted.ok_or_else(|| SessionError::from(Cause::Unbound))?;
        if self.must_confirm() {
            return Err(unconfirmed());
        }
        let (tenant, handle, decoded) = (token.claims.tenant.clone(), token.claims.handle, token.decode());
        let transport = Some(*transport);
        Self { tenant, ..self }.typed(handle, decoded, Held::Presented, transport)
    }

    /// Which session, of which tenant, the request brought, without a look at its payload.
    pub(super) fn verify_untyped(&self) -> Result<(SessionHandle, TenantId), SessionError> {
        let exchange = self.exchange().ok_or(Cause::Unbound)?;
        let claims = &exchange.verified(|| self.core.accept(exchange, exchange.presented()))?.token.claims;
        Ok((claims.handle, claims.tenant.clone()))
    }

    /// One read: whether the session is there still, with the payload that the token says.
    pub(super) async fn confirm(&self, claims: &AccessClaims) -> Result<(), SessionError> {
        match self.live_row(claims.handle).await? {
            Some(row) if claims.payload_revision < row.payload_revision => Err(Cause::OutdatedPayload.into()),
            Some(_) => Ok(()),
            None => {
                self.clear(Some(claims.handle), Clearing::Both);
                Err(self.core.over(&claims.tenant, claims.handle).into())
            }
        }
    }

    /// To be called in the token's tenant.
    fn typed<P: AccessTokenPayload, D: SessionData>(
        self,
        handle: SessionHandle,
        decoded: Result<Option<Arc<P>>, PayloadError>,
        held: Held,
        transport: Option<Transport>,
    ) -> Result<Session<P, D>, SessionError> {
        match decoded {
            Ok(own) => Ok(Session::new(self, held, own, transport)),
            Err(error) => Err(self.unreadable(handle, error, P::UNREADABLE)),
        }
    }

    /// What the type wants done about a payload or data of a session that this program cannot read.
    pub(super) fn unreadable(&self, handle: SessionHandle, error: PayloadError, outcome: Unreadable) -> SessionError {
        // Another kind is read by another handler: to the front end, a claim that has the wrong value.
        if let PayloadError::WrongKind { expected, found } = error {
            let reason = json!({ "message": "wrong value", "expectedValue": expected, "actualValue": found });
            let failures = ClaimFailure::new("_k").because(reason).into();
            return Cause::WrongKind { expected, found, failures }.into();
        }
        if outcome == Unreadable::SignOut {
            self.clear_if_own(handle, Clearing::Both);
        }
        Cause::Unreadable(error).into()
    }

    /// Has the response clear the client's tokens, where there is a response.
    pub(super) fn clear(&self, ended: Option<SessionHandle>, clearing: Clearing) {
        if let Some(exchange) = self.exchange() {
            exchange.change(TokenChange::Cleared { ended, clearing });
        }
    }

    /// As [`clear`](Self::clear), if it is the request's own session that is over, and not one that the request works on.
    pub(super) fn clear_if_own(&self, ended: SessionHandle, clearing: Clearing) {
        if self.exchange().is_some_and(|exchange| exchange.is_of(ended)) {
            self.clear(Some(ended), clearing);
        }
    }

    /// One read: the session as it is stored, if it is there, of this tenant, and not over.
    pub(super) async fn live(&self, handle: SessionHandle) -> Result<Option<StoredSession>, SessionError> {
        Ok(self.core.store.load(handle).await?.filter(|stored| self.is_live(&stored.row)))
    }

    /// As [`live`](Self::live), without the data.
    pub(super) async fn live_row(&self, handle: SessionHandle) -> Result<Option<SessionRow>, SessionError> {
        Ok(self.core.store.load_row(handle).await?.filter(|row| self.is_live(row)))
    }

    fn is_live(&self, row: &SessionRow) -> bool {
        row.tenant == *self.tenant()
            && self.core.now() < row.expires_at()
            && !self.core.is_cut_off(&row.tenant, row.handle)
    }
}

impl Core {
    /// Whether a row is left of a session that has ended with its tenant's.
    pub(super) fn is_cut_off(&self, tenant: &TenantId, handle: SessionHandle) -> bool {
        self.feed.end_in(tenant, handle).is_some()
    }

    /// What to say of a session that is over: why, if this node knows.
    pub(super) fn over(&self, tenant: &TenantId, handle: SessionHandle) -> Cause {
        self.feed.end_in(tenant, handle).map_or(Cause::SessionOver, |reason| Cause::Revoked { reason })
    }

    /// Finds the request's access token and verifies it: the bearer token if it is ours, else the newest cookie that opens.
    fn accept(&self, exchange: &Exchange, presented: &Presented<'_>) -> Result<Verified, SessionError> {
        let accepted = |token, transport| Verified { token, transport, ways: presented.ways(Some(transport)) };
        let header = presented.bearer.as_deref().filter(|_| self.policy.transfer != TransferMethod::Cookie);
        match header.map(|token| self.open(token)) {
            Some(Ok(token)) => return Ok(accepted(token, Transport::Header)),
            // Somebody else's bearer token.
            None | Some(Err(Cause::NoSession)) => {}
            Some(Err(cause)) => return Err(refused(cause, exchange, Transport::Header)),
        }
        if self.policy.transfer == TransferMethod::Header {
            return Err(Cause::NoSession.into());
        }
        let token =
            self.open_newest(&presented.access_cookies).map_err(|cause| refused(cause, exchange, Transport::Cookie))?;
        if !presented.proof.safe_method {
            let matches = |value: &[u8]| token.claims.anti_csrf.as_ref().is_some_and(|own| same(own.as_bytes(), value));
            check_forgery(self.policy.anti_csrf, &presented.proof, matches)?;
        }
        Ok(accepted(token, Transport::Cookie))
    }

    /// Of several cookies of one name, the newest that opens, wherever it stands: an older one may say what is no longer so.
    fn open_newest(&self, cookies: &CookieValues<'_>) -> Result<Arc<KnownToken>, Cause> {
        let mut newest: Option<Arc<KnownToken>> = None;
        let mut refusal = Cause::NoSession;
        let now = self.now_coarse();
        for cookie in cookies.iter() {
            match self.check(cookie, now) {
                Ok(token) if newest.as_ref().is_none_or(|known| age_of(&known.claims) < age_of(&token.claims)) => {
                    newest = Some(token);
                }
                Ok(_) | Err(Cause::NoSession) => {}
                // A session that was revoked is no reason to give up one that a refresh may heal.
                Err(Cause::Revoked { .. }) if !matches!(refusal, Cause::NoSession) => {}
                Err(cause) => refusal = cause,
            }
        }
        let token = newest.ok_or(refusal)?;
        self.see(&token, now);
        Ok(token)
    }

    fn open(&self, token: &[u8]) -> Result<Arc<KnownToken>, Cause> {
        let now = self.now_coarse();
        let token = self.check(token, now)?;
        self.see(&token, now);
        Ok(token)
    }

    /// Notes that the session was seen.
    fn see(&self, token: &KnownToken, now: Timestamp) {
        if token.noted.is_due(now) {
            let AccessClaims { handle, generation, .. } = token.claims;
            self.notes.add(Note { handle, generation, seen_at: now });
        }
    }

    /// MAC and claims, unless these bytes are known; then expiry, and what the feed says.
    fn check(&self, token: &[u8], now: Timestamp) -> Result<Arc<KnownToken>, Cause> {
        let ring = self.ring.edition();
        let token = match self.known.find(token, ring) {
            Some(known) => known,
            None => self.check_anew(token, ring, now)?,
        };
        if token.is_over(now) {
            return Err(Cause::AccessToken(AccessTokenError::Expired));
        }
        self.is_feed_stale(now);
        let claims = &token.claims;
        match self.feed.standing(&claims.tenant, claims.handle, claims.payload_revision, &token.found_good) {
            Standing::Good => Ok(token),
            Standing::Over(reason) => Err(Cause::Revoked { reason }),
            Standing::Outdated => Err(Cause::OutdatedPayload),
        }
    }

    /// Verifies a token that is not known, and remembers it.
    fn check_anew(&self, token: &[u8], ring: RingEdition, now: Timestamp) -> Result<Arc<KnownToken>, Cause> {
        let expected = Expected { issuer: self.policy.issuer.as_deref(), audience: self.policy.audience.as_deref() };
        let claims = access::verify(token, &self.ring.load(), now, expected, |claims| claims.to_claims());
        let claims = claims.map_err(|error| match error {
            AccessTokenError::Foreign => Cause::NoSession,
            error => Cause::AccessToken(error),
        })?;
        let known = Arc::new(KnownToken::new(token, ring, claims, self.policy.access_token_lifetime));
        self.known.keep(token, &known, now);
        Ok(known)
    }
}

/// Verifies what a request brought, as far as memory tells, unless that was done before.
pub(crate) fn verify_presented<'a>(
    exchange: &Exchange,
    read: impl FnOnce() -> Presented<'a>,
) -> Result<(), SessionError> {
    let verify = || {
        let presented = read();
        exchange.notice(presented.clutter());
        exchange.sessions().core.accept(exchange, &presented)
    };
    exchange.verified(verify).map(drop)
}

/// What orders the tokens of one browser by when they were made: handles are ordered by time.
fn age_of(claims: &AccessClaims) -> impl Ord + use<> {
    (claims.handle, claims.generation, claims.payload_revision, claims.issued_at)
}

/// A session that was revoked is over for good, so its tokens need not be tried again; all else may heal by a refresh.
fn refused(cause: Cause, exchange: &Exchange, transport: Transport) -> SessionError {
    if matches!(cause, Cause::Revoked { .. }) {
        exchange.change(TokenChange::Cleared { ended: None, clearing: Clearing::Used(transport) });
    }
    cause.into()
}

/// Whether a request with cookies shows what the policy asks it to show.
pub(super) fn check_forgery(
    mode: AntiCsrf,
    proof: &ForgeryProof<'_>,
    matches: impl FnOnce(&[u8]) -> bool,
) -> Result<(), SessionError> {
    let shown = match mode {
        AntiCsrf::None => true,
        AntiCsrf::Origin => proof.site != SiteProof::Foreign,
        AntiCsrf::CustomHeader => proof.custom_header,
        AntiCsrf::Token => proof.anti_csrf.as_deref().is_some_and(matches),
    };
    if shown { Ok(()) } else { Err(Cause::Forgery.into()) }
}
