//! Refusals as responses. Every status code of the library is decided in this file, and no body carries a cause, except why a session
//! was revoked: the front end has something to say then.

use std::error::Error;
use std::sync::Arc;

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderValue, StatusCode};
use serde_json::{Value, json};

use super::layer::Handlers;
use crate::config::Policy;
use crate::error::{SessionError, SessionErrorKind};

/// The refusal that a response was made of, for the layer, which knows the policy.
#[derive(Clone)]
struct Refused(Arc<SessionError>);

/// The statuses that the front-end package knows (the reference, §2.3), and those for what it does not. The first two are the
/// policy's to say.
fn status_of(kind: SessionErrorKind, session_expired: StatusCode, invalid_claim: StatusCode) -> StatusCode {
    match kind {
        SessionErrorKind::Unauthorised | SessionErrorKind::TryRefreshToken | SessionErrorKind::TokenTheft => {
            session_expired
        }
        SessionErrorKind::InvalidClaims => invalid_claim,
        SessionErrorKind::InvalidInput => StatusCode::BAD_REQUEST,
        SessionErrorKind::NotFound => StatusCode::NOT_FOUND,
        SessionErrorKind::Conflict | SessionErrorKind::TooManySessions | SessionErrorKind::Unreadable => {
            StatusCode::CONFLICT
        }
        SessionErrorKind::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        SessionErrorKind::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

fn usual_status(kind: SessionErrorKind) -> StatusCode {
    status_of(kind, StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN)
}

fn status_by(policy: &Policy, kind: SessionErrorKind) -> StatusCode {
    let status = |code| StatusCode::from_u16(code).unwrap_or(usual_status(kind));
    status_of(kind, status(policy.session_expired_status), status(policy.invalid_claim_status))
}

/// Gives a refusal the policy's status, unless a handler gave it another, and then to the application, which may answer in its
/// own words. Other responses stay as they are.
pub(super) fn settle(mut response: Response, policy: &Policy, handlers: &Handlers) -> Response {
    let Some(Refused(refusal)) = response.extensions_mut().remove::<Refused>() else { return response };
    if response.status() == usual_status(refusal.kind()) {
        *response.status_mut() = status_by(policy, refusal.kind());
    }
    handlers.answer(&refusal, response)
}

fn body_of(error: &SessionError) -> Value {
    let kind = error.kind();
    let mut body = json!({ "message": kind.to_string() });
    let Some(fields) = body.as_object_mut() else { return body };
    if kind == SessionErrorKind::InvalidClaims {
        let failures = serde_json::to_value(error.claim_failures()).unwrap_or_default();
        fields.insert("claimValidationErrors".into(), failures);
    }
    if let Some(reason) = error.revocation_reason() {
        fields.insert("reason".into(), reason.as_str().into());
    }
    body
}

impl IntoResponse for SessionError {
    fn into_response(self) -> Response {
        let (status, body) = (usual_status(self.kind()), body_of(&self));
        if status.is_server_error() {
            tracing::error!(error = &self as &dyn Error, "session operation failed");
        } else {
            tracing::debug!(error = &self as &dyn Error, "session operation refused");
        }
        let mut response = (status, Body::from(body.to_string())).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if status == StatusCode::UNAUTHORIZED {
            // RFC 9110 §15.5.2 wants one; no browser asks its user for a bearer token.
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Some(wait) = self.retry_after() {
            headers.insert(RETRY_AFTER, HeaderValue::from(wait.as_secs()));
        }
        response.extensions_mut().insert(Refused(Arc::new(self)));
        response
    }
}
