//! Every cause of a refused signature, provoked against a server that verifies
//! (dev-s3, over a socket), and explained from its answer.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod keys_and_scopes;
mod mutations;
mod requests;
mod support;
