//! Changing what a session holds: compare-and-set on a revision, so that no concurrent write is lost, and UPDATE-only, so that no
//! write in flight brings a revoked session back.

use super::Sessions;
use super::create::payload_document;
use super::event::SessionEventKind;
use super::session::{Seen, Session};
use crate::backoff::back_off;
use crate::claims::Guard;
use crate::error::{Cause, SessionError};
use crate::id::SessionHandle;
use crate::payload::{self, AccessTokenPayload, PayloadError, SessionData, Unreadable};
use crate::store::{Document, Expect, SessionRow, Swap};

/// How often a write that lost its race is tried again on what the winner wrote, with growing random waits: some seconds in all.
pub(super) const ATTEMPTS: usize = 32;

impl<P: AccessTokenPayload, D: SessionData> Session<P, D> {
    /// The session data. Cost: one read by primary key, each time.
    ///
    /// # Errors
    ///
    /// When the session is over, the data cannot be read as a `D`, or the database cannot be read.
    pub async fn data(&self) -> Result<D, SessionError> {
        read_data(self.sessions(), *self.handle(), &self.stored().await?.data)
    }

    /// Changes the session data. `change` is given what is stored, and is called again on what another wrote if that was
    /// faster: concurrent changes all take effect. Answers what is stored now. Cost: one statement where this session has
    /// read its data before, else one read more; and two for every race that was lost.
    ///
    /// # Errors
    ///
    /// When the session is over (it stays so), the data cannot be read or written, or others were faster each of 32 times.
    pub async fn update_data(&self, change: impl Fn(&mut D)) -> Result<D, SessionError> {
        for attempt in 0..ATTEMPTS {
            let seen = match self.seen() {
                Some(seen) => seen,
                None => {
                    let stored = self.stored().await?;
                    Seen { document: stored.data, revision: stored.data_revision }
                }
            };
            let mut data = read_data(self.sessions(), *self.handle(), &seen.document)?;
            change(&mut data);
            let core = &self.sessions().core;
            let document = core.data_document(&data)?;
            let expected = Expect::Revision(seen.revision);
            let written = core.store.update_data(*self.handle(), expected, document.clone(), core.now()).await?;
            self.see((written == Swap::Done).then(|| Seen { document, revision: seen.revision + 1 }));
            if written == Swap::Done {
                return Ok(data);
            }
            back_off(attempt).await;
        }
        Err(Cause::Conflict { attempts: ATTEMPTS }.into())
    }

    /// Replaces the session data, whatever is stored: the last writer wins. Cost: one statement.
    ///
    /// # Errors
    ///
    /// When the session is over, or the data cannot be written.
    pub async fn replace_data(&self, data: &D) -> Result<(), SessionError> {
        self.see(None);
        let core = &self.sessions().core;
        let document = core.data_document(data)?;
        match core.store.update_data(*self.handle(), Expect::Anything, document, core.now()).await? {
            Swap::Done => Ok(()),
            Swap::Lost => Err(self.over()),
        }
    }

    /// Changes the payload, in the database and in this session's access token: a new one with the same expiry goes out with
    /// this response, or is left in [`tokens`](Self::tokens). `change` is given what is stored, not what the
    /// presented token says, and is called again if another was faster. The session's earlier access tokens are of no use any more: this
    /// node answers them with "try refresh token" at once, every other as soon as it hears of it, as of a revocation. Cost: one read, and
    /// one transaction of two statements.
    ///
    /// # Errors
    ///
    /// When the session is over, the payload cannot be read, is larger than it declares or than a cookie holds, or others
    /// were faster each of 32 times. Nothing is stored then.
    pub async fn update_payload(&mut self, change: impl Fn(&mut P)) -> Result<(), SessionError> {
        for attempt in 0..ATTEMPTS {
            let row = self.row().await?;
            let Some((row, payload)) =
                self.sessions().swap_payload(row, &change, |row| self.check_renewed(row)).await?
            else {
                back_off(attempt).await;
                continue;
            };
            self.sessions().core.emit(&row, SessionEventKind::PayloadUpdated { revision: row.payload_revision });
            self.renew_token(&row, payload);
            return Ok(());
        }
        Err(Cause::Conflict { attempts: ATTEMPTS }.into())
    }

    /// Notes that the user has just proved who they are once more, which [`Recent`](crate::Recent) guards ask for: in the database and
    /// in a new access token, which goes out as with [`update_payload`](Self::update_payload). Cost: one write and one read.
    ///
    /// # Errors
    ///
    /// When the session is over, or the database cannot be written.
    pub async fn reauthenticated(&mut self) -> Result<(), SessionError> {
        let sessions = self.sessions();
        if sessions.core.store.reauthenticate(*self.handle(), sessions.core.now()).await? == Swap::Lost {
            return Err(self.over());
        }
        sessions.core.emit(self.claims(), SessionEventKind::Reauthenticated);
        let row = self.row().await?;
        let payload = self.sessions().stored_payload(&row)?;
        self.renew_token(&row, payload);
        Ok(())
    }

    /// As [`require`](Self::require), after what the guard finds too old has been fetched anew. `fetch` is given the wire names of
    /// those claims, and answers how to write what it found into the payload; that is then stored, and goes out with the
    /// response, also where the guard refuses in the end. Cost: nothing where all is fresh, else as
    /// [`update_payload`](Self::update_payload).
    ///
    /// ```
    /// use std::time::Duration;
    /// use serde::{Deserialize, Serialize};
    /// use session_runtime::{AccessTokenPayload, Claim, NoData, Session, SessionError, Sessions};
    ///
    /// #[derive(Serialize, Deserialize, AccessTokenPayload)]
    /// struct Shopper {
    ///     email_verified: Claim<bool>,
    /// }
    ///
    /// async fn newsletter(sessions: Sessions, mut session: Session<Shopper, NoData>) -> Result<(), SessionError> {
    ///     let verified = Shopper::EMAIL_VERIFIED.is_true().no_older_than(Duration::from_secs(300));
    ///     session
    ///         .require_fresh(&verified, async |_stale| {
    ///             let (value, now) = (true, sessions.now()); // asked of the mail service
    ///             Ok::<_, std::io::Error>(move |shopper: &mut Shopper| {
    ///                 shopper.email_verified = Claim::at(value, now);
    ///             })
    ///         })
    ///         .await
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// Every claim that failed, collected. When `fetch` fails: the session and the payload then stay as they are.
    pub async fn require_fresh<Fetch, Fetched, Apply, Error>(
        &mut self,
        guard: &impl Guard<P>,
        fetch: Fetch,
    ) -> Result<(), SessionError>
    where
        Fetch: FnOnce(Vec<&'static str>) -> Fetched,
        Fetched: Future<Output = Result<Apply, Error>>,
        Apply: Fn(&mut P),
        Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let mut stale = Vec::new();
        guard.stale(&self.subject(), &mut stale);
        if !stale.is_empty() {
            let apply = fetch(stale).await.map_err(|error| Cause::Fetch(error.into()))?;
            self.update_payload(apply).await?;
        }
        self.require(guard)
    }

    /// Refuses a payload whose token would not reach the client, before it is stored.
    fn check_renewed(&self, row: &SessionRow) -> Result<(), SessionError> {
        let Some(transport) = self.transport() else { return Ok(()) };
        self.sessions().core.check_row(row, self.generation(), transport)
    }

    fn renew_token(&mut self, row: &SessionRow, payload: P) {
        let core = &self.sessions().core;
        let now = core.now();
        let mut claims = core.claims_of(row, self.generation(), now);
        claims.expires_at = self.claims().expires_at;
        claims.anti_csrf.clone_from(&self.claims().anti_csrf);
        // A token that has expired meanwhile is not replaced: the client refreshes, and finds what is stored.
        let tokens = (now < claims.expires_at).then(|| core.mint_access(&claims, row.cookie_lifetime));
        if let (Some(tokens), Some(transport)) = (&tokens, self.transport()) {
            self.sessions().attach(claims.handle, tokens, transport, false);
        }
        self.renew(payload, claims, tokens);
    }
}

impl Sessions {
    /// The payload of a row, which may be another's than the request's.
    pub(super) fn stored_payload<P: AccessTokenPayload>(&self, row: &SessionRow) -> Result<P, SessionError> {
        let stored = &row.payload;
        payload::decode_payload(&stored.kind, stored.version, &stored.json)
            .map_err(|error| self.unreadable(row.handle, error, P::UNREADABLE))
    }

    /// One compare-and-set of the payload, which refuses the tokens that were made before; `None` where another was faster.
    pub(super) async fn swap_payload<P: AccessTokenPayload>(
        &self,
        mut row: SessionRow,
        change: &impl Fn(&mut P),
        check: impl Fn(&SessionRow) -> Result<(), SessionError>,
    ) -> Result<Option<(SessionRow, P)>, SessionError> {
        let mut payload = self.stored_payload(&row)?;
        change(&mut payload);
        row.payload = payload_document(&payload)?;
        row.payload_revision += 1;
        check(&row)?;
        let (now, expires_at) = (self.core.now(), self.core.last_token_expires_at());
        let written = self.core.store.update_payload(&row, now, expires_at).await?;
        Ok((written == Swap::Done).then(|| {
            self.core.feed.add_payload(row.handle, row.payload_revision, expires_at);
            (row, payload)
        }))
    }
}

/// Session data as a `D`, or what `D` wants done where it is none.
pub(super) fn read_data<D: SessionData>(
    sessions: &Sessions,
    handle: SessionHandle,
    stored: &Document,
) -> Result<D, SessionError> {
    payload::decode_data(&stored.kind, stored.version, &stored.json).or_else(|error| match D::UNREADABLE {
        // The kind of the data is the program's choice alone: no client can do anything about it.
        _ if matches!(error, PayloadError::WrongKind { .. }) => Err(Cause::Stored(error).into()),
        Unreadable::Reset if error.is_unreadable() => Ok(D::default()),
        outcome => Err(sessions.unreadable(handle, error, outcome)),
    })
}
