use serde::{Deserialize, Serialize};
use session_runtime::{ClaimValue, SessionData};

#[derive(Default, Serialize, Deserialize, ClaimValue)]
enum StepV1 {
    #[default]
    Start,
    Pay,
}

#[derive(Default, Serialize, Deserialize, ClaimValue)]
enum Step {
    #[default]
    Start,
}

#[derive(Default, Serialize, Deserialize, SessionData)]
#[session_data(kind = "cart")]
struct OldCart {
    step: StepV1,
}

#[derive(Default, Serialize, Deserialize, SessionData)]
#[session_data(compatible_with = OldCart)]
struct Cart {
    step: Step,
}

fn main() {}
