//! Message digests.

mod sha256;

pub use sha256::{Sha256, sha256, sha256_hex, to_hex};
