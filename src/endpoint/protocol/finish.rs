//! `POST /uploads/finish` and `POST /uploads/delete`.

use serde::{Deserialize, Serialize};

use crate::endpoint::protocol::Outcome;

/// `POST /uploads/finish`: uploads that are said to have arrived.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct FinishUploads {
    /// The uploads.
    pub uploads: Vec<FinishItem>,
}

/// An upload that is said to have arrived.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
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
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct FinishAnswer {
    /// The server's clock, ISO 8601.
    pub now: String,
    /// One for each upload, in the same order.
    pub results: Vec<Outcome<FinishedUpload>>,
}

/// An object that arrived as granted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
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
    /// CRC64NVME of the bytes, base64, where S3 keeps it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub crc64nvme: Option<String>,
    /// SHA-256 over the SHA-256s of the parts, `<base64>-<parts>`, where S3
    /// keeps it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub composite_sha256: Option<String>,
    /// A presigned URL to look at it.
    pub url: String,
    /// When that URL ends, ISO 8601.
    pub url_expires: String,
    /// What the page hands to the app, which verifies it.
    pub receipt: String,
}

/// `POST /uploads/delete`: uploads that their owner no longer wants.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct DeleteUploads {
    /// The uploads.
    pub uploads: Vec<DeleteItem>,
}

/// One upload, by the token of its grant or by its receipt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(untagged, rename_all_fields = "camelCase", deny_unknown_fields)]
pub enum DeleteItem {
    /// By its grant, whether it arrived or not.
    Token {
        /// The grant's token.
        token: String,
        /// The multipart upload, if S3 has named one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        upload_id: Option<String>,
    },
    /// By its receipt.
    Receipt {
        /// The receipt.
        receipt: String,
    },
}

/// The answer to [`DeleteUploads`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct DeleteAnswer {
    /// One for each upload, in the same order.
    pub results: Vec<Outcome<Deleted>>,
}

/// An object that is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct Deleted {
    /// Always true.
    pub deleted: bool,
}
