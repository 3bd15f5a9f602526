//! A session that is created with data where its payload belongs.

use serde::{Deserialize, Serialize};
use session_runtime::{SessionData, SessionError, Sessions};

#[derive(Default, Serialize, Deserialize, SessionData)]
struct Cart {
    items: Vec<String>,
}

async fn login(sessions: Sessions) -> Result<(), SessionError> {
    sessions.create_new_session("ada", Cart::default(), Cart::default()).await.map(drop)
}

fn main() {
    let _ = login;
}
