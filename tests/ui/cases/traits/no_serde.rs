use session_runtime::AccessTokenPayload;

#[derive(AccessTokenPayload)]
struct Shopper {
    level: u8,
}

fn main() {}
