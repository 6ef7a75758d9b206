//! Message digests and checksums.

mod crc;
pub mod crc32;
pub mod crc32c;
pub mod crc64nvme;
mod hasher;
mod saved;
mod sha256;
// What only the hash module of the npm package has.
#[cfg(any(not(target_arch = "wasm32"), feature = "hash"))]
mod legacy;
#[cfg(any(not(target_arch = "wasm32"), feature = "hash"))]
mod sha256_chunks;

use hasher::hasher;

pub use sha256::{Sha256, sha256, sha256_hex, to_hex};
#[cfg(all(target_arch = "wasm32", feature = "hash"))]
pub(crate) use sha256_chunks::Four;
#[cfg(any(not(target_arch = "wasm32"), feature = "hash", feature = "sums"))]
pub use {crc32::Crc32, crc32c::Crc32c, crc64nvme::Crc64Nvme};
#[cfg(any(not(target_arch = "wasm32"), feature = "hash"))]
pub use {
    legacy::{Md5, Sha1},
    sha256_chunks::{Sha256Chunks, sha256_chunks},
};
