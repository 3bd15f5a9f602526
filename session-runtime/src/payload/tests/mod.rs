//! What the desk relies on: limits hold when minting, and what cannot be read is a typed outcome.

mod compact;
mod decode;
mod encode;
mod lock;
mod longest;
mod merging;
mod reserved;
