use session_runtime::{AccessTokenPayload, SessionData};

#[derive(AccessTokenPayload, SessionData)]
struct Checkout {
    #[session(token)]
    #[session_data(merge = max)]
    step: u8,
    #[session_data(merge = append)]
    items: Vec<u32>,
}

fn main() {}
