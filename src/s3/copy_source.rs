//! What CopyObject and UploadPartCopy copy from.

use crate::error::{Error, ErrorKind, Result};
use crate::s3::xml::Element;
use crate::s3::{Bucket, ETag, ObjectKey, Response, error};
use crate::sigv4::Request;
use crate::sigv4::uri::{encode_component, encode_path};

/// The object to copy from, as S3's `x-amz-copy-source…` headers name it.
#[derive(Clone, Copy, Debug)]
pub struct CopySource<'a> {
    /// Its bucket.
    pub bucket: &'a Bucket,
    /// Its key.
    pub key: &'a ObjectKey,
    /// A version other than the newest.
    pub version_id: Option<&'a str>,
    /// Only if it is still this one; S3 answers 412 otherwise.
    pub if_match: Option<&'a ETag>,
}

impl CopySource<'_> {
    pub(super) fn add_to(&self, request: Request) -> Result<Request> {
        let mut source = encode_path(&["/", self.bucket.as_str(), "/", self.key.as_str()].concat());
        if let Some(version) = self.version_id {
            source.push_str("?versionId=");
            source.push_str(&encode_component(version));
        }
        let request = request.header("x-amz-copy-source", &source)?;
        match self.if_match {
            Some(etag) => request.header("x-amz-copy-source-if-match", &etag.quoted()),
            None => Ok(request),
        }
    }
}

/// The document of a copy, and its ETag. A 200 says nothing yet: S3 sends it,
/// and then spaces to keep the connection alive, before it knows.
pub(super) fn parse_result(response: &Response, root: &str) -> Result<(Element, ETag)> {
    let Ok(document) = response.success()?.document(root) else {
        return Err(match error::ErrorDocument::parse(&response.body) {
            Some(_) => error::parse(response),
            None => Error::new(ErrorKind::InvalidResponse, "S3's answer ends before it says anything")
                .with_status(response.status)
                .with_retryable(true),
        });
    };
    let etag = ETag::parse(document.child_text("ETag").unwrap_or_default())?;
    Ok((document, etag))
}
