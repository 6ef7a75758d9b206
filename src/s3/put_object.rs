//! PutObject (<https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html>).

use crate::error::Result;
use crate::s3::{Bucket, ContentType, ETag, Endpoint, ObjectKey, Response, checksum, metadata};
use crate::sigv4::{PayloadHash, Request};

/// Stores an object by one PUT, its length signed with it.
#[derive(Clone, Copy, Debug)]
pub struct PutObject<'a> {
    /// The bucket.
    pub bucket: &'a Bucket,
    /// The key; one that [can be sent by PUT](ObjectKey::sendable_by_put) if a browser sends it.
    pub key: &'a ObjectKey,
    /// Exact length of the body in bytes; signed, so no other is taken.
    pub content_length: u64,
    /// The type to store.
    pub content_type: Option<&'a ContentType>,
    /// The whole `Content-Disposition` header to store
    /// ([`disposition::header`](crate::s3::disposition::header)).
    pub content_disposition: Option<&'a str>,
    /// User metadata: names without their prefix, values as text.
    pub metadata: &'a [(String, String)],
    /// SHA-256 of the body: signed as payload hash and stored as checksum.
    /// Without it the payload is not signed.
    pub sha256: Option<[u8; 32]>,
    /// Only if there is no object of that key yet (`If-None-Match: *`).
    pub if_none_match: bool,
}

impl<'a> PutObject<'a> {
    /// The least that a PUT needs.
    #[must_use]
    pub const fn new(bucket: &'a Bucket, key: &'a ObjectKey, content_length: u64) -> Self {
        Self {
            bucket,
            key,
            content_length,
            content_type: None,
            content_disposition: None,
            metadata: &[],
            sha256: None,
            if_none_match: false,
        }
    }

    /// The request, to be signed in its headers.
    ///
    /// # Errors
    /// As [`Endpoint::object_request`] and [`metadata::headers`].
    pub fn request(&self, endpoint: &Endpoint) -> Result<Request> {
        let mut request = endpoint
            .object_request("PUT", self.bucket, self.key)?
            .payload(self.sha256.map_or(PayloadHash::Unsigned, PayloadHash::Sha256))
            .header("content-length", &self.content_length.to_string())?;
        if let Some(content_type) = self.content_type {
            request = request.header("content-type", content_type.as_str())?;
        }
        if let Some(disposition) = self.content_disposition {
            request = request.header("content-disposition", disposition)?;
        }
        if self.if_none_match {
            request = request.header("if-none-match", "*")?;
        }
        if let Some(sha256) = &self.sha256 {
            request = request.header(checksum::SHA256_HEADER, &checksum::to_base64(sha256))?;
        }
        for (name, value) in metadata::headers(self.metadata)? {
            request = request.header(&name, &value)?;
        }
        Ok(request)
    }

    /// Reads the answer.
    ///
    /// # Errors
    /// [`ErrorKind::S3`](crate::ErrorKind::S3) when S3 refused,
    /// [`ErrorKind::InvalidResponse`](crate::ErrorKind::InvalidResponse)
    /// without a readable ETag.
    pub fn parse(response: &Response) -> Result<PutObjectOutput> {
        let response = response.success()?;
        Ok(PutObjectOutput {
            etag: ETag::parse(response.required_header("etag")?)?,
            version_id: response.header("x-amz-version-id").map(str::to_owned),
            sha256: response.header(checksum::SHA256_HEADER).and_then(checksum::from_base64),
        })
    }
}

/// What S3 answers to a PUT.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PutObjectOutput {
    /// The ETag of what was stored.
    pub etag: ETag,
    /// The version, in a versioned bucket.
    pub version_id: Option<String>,
    /// The checksum that S3 verified and stored.
    pub sha256: Option<[u8; 32]>,
}
