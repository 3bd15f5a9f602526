//! A guard about one payload, asked of a session with another.

use serde::{Deserialize, Serialize};
use session_runtime::{AccessTokenPayload, NoData, Session, SessionError};

#[derive(Serialize, Deserialize, AccessTokenPayload)]
struct Shopper {
    gold: bool,
}

#[derive(Serialize, Deserialize, AccessTokenPayload)]
struct Staff {
    gold: bool,
}

fn check(session: &Session<Staff, NoData>) -> Result<(), SessionError> {
    session.require(&Shopper::GOLD.is(true))
}

fn main() {
    let _ = check;
}
