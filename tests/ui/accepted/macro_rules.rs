use serde::{Deserialize, Serialize};
use session_runtime::AccessTokenPayload;

macro_rules! payload {
    ($name:ident { $($field:ident: $ty:ty = $max:expr),* }) => {
        #[derive(Serialize, Deserialize, AccessTokenPayload)]
        struct $name {
            $(#[claim(max_len = 8)] $field: $ty),*
        }

        $(const _: usize = $max;)*
    };
}

payload!(Shopper { name: String = 8, nick: Option<String> = 8 });

#[test]
fn accepted() {
    assert_eq!(Shopper::NICK.name(), "nick");
}
