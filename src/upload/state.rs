//! What the outside sees of an upload.

/// Where an upload stands.
///
/// ```text
/// queued → hashing → signing → uploading → finishing → done → deleting → deleted
/// ```
/// with `waiting`, `retrying`, `paused`, `failed` beside every step. `abort` leads to
/// `aborted`, by way of `deleting` if the object may have arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// Its turn has not come.
    Queued,
    /// Its bytes are read for their digest; or, after a reload, read again to be
    /// compared with what S3 has.
    Hashing,
    /// A grant or a signature is asked for, or a multipart upload begun or listed.
    Signing,
    /// Its bytes are on their way to S3. Of a file in parts: until all have arrived,
    /// parts are read, signed and sent side by side.
    Uploading,
    /// The caller paused it.
    Paused,
    /// There is no network.
    Waiting,
    /// Something failed and is tried again after a while.
    Retrying,
    /// S3 puts the parts together; the endpoint compares what arrived with what was meant.
    Finishing,
    /// It is in the bucket. Final, unless it is deleted.
    Done,
    /// It failed for good; `retry` goes on from there.
    Failed,
    /// The caller gave it up, and nothing of it is in the bucket (or that was
    /// reported as [`Notice::LeftBehind`](super::Notice::LeftBehind)). Final.
    Aborted,
    /// The endpoint is asked to delete the object.
    Deleting,
    /// It was deleted. Final.
    Deleted,
}

impl State {
    /// The name that JavaScript sees: `queued`, `hashing`, …
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Hashing => "hashing",
            Self::Signing => "signing",
            Self::Uploading => "uploading",
            Self::Paused => "paused",
            Self::Waiting => "waiting",
            Self::Retrying => "retrying",
            Self::Finishing => "finishing",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Aborted => "aborted",
            Self::Deleting => "deleting",
            Self::Deleted => "deleted",
        }
    }

    /// Whether nothing is under way or to come unless the caller asks for it.
    #[must_use]
    pub const fn is_settled(self) -> bool {
        matches!(self, Self::Done | Self::Failed | Self::Aborted | Self::Deleted)
    }
}
