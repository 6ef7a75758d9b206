//! A digest of any algorithm, by its number.

use crate::digest::{Crc32, Crc32c, Crc64Nvme, Md5, Sha1, Sha256, crc32, crc32c, crc64nvme};
use crate::error::{Error, ErrorKind, Result};

/// A streaming digest.
#[derive(Clone, Debug)]
pub(super) enum Any {
    Sha256(Sha256),
    Sha1(Sha1),
    Md5(Md5),
    Crc32(Crc32),
    Crc32c(Crc32c),
    Crc64Nvme(Crc64Nvme),
}

/// The same done to each.
macro_rules! each {
    ($any:expr, $digest:ident => $work:expr) => {
        match $any {
            Any::Sha256($digest) => $work,
            Any::Sha1($digest) => $work,
            Any::Md5($digest) => $work,
            Any::Crc32($digest) => $work,
            Any::Crc32c($digest) => $work,
            Any::Crc64Nvme($digest) => $work,
        }
    };
}

impl Any {
    pub(super) fn new(algorithm: u8) -> Option<Self> {
        Some(match algorithm {
            1 => Self::Sha256(Sha256::new()),
            2 => Self::Sha1(Sha1::new()),
            3 => Self::Md5(Md5::new()),
            4 => Self::Crc32(Crc32::new()),
            5 => Self::Crc32c(Crc32c::new()),
            6 => Self::Crc64Nvme(Crc64Nvme::new()),
            _ => return None,
        })
    }

    pub(super) fn update(&mut self, bytes: &[u8]) {
        each!(self, digest => digest.update(bytes));
    }

    pub(super) fn digest(&self) -> Vec<u8> {
        match self {
            Self::Sha256(digest) => digest.clone().finalize().to_vec(),
            Self::Sha1(digest) => digest.clone().finalize().to_vec(),
            Self::Md5(digest) => digest.clone().finalize().to_vec(),
            Self::Crc32(digest) => digest.finish().to_be_bytes().to_vec(),
            Self::Crc32c(digest) => digest.finish().to_be_bytes().to_vec(),
            Self::Crc64Nvme(digest) => digest.finish().to_be_bytes().to_vec(),
        }
    }

    pub(super) fn reset(&mut self) {
        each!(self, digest => *digest = Default::default());
    }

    pub(super) fn save(&self) -> Vec<u8> {
        each!(self, digest => digest.save())
    }

    pub(super) fn load(algorithm: u8, saved: &[u8]) -> Result<Self> {
        match algorithm {
            1 => Sha256::load(saved).map(Self::Sha256),
            2 => Sha1::load(saved).map(Self::Sha1),
            3 => Md5::load(saved).map(Self::Md5),
            4 => Crc32::load(saved).map(Self::Crc32),
            5 => Crc32c::load(saved).map(Self::Crc32c),
            _ => Crc64Nvme::load(saved).map(Self::Crc64Nvme),
        }
    }
}

pub(super) fn combine(algorithm: u8, first: &[u8], second: &[u8], second_length: u64) -> Result<Vec<u8>> {
    let combined = match (algorithm, first.as_array(), second.as_array(), first.as_array(), second.as_array())
    {
        (4 | 5, Some(first), Some(second), ..) => {
            let combine = if algorithm == 4 { crc32::combine } else { crc32c::combine };
            combine(u32::from_be_bytes(*first), u32::from_be_bytes(*second), second_length)
                .to_be_bytes()
                .to_vec()
        }
        (6, .., Some(first), Some(second)) => {
            let (first, second) = (u64::from_be_bytes(*first), u64::from_be_bytes(*second));
            crc64nvme::combine(first, second, second_length).to_be_bytes().to_vec()
        }
        _ => {
            return Err(Error::new(
                ErrorKind::InvalidDigest,
                "A digest of this algorithm has another length.",
            ));
        }
    };
    Ok(combined)
}
