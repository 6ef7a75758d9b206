//! What the engine asks of its driver.

use super::config::Integrity;
use super::digest::{Algorithms, Digest};
use super::id::{AttemptId, CallId, HashId, UploadId};
use super::plan::Transport;
use super::priority::Priority;
use super::snapshot::Saved;
use std::ops::Range;

/// Something for the driver to do. It starts the thing and returns at once;
/// the outcome comes back as an [`Event`](super::Event). Exactly one outcome is
/// expected for each action, unless the engine took it back ([`CancelHash`],
/// [`CancelCall`], [`Cancel`]): outcomes that come all the same are dropped.
///
/// [`CancelHash`]: Action::CancelHash
/// [`CancelCall`]: Action::CancelCall
/// [`Cancel`]: Action::Cancel
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Read these bytes of the file and compute their digests, off the main
    /// thread. Answer: [`Event::Hashed`](super::Event::Hashed), or
    /// [`Event::HashFailed`](super::Event::HashFailed) if the file cannot be read.
    Hash {
        /// To be given back with the answer.
        hash: HashId,
        /// Whose file.
        upload: UploadId,
        /// Which bytes; empty for an empty file.
        range: Range<u64>,
        /// What to compute; at least one.
        algorithms: Algorithms,
        /// With the SHA-256 of each chunk of so many bytes: the list is kept for an
        /// intent's `chunks` until [`DropChunks`](Self::DropChunks), and what is
        /// answered as [`Digest::sha256`] is the SHA-256 of the list.
        chunk_size: Option<u64>,
    },
    /// The chunks of that range are stored: nobody will ask for their list again.
    /// No answer is expected.
    DropChunks {
        /// Whose file.
        upload: UploadId,
        /// Where the range begins.
        start: u64,
    },
    /// Stop a reading. No answer is expected.
    CancelHash {
        /// The reading to stop.
        hash: HashId,
    },
    /// `POST {endpoint}/uploads` with these files, in this order. Answer:
    /// [`Event::Granted`](super::Event::Granted) for a 200, with an item for each
    /// file in the same order, else [`Event::CallFailed`](super::Event::CallFailed).
    CreateGrants {
        /// To be given back with the answer.
        call: CallId,
        /// The files, at most [`Config::files_per_call`](super::Config::files_per_call).
        files: Vec<GrantRequest>,
    },
    /// `POST {endpoint}/sign` with these tokens and intents, in this order.
    /// Answer: [`Event::Signed`](super::Event::Signed) for a 200, with an item for
    /// each token in the same order, else [`Event::CallFailed`](super::Event::CallFailed).
    Sign {
        /// To be given back with the answer.
        call: CallId,
        /// What to sign.
        items: Vec<SignRequest>,
    },
    /// Send this request to S3 at once, exactly as it is: method
    /// ([`SignedRequest::method`]), URL, headers or form fields.
    ///
    /// - [`RequestContent::Put`]: an `XMLHttpRequest` whose body is
    ///   `file.slice(body.start, body.end)` (the file itself where that is all of
    ///   it), *without a type* or with the Content-Type among the headers; the
    ///   browser adds Host and Content-Length, which are signed too. Report
    ///   `xhr.upload` progress as [`Event::Progress`](super::Event::Progress).
    /// - [`RequestContent::Post`]: a `FormData` with the fields in order and then
    ///   the bytes as `file`. No listener on `xhr.upload` (it would cost a CORS
    ///   preflight) and so no `Progress`.
    /// - [`RequestContent::Control`]: its own body and none of the file's bytes;
    ///   no `Progress`. The answer's body comes back with the `Response`.
    ///
    /// No credentials (cookies) go with it, no retry, and no timeout of the
    /// driver's: the engine cancels what stalls. Answer: [`Event::Response`](super::Event::Response)
    /// for any HTTP status, [`Event::NetworkError`](super::Event::NetworkError) where none came.
    Send {
        /// To be given back with the progress and the answer.
        attempt: AttemptId,
        /// What to send; used for this one attempt and never again.
        request: SignedRequest,
        /// Which bytes of the file.
        body: Range<u64>,
    },
    /// Abort that request (`xhr.abort()`) if it is still under way. No answer
    /// is expected.
    Cancel {
        /// The attempt to abort.
        attempt: AttemptId,
    },
    /// Abort that call of the endpoint, which took too long. No answer is expected.
    CancelCall {
        /// The call to abort.
        call: CallId,
    },
    /// `POST {endpoint}/uploads/finish` with these tokens, in this order.
    /// Answer: [`Event::Finished`](super::Event::Finished) for a 200, with an item
    /// for each token in the same order, else [`Event::CallFailed`](super::Event::CallFailed).
    Finish {
        /// To be given back with the answer.
        call: CallId,
        /// What to finish.
        items: Vec<FinishRequest>,
    },
    /// `POST {endpoint}/uploads/delete` with these tokens or receipts, in this
    /// order. Answer: [`Event::Deleted`](super::Event::Deleted) for a 200, with an
    /// item for each in the same order, else [`Event::CallFailed`](super::Event::CallFailed).
    Delete {
        /// To be given back with the answer.
        call: CallId,
        /// What to delete.
        items: Vec<DeleteRequest>,
    },
    /// Keep this of the upload beyond the page; only with
    /// [`Config::snapshots`](super::Config::snapshots). No answer is expected.
    Save {
        /// Whose.
        upload: UploadId,
        /// What.
        saved: Saved,
    },
    /// Drop everything that was kept of the upload. No answer is expected.
    Forget {
        /// Whose.
        upload: UploadId,
    },
}

/// A file as the page describes it to the endpoint. None of its bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileDescription {
    /// The file's name, as the user sees it.
    pub name: String,
    /// Its size in bytes.
    pub size: u64,
    /// Its media type; empty when unknown.
    pub content_type: String,
    /// The app's own metadata: names and values, in order.
    pub metadata: Vec<(String, String)>,
    /// Which way to ask for.
    pub transport: Transport,
    /// When its turn comes.
    pub priority: Priority,
}

/// One entry of `files` in `POST {endpoint}/uploads`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GrantRequest {
    /// Whose file.
    pub upload: UploadId,
    /// What to say about it.
    pub file: FileDescription,
    /// Which way to ask for.
    pub transport: Transport,
    /// How its bytes are bound into the requests: told for multipart, and where it is
    /// [`Chunks`](Integrity::Chunks).
    pub integrity: Integrity,
    /// The digests of the whole file (`sha256` as 64 hex digits, `crc64nvme` as
    /// base64 of its eight bytes, the highest first): none for multipart and chunks.
    pub digest: Digest,
}

/// One entry of `requests` in `POST {endpoint}/sign`.
#[derive(Clone, PartialEq, Eq)]
pub struct SignRequest {
    /// Whose grant.
    pub upload: UploadId,
    /// The grant's token.
    pub token: String,
    /// The multipart upload at S3: for parts, lists and completion.
    pub upload_id: Option<String>,
    /// What is wanted, in order: one request is expected for each intent, but
    /// for [`Intent::Renew`] a grant.
    pub intents: Vec<Intent>,
}

/// What a signature is asked for; the endpoint builds the request itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Intent {
    /// `{"op":"put"}`: one PUT of the whole file.
    Put {
        /// In signed chunks: where the range begins (0) whose list of SHA-256s goes with
        /// it as `chunkHashes`.
        chunks: Option<u64>,
    },
    /// `{"op":"post"}`: the fields of a POST form for the whole file.
    Post,
    /// `{"op":"renew"}`: a new grant for the same object, by which the intents
    /// after it are signed; the old one has expired or is about to.
    Renew,
    /// `{"op":"create"}`: begin a multipart upload.
    Create,
    /// `{"op":"part"}`: one part.
    Part {
        /// Its number, from 1.
        number: u16,
        /// The digests of its bytes, by the grant's integrity; none with `chunks`.
        digest: Digest,
        /// As with [`Put`](Self::Put).
        chunks: Option<u64>,
    },
    /// `{"op":"complete"}`: put the parts together.
    Complete {
        /// All of them, from number 1 on.
        parts: Vec<CompletedPart>,
        /// The CRC-64/NVME of the whole file, where it is the integrity's.
        crc64nvme: Option<u64>,
    },
    /// `{"op":"list"}`: which parts S3 has.
    List {
        /// From the number after this one on; 0 for all.
        after: u16,
    },
}

/// A part as it is listed to complete the upload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompletedPart {
    /// The ETag that S3 answered for it, as it stood in the header.
    pub etag: String,
    /// The digests of its bytes, those of the grant's integrity that S3 keeps.
    pub digest: Digest,
}

/// A request as the endpoint signed it.
#[derive(Clone, PartialEq, Eq)]
pub struct SignedRequest {
    /// Where to; it may hold a signature, so it never stands in a message.
    pub url: String,
    /// Headers or form fields.
    pub content: RequestContent,
    /// How long S3 takes it, in milliseconds from the `now` of the answer that
    /// brought it: `expires - now`, both the server's; 0 if that is negative.
    pub lifetime_ms: u64,
    /// Of a completion in SHA-256: the composite that S3 will tell as the
    /// object's checksum, `<base64>-<parts>`.
    pub composite_sha256: Option<String>,
    /// Of a PUT whose body is to go in signed chunks.
    pub chunks: Option<SignedChunks>,
}

/// How the bytes of a request are cut into chunks, and the signature of each.
#[derive(Clone, PartialEq, Eq)]
pub struct SignedChunks {
    /// Bytes of a chunk but the last.
    pub size: u64,
    /// Signatures in base64: 32 bytes for every chunk and for the empty one at the end.
    pub signatures: String,
}

impl SignedRequest {
    /// `PUT`, `POST` or `GET`.
    #[must_use]
    pub const fn method(&self) -> &'static str {
        match self.content {
            RequestContent::Put { .. } => "PUT",
            RequestContent::Post { .. } => "POST",
            RequestContent::Control { method, .. } => method,
        }
    }
}

/// What goes with a signed request besides the file's bytes.
#[derive(Clone, PartialEq, Eq)]
pub enum RequestContent {
    /// The bytes are the body.
    Put {
        /// Headers for the page to set, in order.
        headers: Vec<(String, String)>,
    },
    /// The bytes are the last field, `file`, of a `multipart/form-data` form.
    Post {
        /// The fields before it, in order.
        fields: Vec<(String, String)>,
    },
    /// None of the file's bytes: begins, lists or completes a multipart upload.
    Control {
        /// `POST` or `GET`.
        method: &'static str,
        /// Headers for the page to set, in order.
        headers: Vec<(String, String)>,
        /// The body, sent as it is; may be empty.
        body: String,
    },
}

/// One entry of `uploads` in `POST {endpoint}/uploads/finish`.
#[derive(Clone, PartialEq, Eq)]
pub struct FinishRequest {
    /// Whose grant.
    pub upload: UploadId,
    /// The grant's token.
    pub token: String,
    /// The ETag that S3 answered, as it stood in the header; `None` when the
    /// answer was lost and the endpoint is to look.
    pub etag: Option<String>,
}

/// One entry of `uploads` in `POST {endpoint}/uploads/delete`.
#[derive(Clone, PartialEq, Eq)]
pub struct DeleteRequest {
    /// Whose object.
    pub upload: UploadId,
    /// By what right.
    pub key: DeleteKey,
}

/// What shows that an object is the caller's to delete.
#[derive(Clone, PartialEq, Eq)]
pub enum DeleteKey {
    /// The grant's token: the upload was not finished.
    Token {
        /// The token.
        token: String,
        /// The multipart upload at S3, where it is known. (The endpoint finds
        /// others of the same key by itself.)
        upload_id: Option<String>,
    },
    /// The receipt: it was.
    Receipt(String),
}

/// Tokens, receipts and signatures are kept out of logs: their `Debug` says
/// only whose they are.
macro_rules! redacted_debug {
    ($($name:ident { $($field:ident),* })*) => {$(
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct(stringify!($name))$(.field(stringify!($field), &self.$field))*.finish_non_exhaustive()
            }
        }
    )*};
}

redacted_debug! {
    SignRequest { upload, intents }
    SignedRequest { lifetime_ms }
    FinishRequest { upload, etag }
    DeleteRequest { upload }
}
