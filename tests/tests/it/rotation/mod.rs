//! The proof of the rotation rule: a small world explored to its end.

mod explore;
mod explorer;
mod flaws;
mod world;
