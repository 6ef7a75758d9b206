//! DeleteObject (<https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObject.html>).

use crate::error::Result;
use crate::s3::{Bucket, Endpoint, ObjectKey, Response};
use crate::sigv4::{PayloadHash, Request};

/// Deletes an object. In a versioned bucket, without a version, S3 puts a
/// delete marker above it.
#[derive(Clone, Copy, Debug)]
pub struct DeleteObject<'a> {
    /// The bucket.
    pub bucket: &'a Bucket,
    /// The key.
    pub key: &'a ObjectKey,
    /// One version, deleted for good.
    pub version_id: Option<&'a str>,
}

impl<'a> DeleteObject<'a> {
    /// Of the newest version.
    #[must_use]
    pub const fn new(bucket: &'a Bucket, key: &'a ObjectKey) -> Self {
        Self { bucket, key, version_id: None }
    }

    /// The request, to be signed in its headers.
    ///
    /// # Errors
    /// As [`Endpoint::object_request`].
    pub fn request(&self, endpoint: &Endpoint) -> Result<Request> {
        let request = endpoint.object_request("DELETE", self.bucket, self.key)?.payload(PayloadHash::Empty);
        Ok(match self.version_id {
            Some(version) => request.query("versionId", version),
            None => request,
        })
    }

    /// Reads the answer. An object that is not there is deleted too: S3
    /// answers 204 then, others 404.
    ///
    /// # Errors
    /// [`ErrorKind::S3`](crate::ErrorKind::S3) when S3 refused.
    pub fn parse(response: &Response) -> Result<()> {
        if response.status == 404 && !response.body.windows(12).any(|bytes| bytes == b"NoSuchBucket") {
            return Ok(());
        }
        response.success().map(|_| ())
    }
}
