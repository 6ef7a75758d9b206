//! The engine, one scene at a time. What many scenes at once can do to it is
//! in `upload_simulation`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod bench;
mod chunks;
mod commands;
mod creation;
mod forms;
mod parts;
mod properties;
mod queue;
mod reload;
mod retries;
mod server;
mod signatures;
mod signer;
mod silence;
mod sums;
mod way;
