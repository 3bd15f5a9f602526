//! What a session carries.

use serde::{Deserialize, Serialize};
use session_runtime::{AccessTokenPayload, ClaimValue, SessionData};

/// In the access token: the page reads it from the front-token, the server without a database call.
#[derive(Clone, Debug, Serialize, Deserialize, AccessTokenPayload)]
#[access_token(kind = "visitor", max_bytes = 512)]
pub(crate) struct Visitor {
    #[claim(max_len = 32)]
    pub(crate) name: String,
    pub(crate) role: Role,
    /// In the tea club, which pays less.
    pub(crate) club: bool,
    /// Has just shown again who they are. Paying asks for it, and uses it up.
    pub(crate) confirmed: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ClaimValue)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Role {
    Shopper,
    Staff,
}

/// In the database, under the session's handle: each device has a cart of its own.
#[derive(Clone, Debug, Default, Serialize, Deserialize, SessionData)]
pub(crate) struct Visit {
    pub(crate) cart: Vec<Line>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Line {
    pub(crate) product: String,
    pub(crate) count: u32,
}

pub(crate) type Session = session_runtime::Session<Visitor, Visit>;

impl Visit {
    pub(crate) fn add(&mut self, product: &str) {
        match self.cart.iter_mut().find(|line| line.product == product) {
            Some(line) => line.count = line.count.saturating_add(1),
            None => self.cart.push(Line { product: product.to_owned(), count: 1 }),
        }
    }

    pub(crate) fn take_out(&mut self, product: &str) {
        if let Some(line) = self.cart.iter_mut().find(|line| line.product == product) {
            line.count = line.count.saturating_sub(1);
        }
        self.cart.retain(|line| line.count > 0);
    }
}
