//! A handler that takes a session with a payload that derives nothing.

use session_runtime::{NoData, Session};

struct Shopper {
    admin: bool,
}

async fn me(session: Session<Shopper, NoData>) -> String {
    session.user_id().to_string()
}

fn main() {
    let _: axum::Router = axum::Router::new().route("/me", axum::routing::get(me));
    let _ = Shopper { admin: true }.admin;
}
