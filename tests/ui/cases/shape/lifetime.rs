use session_runtime::AccessTokenPayload;

#[derive(AccessTokenPayload)]
struct Shopper<'a> {
    name: &'a str,
}

fn main() {}
