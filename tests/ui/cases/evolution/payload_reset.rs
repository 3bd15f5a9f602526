use serde::{Deserialize, Serialize};
use session_runtime::AccessTokenPayload;

#[derive(Serialize, Deserialize, AccessTokenPayload)]
#[access_token(unreadable = reset)]
struct Shopper {}

fn main() {}
