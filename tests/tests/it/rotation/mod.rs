//! The proof of the rotation rule: a small world explored to its end, random histories on the real store, and real races on it.

mod cluster;
mod explore;
mod explorer;
mod flaws;
mod model;
mod race;
mod store;
mod world;
