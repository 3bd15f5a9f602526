use serde::{Deserialize, Serialize};
use session_runtime::{AccessTokenPayload, Claim, ClaimValue};

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

#[derive(PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ClaimValue)]
enum Role {
    Customer,
}

#[derive(Serialize, Deserialize, AccessTokenPayload)]
#[access_token(header_only)]
struct All {
    numbers: (u8, u16, u32, i8, i16, i32),
    floats: [f64; 3],
    texts: (char, String, Box<str>, std::borrow::Cow<'static, str>),
    options: Option<Option<bool>>,
    lists: (Vec<u8>, std::collections::VecDeque<u8>, BTreeSet<Role>, HashSet<Role>),
    maps: (BTreeMap<String, u8>, HashMap<Role, Vec<bool>>),
    boxed: Box<u8>,
    unit: (),
    address: std::net::IpAddr,
    non_zero: std::num::NonZeroU8,
    wide: payload::AsText<u128>,
    claims: Option<Claim<Vec<Role>>>,
}

use session_runtime::payload;

#[test]
fn accepted() {
    assert_eq!(All::MAX_ENCODED_LEN, None);
    let _ = Role::Customer;
}
