//! The checksum behind the last chunk.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use subtle::ConstantTimeEq as _;

use crate::error::{Error, ErrorKind, Result};

/// Which checksum stands in the trailer
/// (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html>).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TrailerChecksum {
    /// CRC-32 (ISO-HDLC).
    Crc32,
    /// CRC-32C (Castagnoli).
    Crc32c,
    /// CRC-64/NVME.
    Crc64Nvme,
    /// SHA-1.
    Sha1,
    /// SHA-256.
    Sha256,
}

impl TrailerChecksum {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Crc32, Self::Crc32c, Self::Crc64Nvme, Self::Sha1, Self::Sha256];

    /// The header that it would be in an ordinary request, which
    /// `x-amz-trailer` announces.
    #[must_use]
    pub const fn header(self) -> &'static str {
        match self {
            Self::Crc32 => "x-amz-checksum-crc32",
            Self::Crc32c => "x-amz-checksum-crc32c",
            Self::Crc64Nvme => "x-amz-checksum-crc64nvme",
            Self::Sha1 => "x-amz-checksum-sha1",
            Self::Sha256 => "x-amz-checksum-sha256",
        }
    }

    /// The checksum of a header's name, in lower case.
    #[must_use]
    pub fn of_header(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|checksum| checksum.header() == name)
    }

    /// Bytes of the checksum: 4, 8, 20 or 32.
    #[must_use]
    pub const fn digest_length(self) -> usize {
        match self {
            Self::Crc32 | Self::Crc32c => 4,
            Self::Crc64Nvme => 8,
            Self::Sha1 => 20,
            Self::Sha256 => 32,
        }
    }

    /// Bytes of `name:value`.
    pub(super) const fn line_length(self) -> usize {
        self.header().len() + 1 + self.digest_length().div_ceil(3) * 4
    }
}

/// A checksum of all bytes, as it stands behind them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trailer {
    checksum: TrailerChecksum,
    value: String,
}

impl Trailer {
    /// Of a digest, the highest byte of a CRC first.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidDigest`] for another length than the checksum has.
    pub fn new(checksum: TrailerChecksum, digest: &[u8]) -> Result<Self> {
        if digest.len() != checksum.digest_length() {
            return Err(invalid());
        }
        Ok(Self { checksum, value: BASE64.encode(digest) })
    }

    /// Of base64.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidDigest`] for anything but the base64 of a digest of
    /// that length.
    pub fn parse(checksum: TrailerChecksum, value: &str) -> Result<Self> {
        Self::new(checksum, &BASE64.decode(value).map_err(|_| invalid())?)
    }

    /// Which checksum it is.
    #[must_use]
    pub const fn checksum(&self) -> TrailerChecksum {
        self.checksum
    }

    /// In base64.
    #[must_use]
    pub fn value(&self) -> &str {
        &self.value
    }

    /// Whether it is the checksum of what was decoded, given its digest.
    #[must_use]
    pub fn is_of(&self, digest: &[u8]) -> bool {
        self.value.as_bytes().ct_eq(BASE64.encode(digest).as_bytes()).into()
    }

    /// `name:value`: ended by CRLF on the wire, by LF where it is signed.
    #[must_use]
    pub fn line(&self) -> String {
        [self.checksum.header(), ":", &self.value].concat()
    }

    /// What a line says; `None` unless it is exactly that of such a checksum.
    pub(super) fn of_line(checksum: TrailerChecksum, line: &[u8]) -> Option<Self> {
        let (name, value) = std::str::from_utf8(line).ok()?.split_once(':')?;
        (name == checksum.header()).then(|| Self::parse(checksum, value).ok()).flatten()
    }
}

fn invalid() -> Error {
    Error::new(ErrorKind::InvalidDigest, "the checksum of a trailer is not base64 of as many bytes as it has")
}
