//! Message digests and checksums.

pub mod crc64nvme;
mod sha256;

#[cfg(any(not(target_arch = "wasm32"), feature = "hash"))]
pub use crc64nvme::Crc64Nvme;
pub use sha256::{Sha256, sha256, sha256_hex, to_hex};
