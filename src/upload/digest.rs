//! What a reading computes.

/// Which digests a reading is to compute.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Algorithms {
    /// SHA-256.
    pub sha256: bool,
    /// CRC-64/NVME.
    pub crc64nvme: bool,
}

/// Digests of a file or of a part; those that were not asked for are `None`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Digest {
    /// SHA-256. Of what goes in signed chunks, that of the chunks' SHA-256s one behind the
    /// other: it tells whether the bytes are the same, and is sent to nobody.
    pub sha256: Option<[u8; 32]>,
    /// CRC-64/NVME.
    pub crc64nvme: Option<u64>,
}

impl Algorithms {
    /// Whether anything is to be computed.
    #[must_use]
    pub const fn any(self) -> bool {
        self.sha256 || self.crc64nvme
    }
}

impl Digest {
    /// Whether it has anything.
    pub(super) const fn is_some(&self) -> bool {
        self.sha256.is_some() || self.crc64nvme.is_some()
    }

    /// Whether it has what was to be computed.
    #[must_use]
    pub const fn has(&self, algorithms: Algorithms) -> bool {
        (!algorithms.sha256 || self.sha256.is_some()) && (!algorithms.crc64nvme || self.crc64nvme.is_some())
    }
}
