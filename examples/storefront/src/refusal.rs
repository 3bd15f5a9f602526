//! What a handler may refuse, in JSON.

use axum::Json;
use axum::extract::FromRequest;
use axum::extract::rejection::JsonRejection;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;
use session_runtime::SessionError;

pub(crate) enum Refusal {
    Session(SessionError),
    Body(JsonRejection),
    Unknown(&'static str),
    WrongPin,
}

/// A JSON body, refused in JSON.
#[derive(FromRequest)]
#[from_request(via(Json), rejection(Refusal))]
pub(crate) struct Body<T>(pub(crate) T);

impl From<SessionError> for Refusal {
    fn from(error: SessionError) -> Self {
        Self::Session(error)
    }
}

impl From<JsonRejection> for Refusal {
    fn from(rejection: JsonRejection) -> Self {
        Self::Body(rejection)
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let (status, message) = match self {
            Self::Session(error) => return error.into_response(),
            Self::Body(rejection) => (rejection.status(), rejection.body_text()),
            Self::Unknown(what) => (StatusCode::NOT_FOUND, format!("there is no such {what}")),
            Self::WrongPin => (StatusCode::UNPROCESSABLE_ENTITY, "that is not the PIN".to_owned()),
        };
        (status, Json(json!({ "message": message }))).into_response()
    }
}
