use serde::{Deserialize, Serialize};
use session_runtime::{AccessTokenPayload, ClaimValue, Secret};

#[derive(Serialize, Deserialize)]
struct Vault {
    #[serde(rename = "v")]
    inner: Secret<String>,
}

#[derive(Serialize, Deserialize, ClaimValue)]
struct Wallet {
    vault: Vault,
}

#[derive(Serialize, Deserialize, ClaimValue)]
enum Account {
    Shopper { wallet: Wallet },
}

#[derive(Serialize, Deserialize, AccessTokenPayload)]
struct Payload {
    accounts: [Account; 2],
}

fn main() {}
