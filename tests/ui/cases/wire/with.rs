use serde::{Deserialize, Serialize};
use session_runtime::AccessTokenPayload;

#[derive(Serialize, Deserialize, AccessTokenPayload)]
struct Shopper {
    #[serde(with = "hex")]
    id: [u8; 4],
}

mod hex {
    pub fn serialize<S: serde::Serializer>(_: &[u8; 4], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str("00000000")
    }

    pub fn deserialize<'de, D: serde::Deserializer<'de>>(_: D) -> Result<[u8; 4], D::Error> {
        Ok([0; 4])
    }
}

fn main() {}
