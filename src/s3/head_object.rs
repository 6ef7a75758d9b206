//! HeadObject (<https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html>).

use crate::error::{Error, ErrorKind, Result};
use crate::s3::{Bucket, ETag, Endpoint, ObjectKey, Response, checksum, metadata};
use crate::sigv4::{PayloadHash, Request};

/// Asks what an object is, its stored checksum included.
#[derive(Clone, Copy, Debug)]
pub struct HeadObject<'a> {
    /// The bucket.
    pub bucket: &'a Bucket,
    /// The key.
    pub key: &'a ObjectKey,
    /// A version other than the newest.
    pub version_id: Option<&'a str>,
}

impl<'a> HeadObject<'a> {
    /// Of the newest version.
    #[must_use]
    pub const fn new(bucket: &'a Bucket, key: &'a ObjectKey) -> Self {
        Self { bucket, key, version_id: None }
    }

    /// The request, to be signed in its headers. It asks for the checksum
    /// (`x-amz-checksum-mode: ENABLED`), which S3 does not tell otherwise.
    ///
    /// # Errors
    /// As [`Endpoint::object_request`].
    pub fn request(&self, endpoint: &Endpoint) -> Result<Request> {
        let mut request = endpoint.object_request("HEAD", self.bucket, self.key)?.payload(PayloadHash::Empty);
        if let Some(version) = self.version_id {
            request = request.query("versionId", version);
        }
        request.header("x-amz-checksum-mode", "ENABLED")
    }

    /// Reads the answer; `None` when there is no such object (404).
    ///
    /// # Errors
    /// [`ErrorKind::S3`] when S3 refused, [`ErrorKind::InvalidResponse`] when
    /// the length or the ETag is missing or unreadable.
    pub fn parse(response: &Response) -> Result<Option<HeadObjectOutput>> {
        if response.status == 404 {
            return Ok(None);
        }
        let response = response.success()?;
        let size = response.required_header("content-length")?.trim();
        let size =
            size.bytes().all(|b| b.is_ascii_digit()).then(|| size.parse().ok()).flatten().ok_or_else(
                || Error::new(ErrorKind::InvalidResponse, "S3's content-length is not a number"),
            )?;
        Ok(Some(HeadObjectOutput {
            size,
            etag: ETag::parse(response.required_header("etag")?)?,
            content_type: response.header("content-type").map(str::to_owned),
            version_id: response.header("x-amz-version-id").filter(|id| *id != "null").map(str::to_owned),
            sha256: response.header(checksum::SHA256_HEADER).and_then(checksum::from_base64),
            metadata: response.headers.iter().filter_map(user_metadata).collect(),
        }))
    }
}

/// What S3 knows of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeadObjectOutput {
    /// Length in bytes.
    pub size: u64,
    /// Entity tag.
    pub etag: ETag,
    /// Stored media type.
    pub content_type: Option<String>,
    /// The version, in a versioned bucket.
    pub version_id: Option<String>,
    /// SHA-256 of the whole object, where S3 keeps one.
    pub sha256: Option<[u8; 32]>,
    /// User metadata, decoded, in the order of the answer.
    pub metadata: Vec<(String, String)>,
}

fn user_metadata((name, value): &(String, String)) -> Option<(String, String)> {
    let name = name.to_ascii_lowercase();
    let name = name.strip_prefix(metadata::PREFIX)?;
    Some((name.to_owned(), metadata::decode_value(value)))
}
