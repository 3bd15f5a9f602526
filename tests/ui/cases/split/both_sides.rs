use session_runtime::{AccessTokenPayload, SessionData};

#[derive(AccessTokenPayload, SessionData)]
struct Checkout {
    #[session(token, data)]
    step: u8,
}

fn main() {}
