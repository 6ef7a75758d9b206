//! How objects are stored, as the configuration says it: signed into every
//! upload, so no page can leave it out or say it otherwise.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::endpoint::{Integrity, Rules, SigningEndpoint};
use crate::error::{Error, ErrorKind, Result};
use crate::s3::{
    AddressingStyle, Bucket, ContentType, Encryption, Endpoint, ObjectKey, ObjectOptions, PostObject,
    PostSuccess, PutObject, Retention, RetentionMode,
};
use crate::time::Timestamp;

/// Options of every object, all of them optional.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct StoreRules {
    /// Storage class, e.g. `STANDARD_IA`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub storage_class: Option<String>,
    /// Canned ACL, e.g. `bucket-owner-full-control`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acl: Option<String>,
    /// Encryption at S3.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sse: Option<ServerSideEncryption>,
    /// The key of [`ServerSideEncryption::Kms`]; S3's own for this bucket without it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kms_key_id: Option<String>,
    /// `Cache-Control` of the object, e.g. `private, max-age=3600`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cache_control: Option<String>,
    /// Tags, at most 10.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: BTreeMap<String, String>,
    /// How the object is locked, with `object_lock_days`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub object_lock_mode: Option<ObjectLockMode>,
    /// For how many days from the signature it is locked, 1 to 36,500.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub object_lock_days: Option<u32>,
    /// Whether the object is under a legal hold from the start.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub legal_hold: bool,
}

/// Who keeps the key that S3 encrypts an object with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ServerSideEncryption {
    /// S3 itself (SSE-S3).
    #[serde(rename = "AES256")]
    Aes256,
    /// The key management service (SSE-KMS).
    #[serde(rename = "aws:kms")]
    Kms,
}

/// How firmly an object is locked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum ObjectLockMode {
    /// Those with a special permission may still delete it.
    Governance,
    /// Nobody can delete it until the lock ends.
    Compliance,
}

/// Longest retention that S3 takes, in days.
const MAX_LOCK_DAYS: u32 = 36_500;
const DAY_SECONDS: i64 = 86_400;

impl StoreRules {
    /// Whether S3 would take them, as far as that can be known here.
    pub(crate) fn check(&self, rules: &Rules) -> Result<()> {
        let refuse = |message| Err(Error::new(ErrorKind::InvalidOption, message));
        if self.kms_key_id.is_some() && self.sse != Some(ServerSideEncryption::Kms) {
            return refuse("store.kms_key_id needs store.sse = \"aws:kms\"");
        }
        if self.object_lock_mode.is_some() != self.object_lock_days.is_some() {
            return refuse("store.object_lock_mode and store.object_lock_days need each other");
        }
        if self.object_lock_days.is_some_and(|days| !(1..=MAX_LOCK_DAYS).contains(&days)) {
            return refuse("store.object_lock_days is 1 to 36,500");
        }
        let locks = self.legal_hold || self.object_lock_mode.is_some();
        if locks && (rules.integrity != Integrity::Required || !rules.checksums) {
            return refuse(
                "S3 locks nothing that comes without a checksum: object lock and legal hold need \
                 integrity = \"required\" and checksums",
            );
        }
        self.check_as_sent()
    }

    /// Whether headers and fields can be made of them.
    fn check_as_sent(&self) -> Result<()> {
        let (bucket, key) = (Bucket::parse("bucket")?, ObjectKey::parse("key")?);
        let now = Timestamp::from_unix_seconds(0);
        let options = self.options(now);
        let s3 = Endpoint::parse("https://s3.example.com", AddressingStyle::Path)?;
        PutObject { options: Some(&options), ..PutObject::new(&bucket, &key, 0) }.request(&s3)?;
        let form = PostObject {
            bucket: &bucket,
            key: &key,
            content_length: (0, 0),
            content_type: &ContentType::octet_stream(),
            content_disposition: "inline",
            metadata: &[],
            options: Some(&options),
            sha256: None,
            crc64nvme: None,
            success: PostSuccess::Created,
            expiration: now,
        };
        form.policy().map(drop)
    }

    /// As they are written into a request that is signed now.
    fn options(&self, now: Timestamp) -> ObjectOptions {
        let until = self.object_lock_days.map(|days| now.plus_seconds(i64::from(days) * DAY_SECONDS));
        ObjectOptions {
            cache_control: self.cache_control.clone(),
            storage_class: self.storage_class.clone(),
            acl: self.acl.clone(),
            tags: self.tags.iter().map(|(key, value)| (key.clone(), value.clone())).collect(),
            encryption: match self.sse {
                None => Encryption::BucketDefault,
                Some(ServerSideEncryption::Aes256) => Encryption::S3,
                Some(ServerSideEncryption::Kms) => {
                    Encryption::Kms { key_id: self.kms_key_id.clone(), bucket_key: false }
                }
            },
            retention: self.object_lock_mode.zip(until).map(|(mode, until)| Retention {
                mode: match mode {
                    ObjectLockMode::Governance => RetentionMode::Governance,
                    ObjectLockMode::Compliance => RetentionMode::Compliance,
                },
                until,
            }),
            legal_hold: self.legal_hold,
        }
    }
}

impl SigningEndpoint {
    /// How an object is stored whose request is signed now.
    pub(super) fn object_options(&self, now: Timestamp) -> ObjectOptions {
        self.as_pending(self.kept_options(now))
    }

    /// How an object is stored that is not pending.
    pub(super) fn kept_options(&self, now: Timestamp) -> ObjectOptions {
        self.rules.rules.store.options(now)
    }
}
