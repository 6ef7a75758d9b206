//! What is written to disk beside the bytes, as JSON.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use crate::checksum::{Algorithm, Checksum, Kind};

/// A moment in milliseconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Moment(u64);

impl Moment {
    pub(crate) fn now() -> Self {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
    }

    pub(crate) fn timestamp(self) -> s3s::dto::Timestamp {
        (UNIX_EPOCH + Duration::from_millis(self.0)).into()
    }

    pub(crate) fn as_hex(self) -> String {
        format!("{:012x}", self.0)
    }
}

/// The headers that come back with an object as they were sent.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct ObjectHeaders {
    pub(crate) content_type: Option<String>,
    pub(crate) content_disposition: Option<String>,
    pub(crate) content_encoding: Option<String>,
    pub(crate) content_language: Option<String>,
    pub(crate) cache_control: Option<String>,
    pub(crate) expires: Option<String>,
    pub(crate) website_redirect_location: Option<String>,
    pub(crate) storage_class: Option<String>,
    /// `x-amz-meta-*`, without the prefix.
    #[serde(default)]
    pub(crate) metadata: BTreeMap<String, String>,
    #[serde(default)]
    pub(crate) tags: BTreeMap<String, String>,
}

/// One file of an object's content.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Segment {
    pub(crate) file: String,
    pub(crate) size: u64,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct ObjectRecord {
    pub(crate) key: String,
    pub(crate) size: u64,
    pub(crate) etag: String,
    pub(crate) last_modified: Moment,
    pub(crate) checksum: Checksum,
    /// One for an object that came in one piece, one a part otherwise.
    pub(crate) segments: Vec<Segment>,
    pub(crate) multipart: bool,
    pub(crate) headers: ObjectHeaders,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct UploadRecord {
    pub(crate) key: String,
    pub(crate) upload_id: String,
    pub(crate) initiated: Moment,
    /// As asked for; `None` when the client named no algorithm.
    pub(crate) algorithm: Option<Algorithm>,
    pub(crate) kind: Kind,
    pub(crate) headers: ObjectHeaders,
}

impl UploadRecord {
    /// The algorithm that parts are hashed with: S3 adds CRC64NVME where none
    /// was asked for.
    pub(crate) fn effective_algorithm(&self) -> Algorithm {
        self.algorithm.unwrap_or(Algorithm::Crc64Nvme)
    }
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct PartRecord {
    pub(crate) number: u16,
    pub(crate) segment: Segment,
    pub(crate) etag: String,
    pub(crate) last_modified: Moment,
    pub(crate) checksum: Checksum,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct BucketRecord {
    pub(crate) created: Moment,
    /// `None`: the server's default rules; empty: none at all.
    pub(crate) cors: Option<Vec<CorsRule>>,
    #[serde(default)]
    pub(crate) tags: BTreeMap<String, String>,
    /// Kept and answered; nothing acts by them.
    #[serde(default)]
    pub(crate) lifecycle: Vec<LifecycleRecord>,
}

/// One lifecycle rule, as far as anybody here asks.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct LifecycleRecord {
    pub(crate) id: Option<String>,
    pub(crate) enabled: bool,
    pub(crate) prefix: Option<String>,
    pub(crate) tag: Option<(String, String)>,
    pub(crate) expire_after_days: Option<i32>,
    pub(crate) abort_after_days: Option<i32>,
}

/// One rule of a bucket's CORS configuration:
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/ManageCorsUsing.html>
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct CorsRule {
    pub(crate) id: Option<String>,
    pub(crate) allowed_origins: Vec<String>,
    pub(crate) allowed_methods: Vec<String>,
    pub(crate) allowed_headers: Vec<String>,
    pub(crate) expose_headers: Vec<String>,
    pub(crate) max_age_seconds: Option<i32>,
}
