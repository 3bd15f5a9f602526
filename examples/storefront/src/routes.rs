//! What shoppers do: sign in, fill a cart, pay, and look after their devices.

use std::sync::{Mutex, PoisonError};

use axum::extract::Path;
use axum::http::HeaderMap;
use axum::routing::{delete, get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};
use session_runtime::{CookieLifetime, SessionError, SessionHandle, SessionInformation, Sessions};

use crate::device;
use crate::refusal::{Body, Refusal};
use crate::session::{Session, Visit, Visitor};
use crate::shop::{self, PEOPLE, PRODUCTS};

pub(crate) type Reply = Result<Json<Value>, Refusal>;

/// What everybody's PIN is. A real shop asks for a passkey here.
const PIN: &str = "1234";

pub(crate) fn router() -> Router {
    Router::new()
        .route("/api/shop", get(async || Json(json!({ "people": PEOPLE, "products": PRODUCTS }))))
        .route("/api/sign-in", post(sign_in))
        .route("/api/cart", get(cart))
        .route("/api/cart/{product}", post(add).delete(take_out))
        .route("/api/club", post(join_or_leave_club))
        .route("/api/confirm", post(confirm))
        .route("/api/pay", post(pay))
        .route("/api/devices", get(devices))
        .route("/api/devices/{handle}", delete(sign_device_out))
        .route("/api/devices/end-others", post(sign_others_out))
}

#[derive(Deserialize)]
struct SignIn {
    person: String,
    remember: bool,
}

async fn sign_in(sessions: Sessions, headers: HeaderMap, Body(form): Body<SignIn>) -> Reply {
    let person = shop::person(&form.person).ok_or(Refusal::Unknown("person"))?;
    let lifetime = if form.remember { CookieLifetime::Persistent } else { CookieLifetime::BrowserSession };
    let sessions = sessions.with_cookie_lifetime(lifetime).with_device_label(device::label(&headers));
    let session = sessions.create_new_session(person.id, person.visitor(), Visit::default()).await?;
    Ok(Json(json!({ "handle": session.handle() })))
}

async fn cart(session: Session) -> Reply {
    Ok(Json(json!({ "cart": session.data().await?.cart })))
}

async fn add(session: Session, Path(product): Path<String>) -> Reply {
    shop::product(&product).ok_or(Refusal::Unknown("tea"))?;
    let visit = session.update_data(|visit| visit.add(&product)).await?;
    Ok(Json(json!({ "cart": visit.cart })))
}

async fn take_out(session: Session, Path(product): Path<String>) -> Reply {
    let visit = session.update_data(|visit| visit.take_out(&product)).await?;
    Ok(Json(json!({ "cart": visit.cart })))
}

#[derive(Deserialize)]
struct Club {
    member: bool,
}

async fn join_or_leave_club(mut session: Session, Body(club): Body<Club>) -> Reply {
    session.update_payload(|visitor| visitor.club = club.member).await?;
    Ok(Json(json!({ "club": session.payload().club })))
}

#[derive(Deserialize)]
struct Confirm {
    pin: String,
}

/// The step up: who shows the PIN may pay, once.
async fn confirm(mut session: Session, Body(form): Body<Confirm>) -> Reply {
    if form.pin != PIN {
        return Err(Refusal::WrongPin);
    }
    session.update_payload(|visitor| visitor.confirmed = true).await?;
    Ok(Json(json!({ "confirmed": true })))
}

async fn pay(mut session: Session) -> Reply {
    session.require(&Visitor::CONFIRMED.is(true))?;
    // Taken where it is emptied: what another tab adds meanwhile stays in the cart.
    let bought = Mutex::new(Vec::new());
    let empty = |visit: &mut Visit| {
        *bought.lock().unwrap_or_else(PoisonError::into_inner) = std::mem::take(&mut visit.cart);
    };
    session.update_data(empty).await?;
    let bought = bought.into_inner().unwrap_or_else(PoisonError::into_inner);
    session.update_payload(|visitor| visitor.confirmed = false).await?;
    Ok(Json(json!({ "bought": bought, "cart": [] })))
}

async fn devices(sessions: Sessions, session: Session) -> Reply {
    let found = sessions.list_sessions(session.user_id().clone()).await?;
    let mut devices = Vec::new();
    for found in &found {
        devices.push(describe(&sessions, found, &session).await?);
    }
    Ok(Json(json!({ "devices": devices })))
}

async fn sign_device_out(sessions: Sessions, session: Session, Path(handle): Path<String>) -> Reply {
    let handle: SessionHandle = handle.parse().map_err(|_| Refusal::Unknown("device"))?;
    // Somebody else's session does not exist for this user.
    let found = sessions.session_information(&handle).await?;
    found.filter(|found| found.user_id() == session.user_id()).ok_or(Refusal::Unknown("device"))?;
    sessions.revoke_session(&handle).await?;
    Ok(Json(json!({ "ended": 1 })))
}

async fn sign_others_out(session: Session) -> Reply {
    Ok(Json(json!({ "ended": session.revoke_others().await?.len() })))
}

pub(crate) async fn describe(
    sessions: &Sessions,
    found: &SessionInformation,
    own: &Session,
) -> Result<Value, SessionError> {
    // Lists carry no data; a shopper's devices are few.
    let visit = sessions.data::<Visit>(found.handle()).await?.unwrap_or_default();
    Ok(json!({
        "handle": found.handle(),
        "user": found.user_id(),
        "device": found.device_label(),
        "inCart": visit.cart.iter().map(|line| line.count).sum::<u32>(),
        "createdAt": found.created_at().as_millis(),
        "lastSeenAt": found.last_seen_at().as_millis(),
        "remembered": found.cookie_lifetime() == CookieLifetime::Persistent,
        "own": found.is_current(own),
    }))
}
