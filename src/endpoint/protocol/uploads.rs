//! `POST /uploads` and `POST /sign`: grants and signed requests.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::endpoint::protocol::{AnsweredIntent, Intent, Outcome};

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
