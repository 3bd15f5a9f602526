use session_runtime::{AccessTokenPayload, SessionData};

#[derive(AccessTokenPayload, SessionData)]
struct Checkout {
    #[session(token)]
    step: u8,
    #[session_data(merge = add)]
    items: Vec<u32>,
}

fn main() {}
