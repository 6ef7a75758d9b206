//! The signing endpoint: what it signs, and what it refuses.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod chunks;
mod compat;
mod configuration;
mod finish;
mod forms;
mod grants;
mod multipart;
mod multipart_refused;
mod pending;
mod properties;
mod protocol_examples;
mod refused_requests;
mod refused_tokens;
mod store;
mod support;
