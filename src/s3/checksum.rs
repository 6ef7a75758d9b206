//! The `x-amz-checksum-*` headers: base64 of a digest
//! (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html>).

use crate::digest::Sha256;
use crate::error::{Error, ErrorKind, Result};
use crate::s3::base64;

/// Name of the header and of the form field of a SHA-256.
pub const SHA256_HEADER: &str = "x-amz-checksum-sha256";
/// Name of the header and of the form field of a CRC64NVME.
pub const CRC64NVME_HEADER: &str = "x-amz-checksum-crc64nvme";

/// A digest as S3 writes it.
///
/// ```
/// let digest = sealift::s3::checksum::parse_hex(&"ab".repeat(32))?;
/// let text = sealift::s3::checksum::to_base64(&digest);
/// assert_eq!(sealift::s3::checksum::from_base64(&text), Some(digest));
/// # Ok::<(), sealift::Error>(())
/// ```
#[must_use]
pub fn to_base64(sha256: &[u8; 32]) -> String {
    base64::encode(sha256)
}

/// The digest in a header of S3; `None` for anything but base64 of 32 bytes,
/// so for the composite checksums of multipart uploads (`…-3`) too.
#[must_use]
pub fn from_base64(text: &str) -> Option<[u8; 32]> {
    let mut digest = [0; 32];
    base64::decode(text.trim(), &mut digest).then_some(digest)
}

/// What S3 says of the SHA-256 of an object that was uploaded in parts: the
/// digest of the parts' digests, and how many they are (`…=-3`).
#[must_use]
pub fn composite_sha256(parts: &[[u8; 32]]) -> String {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(part);
    }
    [&to_base64(&hasher.finalize()), "-", &parts.len().to_string()].concat()
}

/// Whether this is the composite SHA-256 of an upload in parts, as S3 tells it.
pub(crate) fn is_composite(text: &str) -> bool {
    text.rsplit_once('-').is_some_and(|(digest, parts)| {
        from_base64(digest).is_some() && !parts.is_empty() && parts.bytes().all(|b| b.is_ascii_digit())
    })
}

/// The one header (or form field) of the checksum that S3 is to verify and
/// store: it takes no two. A CRC goes before a SHA-256, which the signature
/// binds as payload hash anyway.
pub(crate) fn header(sha256: Option<[u8; 32]>, crc64nvme: Option<u64>) -> Option<(&'static str, String)> {
    match (crc64nvme, sha256) {
        (Some(crc), _) => Some((CRC64NVME_HEADER, crc64nvme_to_base64(crc))),
        (None, Some(sha256)) => Some((SHA256_HEADER, to_base64(&sha256))),
        (None, None) => None,
    }
}

/// A CRC64NVME as S3 writes it: base64 of its eight bytes, the highest first.
#[must_use]
pub fn crc64nvme_to_base64(crc: u64) -> String {
    base64::encode(&crc.to_be_bytes())
}

/// The CRC64NVME in a header of S3; `None` for anything but base64 of 8 bytes.
#[must_use]
pub fn crc64nvme_from_base64(text: &str) -> Option<u64> {
    let mut bytes = [0; 8];
    base64::decode(text.trim(), &mut bytes).then_some(u64::from_be_bytes(bytes))
}

/// A SHA-256 written as 64 hexadecimal digits of either case.
///
/// # Errors
/// [`ErrorKind::InvalidDigest`] for anything else.
pub fn parse_hex(text: &str) -> Result<[u8; 32]> {
    let mut digest = [0; 32];
    hex::decode_to_slice(text, &mut digest)
        .map_err(|_| Error::new(ErrorKind::InvalidDigest, "a SHA-256 is 64 hexadecimal digits"))?;
    Ok(digest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_digests_pass() {
        assert_eq!(
            from_base64("47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=").map(hex::encode).as_deref(),
            Some("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
        );
        for text in ["", "AAAA", "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=-2", "not base64"] {
            assert_eq!(from_base64(text), None, "{text}");
            assert_eq!(crc64nvme_from_base64(text), None, "{text}");
        }
        for text in ["", "ab", &"g".repeat(64), &"a".repeat(63), &"a".repeat(66)] {
            assert!(parse_hex(text).is_err(), "{text}");
        }
    }
}
