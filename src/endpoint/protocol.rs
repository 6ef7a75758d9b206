//! The JSON of the signing protocol (`docs/protocol.md` is its specification).
//!
//! What a client sends refuses members that nobody here knows: an option that
//! is silently ignored is a rule that is silently not kept.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::endpoint::{Reason, Refusal};

pub use intent::{AnsweredIntent, Intent};

mod intent;

/// Reads the body of a call.
///
/// # Errors
/// [`Reason::MalformedRequest`] for what is not JSON, or not the JSON of this
/// call. The message names the place, never a value: values may be tokens.
pub fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refusal> {
    serde_json::from_slice(body).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        let what = if error.is_data() { "not what this call takes" } else { "not JSON" };
        Refusal::new(Reason::MalformedRequest, format!("the body is {what} (line {line}, column {column})"))
    })
}

/// How a file goes to S3.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Transport {
    /// One PUT.
    Put,
    /// One POST form: no preflight, so one round trip.
    Post,
}

/// `POST /uploads`: files for which grants are wanted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CreateUploads {
    /// The files, at most as many as the rules allow a call.
    pub files: Vec<NewFile>,
}

/// A file, as the page describes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewFile {
    /// Its name; 1 to 1,024 bytes, without any folder.
    pub name: String,
    /// Its length in bytes, exactly.
    pub size: u64,
    /// Its media type; empty where the browser knows none.
    #[serde(rename = "type", default)]
    pub content_type: String,
    /// SHA-256 of its bytes, 64 hexadecimal digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// User metadata: names of `a-z0-9_-`, 2 KB in all.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub metadata: BTreeMap<String, String>,
    /// How the page wants to send it; PUT when it does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transport: Option<Transport>,
}

/// The answer to [`CreateUploads`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreateUploadsAnswer {
    /// The server's clock, ISO 8601.
    pub now: String,
    /// One for each file, in the same order.
    pub uploads: Vec<Outcome<CreatedUpload>>,
}

/// A grant and its first signatures.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreatedUpload {
    /// What may be uploaded, and the token that proves it.
    pub grant: Grant,
    /// The signed requests that the upload begins with.
    pub requests: Vec<SignedRequest>,
}

/// What a page knows of a grant. Everything but the token is for show: only
/// what the token says counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// Proves the grant; opaque to the page.
    pub token: String,
    /// The bucket.
    pub bucket: String,
    /// The key that the object will have.
    pub key: String,
    /// Length in bytes.
    pub size: u64,
    /// The media type that will be stored.
    #[serde(rename = "type")]
    pub content_type: String,
    /// When the grant ends, ISO 8601.
    pub expires: String,
    /// How the file goes to S3.
    pub plan: Plan,
}

/// How the file goes to S3.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Plan {
    /// One PUT.
    Put,
    /// One POST form.
    Post,
}

/// A request that S3 will take as it is, until `expires`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedRequest {
    /// What it was signed for.
    pub intent: AnsweredIntent,
    /// `PUT` or `POST`.
    pub method: String,
    /// Where it goes.
    pub url: String,
    /// Of a PUT: the headers that the page must set. `host` and
    /// `content-length` are signed too, and set by the browser.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub headers: Vec<(String, String)>,
    /// Of a POST: the fields of the form, in order; the file goes last, as `file`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<(String, String)>,
    /// The moment from which S3 refuses it, ISO 8601.
    pub expires: String,
}

/// `POST /sign`: fresh signatures for grants.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignRequests {
    /// Grants and what is intended with each.
    pub requests: Vec<SignRequest>,
}

/// What is intended with one grant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignRequest {
    /// The grant's token.
    pub token: String,
    /// The requests to sign, in order.
    pub intents: Vec<Intent>,
}

/// The answer to [`SignRequests`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignAnswer {
    /// The server's clock, ISO 8601.
    pub now: String,
    /// One for each grant, in the same order.
    pub results: Vec<Outcome<SignedIntents>>,
}

/// The signed requests of one grant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedIntents {
    /// One for each intent that signs, in the same order.
    pub requests: Vec<SignedRequest>,
    /// The new grant, after a `renew`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grant: Option<Grant>,
}

/// `POST /uploads/finish`: uploads that are said to have arrived.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FinishUploads {
    /// The uploads.
    pub uploads: Vec<FinishItem>,
}

/// An upload that is said to have arrived.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FinishItem {
    /// The grant's token.
    pub token: String,
    /// The ETag that S3 answered to the page, quoted or not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub etag: Option<String>,
}

/// The answer to [`FinishUploads`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FinishAnswer {
    /// The server's clock, ISO 8601.
    pub now: String,
    /// One for each upload, in the same order.
    pub results: Vec<Outcome<FinishedUpload>>,
}

/// An object that arrived as granted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FinishedUpload {
    /// The bucket.
    pub bucket: String,
    /// The key.
    pub key: String,
    /// Length in bytes, as S3 says it.
    pub size: u64,
    /// The stored media type.
    #[serde(rename = "type")]
    pub content_type: String,
    /// The ETag, without quotes.
    pub etag: String,
    /// The version, in a versioned bucket.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version_id: Option<String>,
    /// SHA-256 of the bytes, where it is certain: 64 hexadecimal digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// A presigned URL to look at it.
    pub url: String,
    /// When that URL ends, ISO 8601.
    pub url_expires: String,
    /// What the page hands to the app, which verifies it.
    pub receipt: String,
}

/// `POST /uploads/delete`: uploads that their owner no longer wants.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeleteUploads {
    /// The uploads.
    pub uploads: Vec<DeleteItem>,
}

/// One upload, by the token of its grant or by its receipt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DeleteItem {
    /// By its grant.
    Token(String),
    /// By its receipt.
    Receipt(String),
}

/// The answer to [`DeleteUploads`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeleteAnswer {
    /// One for each upload, in the same order.
    pub results: Vec<Outcome<Deleted>>,
}

/// An object that is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deleted {
    /// Always true.
    pub deleted: bool,
}

/// `POST /receipts/verify`: the app, server to server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VerifyReceipts {
    /// The receipts.
    pub receipts: Vec<String>,
    /// The user that all of them must belong to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
}

/// The answer to [`VerifyReceipts`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VerifyAnswer {
    /// One for each receipt, in the same order.
    pub results: Vec<Outcome<VerifiedReceipt>>,
}

/// What an authentic receipt says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VerifiedReceipt {
    /// Who uploaded it.
    pub user: String,
    /// The bucket.
    pub bucket: String,
    /// The key.
    pub key: String,
    /// The name that the file had on the user's machine.
    pub name: String,
    /// Length in bytes.
    pub size: u64,
    /// The stored media type.
    #[serde(rename = "type")]
    pub content_type: String,
    /// The ETag, without quotes.
    pub etag: String,
    /// The version, in a versioned bucket.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version_id: Option<String>,
    /// SHA-256 of the bytes, where it is certain: 64 hexadecimal digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// User metadata of the grant.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub metadata: BTreeMap<String, String>,
    /// When it was finished, ISO 8601.
    pub finished: String,
}

/// `POST /forms`: plain HTML forms, for pages without any JavaScript.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CreateForms {
    /// The forms.
    pub forms: Vec<NewForm>,
}

/// A form to be filled in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewForm {
    /// The media type that will be stored, whatever the user picks.
    #[serde(rename = "type", default)]
    pub content_type: String,
    /// What sizes it takes; those of the rules when it does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<SizeRange>,
    /// The name to file it under; `file` when it does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// User metadata, as of files.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub metadata: BTreeMap<String, String>,
    /// The page of the app that the user comes back to: a path of this server,
    /// or a URL of an origin that the rules name.
    pub redirect: String,
}

/// Least and greatest size in bytes, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SizeRange {
    /// Least.
    pub min: u64,
    /// Greatest.
    pub max: u64,
}

/// The answer to [`CreateForms`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreateFormsAnswer {
    /// The server's clock, ISO 8601.
    pub now: String,
    /// One for each form, in the same order.
    pub forms: Vec<Outcome<CreatedForm>>,
}

/// A form, filled in but for the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreatedForm {
    /// The form's `action`; its method is POST, its enctype `multipart/form-data`.
    pub url: String,
    /// Hidden fields, in order; the `<input type="file" name="file">` goes last.
    pub fields: Vec<(String, String)>,
    /// The form's own grant.
    pub token: String,
    /// When policy and grant end, ISO 8601.
    pub expires: String,
}

/// What became of one item of a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Outcome<T> {
    /// It was refused.
    Refused {
        /// Why.
        error: ItemError,
    },
    /// It was done.
    Done(T),
}

impl<T> Outcome<T> {
    /// The result as Rust has it.
    ///
    /// # Errors
    /// The error of a refused item.
    pub fn into_result(self) -> Result<T, ItemError> {
        match self {
            Self::Done(value) => Ok(value),
            Self::Refused { error } => Err(error),
        }
    }
}

impl<T> From<Result<T, Refusal>> for Outcome<T> {
    fn from(result: Result<T, Refusal>) -> Self {
        match result {
            Ok(value) => Self::Done(value),
            Err(refusal) => Self::Refused { error: refusal.into() },
        }
    }
}

/// Why one item of a list was refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ItemError {
    /// Stable, in snake case.
    pub code: String,
    /// A sentence for a person.
    pub message: String,
    /// Whether the same, asked again, may succeed.
    pub retryable: bool,
    /// The HTTP status that it would have alone.
    pub status: u16,
}

impl From<Refusal> for ItemError {
    fn from(refusal: Refusal) -> Self {
        Self {
            code: refusal.code().to_owned(),
            message: refusal.message().to_owned(),
            retryable: refusal.retryable(),
            status: refusal.status(),
        }
    }
}

/// The body of a call that was refused as a whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorAnswer {
    /// Why.
    pub error: CallError,
}

/// Why a call was refused as a whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CallError {
    /// Stable, in snake case.
    pub code: String,
    /// A sentence for a person.
    pub message: String,
    /// Whether the same, asked again, may succeed.
    pub retryable: bool,
    /// The id of the call in the server's log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
}

impl ErrorAnswer {
    /// The body for a refusal; the status is [`Refusal::status`].
    #[must_use]
    pub fn new(refusal: &Refusal, request_id: Option<String>) -> Self {
        Self {
            error: CallError {
                code: refusal.code().to_owned(),
                message: refusal.message().to_owned(),
                retryable: refusal.retryable(),
                request_id,
            },
        }
    }
}
