//! The three formats.

use crate::sigv4::chunked::trailer::TrailerChecksum;
use crate::sigv4::payload::PayloadHash;

/// What is signed of the chunks, and what follows them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ChunkFormat {
    /// Every chunk is signed: `STREAMING-AWS4-HMAC-SHA256-PAYLOAD`.
    Signed,
    /// Every chunk and the trailer behind them: `STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER`.
    SignedTrailer(TrailerChecksum),
    /// Nothing is signed; a trailer follows: `STREAMING-UNSIGNED-PAYLOAD-TRAILER`.
    UnsignedTrailer(TrailerChecksum),
}

impl ChunkFormat {
    /// What `x-amz-content-sha256` says.
    #[must_use]
    pub const fn payload_hash(self) -> PayloadHash {
        match self {
            Self::Signed => PayloadHash::StreamingSigned,
            Self::SignedTrailer(_) => PayloadHash::StreamingSignedTrailer,
            Self::UnsignedTrailer(_) => PayloadHash::StreamingUnsignedTrailer,
        }
    }

    /// The checksum behind the last chunk.
    #[must_use]
    pub const fn trailer(self) -> Option<TrailerChecksum> {
        match self {
            Self::Signed => None,
            Self::SignedTrailer(checksum) | Self::UnsignedTrailer(checksum) => Some(checksum),
        }
    }

    /// Whether the chunks are signed.
    #[must_use]
    pub const fn is_signed(self) -> bool {
        matches!(self, Self::Signed | Self::SignedTrailer(_))
    }
}
