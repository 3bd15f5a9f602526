use session_runtime::AccessTokenPayload;

#[derive(AccessTokenPayload)]
struct Shopper {
    name: &'static str,
    tags: &'static [u8],
}

fn main() {}
