use session_runtime::AccessTokenPayload;

#[derive(AccessTokenPayload)]
union Shopper {
    id: u32,
    bits: f32,
}

fn main() {}
