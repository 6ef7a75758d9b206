//! `POST /attachments/keep`: which objects are kept, from where, to where. What
//! is asked of S3 meanwhile is the service's.

use crate::endpoint::pending::{PENDING_TAG, PendingRules, PendingStrategy};
use crate::endpoint::protocol::{KeepItem, KeptAttachment, VerifiedReceipt};
use crate::endpoint::{Reason, Refusal, SigningEndpoint, UserId, misconfigured};
use crate::s3::{CopySource, ETag, HeadObject, HeadObjectOutput, ObjectKey};
use crate::time::Timestamp;

impl SigningEndpoint {
    /// Which object the app means. `user` is whose it must be, if the app says.
    ///
    /// # Errors
    /// Those of receipts; [`Reason::KeyRefused`] for a key that no upload of
    /// these rules has, or not of this user.
    pub(super) fn begin_keep(
        &self,
        now: Timestamp,
        user: Option<&str>,
        item: &KeepItem,
    ) -> Result<KeepTarget<'_>, Refusal> {
        let (upload, receipt) = match item {
            KeepItem::Receipt { receipt } => {
                let receipt = self.verify_receipt(now, receipt)?;
                if user.is_some_and(|user| user != receipt.user) {
                    return Err(Refusal::new(
                        Reason::ReceiptOfAnotherUser,
                        "the receipt belongs to another user",
                    ));
                }
                (receipt.key.clone(), Some(receipt))
            }
            KeepItem::Key { key } => (self.upload_of(key, user)?, None),
        };
        Ok(KeepTarget {
            endpoint: self,
            kept: self.kept_key(&upload).map_err(misconfigured)?,
            upload: ObjectKey::parse(&upload).map_err(misconfigured)?,
            receipt,
        })
    }

    /// The key that was uploaded to, of an upload that is pending or kept.
    fn upload_of(&self, key: &str, user: Option<&str>) -> Result<String, Refusal> {
        let refuse = |message: &'static str| Err(Refusal::new(Reason::KeyRefused, message));
        let prefix = self.pending().map_or("", PendingRules::upload_prefix);
        let upload = if key.starts_with(prefix) { key.to_owned() } else { [prefix, key].concat() };
        let Some(found) = self.rules.key.read(&upload) else {
            return refuse("no upload of this server has such a key");
        };
        match (user.map(UserId::parse), found.user) {
            (None, _) => Ok(upload),
            (Some(Ok(user)), Some(segment)) if user.key_segment() == segment => Ok(upload),
            (Some(_), Some(_)) => refuse("the key belongs to another user"),
            (Some(_), None) => refuse("this key does not say whose it is: name the upload by its receipt"),
        }
    }
}

/// An upload that the app wants to keep.
#[derive(Debug)]
pub(super) struct KeepTarget<'a> {
    pub endpoint: &'a SigningEndpoint,
    /// Where it was uploaded to.
    pub upload: ObjectKey,
    /// Where it stays.
    pub kept: ObjectKey,
    pub receipt: Option<VerifiedReceipt>,
}

impl KeepTarget<'_> {
    pub fn strategy(&self) -> Option<PendingStrategy> {
        self.endpoint.pending().map(|pending| pending.strategy)
    }

    pub const fn head<'b>(&'b self, key: &'b ObjectKey) -> HeadObject<'b> {
        HeadObject {
            checksums: self.endpoint.rules().checksums,
            ..HeadObject::new(self.endpoint.bucket(), key)
        }
    }

    /// What is copied: the very object that was looked at.
    pub const fn source<'b>(&'b self, etag: &'b ETag) -> CopySource<'b> {
        CopySource {
            bucket: self.endpoint.bucket(),
            key: &self.upload,
            version_id: None,
            if_match: Some(etag),
        }
    }

    /// Whether what was uploaded is still what the receipt says.
    pub fn check_upload(&self, head: &HeadObjectOutput) -> Result<(), Refusal> {
        match &self.receipt {
            Some(receipt) if receipt.etag != head.etag.as_str() => Err(differs()),
            _ => Ok(()),
        }
    }

    /// Whether what is kept is what the receipt says: by all that a copy leaves
    /// as it was.
    pub fn check_kept(&self, head: &HeadObjectOutput) -> Result<(), Refusal> {
        let Some(receipt) = &self.receipt else { return Ok(()) };
        let differ = |ours: Option<&str>, theirs: Option<String>| {
            ours.zip(theirs).is_some_and(|(ours, theirs)| ours != theirs)
        };
        let another = receipt.size != head.size
            || differ(receipt.sha256.as_deref(), head.sha256.map(hex::encode))
            || differ(
                receipt.crc64nvme.as_deref(),
                head.crc64nvme.map(crate::s3::checksum::crc64nvme_to_base64),
            );
        if another { Err(differs()) } else { Ok(()) }
    }

    /// Whether there is time left to keep it by its tag: the sweep comes
    /// `margin` seconds later at the earliest. An object whose age S3 does not
    /// tell has none.
    pub fn check_age(&self, now: Timestamp, stored: Option<Timestamp>) -> Result<(), Refusal> {
        let Some(pending) = self.endpoint.pending() else { return Ok(()) };
        let limit = i64::from(pending.max_age.saturating_sub(pending.margin));
        match stored {
            Some(stored) if now.seconds_since(stored) < limit => Ok(()),
            _ => Err(expired()),
        }
    }

    /// The object as the app is told of it.
    pub fn answer(&self, key: &ObjectKey, head: HeadObjectOutput) -> KeptAttachment {
        KeptAttachment {
            bucket: self.endpoint.bucket().as_str().to_owned(),
            key: key.as_str().to_owned(),
            size: head.size,
            content_type: head.content_type.unwrap_or_default(),
            etag: head.etag.as_str().to_owned(),
            version_id: head.version_id,
        }
    }
}

/// The tags of an object that is pending no longer; `None` if it is not
/// pending.
pub(super) fn without_pending(tags: &[(String, String)]) -> Option<Vec<(String, String)>> {
    let is_pending = |(key, value): &(String, String)| (key.as_str(), value.as_str()) == PENDING_TAG;
    tags.iter().any(is_pending).then(|| tags.iter().filter(|tag| !is_pending(tag)).cloned().collect())
}

pub(super) fn expired() -> Refusal {
    Refusal::new(Reason::KeepExpired, "the upload was not kept in time, or deleted: there is nothing to keep")
}

pub(super) fn differs() -> Refusal {
    Refusal::new(Reason::ObjectDiffers, "the object in the bucket is another than was finished")
}
