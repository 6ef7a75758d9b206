//! Digests put away, to go on later: after a reload, say.
//!
//! `SLh`, the version, the algorithm, its state, and the CRC64NVME of all these.

use super::crc64nvme::FIELD;
use crate::error::{Error, ErrorKind, Result};

/// The last byte is the version of the format.
const MAGIC: [u8; 4] = *b"SLh1";
const HEADER: usize = MAGIC.len() + 1;
const CHECK: usize = size_of::<u64>();

/// Whose state it is; the numbers never change.
#[derive(Clone, Copy, Debug)]
#[repr(u8)]
// A page's uploader has SHA-256 alone.
#[cfg_attr(all(target_arch = "wasm32", not(feature = "hash")), expect(dead_code))]
pub(super) enum Algorithm {
    Sha256 = 1,
    Sha1 = 2,
    Md5 = 3,
    Crc32 = 4,
    Crc32c = 5,
    Crc64Nvme = 6,
}

pub(super) fn seal(algorithm: Algorithm, state: &[u8]) -> Vec<u8> {
    let mut saved = Vec::with_capacity(HEADER + state.len() + CHECK);
    saved.extend(MAGIC);
    saved.push(algorithm as u8);
    saved.extend(state);
    saved.extend(FIELD.plain(&saved).to_be_bytes());
    saved
}

/// The state that was sealed.
pub(super) fn open<const N: usize>(algorithm: Algorithm, saved: &[u8]) -> Result<[u8; N]> {
    opened(algorithm, saved)?.try_into().map_err(|_| damaged())
}

fn opened(algorithm: Algorithm, saved: &[u8]) -> Result<&[u8]> {
    let Some(rest) = saved.strip_prefix(&MAGIC) else {
        return Err(refused("This is no saved state of a digest, or one of another version."));
    };
    let Some((sealed, check)) = saved.split_last_chunk::<CHECK>() else { return Err(damaged()) };
    if rest.first() != Some(&(algorithm as u8)) {
        return Err(refused("This is the saved state of another digest."));
    }
    let state = sealed.get(HEADER..).filter(|_| FIELD.plain(sealed).to_be_bytes() == *check);
    state.ok_or_else(damaged)
}

pub(super) fn damaged() -> Error {
    refused("This saved state of a digest is damaged.")
}

fn refused(why: &'static str) -> Error {
    Error::new(ErrorKind::InvalidState, why)
}
