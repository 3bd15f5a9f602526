use session_runtime::{AccessTokenPayload, SessionData};

#[derive(AccessTokenPayload, SessionData)]
enum Checkout {
    Open {
        #[session(token)]
        step: u8,
    },
}

fn main() {}
