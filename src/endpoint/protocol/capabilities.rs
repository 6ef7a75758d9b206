//! `GET /capabilities`.

use serde::{Deserialize, Serialize};

/// What a page may know before it has a file: where its files will go, so that
/// it can connect ahead, and what is taken there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Capabilities {
    /// The origin of the bucket, `https://…`.
    pub bucket_origin: String,
    /// Greatest size of a file in bytes.
    pub max_size: u64,
    /// Greatest size of a file that goes as a POST form, in bytes; 0 where
    /// there are no forms.
    pub max_post_size: u64,
    /// Content types that are taken: `*/*`, `image/*`, `application/pdf`.
    pub types: Vec<String>,
}
