//! The compact reader reads what `serde_json` reads, to the same values, and never more.

use std::collections::BTreeMap;
use std::fmt;

use proptest::prelude::*;
use proptest::sample::Index;
use serde::de::{DeserializeOwned, Error, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use session_runtime::{AccessTokenPayload, Claim, ClaimValue, SessionHandle, UserId};

use crate::payload::compact::{self, in_order};
use crate::payload::{Field, Members, Schema};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Usual {
    role: Role,
    roles: Vec<Role>,
    name: String,
    letter: char,
    numbers: (u8, i8, u16, i16, u32, i32, u64, i64),
    ratio: f64,
    flag: bool,
    nothing: (),
    maybe: Option<Box<str>>,
    nested: Option<Nested>,
    listed: [Nested; 2],
    map: BTreeMap<String, u8>,
    claim: Claim<u16>,
    #[serde(rename = "user")]
    user_id: Option<UserId>,
    session: Option<SessionHandle>,
    #[serde(default, skip_serializing_if = "Option::is_none", alias = "former")]
    unwritten: Option<i32>,
    #[serde(skip)]
    skipped: u8,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Nested {
    inner: Newtype,
    shape: Shape,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
struct Newtype(u32);

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Role {
    Customer,
    Staff,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
enum Shape {
    Unit,
    One(u8),
    Two(u8, bool),
    Named { first: u32 },
}

/// What is read by the order of its members.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Ordered {
    role: Role,
    name: String,
    numbers: (u8, i8, u16, i16, u32, i32, u64, i64),
    nested: Option<Nested>,
    listed: [Nested; 2],
    map: BTreeMap<String, u8>,
    flag: bool,
}

impl From<Usual> for Ordered {
    fn from(usual: Usual) -> Self {
        let Usual { role, name, numbers, nested, listed, map, flag, .. } = usual;
        Self { role, name, numbers, nested, listed, map, flag }
    }
}

/// What the reader may leave to `serde_json`, and must not get wrong.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Unusual {
    single: f32,
    wide: (u128, i128),
    any: serde_json::Value,
    tagged: Tagged,
    untagged: Untagged,
    by_number: BTreeMap<u8, bool>,
    #[serde(flatten)]
    flat: Flat,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type")]
enum Tagged {
    Unit,
    Named { first: i32 },
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
enum Untagged {
    Number(i64),
    Ratio(f64),
    Text(String),
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Flat {
    here: i64,
    there: String,
}

const ORDERED: &[Field] =
    &[field("role"), field("name"), field("numbers"), field("nested"), field("listed"), field("map"), field("flag")];

const NESTED: &[Field] = &[field("inner"), field("shape")];

/// What a reader may be told that a type has; of another type's it makes nothing.
const MEMBERS: [&[Field]; 3] = [&[], ORDERED, NESTED];

const fn field(name: &'static str) -> Field {
    Field { name, aliases: &[], schema: &Schema::Bool, may_be_absent: false, may_be_unwritten: false, flatten: false }
}

/// Whatever the compact reader accepts, the plain one accepts, and as the same value.
#[track_caller]
fn agrees<T: DeserializeOwned + Serialize>(text: &str) {
    for members in MEMBERS {
        let Some(value) = compact::read::<T>(text, members) else { continue };
        let plain: T = serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"));
        assert_eq!(serde_json::to_string(&value).unwrap(), serde_json::to_string(&plain).unwrap(), "{text}");
    }
}

/// The members of an object, as they stand behind others in a token, are read as the object is.
#[track_caller]
fn agrees_as_members<T: DeserializeOwned + Serialize>(text: &str) {
    let inner = text.strip_prefix('{').unwrap_or(text);
    let rest = if inner == "}" { inner.to_owned() } else { format!(",{inner}") };
    let Some(members) = Members::new(&rest) else { return };
    // Of what describes itself, `serde_json` must see where the object begins.
    for own in MEMBERS {
        let Some(value) = members.read::<T>(own) else { continue };
        let plain: T = serde_json::from_str(&members.to_object()).unwrap_or_else(|error| panic!("{error}: {text}"));
        assert_eq!(serde_json::to_string(&value).unwrap(), serde_json::to_string(&plain).unwrap(), "{text}");
    }
}

fn role() -> impl Strategy<Value = Role> {
    prop_oneof![Just(Role::Customer), Just(Role::Staff)]
}

fn nested() -> impl Strategy<Value = Nested> {
    let shape = prop_oneof![
        Just(Shape::Unit),
        any::<u8>().prop_map(Shape::One),
        any::<(u8, bool)>().prop_map(|(first, second)| Shape::Two(first, second)),
        any::<u32>().prop_map(|first| Shape::Named { first }),
    ];
    (any::<u32>(), shape).prop_map(|(inner, shape)| Nested { inner: Newtype(inner), shape })
}

/// Mostly without what JSON escapes.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![9 => "[ -!#-\\[\\]-~é€😀]{0,12}", 1 => any::<String>()]
}

prop_compose! {
    fn usual()(
        (role, roles, name, letter) in (role(), prop::collection::vec(role(), 0..4), text(), any::<char>()),
        numbers: (u8, i8, u16, i16, u32, i32, u64, i64),
        (ratio, flag) in (prop_oneof![-1e9..1e9, prop::num::f64::NORMAL], any::<bool>()),
        (maybe, nested, listed) in (
            prop::option::of(text()), prop::option::of(nested()), [nested(), nested()],
        ),
        (map, at, unwritten) in (
            prop::collection::btree_map(text(), any::<u8>(), 0..4), any::<(u16, i64)>(), any::<Option<i32>>(),
        ),
        user_id in prop::option::of("[!-~é]{1,20}"),
        session in any::<Option<u128>>(),
    ) -> Usual {
        let session = session.map(|bits| uuid::Uuid::from_u128(bits).to_string().parse().unwrap());
        Usual {
            role, roles, name, letter, numbers, ratio, flag, nothing: (), maybe: maybe.map(Into::into), nested, listed, map,
            claim: Claim::at_millis(at.0, at.1), user_id: user_id.map(|id| UserId::new(id).unwrap()), session, unwritten,
            skipped: 0,
        }
    }
}

prop_compose! {
    fn unusual()(
        (single, wide) in (-1e9_f32..1e9, any::<(u128, i128)>()),
        any in prop_oneof![any::<i64>().prop_map(Into::into), any::<f64>().prop_map(Into::into), text().prop_map(Into::into)],
        tagged in prop_oneof![Just(Tagged::Unit), any::<i32>().prop_map(|first| Tagged::Named { first })],
        untagged in prop_oneof![
            any::<i64>().prop_map(Untagged::Number), (-1e9..1e9).prop_map(Untagged::Ratio), text().prop_map(Untagged::Text),
        ],
        by_number in prop::collection::btree_map(any::<u8>(), any::<bool>(), 0..3),
        (here, there) in (any::<i64>(), text()),
    ) -> Unusual {
        Unusual { single, wide, any, tagged, untagged, by_number, flat: Flat { here, there } }
    }
}

/// A text with a few bytes changed, removed, added or repeated.
fn damaged(text: &str, edits: &[(u8, Index, Index, char)]) -> String {
    let mut characters: Vec<char> = text.chars().collect();
    for (kind, one, other, character) in edits {
        let (at, until) = (one.index(characters.len().max(1)), other.index(characters.len().max(1)));
        match kind % 5 {
            0 if at < characters.len() => characters[at] = *character,
            1 if at < characters.len() => drop(characters.remove(at)),
            2 => characters.insert(at, *character),
            3 if at < until => drop(characters.drain(at..until)),
            4 if at < until => {
                let again: Vec<char> = characters[at..until].to_vec();
                characters.splice(until..until, again);
            }
            _ => {}
        }
    }
    characters.into_iter().collect()
}

fn edits() -> impl Strategy<Value = Vec<(u8, Index, Index, char)>> {
    let character = prop::sample::select(r#" {}[]",:\0123456789-+.eEtrufalsn_a"#.chars().collect::<Vec<_>>());
    prop::collection::vec((any::<u8>(), any::<Index>(), any::<Index>(), character), 1..4)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn what_we_write_is_read_to_the_same_value(value in usual(), unusual in unusual()) {
        let text = serde_json::to_string(&value).unwrap();
        let plain: Usual = serde_json::from_str(&text).unwrap();
        if text.contains('\\') {
            agrees::<Usual>(&text);
        } else {
            let members = text.replacen('{', ",", 1);
            for own in MEMBERS {
                prop_assert_eq!(compact::read(&text, own), Some(plain.clone()), "{}", text);
                prop_assert_eq!(Members::new(&members).unwrap().read(own), Some(plain.clone()), "{}", text);
            }
        }
        agrees_as_members::<Usual>(&text);
        let ordered = serde_json::to_string(&Ordered::from(value)).unwrap();
        agrees::<Ordered>(&ordered);
        agrees_as_members::<Ordered>(&ordered);
        prop_assert!(ordered.contains('\\') || compact::read::<Ordered>(&ordered, ORDERED).is_some());
        agrees::<Unusual>(&serde_json::to_string(&unusual).unwrap());
    }

    #[test]
    fn what_is_damaged_is_never_read_by_the_compact_reader_alone(
        value in usual(), unusual in unusual(), nested in nested(), edits in edits(),
    ) {
        agrees::<Usual>(&damaged(&serde_json::to_string(&value).unwrap(), &edits));
        let ordered = damaged(&serde_json::to_string(&Ordered::from(value.clone())).unwrap(), &edits);
        agrees::<Ordered>(&ordered);
        agrees_as_members::<Ordered>(&ordered);
        agrees_as_members::<Usual>(&damaged(&serde_json::to_string(&value).unwrap(), &edits));
        agrees_as_members::<serde_json::Value>(&damaged(&serde_json::to_string(&value).unwrap(), &edits));
        agrees::<Unusual>(&damaged(&serde_json::to_string(&unusual).unwrap(), &edits));
        agrees::<Nested>(&damaged(&serde_json::to_string(&nested).unwrap(), &edits));
        agrees::<serde_json::Value>(&damaged(&serde_json::to_string(&value).unwrap(), &edits));
    }

    #[test]
    fn numbers_of_every_spelling_agree(number in "-?[0-9]{0,22}(\\.[0-9]{0,4})?([eE][+-]?[0-9]{0,3})?") {
        agrees::<u8>(&number);
        agrees::<i64>(&number);
        agrees::<u64>(&number);
        agrees::<f64>(&number);
        agrees::<f32>(&number);
        agrees::<i128>(&number);
        agrees::<serde_json::Value>(&number);
    }
}

#[test]
fn members_are_those_of_an_object_and_of_nothing_else() {
    for refused in ["", ",", ",}", "{}", ",\"a\":1", "\"a\":1}", "}}"] {
        assert_eq!(Members::new(refused), None, "{refused}");
    }
    assert_eq!(Members::new("}").unwrap().to_object(), "{}");
    assert_eq!(Members::new("}").unwrap().read::<BTreeMap<String, u8>>(&[]), Some(BTreeMap::new()));
    assert_eq!(Members::new(r#","a":1}"#).unwrap().to_object(), r#"{"a":1}"#);
    // Nothing but an object is hidden behind the claims.
    assert_eq!(Members::new(r#",1]}"#).unwrap().read::<Vec<u8>>(&[]), None);
    assert_eq!(Members::new(r#","Unit"}"#).unwrap().read::<Shape>(&[]), None);
    assert_eq!(Members::new(r#",,"a":1}"#).unwrap().read::<BTreeMap<String, u8>>(&[]), None);
    assert_eq!(Members::new(r#","a":1},"b":2}"#).unwrap().read::<BTreeMap<String, u8>>(&[]), None);
}

/// Takes the values of two members as an array has them, and no object.
#[derive(Debug, PartialEq)]
struct ByOrder(u8, u8);

impl<'de> Deserialize<'de> for ByOrder {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Pair;
        impl<'de> Visitor<'de> for Pair {
            type Value = ByOrder;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("two numbers")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut values: A) -> Result<ByOrder, A::Error> {
                let mut next = || values.next_element()?.ok_or_else(|| Error::invalid_length(0, &self));
                Ok(ByOrder(next()?, next()?))
            }
        }
        deserializer.deserialize_struct("ByOrder", &["first", "second"], Pair)
    }
}

#[test]
fn a_struct_that_has_an_order_is_made_of_its_values() {
    const OWN: &[Field] = &[field("first"), field("second")];
    let text = r#"{"first":1,"second":2}"#;
    assert_eq!(compact::read(text, OWN), Some(ByOrder(1, 2)));
    assert_eq!(Members::new(r#","first":1,"second":2}"#).unwrap().read(OWN), Some(ByOrder(1, 2)));
    assert_eq!(compact::read::<ByOrder>(text, &[]), None, "an object");
    for others in [&[field("first")][..], &[field("first"), field("second"), field("third")]] {
        assert_eq!(compact::read::<ByOrder>(text, Box::leak(others.into())), None, "they are not as many");
    }
    for other in [
        r#"{"second":1,"first":2}"#,
        r#"{"first":1,"secon":2}"#,
        r#"{"first":1,"second":2,"third":3}"#,
        r#"{"first":1}"#,
        r#"{"first:1,"second":2}"#,
        r#"{"first":1"second":2}"#,
        r#"{1,2}"#,
        r#"["first":1,"second":2]"#,
        r#"[{"first":1,"second":2}]"#,
        r#"{"first":1,"second":2}}"#,
    ] {
        assert_eq!(compact::read::<ByOrder>(other, OWN), None, "{other}");
    }
}

#[derive(Serialize, Deserialize, AccessTokenPayload)]
struct Whole {
    level: u8,
    #[serde(rename = "vip", default)]
    r#type: bool,
    r#box: Option<u8>,
}

#[derive(Serialize, Deserialize, AccessTokenPayload)]
struct Partial {
    level: u8,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    gift: Option<u8>,
}

#[test]
fn a_payload_that_is_written_whole_has_an_order() {
    assert_eq!(in_order(Partial::SCHEMA), []);
    assert_eq!(in_order(Whole::SCHEMA).iter().map(|field| field.name).collect::<Vec<_>>(), ["level", "vip", "box"]);
    let others = [
        Field { aliases: &["former"], ..field("role") },
        Field { may_be_unwritten: true, ..field("role") },
        Field { flatten: true, ..field("role") },
        // JSON spells them otherwise.
        field("x\":1,\"y"),
        field("back\\slash"),
        field("new\nline"),
        field("\u{7}"),
    ];
    for other in others {
        let fields: &'static [Field] = Box::leak(Box::new([field("plan"), other, field("é")]));
        assert_eq!(in_order(Box::leak(Box::new(Schema::Object { name: "Other", fields }))), []);
    }
    assert_eq!(in_order(&Schema::Any), []);
}

/// Members that are read and never written, under names that JSON escapes; and one with a second name.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Odd {
    x: u8,
    #[serde(skip_serializing, default, rename = "back\\slash")]
    slashed: u8,
    #[serde(skip_serializing, default, rename = "y\":1,\"z")]
    quoted: u8,
    #[serde(alias = "former")]
    y: u8,
}

#[test]
fn members_come_in_any_order_and_under_their_own_names() {
    const OWN: &[Field] = &[field("x"), field("y")];
    for text in [
        r#"{"x":1,"y":2}"#,
        r#"{"x":1,"former":2}"#,
        r#"{"y":2,"x":1}"#,
        r#"{"x":1,"back\slash":7,"y":2}"#,
        r#"{"x":1,"back\\slash":7,"y":2}"#,
        r#"{"x":1,"y":1,"z":2}"#,
        r#"{"x":1,"y":2,"former":3}"#,
        r#"{"x":1,"y":2,"y":3}"#,
        r#"{"x":1,"x":2,"y":3}"#,
        r#"{"x":1}"#,
    ] {
        for members in [&[], OWN, ORDERED] {
            let Some(value) = compact::read::<Odd>(text, members) else { continue };
            assert_eq!(value, serde_json::from_str(text).unwrap(), "{text}");
        }
    }
    let odd = Odd { x: 1, slashed: 0, quoted: 0, y: 2 };
    assert_eq!(compact::read(r#"{"x":1,"y":2}"#, OWN), Some(odd));
}

/// Makes something of whatever it cannot read.
#[derive(Debug, PartialEq, Deserialize)]
struct Lenient {
    #[serde(deserialize_with = "or_nothing")]
    number: f64,
    #[serde(deserialize_with = "or_nothing")]
    text: String,
}

fn or_nothing<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(deserializer: D) -> Result<T, D::Error> {
    Ok(T::deserialize(deserializer).unwrap_or_default())
}

#[test]
fn what_was_not_read_is_not_passed_over() {
    for text in [
        r#"{"number":-9223372036854775809,"text":"x"}"#,
        r#"{"number":1.5,"text":"}\n"}"#,
        r#"{"number":-0,"text":"x"}"#,
    ] {
        for members in [&[][..], const { &[field("number"), field("text")] }] {
            let Some(value) = compact::read::<Lenient>(text, members) else { continue };
            assert_eq!(value, serde_json::from_str(text).unwrap(), "{text}");
        }
    }
}

#[test]
fn what_is_not_compact_is_left_to_serde_json() {
    for text in [
        r#"{ "inner":1,"shape":"Unit"}"#,
        r#"{"inner":1,"shape":"Unit"} "#,
        r#"{"inner":1,"shape":"Unit",}"#,
        r#"{"inner":1,"inner":1,"shape":"Unit"}"#,
        r#"{"inner":1,"shape":"Unit","more":1}"#,
        r#"{"inner":01,"shape":"Unit"}"#,
        r#"{"inner":-0,"shape":"Unit"}"#,
        r#"{"inner":1.0,"shape":"Unit"}"#,
        r#"{"inner":4294967296,"shape":"Unit"}"#,
        r#"{"inner":1,"shape":{"Unit":null}}"#,
        r#"{"inn\u0065r":1,"shape":"Unit"}"#,
        r#"[1,"Unit"]"#,
        "",
        "null",
    ] {
        assert_eq!(compact::read::<Nested>(text, NESTED), None, "{text}");
    }
    let deep = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    assert!(compact::read::<serde_json::Value>(&deep(32), &[]).is_some());
    assert!(compact::read::<serde_json::Value>(&deep(33), &[]).is_none());
}
