//! What outlives the page: enough to go on with an upload after a reload.
//! Nothing of S3's secrets is in it, and the token works for its user only.

use super::Integrity;
use super::digest::Digest;
use super::plan::Plan;

/// What a driver keeps for the engine, and hands back to
/// [`Uploader::add_saved`](super::Uploader::add_saved) after a reload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Saved {
    /// Instead of the upload's record so far; its parts stay. (Where they do not,
    /// [`Action::Forget`](super::Action::Forget) comes first.)
    Upload(SavedUpload),
    /// One more part that S3 has, or instead of the record of that number.
    Part(SavedPart),
}

/// An upload under way.
#[derive(Clone, PartialEq, Eq)]
pub struct SavedUpload {
    /// The grant's token.
    pub token: String,
    /// Where the object will be.
    pub bucket: String,
    /// Its key.
    pub key: String,
    /// How it travels.
    pub plan: Plan,
    /// How its bytes are bound into the requests.
    pub integrity: Integrity,
    /// Of [`Integrity::Chunks`]: how long the chunks are.
    pub chunk_size: Option<u64>,
    /// The digest of the whole file, where it travels as one request.
    pub digest: Digest,
    /// The multipart upload at S3, once it is known.
    pub upload_id: Option<String>,
    /// The caller gave it up, and what there is of it is still to be deleted.
    pub aborting: bool,
}

/// A part that S3 has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedPart {
    /// Its number, from 1.
    pub number: u16,
    /// The ETag that S3 answered.
    pub etag: String,
    /// What its bytes were.
    pub digest: Digest,
}

impl std::fmt::Debug for SavedUpload {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SavedUpload")
            .field("key", &self.key)
            .field("plan", &self.plan)
            .finish_non_exhaustive()
    }
}
