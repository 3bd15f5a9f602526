//! What of rotation stands on the database: races, and steps that wait for each other.

mod cluster;
mod race;
mod store;
