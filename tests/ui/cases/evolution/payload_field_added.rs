use serde::{Deserialize, Serialize};
use session_runtime::AccessTokenPayload;

#[derive(Serialize, Deserialize, AccessTokenPayload)]
#[access_token(kind = "shopper")]
struct ShopperV1 {
    level: u8,
}

#[derive(Serialize, Deserialize, AccessTokenPayload)]
#[access_token(version = 2, compatible_with = ShopperV1)]
struct Shopper {
    level: u8,
    rank: u8,
}

fn main() {}
