use serde::{Deserialize, Serialize};
use session_runtime::{AccessTokenPayload, Secret};

macro_rules! payload {
    ($name:ident { $($field:ident: $ty:ty),* }) => {
        #[derive(Serialize, Deserialize, AccessTokenPayload)]
        struct $name {
            $($field: $ty),*
        }
    };
}

payload!(Reserved { exp: u8 });
payload!(Undeclared { card: Secret<u8> });
payload!(Wide { id: u64 });

fn main() {}
