//! What staff may do: see who is in the shop, and show somebody the door.

use axum::extract::Path;
use axum::routing::{delete, get};
use axum::{Json, Router};
use serde_json::{Value, json};
use session_runtime::{SessionHandle, Sessions};

use crate::refusal::Refusal;
use crate::routes::{Reply, describe};
use crate::session::{Role, Session, Visitor};
use crate::shop::PEOPLE;

pub(crate) fn router() -> Router {
    Router::new()
        .route("/api/staff/visitors", get(visitors))
        .route("/api/staff/visitors/{handle}", delete(show_the_door))
}

async fn visitors(sessions: Sessions, session: Session) -> Reply {
    session.require(&Visitor::ROLE.is(Role::Staff))?;
    let mut visitors: Vec<Value> = Vec::new();
    for person in &PEOPLE {
        let found = sessions.list_sessions(person.id).await?;
        for found in &found {
            visitors.push(describe(&sessions, found, &session).await?);
        }
    }
    Ok(Json(json!({ "visitors": visitors })))
}

async fn show_the_door(sessions: Sessions, session: Session, Path(handle): Path<String>) -> Reply {
    session.require(&Visitor::ROLE.is(Role::Staff))?;
    let handle: SessionHandle = handle.parse().map_err(|_| Refusal::Unknown("visitor"))?;
    sessions.revoke_session(&handle).await?;
    Ok(Json(json!({ "ended": 1 })))
}
