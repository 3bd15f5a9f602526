use serde::{Deserialize, Serialize};
use session_runtime::ClaimValue;

use session_runtime::payload::{Schema, Timed};

#[derive(Serialize, Deserialize)]
struct Country(String);

impl ClaimValue for Country {
    type Form = Timed;
    const SCHEMA: &'static Schema = &Schema::Text { max_len: Some(2) };
}

fn main() {}
