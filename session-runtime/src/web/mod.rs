//! The door: the only room that knows HTTP and axum. It reads what a request brought, hands it to the desk, and writes what the
//! desk wants changed into the response. It decides nothing about sessions.

mod address;
mod cookie;
mod cors;
mod extract;
mod guard;
mod jar;
mod layer;
mod rejection;
mod routes;
mod service;
mod site;
mod transport;

pub use self::extract::MaybeSession;
pub use self::guard::{Authoritative, GuardFuture, GuardLayer, GuardService, Guarded, Recent};
pub use self::layer::SessionLayer;
pub use self::service::{ResponseFuture, SessionService};
