use std::panic::catch_unwind;
use std::{env, fs};

use serde::{Deserialize, Serialize};
use session_runtime::{Claim, ClaimValue, SessionData};

use crate::payload::lock::assert_schema_unchanged;

#[derive(Default, Serialize, Deserialize, SessionData)]
#[session_data(kind = "cart", version = 2)]
struct Cart {
    #[serde(alias = "things")]
    items: Vec<Item>,
    note: Option<String>,
    extra: Unknown,
}

#[derive(Default, Serialize, Deserialize)]
struct Unknown {}

#[derive(Serialize, Deserialize, ClaimValue)]
#[serde(tag = "type")]
enum Item {
    Book { pages: Claim<u16> },
    Gift,
}

#[derive(Default, Serialize, Deserialize, SessionData)]
#[session_data(kind = "cart", version = 2)]
struct Changed {
    items: Vec<Item>,
}

const TEXT: &str = "\
kind cart, version 2
{
  items: list of one of, by `type`
    Book {
      pages: claim of integer 0..=65535
    }
    Gift - | things
  note?: optional text
  extra: `Unknown`
}
";

#[test]
fn a_changed_form_is_shown_beside_the_old_one() {
    let folder = env::temp_dir().join(format!("session-schema-{}", std::process::id()));
    let manifest = folder.to_str().expect("the folder's name is text");
    let lock = |schema| assert_schema_unchanged(manifest, "schemas/cart.txt", Cart::KIND, Cart::VERSION, schema);

    lock(Cart::SCHEMA);
    assert_eq!(fs::read_to_string(folder.join("schemas/cart.txt")).expect("the first run writes it"), TEXT);
    lock(Cart::SCHEMA);

    let refused = catch_unwind(|| lock(Changed::SCHEMA)).expect_err("the form has changed");
    let message = refused.downcast_ref::<String>().expect("the message is text");
    assert!(message.contains("UPDATE_SCHEMAS=1 cargo test") && message.contains(TEXT), "{message}");
    fs::remove_dir_all(folder).expect("the folder can be removed");
}
