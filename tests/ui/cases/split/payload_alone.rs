use session_runtime::AccessTokenPayload;

#[derive(AccessTokenPayload)]
struct Checkout {
    #[session(token)]
    step: u8,
    items: Vec<u8>,
}

fn main() {}
