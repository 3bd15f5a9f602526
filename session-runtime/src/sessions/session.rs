//! A session in hand: what a handler holds.

use std::fmt;
use std::marker::PhantomData;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use super::Sessions;
use super::exchange::{Clearing, Transport};
use super::information::SessionInformation;
use super::known::KnownToken;
use super::mint::SessionTokens;
use crate::claims::{Guard, Subject};
use crate::clock::Timestamp;
use crate::error::{Cause, SessionError};
use crate::id::{Generation, SessionHandle, TenantId, UserId};
use crate::payload::{AccessTokenPayload, NoData, NoPayload, SessionData};
use crate::reason::RevocationReason;
use crate::store::{Document, SessionRow, StoredSession};
use crate::token::access::AccessClaims;

/// A verified session with a payload of type `P` and session data of type `D`.
///
/// As an axum extractor it verifies the request's access token: no database call. A token minted for another payload kind
/// is refused, even where its fields would fit. `Session` alone is a session without payload and data.
///
/// The payload is in hand; the data is in the database, and each method says what it costs.
//
// The bounds stand on the type, so that a mistaken `Session<…>` is explained where it is written and not where it is used.
#[must_use = "outside a request its tokens must be handed to the client: see `tokens`"]
pub struct Session<P: AccessTokenPayload = NoPayload, D: SessionData = NoData> {
    sessions: Sessions,
    held: Held,
    /// Where the token does not keep it, and after it was changed.
    payload: Option<Arc<P>>,
    /// Boxed, since mostly there are none.
    tokens: Option<Box<SessionTokens>>,
    /// How its tokens travel; nothing where the caller brings them to the client.
    transport: Option<Transport>,
    /// The data as last read, which spares the next update a read.
    seen: OnceLock<Arc<LastSeen>>,
    data: PhantomData<fn() -> D>,
}

/// Who holds what the access token says.
pub(super) enum Held {
    /// The request that the sessions are bound to, which brought it.
    Presented,
    /// The session, of a token that was verified outside a request: others may hold it too.
    Known(Arc<KnownToken>),
    /// The session, of a token that was minted.
    Own(Box<AccessClaims>),
}

/// Data as it was read, and at which revision.
#[derive(Clone)]
pub(super) struct Seen {
    pub(super) document: Document,
    pub(super) revision: i64,
}

/// The data as last read or written, which edits share with their session.
#[derive(Default)]
pub(super) struct LastSeen(Mutex<Option<Seen>>);

impl LastSeen {
    fn get(&self) -> Option<Seen> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn set(&self, seen: Option<Seen>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = seen;
    }
}

impl<P: AccessTokenPayload, D: SessionData> Session<P, D> {
    /// With the payload, where no token keeps it as this type.
    pub(super) fn new(sessions: Sessions, held: Held, payload: Option<Arc<P>>, transport: Option<Transport>) -> Self {
        Self { sessions, held, payload, tokens: None, transport, seen: OnceLock::new(), data: PhantomData }
    }

    pub(super) fn with_tokens(self, tokens: SessionTokens) -> Self {
        Self { tokens: Some(Box::new(tokens)), ..self }
    }

    /// The session's constant name.
    pub fn handle(&self) -> &SessionHandle {
        &self.claims().handle
    }

    /// Who is signed in.
    pub fn user_id(&self) -> &UserId {
        &self.claims().user_id
    }

    /// The tenant that the session belongs to.
    pub fn tenant(&self) -> &TenantId {
        &self.claims().tenant
    }

    /// The access token's payload: what it said when it was minted. Cost: nothing.
    pub fn payload(&self) -> &P {
        let of_token = || self.token().and_then(KnownToken::payload);
        self.payload
            .as_deref()
            .or_else(of_token)
            .expect("a token whose payload was decoded keeps it, or its session does")
    }

    /// When the access token was issued, a whole second.
    pub fn issued_at(&self) -> Timestamp {
        self.claims().issued_at
    }

    /// When the access token expires, a whole second.
    pub fn expires_at(&self) -> Timestamp {
        self.claims().expires_at
    }

    /// When the user last proved who they are.
    pub fn authenticated_at(&self) -> Timestamp {
        self.claims().authenticated_at
    }

    /// The refresh generation that the access token goes with.
    pub fn generation(&self) -> Generation {
        self.claims().generation
    }

    /// Whether its user has not said who they are: [`Sessions::create_anonymous_session`].
    pub fn is_anonymous(&self) -> bool {
        self.claims().anonymous
    }

    /// Who acts as the user, where somebody does: [`impersonate`](Self::impersonate).
    pub fn actor(&self) -> Option<&UserId> {
        self.claims().actor.as_ref()
    }

    /// The tokens that were issued to this session since it came into hand. Within a request they are attached to the
    /// response already; elsewhere it is the caller who brings them to the client.
    pub const fn tokens(&self) -> Option<&SessionTokens> {
        match &self.tokens {
            Some(tokens) => Some(tokens),
            None => None,
        }
    }

    /// The same session; what is revoked with it from here on says why.
    ///
    /// ```
    /// use session_runtime::{RevocationReason, Session, SessionError};
    ///
    /// async fn password_changed(session: Session, reason: RevocationReason) -> Result<(), SessionError> {
    ///     session.because(reason).revoke_others().await.map(drop)
    /// }
    /// ```
    pub fn because(self, reason: RevocationReason) -> Self {
        Self { sessions: self.sessions.because(reason), ..self }
    }

    /// Demands that the payload satisfies a guard. Cost: nothing.
    ///
    /// # Errors
    ///
    /// Every claim that failed, collected; in a handler this answers 403.
    pub fn require(&self, guard: &impl Guard<P>) -> Result<(), SessionError> {
        guard.check(&self.subject()).map_err(|failures| Cause::Claims(failures).into())
    }

    pub(super) fn subject(&self) -> Subject<'_, P> {
        let subject = Subject::new(self.payload(), self.sessions.core.now().as_millis())
            .authenticated_at(self.claims().authenticated_at.as_millis());
        let subject = if self.is_anonymous() { subject.anonymous() } else { subject };
        match self.actor() {
            Some(actor) => subject.acted_for_by(actor.as_str()),
            None => subject,
        }
    }

    /// Asks the database whether the session is still there. Cost: one read by primary key, which leaves the data where they are.
    ///
    /// # Errors
    ///
    /// When the session is over; its tokens are then cleared in the response. When the database cannot be read; they are
    /// then left alone.
    pub async fn check_database(&self) -> Result<SessionInformation, SessionError> {
        Ok(SessionInformation::new(self.row().await?))
    }

    /// The session as it is stored. Where it is gone, the response clears the tokens.
    pub(super) async fn stored(&self) -> Result<StoredSession, SessionError> {
        let stored = self.sessions.live(self.claims().handle).await?.ok_or_else(|| self.over())?;
        self.see(Some(Seen { document: stored.data.clone(), revision: stored.data_revision }));
        Ok(stored)
    }

    /// As [`stored`](Self::stored), without the data.
    pub(super) async fn row(&self) -> Result<SessionRow, SessionError> {
        self.sessions.live_row(self.claims().handle).await?.ok_or_else(|| self.over())
    }

    pub(super) fn over(&self) -> SessionError {
        self.sessions.clear(Some(self.claims().handle), Clearing::Both);
        self.sessions.core.over(self.tenant(), self.claims().handle).into()
    }

    pub(super) fn sessions(&self) -> &Sessions {
        &self.sessions
    }

    pub(super) const fn transport(&self) -> Option<Transport> {
        self.transport
    }

    pub(super) fn claims(&self) -> &AccessClaims {
        match &self.held {
            Held::Own(claims) => claims,
            _ => &self.token().expect("a request keeps the token that it has verified").claims,
        }
    }

    /// The verified token that says what this session is, if it is not one that was minted.
    fn token(&self) -> Option<&KnownToken> {
        match &self.held {
            Held::Presented => Some(&self.sessions.exchange()?.accepted()?.token),
            Held::Known(token) => Some(token),
            Held::Own(_) => None,
        }
    }

    pub(super) fn seen(&self) -> Option<Seen> {
        self.seen.get()?.get()
    }

    pub(super) fn see(&self, seen: Option<Seen>) {
        self.last_seen().set(seen);
    }

    pub(super) fn last_seen(&self) -> &Arc<LastSeen> {
        self.seen.get_or_init(Arc::default)
    }

    /// Takes a payload that was just written, with the claims and tokens that carry it.
    pub(super) fn renew(&mut self, payload: P, claims: AccessClaims, tokens: Option<SessionTokens>) {
        self.payload = Some(Arc::new(payload));
        self.held = Held::Own(Box::new(claims));
        self.tokens = match (tokens, self.tokens.take()) {
            (Some(tokens), Some(earlier)) => Some(Box::new(tokens.completed_by(*earlier))),
            (tokens, earlier) => tokens.map(Box::new).or(earlier),
        };
    }
}

impl<P: AccessTokenPayload, D: SessionData> fmt::Debug for Session<P, D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("handle", &self.claims().handle)
            .field("user_id", &self.claims().user_id)
            .field("tenant", &self.claims().tenant)
            .finish_non_exhaustive()
    }
}
