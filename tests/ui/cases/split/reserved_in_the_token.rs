use session_runtime::{AccessTokenPayload, SessionData};

#[derive(AccessTokenPayload, SessionData)]
struct Checkout {
    #[session(token)]
    sub: u8,
    exp: u8,
}

fn main() {}
