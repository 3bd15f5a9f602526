use serde::{Deserialize, Serialize};
use session_runtime::{AccessTokenPayload, ClaimValue, SessionData};

#[test]
fn accepted() {
    #[derive(Serialize, Deserialize, ClaimValue)]
    enum Role {
        Customer,
    }

    #[derive(Serialize, Deserialize, AccessTokenPayload)]
    struct Shopper {
        role: Role,
    }

    #[derive(AccessTokenPayload, SessionData)]
    struct Checkout {
        #[session(token)]
        step: u8,
        items: Vec<u8>,
    }

    use session_runtime::payload::SplitSession;
    let (token, data) = Checkout { step: 1, items: vec![2] }.split();
    assert_eq!((token.step, data.items), (1, vec![2]));
    assert_eq!(Shopper { role: Role::Customer }.role as u8, 0);
}
