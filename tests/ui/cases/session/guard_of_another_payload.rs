//! A handler that is guarded by a rule about another payload than its session's.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use session_runtime::claims::{ClaimFailures, Guard, Subject};
use session_runtime::{AccessTokenPayload, Guarded};

#[derive(Serialize, Deserialize, AccessTokenPayload)]
struct Shopper {
    gold: bool,
}

#[derive(Serialize, Deserialize, AccessTokenPayload)]
struct Staff {
    gold: bool,
}

#[derive(Default)]
struct GoldOnly;

impl Guard<Shopper> for GoldOnly {
    fn id(&self) -> Cow<'static, str> {
        "gold".into()
    }

    fn check(&self, subject: &Subject<'_, Shopper>) -> Result<(), ClaimFailures> {
        Shopper::GOLD.is(true).check(subject)
    }
}

async fn vault(session: Guarded<GoldOnly, Staff>) -> String {
    session.user_id().to_string()
}

fn main() {
    let _: axum::Router = axum::Router::new().route("/vault", axum::routing::get(vault));
}
