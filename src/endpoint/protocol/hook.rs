//! What the app is asked by a webhook.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::endpoint::protocol::VerifiedReceipt;

/// The body of a webhook, in the words of <https://www.standardwebhooks.com>.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hook<T> {
    /// `upload.requested` or `upload.finished`.
    #[serde(rename = "type")]
    pub event: String,
    /// When it happened, ISO 8601.
    pub timestamp: String,
    /// What happened.
    pub data: HookData<T>,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HookData<T> {
    /// Name of the environment.
    pub environment: String,
    /// The user of the app.
    pub user: String,
    /// The uploads that the app is asked about, at least one.
    pub uploads: Vec<T>,
}

/// A file that a user wants to upload; the rules allow it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestedUpload {
    /// Its name; of a plain form what it will be called.
    pub name: String,
    /// Its length in bytes; of a plain form the greatest.
    pub size: u64,
    /// Its media type, as the page says it.
    #[serde(rename = "type")]
    pub content_type: String,
    /// User metadata.
    #[serde(default)]
    pub metadata: BTreeMap<String, String>,
}

/// An upload that arrived as granted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FinishedAttachment {
    /// What its receipt says.
    #[serde(flatten)]
    pub object: VerifiedReceipt,
    /// The receipt that the page is about to get.
    pub receipt: String,
}

/// What the app answers, with a status of 2xx. An empty body allows everything.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HookAnswer {
    /// One for each upload, in the same order.
    pub results: Vec<HookVerdict>,
}

/// What the app says of one upload.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HookVerdict {
    /// Whether the user may.
    pub allowed: bool,
    /// Why not, for the user to read; at most 500 characters of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}
