//! Creating a session: one INSERT, and tokens attached to the response. Where the request brought a session already, that one ends in
//! the same transaction.

use std::sync::Arc;
use std::time::Duration;

use super::event::SessionEventKind;
use super::exchange::{Exchange, Transport};
use super::mint::SessionTokens;
use super::session::{Held, Session};
use super::{Core, Sessions};
use crate::config::Cap;
use crate::error::{Cause, SessionError};
use crate::id::{Generation, IdError, SessionHandle, UserId};
use crate::payload::{self, AccessTokenPayload, SessionData};
use crate::reason::RevocationReason;
use crate::secret;
use crate::store::{Admission, Document, LiveSession, Predecessor, Room, SessionRow, StoredSession, Succession};
use crate::token::access::{self, AccessClaims};
use crate::token::refresh::SessionSecret;

impl Sessions {
    /// Signs a user in: creates a session and attaches its tokens to the response, or leaves them in
    /// [`Session::tokens`] where there is no response.
    ///
    /// The user id is 1–128 visible characters of the application's choice. The tokens travel as the policy says, else as
    /// the request's `st-auth-mode` asks, else in headers.
    ///
    /// A session that the request brought already ends (ASVS 7.2.4), so that nobody can fix a user's session beforehand; its data is
    /// not carried over, see [`Session::sign_in`]. To create a session for somebody else than the caller, use
    /// [`detached`](Self::detached). Cost: one statement, or its part of one for up to 64 sessions; one transaction where the request
    /// brought a session, or the policy has a cap ([`sessions_per_user`](crate::PolicyBuilder::sessions_per_user)).
    ///
    /// # Errors
    ///
    /// When the user id is none, the payload is larger than it declares or than a cookie holds, the data is larger than the policy
    /// allows, the user has as many sessions as the policy allows ([`TooManySessions`](crate::SessionErrorKind::TooManySessions)), or the
    /// database cannot be written. Nothing is stored then, and the response is left alone.
    pub async fn create_new_session<P: AccessTokenPayload, D: SessionData>(
        &self,
        user_id: impl TryInto<UserId, Error: Into<IdError>>,
        payload: P,
        data: D,
    ) -> Result<Session<P, D>, SessionError> {
        let user_id = user_id.try_into().map_err(|error| Cause::Id(error.into()))?;
        self.create(Newcomer::User(user_id), payload, data).await
    }

    pub(super) async fn create<P: AccessTokenPayload, D: SessionData>(
        &self,
        newcomer: Newcomer,
        payload: P,
        data: D,
    ) -> Result<Session<P, D>, SessionError> {
        let prepared = self.prepare(newcomer, &payload, &data)?;
        let predecessor = self.exchange().and_then(|exchange| self.core.presented_session(exchange));
        self.core.admit(&prepared.stored, predecessor.as_ref()).await?;
        Ok(self.hand_out(prepared, payload))
    }

    /// All of a new session that can go wrong before the database is asked.
    pub(super) fn prepare<P: AccessTokenPayload, D: SessionData>(
        &self,
        newcomer: Newcomer,
        payload: &P,
        data: &D,
    ) -> Result<Prepared, SessionError> {
        let now = self.core.now();
        let handle = SessionHandle::mint(self.core.feed.first_good(self.tenant(), now)).map_err(Cause::Random)?;
        let secret = SessionSecret::new(secret::draw::<32>().map_err(Cause::Random)?);
        let ends = self.ends(now, newcomer.longest()).map_err(Cause::Terms)?;
        let row = SessionRow {
            handle,
            tenant: self.tenant().clone(),
            anonymous: matches!(newcomer, Newcomer::Anonymous),
            actor: newcomer.actor(),
            user_id: newcomer.user_id(handle)?,
            payload: payload_document(payload)?,
            payload_revision: 0,
            secret_digest: secret.digest(),
            generation: Generation::FIRST,
            confirmed: false,
            rotated_at: now,
            created_at: now,
            authenticated_at: now,
            last_seen_at: now,
            idle_expires_at: ends.idle_expires_at,
            absolute_expires_at: ends.absolute_expires_at,
            cookie_lifetime: self.terms.cookie_lifetime.unwrap_or(self.core.policy.cookie_lifetime),
            idle_timeout: ends.own_idle_timeout,
            access_token_lifetime: self.terms.access_token_lifetime,
            device: self.device(),
        };
        let claims = self.core.claims_of(&row, Generation::FIRST, now);
        let tokens = self.core.mint_all(&claims, secret, &row);
        let transport = self.transport_of_new();
        self.core.check_size(&tokens, transport)?;
        let stored = StoredSession { row, data: self.core.data_document(data)?, data_revision: 0 };
        Ok(Prepared { stored, claims, tokens, transport })
    }

    /// A session that is stored goes out with the response.
    pub(super) fn hand_out<P: AccessTokenPayload, D: SessionData>(
        &self,
        prepared: Prepared,
        payload: P,
    ) -> Session<P, D> {
        let Prepared { stored, claims, tokens, transport } = prepared;
        self.core.emit(&claims, SessionEventKind::Created);
        let clear_other = self.exchange().is_some_and(|exchange| exchange.ways().has_other(transport));
        self.attach(stored.row.handle, &tokens, transport, clear_other);
        let transport = self.exchange().map(|_| transport);
        Session::new(self.clone(), Held::Own(Box::new(claims)), Some(Arc::new(payload)), transport).with_tokens(tokens)
    }
}

/// Whom a new session is for.
pub(super) enum Newcomer {
    User(UserId),
    /// Nobody known yet.
    Anonymous,
    /// Somebody who acts as the user, for so long at most.
    Impersonated {
        user_id: UserId,
        actor: UserId,
        longest: Duration,
    },
}

/// A new session, before it is stored.
pub(super) struct Prepared {
    pub(super) stored: StoredSession,
    claims: AccessClaims,
    tokens: SessionTokens,
    transport: Transport,
}

impl Newcomer {
    fn user_id(self, handle: SessionHandle) -> Result<UserId, SessionError> {
        match self {
            Self::User(user_id) | Self::Impersonated { user_id, .. } => Ok(user_id),
            Self::Anonymous => UserId::new(format!("anonymous:{handle}")).map_err(|error| Cause::Id(error).into()),
        }
    }

    fn actor(&self) -> Option<UserId> {
        match self {
            Self::Impersonated { actor, .. } => Some(actor.clone()),
            Self::User(_) | Self::Anonymous => None,
        }
    }

    const fn longest(&self) -> Option<Duration> {
        match self {
            Self::Impersonated { longest, .. } => Some(*longest),
            Self::User(_) | Self::Anonymous => None,
        }
    }
}

pub(super) fn payload_document<P: AccessTokenPayload>(payload: &P) -> Result<Document, SessionError> {
    let json = payload::encode_payload(payload).map_err(Cause::Payload)?;
    Ok(Document { json, kind: P::KIND.to_owned(), version: P::VERSION })
}

impl Core {
    /// Stores a session and ends the one whose place it takes, and those that make way for it.
    pub(super) async fn admit(
        &self,
        stored: &StoredSession,
        predecessor: Option<&Predecessor>,
    ) -> Result<Succession, SessionError> {
        let row = &stored.row;
        // Those with nobody or somebody else behind them take none of the user's places.
        let cap = self.policy.cap.filter(|_| !row.anonymous && row.actor.is_none());
        if let (None, None) = (predecessor, cap) {
            self.store.insert(stored).await?;
            return Ok(Succession::First);
        }
        let anew = self.announcement(&RevocationReason::SignedInAnew);
        let full = self.announcement(&RevocationReason::CapReached);
        let choose = cap.map(|cap| {
            move |mut live: Vec<LiveSession>| {
                // Of sessions that ended with their tenant's, rows may be left for hours.
                live.retain(|session| !self.is_cut_off(&row.tenant, session.handle));
                cap.make_room(live)
            }
        });
        let room = choose.as_ref().map(|choose| Room { choose, announcement: full });
        let Admission { succession, followed, made_way } =
            self.store.insert_after(stored, predecessor, anew, room).await?;
        if let (Some(ended), Some(predecessor)) = (&followed, predecessor) {
            self.ended(&predecessor.tenant, ended, anew);
        }
        for ended in &made_way {
            self.ended(&row.tenant, ended, full);
        }
        match (succession, cap) {
            (Succession::Refused, Some(Cap { limit, .. })) => Err(Cause::TooManySessions { limit }.into()),
            (_, Some(Cap { limit, .. })) if !made_way.is_empty() => {
                self.emit(row, SessionEventKind::CapEnforced { cap: limit, ended: made_way.len() });
                Ok(succession)
            }
            _ => Ok(succession),
        }
    }

    /// The session that a request came with, if its token is ours; expired or not, since who signs in again is often late.
    fn presented_session(&self, exchange: &Exchange) -> Option<Predecessor> {
        let presented = exchange.presented();
        let ring = self.ring.load();
        let tokens = presented.bearer.as_deref().into_iter().chain(presented.access_cookies.iter());
        let newest = tokens.filter_map(|token| access::session_of(token, &ring)).max_by_key(|found| found.0);
        // A handler that takes nothing but a session has its token.
        let accepted = || {
            let claims = &exchange.accepted()?.token.claims;
            Some((claims.handle, claims.tenant.clone()))
        };
        let (handle, tenant) = newest.or_else(accepted)?;
        Some(Predecessor { handle, tenant, data_revision: None })
    }

    pub(super) fn data_document<D: SessionData>(&self, data: &D) -> Result<Document, SessionError> {
        let json = payload::encode_data(data).map_err(Cause::Payload)?;
        let limit = self.policy.max_session_data;
        if json.len() > limit {
            return Err(Cause::DataTooLarge { bytes: json.len(), limit }.into());
        }
        Ok(Document { json, kind: D::KIND.to_owned(), version: D::VERSION })
    }
}
