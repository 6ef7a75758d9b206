//! What the driver tells the engine.

use super::action::SignedRequest;
use super::digest::Digest;
use super::id::{AttemptId, CallId, HashId};
use super::plan::Plan;
use crate::error::{Error, Result};

/// Something that happened outside. Events may come late, twice or out of
/// order: what does not fit what is under way is dropped.
#[derive(Clone, Debug)]
pub enum Event {
    /// A reading is done.
    Hashed {
        /// The reading.
        hash: HashId,
        /// The digests of the range that were asked for.
        digest: Digest,
    },
    /// A reading failed: the file is gone, changed or forbidden. Not tried
    /// again by itself.
    HashFailed {
        /// The reading.
        hash: HashId,
        /// Why, usually [`UnreadableFile`](crate::ErrorKind::UnreadableFile).
        error: Error,
    },
    /// The endpoint answered [`CreateGrants`](super::Action::CreateGrants) with 200.
    Granted {
        /// The call.
        call: CallId,
        /// One for each file, in order; see [`item_error`](super::item_error) for those refused.
        items: Vec<Result<Grant>>,
    },
    /// The endpoint answered [`Sign`](super::Action::Sign) with 200.
    Signed {
        /// The call.
        call: CallId,
        /// One for each token, in order.
        items: Vec<Result<Signed>>,
    },
    /// The endpoint answered [`Finish`](super::Action::Finish) with 200.
    Finished {
        /// The call.
        call: CallId,
        /// One for each token, in order.
        items: Vec<Result<StoredObject>>,
    },
    /// The endpoint answered [`Delete`](super::Action::Delete) with 200.
    Deleted {
        /// The call.
        call: CallId,
        /// One for each item, in order.
        items: Vec<Result<()>>,
    },
    /// A call did not come to a 200. A 401 is reported only after the app's
    /// credentials were refreshed and the call was made once more, as
    /// [`Unauthenticated`](crate::ErrorKind::Unauthenticated).
    CallFailed {
        /// The call.
        call: CallId,
        /// [`Network`](crate::ErrorKind::Network) where no answer came; else as
        /// [`item_error`](super::item_error) makes it from the answer's `error`.
        error: Error,
        /// The answer's `Retry-After`, in milliseconds from its arrival.
        retry_after_ms: Option<u64>,
    },
    /// Bytes of an attempt's body left the page. No need to throttle these.
    Progress {
        /// The attempt.
        attempt: AttemptId,
        /// How many of the body's bytes in all.
        sent: u64,
    },
    /// S3 answered an attempt, with whatever status.
    Response {
        /// The attempt.
        attempt: AttemptId,
        /// The answer.
        response: Response,
    },
    /// An attempt came to no answer: the network failed, or CORS hid the
    /// answer (status 0). Not for attempts that the engine cancelled.
    NetworkError {
        /// The attempt.
        attempt: AttemptId,
    },
    /// The browser says that it has a network (the `online` event).
    Online,
    /// The browser says that it has none (`offline`, or `navigator.onLine` is
    /// false at the start).
    Offline,
}

/// A grant with its first signatures: one item of the answer to
/// [`CreateGrants`](super::Action::CreateGrants).
#[derive(Clone)]
pub struct Grant {
    /// Authenticates every later call for this upload.
    pub token: String,
    /// Where the object will be.
    pub bucket: String,
    /// Its key.
    pub key: String,
    /// How the file travels.
    pub plan: Plan,
    /// Where the bytes go in signed chunks: how long those are.
    pub chunk_size: Option<u64>,
    /// `expires - now`, both the server's, in milliseconds; 0 if negative.
    pub lifetime_ms: u64,
    /// The first signed requests of the plan, in its order; may be empty.
    pub requests: Vec<SignedRequest>,
}

/// One item of the answer to [`Sign`](super::Action::Sign).
#[derive(Clone, Debug)]
pub struct Signed {
    /// The requests, in the order of their intents.
    pub requests: Vec<SignedRequest>,
    /// The answer to [`Intent::Renew`](super::Intent::Renew).
    pub grant: Option<Renewal>,
}

/// A new grant for the same object: of the answer's `grant`, what is new.
#[derive(Clone)]
pub struct Renewal {
    /// Authenticates every later call instead of the old one.
    pub token: String,
    /// `expires - now`, both the server's, in milliseconds; 0 if negative.
    pub lifetime_ms: u64,
}

/// S3's answer, as far as CORS shows it.
#[derive(Clone, Debug, Default)]
pub struct Response {
    /// The HTTP status.
    pub status: u16,
    /// The `ETag` header, as it stands.
    pub etag: Option<String>,
    /// The `x-amz-checksum-sha256` header (base64), where S3 sent it.
    pub checksum_sha256: Option<String>,
    /// The `x-amz-checksum-crc64nvme` header (base64), where S3 sent it.
    pub checksum_crc64nvme: Option<String>,
    /// The `x-amz-request-id` header.
    pub request_id: Option<String>,
    /// The `Retry-After` header, in milliseconds from the arrival.
    pub retry_after_ms: Option<u64>,
    /// For a status outside 2xx: what [`s3::error`](crate::s3) makes of the body
    /// (kind [`S3`](crate::ErrorKind::S3), with S3's code).
    pub error: Option<Error>,
    /// The body of an answer to [`RequestContent::Control`](super::RequestContent::Control); else empty.
    pub body: String,
}

/// A finished upload: one item of the answer to [`Finish`](super::Action::Finish).
#[derive(Clone, PartialEq, Eq)]
pub struct StoredObject {
    /// Where it is.
    pub bucket: String,
    /// Its key.
    pub key: String,
    /// Its size in bytes.
    pub size: u64,
    /// Its media type.
    pub content_type: String,
    /// Its ETag.
    pub etag: String,
    /// Its version, in a versioned bucket.
    pub version_id: Option<String>,
    /// SHA-256 of its bytes (64 hex digits), where S3 keeps it.
    pub sha256: Option<String>,
    /// CRC-64/NVME of its bytes, where S3 keeps it.
    pub crc64nvme: Option<u64>,
    /// The SHA-256 of its parts' SHA-256s, `<base64>-<parts>`, where S3 keeps it.
    pub composite_sha256: Option<String>,
    /// A short-lived URL to read it by.
    pub url: String,
    /// How long that URL works, in milliseconds from the answer's `now`.
    pub url_lifetime_ms: u64,
    /// The server's signed statement that this upload is done.
    pub receipt: String,
}

impl std::fmt::Debug for Grant {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Grant").field("key", &self.key).field("plan", &self.plan).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Renewal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Renewal").field("lifetime_ms", &self.lifetime_ms).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for StoredObject {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StoredObject")
            .field("key", &self.key)
            .field("size", &self.size)
            .finish_non_exhaustive()
    }
}
