//! What the engine tells its owner.

use super::id::UploadId;
use super::state::State;

/// Something that the owner of the [`Uploader`](super::Uploader) wants to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// An upload came to another state. What belongs to it (its error, its
    /// object) is asked of [`Uploader::upload`](super::Uploader::upload).
    State {
        /// Which upload.
        upload: UploadId,
        /// Its new state.
        state: State,
    },
    /// An object that is not wanted may be in the bucket, and the endpoint
    /// could not be brought to delete it: it was out of reach, or the grant had
    /// expired. The bucket's own clean-up is left to deal with it.
    LeftBehind {
        /// Whose object.
        upload: UploadId,
        /// Where it may be.
        bucket: String,
        /// Its key.
        key: String,
    },
    /// The server lacks something; the uploads go on without it. Told once.
    Lacks {
        /// What.
        feature: Feature,
    },
}

/// What a server may lack.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Feature {
    /// POST forms; small files go by PUT.
    PostForms,
    /// Checksums of parts: it keeps none, so parts stored before a reload are
    /// compared by their size and ETag alone.
    PartChecksums,
    /// Signatures of chunks; the bytes go with the SHA-256 of all.
    ChunkSignatures,
}

impl Feature {
    /// The name that JavaScript sees: `post-forms`, `part-checksums`, `chunk-signatures`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::PostForms => "post-forms",
            Self::PartChecksums => "part-checksums",
            Self::ChunkSignatures => "chunk-signatures",
        }
    }
}
