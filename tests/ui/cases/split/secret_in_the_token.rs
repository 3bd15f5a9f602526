use session_runtime::{AccessTokenPayload, SessionData, Secret};

#[derive(AccessTokenPayload, SessionData)]
struct Checkout {
    #[session(token)]
    card: Secret<String>,
    items: Vec<u8>,
}

fn main() {}
