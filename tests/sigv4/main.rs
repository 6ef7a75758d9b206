//! The signer against vectors that others computed, and against arbitrary input.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod aws_suite;
mod chunked;
mod chunked_properties;
mod data;
mod properties;
mod public;
mod published;
