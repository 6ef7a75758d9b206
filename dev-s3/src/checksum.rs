//! The checksums that S3 stores with an object, one algorithm an object:
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html>

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use s3s::crypto::{Checksum as _, Crc32, Crc32c, Crc64Nvme, Md5, Sha1, Sha256};
use serde::{Deserialize, Serialize};

/// The five algorithms of `x-amz-checksum-*` that are kept here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum Algorithm {
    Crc32,
    Crc32c,
    Crc64Nvme,
    Sha1,
    Sha256,
}

impl Algorithm {
    pub(crate) const ALL: [Self; 5] = [Self::Crc32, Self::Crc32c, Self::Crc64Nvme, Self::Sha1, Self::Sha256];

    /// The name in `x-amz-checksum-algorithm`.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Crc32 => "CRC32",
            Self::Crc32c => "CRC32C",
            Self::Crc64Nvme => "CRC64NVME",
            Self::Sha1 => "SHA1",
            Self::Sha256 => "SHA256",
        }
    }

    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|a| a.name().eq_ignore_ascii_case(name))
    }

    /// The header, and the trailer, that carries a value.
    pub(crate) fn header(self) -> &'static str {
        match self {
            Self::Crc32 => "x-amz-checksum-crc32",
            Self::Crc32c => "x-amz-checksum-crc32c",
            Self::Crc64Nvme => "x-amz-checksum-crc64nvme",
            Self::Sha1 => "x-amz-checksum-sha1",
            Self::Sha256 => "x-amz-checksum-sha256",
        }
    }

    pub(crate) fn digest_len(self) -> usize {
        match self {
            Self::Crc32 | Self::Crc32c => 4,
            Self::Crc64Nvme => 8,
            Self::Sha1 => 20,
            Self::Sha256 => 32,
        }
    }

    /// The digest in a header's value, if it is one of this algorithm.
    pub(crate) fn decode(self, value: &str) -> Option<Vec<u8>> {
        BASE64.decode(value).ok().filter(|d| d.len() == self.digest_len())
    }

    /// What multipart uploads of this algorithm get when none is asked for.
    pub(crate) fn default_kind(self) -> Kind {
        match self {
            Self::Crc64Nvme => Kind::FullObject,
            _ => Kind::Composite,
        }
    }

    /// Whether S3 offers the pair.
    pub(crate) fn supports(self, kind: Kind) -> bool {
        match (self, kind) {
            (Self::Crc64Nvme, Kind::Composite) | (Self::Sha1 | Self::Sha256, Kind::FullObject) => false,
            (Self::Crc32 | Self::Crc32c | Self::Crc64Nvme | Self::Sha1 | Self::Sha256, _) => true,
        }
    }

    fn crc(self) -> Option<crc_fast::CrcAlgorithm> {
        match self {
            Self::Crc32 => Some(crc_fast::CrcAlgorithm::Crc32IsoHdlc),
            Self::Crc32c => Some(crc_fast::CrcAlgorithm::Crc32Iscsi),
            Self::Crc64Nvme => Some(crc_fast::CrcAlgorithm::Crc64Nvme),
            Self::Sha1 | Self::Sha256 => None,
        }
    }
}

/// How a multipart object's checksum is made of those of its parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum Kind {
    Composite,
    FullObject,
}

impl Kind {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Composite => "COMPOSITE",
            Self::FullObject => "FULL_OBJECT",
        }
    }

    pub(crate) fn from_name(name: &str) -> Option<Self> {
        [Self::Composite, Self::FullObject].into_iter().find(|k| k.name() == name)
    }
}

/// A stored checksum.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Checksum {
    pub(crate) algorithm: Algorithm,
    /// Base64; a composite one ends in `-` and the number of parts.
    pub(crate) value: String,
    pub(crate) kind: Kind,
}

impl Checksum {
    pub(crate) fn of_whole(algorithm: Algorithm, digest: &[u8]) -> Self {
        Self { algorithm, value: BASE64.encode(digest), kind: Kind::FullObject }
    }

    /// The checksum of an object from `(digest, size)` of its parts in order.
    /// `None` when a digest has the wrong length or the pair is not offered.
    pub(crate) fn of_parts(algorithm: Algorithm, kind: Kind, parts: &[(Vec<u8>, u64)]) -> Option<Self> {
        match kind {
            Kind::Composite => {
                let mut hasher = Hasher::new(algorithm);
                for (digest, _) in parts {
                    hasher.update(digest);
                }
                let value = format!("{}-{}", BASE64.encode(hasher.finalize()), parts.len());
                Some(Self { algorithm, value, kind })
            }
            Kind::FullObject => {
                let crc = algorithm.crc()?;
                let mut whole: Option<u64> = None;
                for (digest, size) in parts {
                    let next = digest.iter().fold(0u64, |acc, byte| acc << 8 | u64::from(*byte));
                    whole = Some(match whole {
                        None => next,
                        Some(previous) => crc_fast::checksum_combine(crc, previous, next, *size),
                    });
                }
                let bytes = whole?.to_be_bytes();
                let digest = bytes.get(bytes.len().checked_sub(algorithm.digest_len())?..)?;
                Some(Self { algorithm, value: BASE64.encode(digest), kind })
            }
        }
    }
}

/// One running checksum.
pub(crate) enum Hasher {
    Crc32(Crc32),
    Crc32c(Crc32c),
    Crc64Nvme(Crc64Nvme),
    Sha1(Sha1),
    Sha256(Sha256),
}

impl Hasher {
    pub(crate) fn new(algorithm: Algorithm) -> Self {
        match algorithm {
            Algorithm::Crc32 => Self::Crc32(Crc32::new()),
            Algorithm::Crc32c => Self::Crc32c(Crc32c::new()),
            Algorithm::Crc64Nvme => Self::Crc64Nvme(Crc64Nvme::new()),
            Algorithm::Sha1 => Self::Sha1(Sha1::new()),
            Algorithm::Sha256 => Self::Sha256(Sha256::new()),
        }
    }

    pub(crate) fn update(&mut self, data: &[u8]) {
        match self {
            Self::Crc32(h) => h.update(data),
            Self::Crc32c(h) => h.update(data),
            Self::Crc64Nvme(h) => h.update(data),
            Self::Sha1(h) => h.update(data),
            Self::Sha256(h) => h.update(data),
        }
    }

    pub(crate) fn finalize(self) -> Vec<u8> {
        match self {
            Self::Crc32(h) => h.finalize().to_vec(),
            Self::Crc32c(h) => h.finalize().to_vec(),
            Self::Crc64Nvme(h) => h.finalize().to_vec(),
            Self::Sha1(h) => h.finalize().to_vec(),
            Self::Sha256(h) => h.finalize().to_vec(),
        }
    }
}

/// The ETag of an object that came in one piece.
pub(crate) fn etag(md5: &[u8]) -> String {
    hex::encode(md5)
}

/// The ETag of a multipart object: MD5 over the parts' MD5s, and their number.
pub(crate) fn multipart_etag<'a>(parts: impl ExactSizeIterator<Item = &'a [u8]>) -> String {
    let count = parts.len();
    let mut md5 = Md5::new();
    for part in parts {
        md5.update(part);
    }
    format!("{}-{count}", hex::encode(md5.finalize()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn full_object_crcs_of_parts_equal_those_of_the_whole() {
        let data: Vec<u8> = (0..100_000u32).map(|i| (i * 31 % 251) as u8).collect();
        for algorithm in [Algorithm::Crc32, Algorithm::Crc32c, Algorithm::Crc64Nvme] {
            let digest = |bytes: &[u8]| {
                let mut hasher = Hasher::new(algorithm);
                hasher.update(bytes);
                hasher.finalize()
            };
            let parts: Vec<_> = data.chunks(33_333).map(|c| (digest(c), c.len() as u64)).collect();
            let whole = Checksum::of_whole(algorithm, &digest(&data));
            assert_eq!(Checksum::of_parts(algorithm, Kind::FullObject, &parts), Some(whole));
        }
    }

    #[test]
    fn composite_checksums_hash_the_digests_and_count_them() {
        // Two parts of "a" and "b": SHA-256 of the two digests, as S3 documents.
        let digest = |bytes: &[u8]| {
            let mut hasher = Hasher::new(Algorithm::Sha256);
            hasher.update(bytes);
            hasher.finalize()
        };
        let (a, b) = (digest(b"a"), digest(b"b"));
        let both = digest(&[a.clone(), b.clone()].concat());
        let composite = Checksum::of_parts(Algorithm::Sha256, Kind::Composite, &[(a, 1), (b, 1)]).unwrap();
        assert_eq!(composite.value, format!("{}-2", BASE64.encode(both)));
        assert_eq!(Checksum::of_parts(Algorithm::Sha256, Kind::FullObject, &[(vec![0; 32], 1)]), None);
    }
}
