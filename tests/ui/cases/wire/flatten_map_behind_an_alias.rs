use serde::{Deserialize, Serialize};
use session_runtime::AccessTokenPayload;

type More = std::collections::BTreeMap<String, bool>;

#[derive(Serialize, Deserialize, AccessTokenPayload)]
struct Shopper {
    #[serde(flatten)]
    more: More,
}

fn main() {}
