//! What a user does with sessions, and the races of rotation, with a prefix on the tables: the tests of other files once more, on
//! SQLite. A statement that is spelt without the prefix finds no table.

#[path = "audit.rs"]
mod audit;
#[path = "cap.rs"]
mod cap;
#[path = "devices.rs"]
mod devices;
#[path = "events.rs"]
mod events;
#[path = "handles.rs"]
mod handles;
#[path = "key_rotation.rs"]
mod key_rotation;
#[path = "lifecycle.rs"]
mod lifecycle;
#[path = "lifetimes.rs"]
mod lifetimes;
#[path = "listing.rs"]
mod listing;
#[path = "merging.rs"]
mod merging;
#[path = "purging.rs"]
mod purging;
#[path = "revocation.rs"]
mod revocation;
#[path = "rotation/on_engine.rs"]
mod rotation;
#[path = "sources.rs"]
mod sources;
#[path = "transitions.rs"]
mod transitions;
