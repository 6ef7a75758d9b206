//! What a signature says of the body.

use std::borrow::Cow;

use crate::digest::{sha256, to_hex};
use crate::error::{Error, ErrorKind, Result};

/// The last line of a canonical request: the body's SHA-256, or why there is
/// none. S3 also wants it in the `x-amz-content-sha256` header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PayloadHash {
    /// There is no body.
    Empty,
    /// The SHA-256 of the body.
    Sha256([u8; 32]),
    /// The body is not signed: `UNSIGNED-PAYLOAD`.
    Unsigned,
    /// aws-chunked, every chunk signed.
    StreamingSigned,
    /// aws-chunked, every chunk and the trailer signed.
    StreamingSignedTrailer,
    /// aws-chunked, with a trailer, nothing of it signed.
    StreamingUnsignedTrailer,
}

impl PayloadHash {
    /// The hash of a body at hand.
    #[must_use]
    pub fn of(body: &[u8]) -> Self {
        if body.is_empty() { Self::Empty } else { Self::Sha256(sha256(body)) }
    }

    /// Parses 64 hexadecimal digits or one of S3's words, as
    /// `x-amz-content-sha256` has them.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidDigest`] for anything else.
    pub fn parse(text: &str) -> Result<Self> {
        [
            Self::Empty,
            Self::Unsigned,
            Self::StreamingSigned,
            Self::StreamingSignedTrailer,
            Self::StreamingUnsignedTrailer,
        ]
        .into_iter()
        .find(|hash| hash.as_str() == text)
        .or_else(|| {
            let mut bytes = [0; 32];
            hex::decode_to_slice(text, &mut bytes).ok().map(|()| Self::Sha256(bytes))
        })
        .ok_or_else(|| {
            Error::new(
                ErrorKind::InvalidDigest,
                "a payload hash is 64 hexadecimal digits, UNSIGNED-PAYLOAD, or one of S3's STREAMING- words",
            )
        })
    }

    /// As the canonical request and `x-amz-content-sha256` have it.
    #[must_use]
    pub fn as_str(&self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Self::Empty => "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            Self::Sha256(bytes) => return Cow::Owned(to_hex(bytes)),
            Self::Unsigned => "UNSIGNED-PAYLOAD",
            Self::StreamingSigned => "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
            Self::StreamingSignedTrailer => "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
            Self::StreamingUnsignedTrailer => "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
        })
    }
}
