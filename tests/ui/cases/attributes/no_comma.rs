use serde::{Deserialize, Serialize};
use session_runtime::AccessTokenPayload;

#[derive(Serialize, Deserialize, AccessTokenPayload)]
#[access_token(header_only max_bytes = 3)]
struct Shopper {}

fn main() {}
