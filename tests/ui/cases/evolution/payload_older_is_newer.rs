use serde::{Deserialize, Serialize};
use session_runtime::AccessTokenPayload;

#[derive(Serialize, Deserialize, AccessTokenPayload)]
#[access_token(kind = "shopper", version = 3)]
struct ShopperV3 {}

#[derive(Serialize, Deserialize, AccessTokenPayload)]
#[access_token(version = 2, compatible_with = ShopperV3)]
struct Shopper {}

fn main() {}
