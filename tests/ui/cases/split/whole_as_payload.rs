use session_runtime::{AccessTokenPayload, SessionData};

fn issue<P: AccessTokenPayload>(_: P) {}

#[derive(AccessTokenPayload, SessionData)]
struct Checkout {
    #[session(token)]
    step: u8,
    items: Vec<u8>,
}

fn main() {
    issue(Checkout { step: 1, items: Vec::new() });
}
