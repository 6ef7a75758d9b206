//! `POST /uploads/finish`: what arrived is compared with what was granted.
//!
//! In two steps, because the HEAD between them is I/O.

use std::collections::BTreeMap;

use crate::endpoint::claims::{Digest, ReceiptClaims, seconds};
use crate::endpoint::protocol::{FinishItem, FinishedUpload, Plan, VerifiedReceipt};
use crate::endpoint::secrets::Purpose;
use crate::endpoint::{
    Context, Integrity, Reason, Refusal, SigningEndpoint, misconfigured, token, unsealable,
};
use crate::s3::{Bucket, ContentType, ETag, GetObject, HeadObject, HeadObjectOutput, ObjectKey};
use crate::time::Timestamp;

impl SigningEndpoint {
    /// First step of a finish: checks the grant. The server then sends
    /// [`FinishCheck::head`] and hands the answer to [`FinishCheck::conclude`].
    /// An expired grant can still be finished, up to its greatest age: it
    /// writes nothing.
    ///
    /// # Errors
    /// [`Reason::GrantInvalid`], [`Reason::GrantOfAnotherUser`],
    /// [`Reason::GrantExpired`]; [`Reason::MalformedRequest`] for an ETag that
    /// is none.
    pub fn begin_finish(&self, context: &Context<'_>, item: &FinishItem) -> Result<FinishCheck<'_>, Refusal> {
        let claims = self.open_grant(context, &item.token)?;
        let etag = item.etag.as_deref().map(ETag::parse).transpose();
        let etag =
            etag.map_err(|error| Refusal::new(Reason::MalformedRequest, error.message().to_owned()))?;
        Ok(FinishCheck {
            endpoint: self,
            key: ObjectKey::parse(&claims.key).map_err(misconfigured)?,
            expected: Expected {
                user: claims.user,
                name: claims.name,
                min_size: claims.size,
                max_size: claims.size,
                content_type: claims.content_type,
                sha256: claims.sha256.map(|digest| digest.0),
                by_form: claims.plan == Plan::Post,
                metadata: claims.metadata,
                etag,
            },
        })
    }
}

/// A grant whose object is to be looked at.
#[derive(Debug)]
pub struct FinishCheck<'a> {
    pub(super) endpoint: &'a SigningEndpoint,
    pub(super) key: ObjectKey,
    pub(super) expected: Expected,
}

/// What the object must be.
#[derive(Debug)]
pub(super) struct Expected {
    pub user: String,
    pub name: String,
    pub min_size: u64,
    pub max_size: u64,
    pub content_type: String,
    pub sha256: Option<[u8; 32]>,
    pub by_form: bool,
    pub metadata: BTreeMap<String, String>,
    pub etag: Option<ETag>,
}

impl FinishCheck<'_> {
    /// The bucket to look in.
    #[must_use]
    pub const fn bucket(&self) -> &Bucket {
        self.endpoint.bucket()
    }

    /// The key to look at.
    #[must_use]
    pub const fn key(&self) -> &ObjectKey {
        &self.key
    }

    /// The HEAD to send.
    #[must_use]
    pub const fn head(&self) -> HeadObject<'_> {
        HeadObject::new(self.endpoint.bucket(), &self.key)
    }

    /// Second step: compares what S3 says, `None` if it has no such object,
    /// and signs a receipt for exactly that object, its ETag and version in it.
    ///
    /// # Errors
    /// [`Reason::NotUploaded`]; [`Reason::ObjectDiffers`] when size, checksum,
    /// type or ETag are not those granted, or it is encoded
    /// (`Content-Encoding`); [`Reason::IntegrityUnverified`] when a form, or a
    /// PUT to a guessable key, promised a checksum that S3 did not keep.
    pub fn conclude(
        &self,
        now: Timestamp,
        head: Option<&HeadObjectOutput>,
    ) -> Result<FinishedUpload, Refusal> {
        let head = head.ok_or_else(|| Refusal::new(Reason::NotUploaded, "the file has not arrived yet"))?;
        let sha256 = self.compare(head)?;
        let endpoint = self.endpoint;
        let claims = ReceiptClaims {
            user: self.expected.user.clone(),
            environment: endpoint.environment.clone(),
            bucket: endpoint.bucket().as_str().to_owned(),
            key: self.key.as_str().to_owned(),
            name: self.expected.name.clone(),
            size: head.size,
            content_type: self.expected.content_type.clone(),
            etag: head.etag.as_str().to_owned(),
            version_id: head.version_id.clone(),
            sha256: sha256.map(Digest),
            metadata: self.expected.metadata.clone(),
            finished: seconds(now),
            expires: seconds(now.plus_seconds(i64::from(endpoint.rules().receipt_lifetime))),
        };
        let (url, url_expires) = endpoint.presigned_view(now, &self.key, head.version_id.as_deref())?;
        Ok(FinishedUpload {
            receipt: token::seal(&endpoint.secrets, Purpose::Receipt, &claims).ok_or_else(unsealable)?,
            bucket: claims.bucket,
            key: claims.key,
            size: claims.size,
            content_type: claims.content_type,
            etag: claims.etag,
            version_id: claims.version_id,
            sha256: sha256.map(hex::encode),
            url,
            url_expires: url_expires.iso8601(),
        })
    }

    /// The SHA-256 of the object, as far as it is certain.
    fn compare(&self, head: &HeadObjectOutput) -> Result<Option<[u8; 32]>, Refusal> {
        let differs = |what: &'static str| Err(Refusal::new(Reason::ObjectDiffers, what));
        let expected = &self.expected;
        if !(expected.min_size..=expected.max_size).contains(&head.size) {
            return differs("the object in the bucket has another size than was granted");
        }
        if expected.etag.as_ref().is_some_and(|etag| *etag != head.etag) {
            return differs("the object in the bucket is not the one that the page uploaded");
        }
        let granted_type = ContentType::parse(&expected.content_type).map_err(misconfigured)?;
        if !head.content_type.as_deref().is_some_and(|stored| granted_type.same_as(stored)) {
            return differs("the object in the bucket has another type than was granted");
        }
        // The one header that S3 stores unsigned and that changes what a browser makes of the bytes.
        if head.content_encoding.is_some() {
            return differs("the object in the bucket has a content encoding, which was not granted");
        }
        match (expected.sha256, head.sha256) {
            (Some(granted), Some(stored)) if granted != stored => {
                differs("the object in the bucket has another SHA-256 than was granted")
            }
            (Some(granted), Some(_)) => Ok(Some(granted)),
            (None, stored) => Ok(stored),
            // The payload hash of a PUT is signed: S3 took no other bytes, at a
            // key that no other grant has.
            (Some(granted), None) if !expected.by_form && self.endpoint.rules.key.is_unguessable() => {
                Ok(Some(granted))
            }
            // The checksum field of a form is bound, but this S3 did not read it.
            (Some(_), None) if self.endpoint.rules().integrity == Integrity::Optional => Ok(None),
            (Some(_), None) => Err(Refusal::new(
                Reason::IntegrityUnverified,
                if expected.by_form {
                    "this S3 keeps no SHA-256 of forms, so it is not known what arrived: send by PUT"
                } else {
                    "this S3 keeps no SHA-256, and another upload may have had this key: it is not known what arrived"
                },
            )),
        }
    }
}

impl SigningEndpoint {
    /// A presigned URL to look at the object of a receipt, good for
    /// [`Rules::view_lifetime`](crate::endpoint::Rules::view_lifetime) seconds.
    ///
    /// # Errors
    /// [`Reason::Misconfigured`], if the configuration cannot sign it.
    pub fn view_url(&self, now: Timestamp, receipt: &VerifiedReceipt) -> Result<String, Refusal> {
        let key = ObjectKey::parse(&receipt.key).map_err(misconfigured)?;
        self.presigned_view(now, &key, receipt.version_id.as_deref()).map(|(url, _)| url)
    }

    fn presigned_view(
        &self,
        now: Timestamp,
        key: &ObjectKey,
        version_id: Option<&str>,
    ) -> Result<(String, Timestamp), Refusal> {
        let lifetime = self.rules().view_lifetime;
        let request = GetObject { version_id, ..GetObject::new(self.bucket(), key) }.request(&self.s3);
        let signed = request
            .and_then(|request| self.signer().presign(&request, &self.options(now)?, lifetime))
            .map_err(misconfigured)?;
        Ok((signed.url, now.plus_seconds(i64::from(lifetime))))
    }
}
