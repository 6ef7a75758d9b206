//! What is said of a file's bytes, and whether that is what the rules want.

use crate::endpoint::protocol::PartIntegrity;
use crate::endpoint::{Integrity, Reason, Refusal, SigningEndpoint};
use crate::s3::checksum;

/// The digests of a file, or of one part.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Digests {
    pub sha256: Option<[u8; 32]>,
    pub crc64nvme: Option<u64>,
}

impl Digests {
    /// As a page writes them.
    pub(super) fn parse(sha256: Option<&str>, crc64nvme: Option<&str>) -> Result<Self, Refusal> {
        let sha256 = sha256.map(checksum::parse_hex).transpose();
        let sha256 =
            sha256.map_err(|error| Refusal::new(Reason::MalformedRequest, error.message().to_owned()))?;
        Ok(Self { sha256, crc64nvme: crc64nvme.map(parse_crc64nvme).transpose()? })
    }

    pub(super) fn sha256_hex(&self) -> Option<String> {
        self.sha256.map(hex::encode)
    }

    pub(super) fn crc64nvme_base64(&self) -> Option<String> {
        self.crc64nvme.map(checksum::crc64nvme_to_base64)
    }
}

pub(super) fn parse_crc64nvme(text: &str) -> Result<u64, Refusal> {
    checksum::crc64nvme_from_base64(text)
        .ok_or_else(|| Refusal::new(Reason::MalformedRequest, "a CRC64NVME is base64 of 8 bytes"))
}

impl PartIntegrity {
    pub(super) const fn has_sha256(self) -> bool {
        matches!(self, Self::Sha256 | Self::Both)
    }

    pub(super) const fn has_crc64nvme(self) -> bool {
        matches!(self, Self::Crc64Nvme | Self::Both | Self::ChunksCrc64Nvme)
    }

    pub(super) const fn has_chunks(self) -> bool {
        matches!(self, Self::Chunks | Self::ChunksCrc64Nvme)
    }
}

impl SigningEndpoint {
    /// Refuses a file of which nothing would be bound though the rules want it.
    /// Where S3 takes no checksum headers, only a payload hash binds anything.
    pub(super) fn check_integrity(
        &self,
        digests: Digests,
        parts: Option<PartIntegrity>,
    ) -> Result<(), Refusal> {
        let chunks = parts.is_some_and(PartIntegrity::has_chunks);
        if chunks && !self.rules.rules.chunk_signatures {
            return Err(Refusal::new(
                Reason::IntegrityRefused,
                "the S3 of this server verifies no signatures of chunks: send a SHA-256",
            ));
        }
        if self.rules.rules.integrity == Integrity::Optional {
            return Ok(());
        }
        // What S3 took had the signed SHA-256, as a whole or chunk by chunk.
        let sha256 = digests.sha256.is_some() || chunks || parts.is_some_and(PartIntegrity::has_sha256);
        let crc64nvme = digests.crc64nvme.is_some() || parts.is_some_and(PartIntegrity::has_crc64nvme);
        let refuse = |message: &'static str| Err(Refusal::new(Reason::IntegrityRequired, message));
        if !sha256 && !crc64nvme {
            return refuse("a file, and each of its parts, must come with a SHA-256 or a CRC64NVME here");
        }
        if !sha256 && !self.rules.rules.checksums {
            return refuse(
                "the S3 of this server keeps no checksums: a file, and each of its parts, must come with a SHA-256",
            );
        }
        Ok(())
    }
}
