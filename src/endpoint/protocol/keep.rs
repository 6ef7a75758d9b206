//! `POST /attachments/keep`.

use serde::{Deserialize, Serialize};

use crate::endpoint::protocol::Outcome;

/// `POST /attachments/keep`: the app, server to server, keeps what it attached.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct KeepAttachments {
    /// The uploads to keep.
    pub attachments: Vec<KeepItem>,
    /// The user that all of them must belong to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
}

/// One upload, by its receipt or by its key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(untagged, deny_unknown_fields)]
pub enum KeepItem {
    /// By its receipt: exactly the object that was finished.
    Receipt {
        /// The receipt.
        receipt: String,
    },
    /// By its key, whatever is there now.
    Key {
        /// The key that it was uploaded to, or that it was kept at before.
        key: String,
    },
}

/// The answer to [`KeepAttachments`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct KeepAnswer {
    /// One for each attachment, in the same order.
    pub results: Vec<Outcome<KeptAttachment>>,
}

/// An object that stays.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct KeptAttachment {
    /// The bucket.
    pub bucket: String,
    /// The key from now on.
    pub key: String,
    /// Length in bytes.
    pub size: u64,
    /// The stored media type.
    #[serde(rename = "type")]
    pub content_type: String,
    /// The ETag, without quotes; a copy of what was made of parts has another
    /// than its receipt says.
    pub etag: String,
    /// The version, in a versioned bucket.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version_id: Option<String>,
}
