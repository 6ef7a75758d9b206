//! What else can be said of an object when it is stored.

use crate::error::{Error, ErrorKind, Result};
use crate::s3::xml;
use crate::sigv4::{Request, encode_component};
use crate::time::Timestamp;

/// Headers and form fields of an object beside its type, name and metadata.
/// The default says nothing, so that the bucket's own settings hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ObjectOptions {
    /// `Cache-Control` of the stored object.
    pub cache_control: Option<String>,
    /// Storage class, e.g. `STANDARD_IA`.
    pub storage_class: Option<String>,
    /// Canned ACL, e.g. `bucket-owner-full-control`
    /// (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html#canned-acl>).
    /// Buckets whose objects have no ACLs refuse any other.
    pub acl: Option<String>,
    /// Tags, at most ten: keys of 1 to 128 characters, none twice, and values
    /// of at most 256.
    pub tags: Vec<(String, String)>,
    /// How S3 encrypts the object.
    pub encryption: Encryption,
    /// Until when nobody can delete or overwrite this version, and who may lift that.
    pub retention: Option<Retention>,
    /// Whether nobody can delete or overwrite this version until the hold is lifted.
    pub legal_hold: bool,
}

/// Encryption by S3 with keys that it, or AWS KMS, holds
/// (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/serv-side-encryption.html>).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Encryption {
    /// As the bucket has it.
    #[default]
    BucketDefault,
    /// With keys of S3 (SSE-S3).
    S3,
    /// With a key of KMS (SSE-KMS).
    Kms {
        /// Id or ARN of the key; without it, the account's key for S3.
        key_id: Option<String>,
        /// Whether S3 derives a key for the bucket, and asks KMS less often.
        bucket_key: bool,
    },
}

/// A retention period of Object Lock
/// (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html>).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// Who may end it early.
    pub mode: RetentionMode,
    /// When it ends.
    pub until: Timestamp,
}

/// Who may end a retention period early.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RetentionMode {
    /// Those with a special permission.
    Governance,
    /// Nobody.
    Compliance,
}

/// Most tags of an object, most characters of a tag's key and of its value
/// (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html>).
const MAX_TAGS: usize = 10;
const MAX_TAG_KEY: usize = 128;
const MAX_TAG_VALUE: usize = 256;

impl ObjectOptions {
    /// With these headers.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidHeader`] for tags that S3 would refuse, or what HTTP
    /// cannot carry.
    pub(super) fn add_to(&self, mut request: Request) -> Result<Request> {
        for (name, value) in self.common()? {
            request.add_header(name, &value)?;
        }
        if let Some(acl) = &self.acl {
            request.add_header("x-amz-acl", acl)?;
        }
        if !self.tags.is_empty() {
            request.add_header("x-amz-tagging", &self.tags_as_query())?;
        }
        Ok(request)
    }

    /// As fields of a form.
    ///
    /// # Errors
    /// As [`add_to`](Self::add_to).
    pub(super) fn fields(&self) -> Result<Vec<(String, String)>> {
        let mut fields: Vec<(String, String)> =
            self.common()?.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        if let Some(acl) = &self.acl {
            fields.push(("acl".to_owned(), acl.clone()));
        }
        if !self.tags.is_empty() {
            fields.push(("tagging".to_owned(), self.tags_as_xml()));
        }
        Ok(fields)
    }

    /// What is called the same in headers and in forms.
    fn common(&self) -> Result<Vec<(&'static str, String)>> {
        self.check_tags()?;
        let mut headers = Vec::new();
        if let Some(value) = &self.cache_control {
            headers.push(("cache-control", value.clone()));
        }
        if let Some(value) = &self.storage_class {
            headers.push(("x-amz-storage-class", value.clone()));
        }
        match &self.encryption {
            Encryption::BucketDefault => {}
            Encryption::S3 => headers.push(("x-amz-server-side-encryption", "AES256".to_owned())),
            Encryption::Kms { key_id, bucket_key } => {
                headers.push(("x-amz-server-side-encryption", "aws:kms".to_owned()));
                if let Some(id) = key_id {
                    headers.push(("x-amz-server-side-encryption-aws-kms-key-id", id.clone()));
                }
                if *bucket_key {
                    headers.push(("x-amz-server-side-encryption-bucket-key-enabled", "true".to_owned()));
                }
            }
        }
        if let Some(Retention { mode, until }) = self.retention {
            let mode = match mode {
                RetentionMode::Governance => "GOVERNANCE",
                RetentionMode::Compliance => "COMPLIANCE",
            };
            headers.push(("x-amz-object-lock-mode", mode.to_owned()));
            headers.push(("x-amz-object-lock-retain-until-date", until.iso8601()));
        }
        if self.legal_hold {
            headers.push(("x-amz-object-lock-legal-hold", "ON".to_owned()));
        }
        Ok(headers)
    }

    fn check_tags(&self) -> Result<()> {
        let invalid = |rule| Err(Error::new(ErrorKind::InvalidHeader, rule));
        if self.tags.len() > MAX_TAGS {
            return invalid("an object has at most 10 tags");
        }
        for (index, (key, value)) in self.tags.iter().enumerate() {
            if !(1..=MAX_TAG_KEY).contains(&key.chars().count()) || value.chars().count() > MAX_TAG_VALUE {
                return invalid("a tag's key has 1 to 128 characters, its value at most 256");
            }
            // What XML cannot say is no part of any tag.
            if key.chars().chain(value.chars()).any(char::is_control) {
                return invalid("a tag has no control characters");
            }
            if self.tags.iter().take(index).any(|(other, _)| other == key) {
                return invalid("a tag's key stands twice");
            }
        }
        Ok(())
    }

    fn tags_as_query(&self) -> String {
        let pair = |(key, value): &(String, String)| {
            [&encode_component(key), "=", &encode_component(value)].concat()
        };
        self.tags.iter().map(pair).collect::<Vec<_>>().join("&")
    }

    fn tags_as_xml(&self) -> String {
        let mut document = "<Tagging><TagSet>".to_owned();
        for (key, value) in &self.tags {
            document.push_str("<Tag><Key>");
            xml::push_escaped(&mut document, key);
            document.push_str("</Key><Value>");
            xml::push_escaped(&mut document, value);
            document.push_str("</Value></Tag>");
        }
        document.push_str("</TagSet></Tagging>");
        document
    }
}
