//! One binary for all integration tests: it links once, and its modules run in parallel.
#![allow(clippy::indexing_slicing, reason = "a test that indexes wrongly fails, as it should")]
#![allow(clippy::print_stdout, reason = "tests may say what they measured")]

mod admin;
mod audit;
mod browser;
mod cap;
mod chaos;
mod cors;
mod devices;
mod door;
mod door_cookies;
mod door_refusals;
mod door_selection;
mod endings;
mod engines;
mod events;
mod evolution;
mod failover;
mod feed;
mod guards;
mod handles;
mod hostile;
mod instructions;
mod kept;
mod key_rotation;
mod keys;
mod known_tokens;
mod lifecycle;
mod lifetimes;
mod limits;
mod listing;
mod merging;
mod migrations;
mod missing;
#[cfg(has_mariadb)]
#[allow(clippy::duplicate_mod, reason = "that is what they are for")]
mod on_mariadb;
#[cfg(has_postgres)]
#[allow(clippy::duplicate_mod, reason = "that is what they are for")]
mod on_postgres;
mod outage;
mod plans;
mod policy;
#[allow(clippy::duplicate_mod, reason = "that is what they are for")]
mod prefixed;
mod processes;
mod purging;
mod quickstart;
mod revocation;
mod rolling;
mod rooms;
mod rotation;
mod secrecy;
mod silence;
mod skew;
mod sources;
mod together;
mod transitions;
mod typed_claims;
