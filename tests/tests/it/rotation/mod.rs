//! The proof of the rotation rule: a small world explored to its end, and random histories on the real store.

mod cluster;
mod explore;
mod explorer;
mod flaws;
mod model;
mod world;
