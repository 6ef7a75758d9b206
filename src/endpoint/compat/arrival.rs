//! What a client of another protocol says has arrived: no grant tells what it
//! should be, so the rules are held against what S3 has.

use std::collections::BTreeMap;

use crate::endpoint::delete::DeleteTarget;
use crate::endpoint::expected::{Expected, Way};
use crate::endpoint::finish::FinishCheck;
use crate::endpoint::integrity::Digests;
use crate::endpoint::protocol::FinishedUpload;
use crate::endpoint::{Context, Reason, Refusal, SigningEndpoint};
use crate::s3::{Bucket, ETag, HeadObject, HeadObjectOutput, ObjectKey};
use crate::time::Timestamp;

/// An object that is to be looked at.
#[derive(Debug)]
pub struct Arrival<'a> {
    endpoint: &'a SigningEndpoint,
    user: String,
    name: String,
    key: ObjectKey,
    etag: Option<ETag>,
}

impl SigningEndpoint {
    /// First step: checks that the key is the user's own. The server then sends
    /// [`Arrival::head`] and hands the answer to [`Arrival::conclude`].
    ///
    /// # Errors
    /// [`Reason::KeyRefused`] for another bucket or another user's key.
    pub fn begin_arrival(
        &self,
        context: &Context<'_>,
        bucket: Option<&str>,
        key: &str,
        name: Option<&str>,
        etag: Option<&str>,
    ) -> Result<Arrival<'_>, Refusal> {
        bucket.map_or(Ok(()), |bucket| self.check_bucket(bucket))?;
        let etag = etag.filter(|etag| !etag.is_empty()).map(ETag::parse).transpose();
        let own = self.own_key(context, key)?;
        let name = name.filter(|name| !name.is_empty()).unwrap_or_else(|| super::fine_session_name(key));
        Ok(Arrival {
            endpoint: self,
            user: context.user.as_str().to_owned(),
            name: name.chars().filter(|c| !c.is_control()).take(256).collect(),
            key: own,
            etag: etag.map_err(|error| Refusal::new(Reason::MalformedRequest, error.message().to_owned()))?,
        })
    }

    /// What all keys of a user begin with.
    #[must_use]
    pub fn compat_prefix(&self, context: &Context<'_>) -> String {
        self.rules.key.prefix_of(context.user)
    }

    /// A link to look at one of a user's own objects.
    ///
    /// # Errors
    /// [`Reason::KeyRefused`] for any other key.
    pub fn compat_view(&self, context: &Context<'_>, key: &str) -> Result<String, Refusal> {
        self.presigned_view(context.now, &self.own_key(context, key)?, None).map(|(url, _)| url)
    }

    /// What a client of another protocol deletes: one of its user's own keys,
    /// with what is under way there.
    ///
    /// # Errors
    /// [`Reason::KeyRefused`] for another bucket or another user's key.
    pub fn compat_delete(
        &self,
        context: &Context<'_>,
        bucket: Option<&str>,
        key: &str,
    ) -> Result<DeleteTarget<'_>, Refusal> {
        bucket.map_or(Ok(()), |bucket| self.check_bucket(bucket))?;
        Ok(DeleteTarget::whole(self.bucket(), self.own_key(context, key)?))
    }
}

impl Arrival<'_> {
    /// Its bucket.
    #[must_use]
    pub const fn bucket(&self) -> &Bucket {
        self.endpoint.bucket()
    }

    /// The HEAD to send.
    #[must_use]
    pub const fn head(&self) -> HeadObject<'_> {
        HeadObject {
            checksums: self.endpoint.rules().checksums,
            ..HeadObject::new(self.endpoint.bucket(), &self.key)
        }
    }

    /// Second step: holds the rules against what S3 says, and signs a receipt
    /// for exactly that object.
    ///
    /// # Errors
    /// [`Reason::NotUploaded`]; [`Reason::SizeRefused`] and
    /// [`Reason::TypeRefused`] for an object that should not be there: it is to
    /// be [deleted](SigningEndpoint::compat_delete); [`Reason::ObjectDiffers`]
    /// for another one than the client says.
    pub fn conclude(
        &self,
        now: Timestamp,
        head: Option<&HeadObjectOutput>,
    ) -> Result<FinishedUpload, Refusal> {
        let head = head.ok_or_else(|| Refusal::new(Reason::NotUploaded, "the file has not arrived yet"))?;
        self.endpoint.rules.check_size(head.size)?;
        let content_type = head.content_type.as_deref().unwrap_or("application/octet-stream");
        self.endpoint.check_shown(Some(content_type), head.content_disposition.as_deref())?;
        let check = FinishCheck {
            endpoint: self.endpoint,
            key: self.key.clone(),
            expected: Expected {
                user: self.user.clone(),
                name: self.name.clone(),
                min_size: head.size,
                max_size: head.size,
                content_type: content_type.to_owned(),
                digests: Digests::default(),
                way: Way::Form,
                metadata: BTreeMap::new(),
                etag: self.etag.clone(),
            },
        };
        check.conclude(now, Some(head))
    }
}

/// Whether an object that was refused so breaks the rules by being there.
#[must_use]
pub const fn must_go(reason: Reason) -> bool {
    matches!(reason, Reason::SizeRefused | Reason::TypeRefused)
}
