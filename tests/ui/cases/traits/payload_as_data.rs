use serde::{Deserialize, Serialize};
use session_runtime::{AccessTokenPayload, SessionData};

fn store<D: SessionData>(_: D) {}

#[derive(Serialize, Deserialize, AccessTokenPayload)]
struct Shopper {}

fn main() {
    store(Shopper {});
}
