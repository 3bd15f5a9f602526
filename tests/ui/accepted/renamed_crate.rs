mod own {
    pub use ::session_runtime as sessions;
}

mod inside {
    use serde::{Deserialize, Serialize};

    use crate::renamed_crate::own::sessions;

    #[derive(Serialize, Deserialize, sessions::ClaimValue)]
    #[claim(crate = crate::renamed_crate::own::sessions)]
    pub enum Role {
        Customer,
    }

    #[derive(Serialize, Deserialize, sessions::AccessTokenPayload)]
    #[access_token(crate = sessions)]
    pub struct Shopper {
        role: Role,
    }

    #[derive(Default, Serialize, Deserialize, sessions::SessionData)]
    #[session_data(crate = crate::renamed_crate::own::sessions)]
    pub struct Cart {}
}

#[test]
fn accepted() {
    use own::sessions::{AccessTokenPayload, SessionData};
    assert_eq!((inside::Shopper::KIND, inside::Cart::KIND), ("shopper", "cart"));
    let _ = inside::Role::Customer;
}
