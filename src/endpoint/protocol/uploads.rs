//! `POST /uploads`: grants, each with its first signed requests.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::endpoint::protocol::{Outcome, SignedRequest};

/// How a file goes to S3.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Transport {
    /// One PUT.
    Put,
    /// One POST form: no preflight, so one round trip.
    Post,
    /// A multipart upload: parts that travel side by side, each tried again by itself.
    Multipart,
}

/// What of each part is signed, and what S3 keeps of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum PartIntegrity {
    /// Its SHA-256, signed as payload hash and kept by S3 (composite).
    Sha256,
    /// Its CRC64NVME, a signed header; S3 keeps that of the whole object.
    Crc64Nvme,
    /// Its SHA-256 as payload hash, its CRC64NVME as what S3 keeps.
    Both,
    /// The SHA-256s of its chunks, each signed; S3 keeps nothing of it. Of a
    /// file that goes by one PUT too.
    Chunks,
    /// The SHA-256s of its chunks, each signed, and its CRC64NVME as what S3
    /// keeps.
    #[serde(rename = "chunks-crc64nvme")]
    ChunksCrc64Nvme,
    /// Nothing: `UNSIGNED-PAYLOAD`.
    None,
}

/// `POST /uploads`: files for which grants are wanted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct CreateUploads {
    /// The files, at most as many as the rules allow a call.
    pub files: Vec<NewFile>,
}

/// A file, as the page describes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct NewFile {
    /// Its name; 1 to 1,024 bytes, without any folder.
    pub name: String,
    /// Its length in bytes, exactly.
    pub size: u64,
    /// Its media type; empty where the browser knows none.
    #[serde(rename = "type", default)]
    pub content_type: String,
    /// SHA-256 of its bytes, 64 hexadecimal digits. Not with [`Transport::Multipart`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// CRC64NVME of its bytes: base64 of 8 bytes, the highest first. Not with
    /// [`Transport::Multipart`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub crc64nvme: Option<String>,
    /// What will be known of each part; with [`Transport::Multipart`]. With
    /// [`Transport::Put`] nothing but [`PartIntegrity::Chunks`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub integrity: Option<PartIntegrity>,
    /// User metadata: names of `a-z0-9_-`, 2 KB in all.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub metadata: BTreeMap<String, String>,
    /// How the page wants to send it; PUT when it does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transport: Option<Transport>,
}

/// The answer to [`CreateUploads`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct CreateUploadsAnswer {
    /// The server's clock, ISO 8601.
    pub now: String,
    /// One for each file, in the same order.
    pub uploads: Vec<Outcome<CreatedUpload>>,
}

/// A grant and its first signatures.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct CreatedUpload {
    /// What may be uploaded, and the token that proves it.
    pub grant: Grant,
    /// The signed requests that the upload begins with.
    pub requests: Vec<SignedRequest>,
}

/// What a page knows of a grant. Everything but the token is for show: only
/// what the token says counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
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
    /// Bytes of every chunk but a request's last, where chunks are signed.
    #[serde(rename = "chunkSize", default, skip_serializing_if = "Option::is_none")]
    pub chunk_size: Option<u64>,
}

/// How the file goes to S3.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(tag = "kind", rename_all = "lowercase", rename_all_fields = "camelCase")]
pub enum Plan {
    /// One PUT.
    Put,
    /// One POST form.
    Post,
    /// A multipart upload.
    Multipart {
        /// Length of every part but the last in bytes, 5 MiB to 5 GiB.
        part_size: u64,
        /// Number of parts, 1 to 10,000.
        parts: u16,
    },
}
