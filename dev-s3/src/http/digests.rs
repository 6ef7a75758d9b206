//! The digests of small documents (the list of Complete, a CORS configuration):
//! s3s reads those whole and says only that reading failed, so what was wrong
//! with one is found here.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use hyper::{HeaderMap, StatusCode};
use s3s::crypto::{Checksum as _, Md5};
use s3s::{S3Error, s3_error};

use crate::checksum::{Algorithm, Hasher};
use crate::errors::custom;

/// Follows a document and compares what its headers promise.
pub(crate) struct Digests {
    md5: Option<(Md5, Vec<u8>)>,
    sha256: Option<(Hasher, Vec<u8>)>,
    checksum: Option<(Hasher, Vec<u8>)>,
}

/// The digest that does not match.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DigestMismatch {
    ContentMd5,
    ContentSha256,
    Checksum,
}

impl Digests {
    /// Those that the headers name; values that cannot be one match nothing.
    /// The checksum of a CompleteMultipartUpload is its object's, not its own.
    pub(crate) fn promised(headers: &HeaderMap, operation: &str) -> Self {
        let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let md5 = header("content-md5").map(|v| (Md5::new(), BASE64.decode(v).unwrap_or_default()));
        let sha256 = header("x-amz-content-sha256")
            .and_then(|value| hex::decode(value).ok())
            .map(|digest| (Hasher::new(Algorithm::Sha256), digest));
        let own = operation != "CompleteMultipartUpload";
        let checksum = Algorithm::ALL.into_iter().filter(|_| own).find_map(|algorithm| {
            let value = header(algorithm.header())?;
            Some((Hasher::new(algorithm), algorithm.decode(value).unwrap_or_default()))
        });
        Self { md5, sha256, checksum }
    }

    pub(crate) fn update(&mut self, data: &[u8]) {
        if let Some((md5, _)) = &mut self.md5 {
            md5.update(data);
        }
        for (hasher, _) in [&mut self.sha256, &mut self.checksum].into_iter().flatten() {
            hasher.update(data);
        }
    }

    pub(crate) fn finish(self) -> Result<(), DigestMismatch> {
        if self.md5.is_some_and(|(md5, expected)| md5.finalize().as_slice() != expected) {
            return Err(DigestMismatch::ContentMd5);
        }
        if self.sha256.is_some_and(|(hasher, expected)| hasher.finalize() != expected) {
            return Err(DigestMismatch::ContentSha256);
        }
        if self.checksum.is_some_and(|(hasher, expected)| hasher.finalize() != expected) {
            return Err(DigestMismatch::Checksum);
        }
        Ok(())
    }
}

impl DigestMismatch {
    pub(crate) fn refusal(self) -> S3Error {
        match self {
            Self::ContentMd5 => {
                s3_error!(BadDigest, "The Content-MD5 you specified did not match what we received.")
            }
            Self::ContentSha256 => custom(
                "XAmzContentSHA256Mismatch",
                StatusCode::BAD_REQUEST,
                "The provided 'x-amz-content-sha256' header does not match what was computed.",
            ),
            Self::Checksum => {
                s3_error!(BadDigest, "The checksum you specified did not match the calculated checksum.")
            }
        }
    }
}

impl fmt::Debug for Digests {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Digests").finish_non_exhaustive()
    }
}

impl fmt::Display for DigestMismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a document differs from its digest")
    }
}

impl std::error::Error for DigestMismatch {}
