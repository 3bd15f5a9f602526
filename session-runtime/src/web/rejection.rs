//! Refusals as responses. Every status code of the library is decided in this file, and no body carries a cause.

use std::error::Error;

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderValue, StatusCode};
use serde_json::{Value, json};

use crate::error::{Cause, SessionError, SessionErrorKind};
use crate::payload::PayloadError;

/// The statuses and bodies that the front-end package knows (the reference, §2.3), and those for what it does not.
fn answer(error: &SessionError) -> (StatusCode, Value) {
    let kind = error.kind();
    let status = match kind {
        SessionErrorKind::Unauthorised | SessionErrorKind::TryRefreshToken | SessionErrorKind::TokenTheft => {
            StatusCode::UNAUTHORIZED
        }
        SessionErrorKind::InvalidClaims => StatusCode::FORBIDDEN,
        SessionErrorKind::InvalidInput => StatusCode::BAD_REQUEST,
        SessionErrorKind::Conflict => StatusCode::CONFLICT,
        SessionErrorKind::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        SessionErrorKind::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    };
    let mut body = json!({ "message": kind.to_string() });
    if let (SessionErrorKind::InvalidClaims, Some(body)) = (kind, body.as_object_mut()) {
        body.insert("claimValidationErrors".into(), failures(error));
    }
    (status, body)
}

fn failures(error: &SessionError) -> Value {
    match error.cause() {
        Cause::Claims(failures) => serde_json::to_value(failures).unwrap_or_default(),
        // A token of another payload kind is, to the front end, a claim that has the wrong value.
        Cause::Unreadable(PayloadError::WrongKind { expected, found }) => {
            let reason = json!({ "message": "wrong value", "expectedValue": expected, "actualValue": found });
            json!([{ "id": "_k", "reason": reason }])
        }
        _ => json!([]),
    }
}

impl IntoResponse for SessionError {
    fn into_response(self) -> Response {
        let (status, body) = answer(&self);
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
        response
    }
}
