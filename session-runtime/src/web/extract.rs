//! The extractors: `Sessions`, `Session<P, D>` and `MaybeSession<P, D>`.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use http::request::Parts;

use super::guard::DefaultGuard;
use super::{address, transport};
use crate::error::{Cause, SessionError};
use crate::payload::{AccessTokenPayload, NoData, NoPayload, SessionData};
use crate::sessions::{Exchange, Session, Sessions, verify_presented};

impl<S: Sync> FromRequestParts<S> for Sessions {
    type Rejection = SessionError;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, SessionError> {
        let exchange = exchange(parts)?;
        let policy = exchange.sessions().policy();
        // Whoever refreshes a session comes by here; who takes a session only does not pay for it.
        exchange.present(|| transport::read_with_proof(parts, policy));
        exchange.come_from(|| address::device(parts, policy));
        Ok(exchange.sessions().bound_to(Arc::clone(exchange)))
    }
}

/// The sessions bound to this request, whose access token is good as far as memory tells.
pub(super) fn verified(parts: &Parts) -> Result<Sessions, SessionError> {
    let exchange = exchange(parts)?;
    let sessions = exchange.sessions();
    verify_presented(exchange, || transport::read(parts, sessions.policy()))?;
    Ok(sessions.bound_to(Arc::clone(exchange)))
}

fn exchange(parts: &Parts) -> Result<&Arc<Exchange>, SessionError> {
    parts.extensions.get().ok_or_else(|| Cause::Unbound.into())
}

impl<S: Sync, P: AccessTokenPayload, D: SessionData> FromRequestParts<S> for Session<P, D> {
    type Rejection = SessionError;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, SessionError> {
        let sessions = verified(parts)?;
        if sessions.must_confirm() {
            // It is rare, and as large as all that asks the database: boxed, it does not make each request's future as large.
            Box::pin(sessions.confirm_request()).await?;
        }
        let session = sessions.verify_request()?;
        if let Some(guard) = parts.extensions.get::<DefaultGuard<P>>() {
            guard.check(&session)?;
        }
        Ok(session)
    }
}

/// The session of a request that may have none: `None` where it brought no token of ours.
///
/// A token that has expired, or was tampered with, is still refused, so that the client refreshes: a signed-in user is never taken
/// for a stranger because an hour is over.
#[derive(Debug)]
#[allow(clippy::exhaustive_structs, reason = "made to be taken apart")]
pub struct MaybeSession<P: AccessTokenPayload = NoPayload, D: SessionData = NoData>(pub Option<Session<P, D>>);

impl<S: Sync, P: AccessTokenPayload, D: SessionData> FromRequestParts<S> for MaybeSession<P, D> {
    type Rejection = SessionError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, SessionError> {
        match Session::from_request_parts(parts, state).await {
            Ok(session) => Ok(Self(Some(session))),
            Err(error) if matches!(error.cause(), Cause::NoSession) => Ok(Self(None)),
            Err(error) => Err(error),
        }
    }
}
