//! `POST /sign`: signed requests.

use serde::{Deserialize, Serialize};

use crate::endpoint::protocol::{AnsweredIntent, Grant, Intent, Outcome};

/// A request that S3 will take as it is, until `expires`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct SignedRequest {
    /// What it was signed for.
    pub intent: AnsweredIntent,
    /// `PUT`, `POST` or `GET`.
    pub method: String,
    /// Where it goes.
    pub url: String,
    /// The headers that the page must set, but of a form. `host` and
    /// `content-length` are signed too, and set by the browser.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub headers: Vec<(String, String)>,
    /// Of a form: its fields, in order; the file goes last, as `file`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<(String, String)>,
    /// Of a Complete: the document to send, byte for byte.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// Of a body that goes in signed chunks: what stands between them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chunks: Option<SignedChunks>,
    /// The moment from which S3 refuses it, ISO 8601.
    pub expires: String,
}

/// The signatures of a body's chunks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct SignedChunks {
    /// Bytes of every chunk but the last, the grant's.
    pub size: u64,
    /// Bytes of the body with all that stands between the chunks: the
    /// `content-length` that is signed.
    pub length: u64,
    /// The signature of the request, from which the chain goes on: 64
    /// hexadecimal digits.
    pub seed: String,
    /// The signatures, 32 bytes each, in base64: of every chunk in order, and
    /// of the empty one that ends the body.
    pub signatures: String,
}

/// `POST /sign`: fresh signatures for grants.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SignRequests {
    /// Grants and what is intended with each.
    pub requests: Vec<SignRequest>,
}

/// What is intended with one grant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SignRequest {
    /// The grant's token.
    pub token: String,
    /// The multipart upload that S3 named when it was created; `part`,
    /// `complete` and `list` need it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upload_id: Option<String>,
    /// The requests to sign, in order.
    pub intents: Vec<Intent>,
}

/// The answer to [`SignRequests`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct SignAnswer {
    /// The server's clock, ISO 8601.
    pub now: String,
    /// One for each grant, in the same order.
    pub results: Vec<Outcome<SignedIntents>>,
}

/// The signed requests of one grant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct SignedIntents {
    /// One for each intent that signs, in the same order.
    pub requests: Vec<SignedRequest>,
    /// The new grant, after a `renew`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grant: Option<Grant>,
}
