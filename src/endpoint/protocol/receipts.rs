//! `POST /receipts/verify`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::endpoint::protocol::Outcome;

/// `POST /receipts/verify`: the app, server to server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
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
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct VerifyAnswer {
    /// One for each receipt, in the same order.
    pub results: Vec<Outcome<VerifiedReceipt>>,
}

/// What an authentic receipt says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
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
    /// CRC64NVME of the bytes, base64, where S3 keeps it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub crc64nvme: Option<String>,
    /// SHA-256 over the SHA-256s of the parts, `<base64>-<parts>`, where S3
    /// keeps it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub composite_sha256: Option<String>,
    /// User metadata of the grant.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub metadata: BTreeMap<String, String>,
    /// When it was finished, ISO 8601.
    pub finished: String,
}
