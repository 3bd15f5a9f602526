use serde::{Deserialize, Serialize};
use session_runtime::{AccessTokenPayload, SessionData};

fn issue<P: AccessTokenPayload>(_: P) {}

#[derive(Default, Serialize, Deserialize, SessionData)]
struct Cart {}

fn main() {
    issue(Cart {});
}
