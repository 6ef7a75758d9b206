//! The bytes of files, which nobody has: a range of a version of a file stands
//! for them, its digests are drawn from that. So a file can have terabytes.

use super::crc64;
use super::random::mixed;
use base64::prelude::{BASE64_STANDARD, Engine};
use sealift::upload::{Algorithms, Digest};

/// Some of the bytes of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece {
    pub file: u32,
    /// The user changes a file now and then.
    pub version: u32,
    pub start: u64,
    pub end: u64,
}

impl Piece {
    pub fn len(&self) -> u64 {
        self.end - self.start
    }

    /// The same place in a file that is none: bytes damaged on their way.
    pub fn damaged(self) -> Self {
        Self { version: self.version | 1 << 31, ..self }
    }

    pub fn digest(&self, algorithms: Algorithms) -> Digest {
        let seed = self.seed();
        Digest {
            sha256: algorithms.sha256.then(|| {
                let mut digest = [0; 32];
                for (word, bytes) in (1..).zip(digest.as_chunks_mut::<8>().0) {
                    *bytes = mixed(seed ^ word).to_be_bytes();
                }
                digest
            }),
            crc64nvme: algorithms.crc64nvme.then(|| mixed(seed ^ 5)),
        }
    }

    /// What S3 names these bytes by.
    pub fn etag(&self) -> String {
        format!("\"{:016x}\"", self.seed())
    }

    fn seed(&self) -> u64 {
        let what = u64::from(self.file) << 32 | u64::from(self.version);
        mixed(mixed(mixed(what) ^ self.start) ^ self.end)
    }
}

/// Whether these are all bytes of one version of a file, in order.
pub fn is_whole(pieces: &[Piece], file: u32, version: u32, size: u64) -> bool {
    let mut end = 0;
    for piece in pieces {
        if (piece.file, piece.version, piece.start) != (file, version, end) {
            return false;
        }
        end = piece.end;
    }
    end == size && !pieces.is_empty()
}

/// The full-object checksum of parts that each have one.
pub fn crc_of_all(parts: impl Iterator<Item = (u64, u64)>) -> u64 {
    parts.fold(0, |crc, (next, length)| crc64::combine(crc, next, length))
}

/// What stands for the SHA-256 of the parts' SHA-256s.
pub fn composite(parts: impl Iterator<Item = [u8; 32]>) -> String {
    let (mut sum, mut count) = (0, 0);
    for digest in parts {
        for word in digest.as_chunks().0 {
            sum = mixed(sum ^ u64::from_be_bytes(*word));
        }
        count += 1;
    }
    let digest: Vec<u8> = (1..=4).flat_map(|word| mixed(sum ^ word).to_be_bytes()).collect();
    format!("{}-{count}", BASE64_STANDARD.encode(digest))
}

pub fn base64_of(bytes: &[u8]) -> String {
    BASE64_STANDARD.encode(bytes)
}
