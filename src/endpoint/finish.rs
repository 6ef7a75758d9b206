//! `POST /uploads/finish`: what arrived is compared with what was granted.
//!
//! In two steps, because the HEAD between them is I/O.

use crate::endpoint::claims::{Crc64, Digest, GrantClaims, ReceiptClaims, seconds};
use crate::endpoint::expected::{Expected, Way};
use crate::endpoint::protocol::{FinishItem, FinishedUpload, PartIntegrity, Plan, VerifiedReceipt};
use crate::endpoint::secrets::Purpose;
use crate::endpoint::{Context, Reason, Refusal, SigningEndpoint, misconfigured, token, unsealable};
use crate::s3::{Bucket, ETag, GetObject, HeadObject, HeadObjectOutput, ObjectKey};
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
        let (digests, way) = (claims.digests(), way(&claims));
        Ok(FinishCheck {
            endpoint: self,
            key: ObjectKey::parse(&claims.key).map_err(misconfigured)?,
            expected: Expected {
                user: claims.user,
                name: claims.name,
                min_size: claims.size,
                max_size: claims.size,
                content_type: claims.content_type,
                digests,
                way,
                metadata: claims.metadata,
                etag,
            },
        })
    }
}

fn way(claims: &GrantClaims) -> Way {
    match claims.plan {
        Plan::Put if claims.chunk_size.is_some() => Way::Chunks,
        Plan::Put => Way::Put,
        Plan::Post => Way::Form,
        Plan::Multipart { parts, .. } => Way::Parts(parts, claims.integrity.unwrap_or(PartIntegrity::None)),
    }
}

/// A grant whose object is to be looked at.
#[derive(Debug)]
pub struct FinishCheck<'a> {
    pub(super) endpoint: &'a SigningEndpoint,
    pub(super) key: ObjectKey,
    pub(super) expected: Expected,
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
        HeadObject {
            checksums: self.endpoint.rules().checksums,
            ..HeadObject::new(self.endpoint.bucket(), &self.key)
        }
    }

    /// Second step: compares what S3 says, `None` if it has no such object,
    /// and signs a receipt for exactly that object, its ETag and version in it.
    ///
    /// # Errors
    /// [`Reason::NotUploaded`]; [`Reason::ObjectDiffers`] when size, checksum,
    /// type or ETag are not those granted, or it is encoded
    /// (`Content-Encoding`); [`Reason::IntegrityUnverified`] when the rules want
    /// integrity and S3 kept nothing that shows which bytes arrived.
    pub fn conclude(
        &self,
        now: Timestamp,
        head: Option<&HeadObjectOutput>,
    ) -> Result<FinishedUpload, Refusal> {
        let head = head.ok_or_else(|| Refusal::new(Reason::NotUploaded, "the file has not arrived yet"))?;
        let endpoint = self.endpoint;
        let known = self.expected.compare(endpoint, head)?;
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
            sha256: known.sha256.map(Digest),
            crc64nvme: known.crc64nvme.map(Crc64),
            composite_sha256: known.composite_sha256,
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
            sha256: claims.sha256.map(|digest| hex::encode(digest.0)),
            crc64nvme: claims.crc64nvme.map(String::from),
            composite_sha256: claims.composite_sha256,
            url,
            url_expires: url_expires.iso8601(),
        })
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

    pub(super) fn presigned_view(
        &self,
        now: Timestamp,
        key: &ObjectKey,
        version_id: Option<&str>,
    ) -> Result<(String, Timestamp), Refusal> {
        let lifetime = self.rules().view_lifetime;
        let request = GetObject { version_id, ..GetObject::new(self.bucket(), key) }.request(&self.s3);
        let credentials = self.credentials.current();
        let signed = request
            .and_then(|request| self.signer(&credentials).presign(&request, &self.options(now)?, lifetime))
            .map_err(misconfigured)?;
        Ok((signed.url, now.plus_seconds(i64::from(lifetime))))
    }
}
