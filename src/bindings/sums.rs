//! The sums module: SHA-256 and CRC64NVME of one message, all that uploads
//! ask for.
//!
//! It speaks plain numbers, without wasm-bindgen, and computes one message at a
//! time: `js/sums.js` has an instance of it for each.

use std::cell::RefCell;

use crate::digest::{Crc64Nvme, Sha256};

/// Bytes that are handed over at a time, at most.
const STAGED: usize = 64 * 1024;
/// Bytes that both digests get in turn: they stay in the processor's nearest
/// cache meanwhile.
const SLICE: usize = 8 * 1024;

/// The algorithms, one bit each.
const SHA256: u32 = 1;
const CRC64NVME: u32 = 2;

thread_local! {
    /// What `js/sums.js` writes and reads.
    static STAGING: RefCell<[u8; STAGED]> = const { RefCell::new([0; STAGED]) };
    static SUMS: RefCell<Sums> = const { RefCell::new(Sums { sha256: None, crc64nvme: None }) };
}

struct Sums {
    sha256: Option<Sha256>,
    crc64nvme: Option<Crc64Nvme>,
}

/// Where the bytes of the message are to be written, 64 KiB at most, and where
/// a digest is to be read.
#[unsafe(no_mangle)]
pub extern "C" fn staging() -> *const u8 {
    STAGING.with(|staging| staging.as_ptr().cast())
}

/// Adds the first bytes that are staged. `algorithms`: 1 SHA-256, 2
/// CRC64NVME, 3 both; the same in every call.
#[unsafe(no_mangle)]
pub extern "C" fn update(length: usize, algorithms: u32) {
    STAGING.with_borrow(|staging| {
        SUMS.with_borrow_mut(|sums| {
            for slice in staging.get(..length).unwrap_or_default().chunks(SLICE) {
                if algorithms & SHA256 != 0 {
                    sums.sha256.get_or_insert_default().update(slice);
                }
                if algorithms & CRC64NVME != 0 {
                    sums.crc64nvme.get_or_insert_default().update(slice);
                }
            }
        });
    });
}

/// Stages the digest by one algorithm: 32 bytes of SHA-256, or 8 of
/// CRC64NVME, the highest first.
#[unsafe(no_mangle)]
pub extern "C" fn digest(algorithm: u32) {
    STAGING.with_borrow_mut(|staging| {
        SUMS.with_borrow(|sums| {
            if algorithm == SHA256
                && let Some(room) = staging.first_chunk_mut()
            {
                *room = sums.sha256.clone().unwrap_or_default().finalize();
            }
            if algorithm == CRC64NVME
                && let Some(room) = staging.first_chunk_mut()
            {
                *room = sums.crc64nvme.as_ref().map_or(0, Crc64Nvme::finish).to_be_bytes();
            }
        });
    });
}

/// Forgets the message.
#[unsafe(no_mangle)]
pub extern "C" fn reset() {
    SUMS.set(Sums { sha256: None, crc64nvme: None });
}
