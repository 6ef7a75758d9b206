//! Sealift puts a file from a browser tab straight into an S3 bucket, with
//! every byte signed and the secret key never leaving the server.
//!
//! What is where, in the order of dependency (each module knows only those
//! above it):
//!
//! - [`error`], [`time`]: the one error type; moments as arguments, never read
//!   from a clock.
//! - [`digest`]: SHA-256, SHA-1, MD5 and the CRCs of S3, streaming.
//! - [`sigv4`]: AWS Signature Version 4.
//! - [`s3`]: addressing and one file per S3 operation.
//! - [`upload`]: the upload engine; no I/O, no clock.
//! - [`endpoint`]: the rules of the signing endpoint; no I/O, no clock.
//! - `web`, `bindings` (wasm32 only): the engine's hands in a browser, and
//!   what JavaScript sees.
//!
//! In Rust the feature `endpoint` is on by default, and brings serde. The
//! features `uploader`, `sums`, `signing`, `hash` and `server` are for wasm32: each
//! makes one of the modules of the npm package (`docs/adr/0003`).

pub mod digest;
#[cfg(feature = "endpoint")]
pub mod endpoint;
pub mod error;
pub mod s3;
pub mod sigv4;
pub mod time;
pub mod upload;

#[cfg(target_arch = "wasm32")]
pub mod bindings;
#[cfg(all(target_arch = "wasm32", feature = "uploader"))]
pub mod web;

pub use error::{Error, ErrorKind, Result};
pub use time::Timestamp;
