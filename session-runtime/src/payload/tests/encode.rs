use std::collections::BTreeMap;

use serde::{Deserialize, Serialize, Serializer};
use session_runtime::{AccessTokenPayload, Claim, ClaimValue, Secret, SessionData};

use crate::payload::{Field, PayloadError, Plain, Schema, encode_data, encode_payload};

#[derive(Serialize, Deserialize, AccessTokenPayload)]
#[access_token(max_bytes = 400)]
#[serde(rename_all = "camelCase")]
struct Shopper {
    #[claim(max_len = 4)]
    display_name: String,
    #[claim(max_len = 5)]
    nick: Option<String>,
    #[claim(max_len = 5)]
    tags: Vec<u8>,
    #[claim(min = -1, max = 9)]
    delta: i64,
    #[claim(max = 9)]
    counts: Claim<u64>,
    profile: Profile,
    contact: Contact,
    #[claim(max_len = 20)]
    notes: BTreeMap<String, String>,
}

#[derive(Serialize, Deserialize, ClaimValue)]
struct Profile {
    #[claim(max_len = 2)]
    country: String,
}

#[derive(Serialize, Deserialize, ClaimValue)]
#[serde(untagged)]
enum Contact {
    Number(u32),
    Text(#[claim(max_len = 3)] String),
}

fn shopper() -> Shopper {
    Shopper {
        display_name: "Anna".into(),
        nick: None,
        tags: vec![1, 2, 3],
        delta: -1,
        counts: Claim::at_millis(9, 0),
        profile: Profile { country: "DE".into() },
        contact: Contact::Number(7),
        notes: BTreeMap::new(),
    }
}

#[track_caller]
fn too_long(shopper: &Shopper, field: &str, len: usize, max_len: usize) {
    let expected = PayloadError::TooLong { field: field.into(), len, max_len };
    assert_eq!(encode_payload(shopper), Err(expected));
}

#[test]
fn values_within_their_limits_become_compact_json() {
    let text = encode_payload(&shopper()).unwrap();
    assert_eq!(
        text,
        r#"{"displayName":"Anna","nick":null,"tags":[1,2,3],"delta":-1,"counts":{"v":9,"t":0},"profile":{"country":"DE"},"contact":7,"notes":{}}"#
    );
}

#[test]
fn max_len_counts_bytes_after_escaping() {
    too_long(&Shopper { display_name: "Annas".into(), ..shopper() }, "displayName", 5, 4);
    too_long(&Shopper { display_name: "\"\"\"".into(), ..shopper() }, "displayName", 6, 4);
    too_long(&Shopper { display_name: "äää".into(), ..shopper() }, "displayName", 6, 4);
    too_long(&Shopper { nick: Some("longer".into()), ..shopper() }, "nick", 6, 5);
    too_long(&Shopper { tags: vec![1, 2, 3, 4], ..shopper() }, "tags", 7, 5);
}

#[test]
fn limits_hold_inside_other_types() {
    too_long(&Shopper { profile: Profile { country: "DEU".into() }, ..shopper() }, "profile.country", 3, 2);
    too_long(&Shopper { contact: Contact::Text("long".into()), ..shopper() }, "contact", 4, 3);
    assert!(encode_payload(&Shopper { contact: Contact::Text("abc".into()), ..shopper() }).is_ok());
}

#[test]
fn numbers_outside_their_range_are_refused() {
    for delta in [-2, 10] {
        let refused = encode_payload(&Shopper { delta, ..shopper() });
        assert_eq!(refused, Err(PayloadError::OutOfRange { field: "delta".into() }));
    }
    let refused = encode_payload(&Shopper { counts: Claim::at_millis(10, 0), ..shopper() });
    assert_eq!(refused, Err(PayloadError::OutOfRange { field: "counts".into() }));
}

/// Says one thing and writes another.
#[derive(Deserialize)]
struct Liar(serde_json::Value);

impl Serialize for Liar {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl ClaimValue for Liar {
    type Form = Plain;
    const SCHEMA: &'static Schema = &Schema::Object {
        name: "Liar",
        fields: &[Field {
            name: "level",
            aliases: &[],
            schema: u8::SCHEMA,
            may_be_absent: false,
            may_be_unwritten: false,
            flatten: false,
        }],
    };
}

impl AccessTokenPayload for Liar {
    const KIND: &'static str = "liar";
}

#[test]
fn what_a_handwritten_serialize_really_writes_is_looked_at() {
    let encode = |json| encode_payload(&Liar(json));
    assert_eq!(encode(serde_json::json!([1])), Err(PayloadError::NotAnObject { kind: "liar" }));
    for name in ["sub", "_g"] {
        let refused = encode(serde_json::json!({ name: 1 }));
        assert_eq!(refused, Err(PayloadError::ReservedName { kind: "liar", name: name.into() }));
    }
    let refused = encode(serde_json::json!({ "level": 123_456 }));
    assert_eq!(refused, Err(PayloadError::TooLarge { kind: "liar", len: 16, limit: 13 }));
    assert!(encode(serde_json::json!({ "level": 255 })).is_ok());
}

#[derive(Default, Serialize, Deserialize, SessionData)]
struct Cart {
    card: Option<Secret<String>>,
}

#[test]
fn secrets_are_written_for_the_store_only() {
    let cart = Cart { card: Some(Secret::new("4242".into())) };
    assert_eq!(encode_data(&cart).unwrap(), r#"{"card":"4242"}"#);
    assert!(serde_json::to_string(&cart).is_err(), "the door closes again behind the store");
}

#[derive(Default, Serialize, Deserialize, SessionData)]
#[serde(transparent)]
struct Bare {
    list: Hidden,
}

/// A list that has declared nothing, so that only its JSON gives it away.
#[derive(Default, Serialize, Deserialize)]
struct Hidden(Vec<u8>);

#[test]
fn data_that_is_no_object_is_refused() {
    assert_eq!(encode_data(&Bare::default()), Err(PayloadError::NotAnObject { kind: "bare" }));
}
