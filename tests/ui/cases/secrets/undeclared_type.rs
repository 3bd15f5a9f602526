use serde::{Deserialize, Serialize};
use session_runtime::AccessTokenPayload;

#[derive(Serialize, Deserialize)]
enum Role {
    Customer,
}

#[derive(Serialize, Deserialize, AccessTokenPayload)]
struct Shopper {
    role: Role,
}

fn main() {}
