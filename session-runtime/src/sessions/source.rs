//! Where payloads come from when sessions are refreshed: a hook of the application's own, so that roles change and sessions follow.

use std::collections::HashMap;
use std::error::Error;
use std::fmt;
use std::pin::Pin;

use tokio::time::timeout;

use super::{Core, log};
use crate::config::SourceFailure;
use crate::error::{Cause, SessionError};
use crate::id::{SessionHandle, TenantId, UserId};
use crate::payload::{self, AccessTokenPayload};
use crate::store::{Document, SessionRow};

/// What a payload source is asked: whose session is refreshed, and what its payload has been.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct PayloadRequest<P> {
    /// The session.
    pub handle: SessionHandle,
    /// Its user.
    pub user_id: UserId,
    /// Its tenant.
    pub tenant: TenantId,
    /// The payload as it is stored.
    pub payload: P,
}

/// What a payload source answers.
#[derive(Clone, Debug)]
#[allow(clippy::exhaustive_enums, reason = "there is no fourth way")]
pub enum PayloadVerdict<P> {
    /// The payload stays as it is.
    Keep,
    /// The session goes on with this payload.
    Replace(P),
    /// The user may have no session any more: it is revoked, and the refresh refused.
    EndSession,
}

/// What a source decided about a row: its new payload, if it has one.
pub(super) enum Sourced {
    Unchanged,
    Changed(Document),
    End,
}

/// The sources of an application, one for each kind of payload at most.
#[derive(Default)]
pub(super) struct Sources(HashMap<&'static str, Box<Source>>);

type Source = dyn Fn(&SessionRow) -> Answer + Send + Sync;
type Answer = Pin<Box<dyn Future<Output = Result<Sourced, Cause>> + Send>>;

impl Sources {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn insert<P, S, F, E>(&mut self, source: S)
    where
        P: AccessTokenPayload,
        S: Fn(PayloadRequest<P>) -> F + Send + Sync + 'static,
        F: Future<Output = Result<PayloadVerdict<P>, E>> + Send + 'static,
        E: Into<Box<dyn Error + Send + Sync>>,
    {
        let ask = move |row: &SessionRow| -> Answer {
            let asked = request::<P>(row).map(&source);
            Box::pin(async move {
                match asked?.await.map_err(|error| Cause::Source(error.into()))? {
                    PayloadVerdict::Keep => Ok(Sourced::Unchanged),
                    PayloadVerdict::Replace(payload) => document(&payload).map(Sourced::Changed),
                    PayloadVerdict::EndSession => Ok(Sourced::End),
                }
            })
        };
        self.0.insert(P::KIND, Box::new(ask));
    }
}

impl Core {
    /// What the source says of a session that is about to be rotated. Its failure is what the policy makes of it.
    pub(super) async fn source_payload(&self, row: &SessionRow) -> Result<Sourced, SessionError> {
        let Some(source) = self.sources.0.get(row.payload.kind.as_str()) else { return Ok(Sourced::Unchanged) };
        let answer = timeout(self.policy.payload_source_timeout, source(row)).await;
        match answer.unwrap_or(Err(Cause::SourceTimeout)) {
            Ok(Sourced::Changed(document)) if document.json == row.payload.json => Ok(Sourced::Unchanged),
            Ok(sourced) => Ok(sourced),
            Err(cause) => {
                log::source_failed(row, &cause);
                match self.policy.payload_source_failure {
                    SourceFailure::KeepPayload => Ok(Sourced::Unchanged),
                    SourceFailure::Refuse => Err(cause.into()),
                }
            }
        }
    }
}

fn request<P: AccessTokenPayload>(row: &SessionRow) -> Result<PayloadRequest<P>, Cause> {
    let stored = &row.payload;
    let payload = payload::decode_payload(&stored.kind, stored.version, &stored.json)
        .map_err(|error| Cause::Source(error.into()))?;
    Ok(PayloadRequest { handle: row.handle, user_id: row.user_id.clone(), tenant: row.tenant.clone(), payload })
}

fn document<P: AccessTokenPayload>(payload: &P) -> Result<Document, Cause> {
    let json = payload::encode_payload(payload).map_err(|error| Cause::Source(error.into()))?;
    Ok(Document { json, kind: P::KIND.to_owned(), version: P::VERSION })
}

impl fmt::Debug for Sources {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}
