//! Names of what is under way. The driver keeps them and hands them back;
//! an answer that carries a name no longer under way is dropped.

/// One file added to an [`Uploader`](super::Uploader); never used twice.
/// Ids ascend in the order of adding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UploadId(pub(super) u32);

impl UploadId {
    /// The upload of that number, if there is one.
    #[must_use]
    pub const fn new(number: u32) -> Self {
        Self(number)
    }

    /// The number of this upload, from 0.
    #[must_use]
    pub const fn number(self) -> u32 {
        self.0
    }
}

/// One request to S3. Every attempt has a new one, and its own signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AttemptId {
    pub(super) upload: UploadId,
    pub(super) number: u32,
}

impl AttemptId {
    /// The upload that this request belongs to.
    #[must_use]
    pub const fn upload(self) -> UploadId {
        self.upload
    }

    /// The number of this attempt within its upload, from 1.
    #[must_use]
    pub const fn number(self) -> u32 {
        self.number
    }
}

/// One reading of a file's range for its digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HashId {
    pub(super) upload: UploadId,
    pub(super) number: u32,
}

impl HashId {
    /// The upload whose file is read.
    #[must_use]
    pub const fn upload(self) -> UploadId {
        self.upload
    }

    /// The number of this reading within its upload, from 1.
    #[must_use]
    pub const fn number(self) -> u32 {
        self.number
    }
}

/// One call of the signing endpoint, for one upload or many.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CallId(pub(super) u32);

impl CallId {
    /// The number of this call, from 1.
    #[must_use]
    pub const fn number(self) -> u32 {
        self.0
    }
}
