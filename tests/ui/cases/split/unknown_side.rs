use session_runtime::{AccessTokenPayload, SessionData};

#[derive(AccessTokenPayload, SessionData)]
struct Checkout {
    #[session(tokn)]
    step: u8,
    items: Vec<u8>,
}

fn main() {}
