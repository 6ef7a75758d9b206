//! What tokens say. Names are short because tokens travel with every call.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::endpoint::integrity::Digests;
use crate::endpoint::protocol::{PartIntegrity, Plan};
use crate::s3::checksum;
use crate::time::Timestamp;

/// What a grant allows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct GrantClaims {
    #[serde(rename = "u")]
    pub user: String,
    #[serde(rename = "e")]
    pub environment: String,
    #[serde(rename = "b")]
    pub bucket: String,
    #[serde(rename = "k")]
    pub key: String,
    #[serde(rename = "n")]
    pub name: String,
    #[serde(rename = "s")]
    pub size: u64,
    #[serde(rename = "t")]
    pub content_type: String,
    #[serde(rename = "p")]
    pub plan: Plan,
    #[serde(rename = "h", default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<Digest>,
    #[serde(rename = "c", default, skip_serializing_if = "Option::is_none")]
    pub crc64nvme: Option<Crc64>,
    /// Of a multipart upload, and of a PUT in chunks.
    #[serde(rename = "a", default, skip_serializing_if = "Option::is_none")]
    pub integrity: Option<PartIntegrity>,
    /// Where chunks are signed.
    #[serde(rename = "z", default, skip_serializing_if = "Option::is_none")]
    pub chunk_size: Option<u64>,
    #[serde(rename = "m", default, skip_serializing_if = "BTreeMap::is_empty")]
    pub metadata: BTreeMap<String, String>,
    #[serde(rename = "i")]
    pub issued: i64,
    #[serde(rename = "x")]
    pub expires: i64,
}

/// What a plain form allows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FormClaims {
    #[serde(rename = "u")]
    pub user: String,
    #[serde(rename = "e")]
    pub environment: String,
    #[serde(rename = "b")]
    pub bucket: String,
    #[serde(rename = "k")]
    pub key: String,
    #[serde(rename = "n")]
    pub name: String,
    #[serde(rename = "l")]
    pub min_size: u64,
    #[serde(rename = "g")]
    pub max_size: u64,
    #[serde(rename = "t")]
    pub content_type: String,
    #[serde(rename = "m", default, skip_serializing_if = "BTreeMap::is_empty")]
    pub metadata: BTreeMap<String, String>,
    #[serde(rename = "r")]
    pub redirect: String,
    #[serde(rename = "i")]
    pub issued: i64,
    #[serde(rename = "x")]
    pub expires: i64,
}

/// What a receipt proves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReceiptClaims {
    #[serde(rename = "u")]
    pub user: String,
    #[serde(rename = "e")]
    pub environment: String,
    #[serde(rename = "b")]
    pub bucket: String,
    #[serde(rename = "k")]
    pub key: String,
    #[serde(rename = "n")]
    pub name: String,
    #[serde(rename = "s")]
    pub size: u64,
    #[serde(rename = "t")]
    pub content_type: String,
    #[serde(rename = "g")]
    pub etag: String,
    #[serde(rename = "v", default, skip_serializing_if = "Option::is_none")]
    pub version_id: Option<String>,
    #[serde(rename = "h", default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<Digest>,
    #[serde(rename = "c", default, skip_serializing_if = "Option::is_none")]
    pub crc64nvme: Option<Crc64>,
    #[serde(rename = "d", default, skip_serializing_if = "Option::is_none")]
    pub composite_sha256: Option<String>,
    #[serde(rename = "m", default, skip_serializing_if = "BTreeMap::is_empty")]
    pub metadata: BTreeMap<String, String>,
    #[serde(rename = "i")]
    pub finished: i64,
    #[serde(rename = "x")]
    pub expires: i64,
}

/// A SHA-256, in base64 where it is written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(crate) struct Digest(pub [u8; 32]);

impl From<Digest> for String {
    fn from(digest: Digest) -> Self {
        checksum::to_base64(&digest.0)
    }
}

impl TryFrom<String> for Digest {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        checksum::from_base64(&text).map(Self).ok_or("not a SHA-256")
    }
}

/// A CRC64NVME, in base64 where it is written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(crate) struct Crc64(pub u64);

impl From<Crc64> for String {
    fn from(crc: Crc64) -> Self {
        checksum::crc64nvme_to_base64(crc.0)
    }
}

impl TryFrom<String> for Crc64 {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        checksum::crc64nvme_from_base64(&text).map(Self).ok_or("not a CRC64NVME")
    }
}

impl GrantClaims {
    /// What is known of the whole file's bytes.
    pub(crate) fn digests(&self) -> Digests {
        Digests { sha256: self.sha256.map(|digest| digest.0), crc64nvme: self.crc64nvme.map(|crc| crc.0) }
    }
}

pub(crate) fn seconds(moment: Timestamp) -> i64 {
    moment.unix_seconds()
}

pub(crate) fn moment(seconds: i64) -> Timestamp {
    Timestamp::from_unix_seconds(seconds)
}
