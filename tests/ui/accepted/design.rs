use serde::{Deserialize, Serialize};
use session_runtime::{AccessTokenPayload, Claim, ClaimValue, Secret, SessionData};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ClaimValue)]
enum Role {
    Customer,
    Admin,
}

#[derive(Clone, Debug, Serialize, Deserialize, AccessTokenPayload)]
#[access_token(kind = "shopper", max_bytes = 1024)]
struct Shopper {
    role: Role,
    #[claim(max_len = 64)]
    display_name: String,
    email_verified: Claim<bool>,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Item {
    id: u64,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize, SessionData)]
struct Cart {
    items: Vec<Item>,
    payment_token: Option<Secret<String>>,
}

#[test]
fn accepted() {
    assert_eq!((Shopper::KIND, Cart::KIND), ("shopper", "cart"));
    assert_eq!(Shopper::DISPLAY_NAME.name(), "display_name");
    assert!(Shopper::MAX_ENCODED_LEN < Some(200));
    assert_eq!([Role::Customer, Role::Admin].len(), 2);
}
