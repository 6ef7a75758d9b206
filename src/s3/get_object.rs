//! GetObject (<https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html>).

use crate::error::Result;
use crate::s3::{Bucket, Endpoint, ObjectKey};
use crate::sigv4::Request;

/// Reads an object; usually presigned, for a link.
#[derive(Clone, Copy, Debug)]
pub struct GetObject<'a> {
    /// The bucket.
    pub bucket: &'a Bucket,
    /// The key.
    pub key: &'a ObjectKey,
    /// A version other than the newest.
    pub version_id: Option<&'a str>,
    /// The `Content-Disposition` that S3 is to answer with, instead of the stored one.
    pub response_content_disposition: Option<&'a str>,
}

impl<'a> GetObject<'a> {
    /// Of the newest version, with its stored headers.
    #[must_use]
    pub const fn new(bucket: &'a Bucket, key: &'a ObjectKey) -> Self {
        Self { bucket, key, version_id: None, response_content_disposition: None }
    }

    /// The request: for [`presign`](crate::sigv4::presign) or to be signed in
    /// its headers. S3 takes `response-…` parameters in signed requests only.
    ///
    /// # Errors
    /// As [`Endpoint::object_request`].
    pub fn request(&self, endpoint: &Endpoint) -> Result<Request> {
        let mut request = endpoint.object_request("GET", self.bucket, self.key)?;
        if let Some(disposition) = self.response_content_disposition {
            request = request.query("response-content-disposition", disposition);
        }
        if let Some(version) = self.version_id {
            request = request.query("versionId", version);
        }
        Ok(request)
    }
}
