//! The service: what a session carries, and the routes that use it.

use std::net::IpAddr;

use axum::extract::rejection::JsonRejection;
use axum::extract::{FromRequest, Path};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post};
use axum::{Json, Router};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use session_runtime::{
    AccessTokenPayload, ClaimValue, SessionData, SessionError, SessionHandle, SessionInformation, Sessions,
};

/// What the access token says of a user. The front end can read it; the server reads it without asking the database.
#[derive(Clone, Debug, Serialize, Deserialize, AccessTokenPayload)]
#[access_token(kind = "shopper", max_bytes = 1024)]
struct Shopper {
    role: Role,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ClaimValue)]
#[serde(rename_all = "snake_case")]
enum Role {
    #[default]
    Customer,
    Admin,
}

/// What is kept in the database, under the session's handle.
#[derive(Clone, Debug, Default, Serialize, Deserialize, SessionData)]
struct Cart {
    items: Vec<String>,
}

type Session = session_runtime::Session<Shopper, Cart>;

pub(crate) fn router() -> Router {
    Router::new()
        .route("/login", post(login))
        .route("/me", get(me))
        .route("/role", post(change_role))
        .route("/admin", get(admin))
        .route("/cart", get(cart).post(add_to_cart))
        .route("/sessions", get(sessions_of_user))
        .route("/sessions/{handle}", delete(revoke))
        .route("/sessions/revoke-others", post(revoke_others))
        .route("/logout", post(log_out))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Login {
    user_id: String,
    #[serde(default)]
    role: Role,
}

async fn login(sessions: Sessions, Body(login): Body<Login>) -> Result<Json<Value>, Refusal> {
    // A real service checks a password or a passkey here.
    let payload = Shopper { role: login.role };
    let session = sessions.create_new_session::<Shopper, Cart>(login.user_id, payload, Cart::default()).await?;
    Ok(Json(json!({ "userId": session.user_id(), "sessionHandle": session.handle() })))
}

async fn me(session: Session) -> Json<Value> {
    Json(identity(&session))
}

#[derive(Deserialize)]
struct ChangeRole {
    role: Role,
}

async fn change_role(mut session: Session, Body(change): Body<ChangeRole>) -> Result<Json<Value>, Refusal> {
    session.update_payload(|shopper| shopper.role = change.role).await?;
    Ok(Json(identity(&session)))
}

async fn admin(session: Session) -> Result<Json<Value>, Refusal> {
    session.require(&Shopper::ROLE.is(Role::Admin))?;
    Ok(Json(json!({ "message": "welcome, admin" })))
}

async fn cart(session: Session) -> Result<Json<Cart>, Refusal> {
    Ok(Json(session.data().await?))
}

#[derive(Deserialize)]
struct AddToCart {
    item: String,
}

async fn add_to_cart(session: Session, Body(add): Body<AddToCart>) -> Result<Json<Cart>, Refusal> {
    Ok(Json(session.update_data(|cart| cart.items.push(add.item.clone())).await?))
}

async fn sessions_of_user(sessions: Sessions, session: Session) -> Result<Json<Value>, Refusal> {
    let found = sessions.list_sessions(session.user_id()).await?;
    let listed: Vec<_> = found.iter().map(|found| Listed::new(found, &session)).collect();
    Ok(Json(json!({ "sessions": listed })))
}

async fn revoke(sessions: Sessions, session: Session, Path(handle): Path<String>) -> Result<Json<Value>, Refusal> {
    let handle = handle.parse().map_err(|_| Refusal::NotFound)?;
    // Somebody else's session does not exist for this user.
    let found = sessions.session_information(&handle).await?;
    found.filter(|found| found.user_id() == session.user_id()).ok_or(Refusal::NotFound)?;
    sessions.revoke_session(&handle).await?;
    Ok(Json(json!({ "status": "OK" })))
}

async fn revoke_others(session: Session) -> Result<Json<Value>, Refusal> {
    Ok(Json(json!({ "revoked": session.revoke_others().await? })))
}

async fn log_out(session: Session) -> Result<Json<Value>, Refusal> {
    session.revoke().await?;
    Ok(Json(json!({ "status": "OK" })))
}

fn identity(session: &Session) -> Value {
    json!({ "userId": session.user_id(), "sessionHandle": session.handle(), "role": session.payload().role })
}

/// A session in the list of its user's. What is not known of its device is left out.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Listed<'a> {
    session_handle: &'a SessionHandle,
    created_at: i64,
    last_seen_at: i64,
    expires_at: i64,
    current: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    device: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_agent: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<IpAddr>,
}

impl<'a> Listed<'a> {
    fn new(found: &'a SessionInformation, own: &Session) -> Self {
        Self {
            session_handle: found.handle(),
            created_at: found.created_at().as_millis(),
            last_seen_at: found.last_seen_at().as_millis(),
            expires_at: found.expires_at().as_millis(),
            current: found.is_current(own),
            device: found.device_label(),
            user_agent: found.user_agent(),
            address: found.address(),
        }
    }
}

/// A JSON body, refused in JSON.
#[derive(FromRequest)]
#[from_request(via(Json), rejection(Refusal))]
struct Body<T>(T);

enum Refusal {
    Session(SessionError),
    Body(JsonRejection),
    NotFound,
}

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
            Self::NotFound => (StatusCode::NOT_FOUND, "no such session".to_owned()),
        };
        (status, Json(json!({ "message": message }))).into_response()
    }
}
