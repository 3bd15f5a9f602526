//! What a user does with sessions, and the races of rotation, on PostgreSQL: the tests of other files once more. Their names say which
//! database they are given.
#![allow(clippy::duplicate_mod, reason = "that is what it is for")]

<<<<<<< HEAD
<<<<<<< HEAD
#[path = "key_rotation.rs"]
mod key_rotation;
=======
=======
#[path = "cap.rs"]
mod cap;
>>>>>>> 775ab97 (sessions: cap the sessions of a user)
#[path = "devices.rs"]
mod devices;
>>>>>>> 9a05b4d (fixup! sessions: know the devices, and list by the page)
#[path = "lifecycle.rs"]
mod lifecycle;
#[path = "lifetimes.rs"]
mod lifetimes;
<<<<<<< HEAD
#[path = "merging.rs"]
mod merging;
=======
#[path = "listing.rs"]
mod listing;
>>>>>>> 9a05b4d (fixup! sessions: know the devices, and list by the page)
#[path = "rotation/on_engine.rs"]
mod rotation;
#[path = "sources.rs"]
mod sources;
#[path = "transitions.rs"]
mod transitions;
