//! Payload and data, each where the other belongs.

use serde::{Deserialize, Serialize};
use session_runtime::{AccessTokenPayload, Session, SessionData};

#[derive(Serialize, Deserialize, AccessTokenPayload)]
struct Shopper {
    admin: bool,
}

#[derive(Default, Serialize, Deserialize, SessionData)]
struct Cart {
    items: Vec<String>,
}

async fn me(session: Session<Cart, Shopper>) -> String {
    session.user_id().to_string()
}

fn main() {
    let _: axum::Router = axum::Router::new().route("/me", axum::routing::get(me));
}
