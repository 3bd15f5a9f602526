use std::collections::{BTreeMap, HashSet, VecDeque};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use session_runtime::payload::{Counter, DataHalf};
use session_runtime::{AccessTokenPayload, SessionData};

#[derive(Default, Serialize, Deserialize, SessionData)]
#[serde(default, rename_all = "camelCase")]
struct Visit<T: Ord + Clone> {
    #[session_data(merge = max)]
    last_page: T,
    #[session_data(merge = min)]
    first_seen: Option<u64>,
    #[session_data(merge = add)]
    r#type: i8,
    #[session_data(merge = add)]
    spent: Duration,
    #[session_data(merge = add)]
    money: Cents,
    #[session_data(merge = append)]
    trail: Vec<String>,
    #[session_data(merge = append)]
    latest: VecDeque<u8>,
    #[session_data(merge = append)]
    log: String,
    #[session_data(merge = union)]
    tags: HashSet<String>,
    #[session_data(merge = union)]
    basket: BTreeMap<u32, f64>,
    #[session_data(merge = last)]
    #[serde(with = "as_text")]
    theme: Opaque,
    #[serde(flatten)]
    more: More,
    #[serde(skip)]
    cache: u8,
}

#[derive(Default, Serialize, Deserialize)]
struct More {
    note: String,
}

#[derive(Clone, Default, Serialize, Deserialize)]
struct Cents(i64);

impl Counter for Cents {
    fn add(base: &Self, mine: &Self, theirs: &Self) -> Option<Self> {
        i64::add(&base.0, &mine.0, &theirs.0).map(Self)
    }
}

/// It has no traits at all but the one for new sessions.
#[derive(Default)]
struct Opaque;

mod as_text {
    use serde::{Deserialize, Deserializer, Serializer};

    pub fn serialize<S: Serializer>(_: &super::Opaque, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str("opaque")
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<super::Opaque, D::Error> {
        String::deserialize(deserializer).map(|_| super::Opaque)
    }
}

#[derive(AccessTokenPayload, SessionData)]
struct Checkout {
    #[session(token)]
    step: u8,
    #[session(data)]
    #[session_data(merge = append)]
    items: Vec<u32>,
    note: String,
}

#[test]
fn accepted() {
    let names: Vec<String> = Visit::<u32>::FIELDS.iter().map(|field| format!("{field:?}")).collect();
    assert_eq!(names.len(), 12, "{names:?}");
    assert!(names[0].contains("lastPage"));
    assert_eq!(<<Checkout as DataHalf>::Data as SessionData>::FIELDS.len(), 2);
}
