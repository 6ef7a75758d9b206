//! CopyObject (<https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html>).

use crate::error::Result;
use crate::s3::copy_source::{CopySource, parse_result};
use crate::s3::{Bucket, ETag, Endpoint, ObjectKey, ObjectOptions, Response};
use crate::sigv4::{PayloadHash, Request};

/// Copies an object of at most 5 GiB inside S3, with its type, its metadata and
/// its tags.
#[derive(Clone, Copy, Debug)]
pub struct CopyObject<'a> {
    /// The bucket to copy into.
    pub bucket: &'a Bucket,
    /// The key of the copy.
    pub key: &'a ObjectKey,
    /// What is copied.
    pub source: CopySource<'a>,
    /// What else is stored with the copy; S3 copies neither ACL nor storage
    /// class, encryption or locks. Its tags and `Cache-Control` count for
    /// nothing: those of the source are copied.
    pub options: Option<&'a ObjectOptions>,
    /// Only if there is no object of that key yet (`If-None-Match: *`).
    pub if_none_match: bool,
}

impl CopyObject<'_> {
    /// The request, to be signed in its headers.
    ///
    /// # Errors
    /// As [`Endpoint::object_request`];
    /// [`ErrorKind::InvalidHeader`](crate::ErrorKind::InvalidHeader) for
    /// options that HTTP cannot carry.
    pub fn request(&self, endpoint: &Endpoint) -> Result<Request> {
        let request = endpoint.object_request("PUT", self.bucket, self.key)?.payload(PayloadHash::Empty);
        let mut request = self.source.add_to(request)?;
        if let Some(options) = self.options {
            let own = ObjectOptions { tags: Vec::new(), cache_control: None, ..options.clone() };
            request = own.add_to(request)?;
        }
        if self.if_none_match {
            request.add_header("if-none-match", "*")?;
        }
        Ok(request)
    }

    /// Reads the answer.
    ///
    /// # Errors
    /// [`ErrorKind::S3`](crate::ErrorKind::S3) when S3 refused, with 412 when
    /// the source is another by now or, with `if_none_match`, the copy is there
    /// already; [`ErrorKind::InvalidResponse`](crate::ErrorKind::InvalidResponse)
    /// when the answer is neither a result nor an error.
    pub fn parse(response: &Response) -> Result<CopyObjectOutput> {
        let (_, etag) = parse_result(response, "CopyObjectResult")?;
        let version_id = response.header("x-amz-version-id").filter(|id| *id != "null").map(str::to_owned);
        Ok(CopyObjectOutput { etag, version_id })
    }
}

/// What S3 answers to a copy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CopyObjectOutput {
    /// The ETag of the copy; of an object that was made of parts another than its own.
    pub etag: ETag,
    /// The version of the copy, in a versioned bucket.
    pub version_id: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;
    use crate::s3::test_support::{answer, aws, headers, names, refusal};

    /// The sample of <https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html>.
    #[test]
    fn the_example_of_the_api_page() {
        let (bucket, key) = names("amzn-s3-demo-bucket", "my-second-image.jpg");
        let (from, image) = names("amzn-s3-demo-source-bucket", "my-image.jpg");
        let source = CopySource { bucket: &from, key: &image, version_id: None, if_match: None };
        let copy = CopyObject { bucket: &bucket, key: &key, source, options: None, if_none_match: false };
        let request = copy.request(&aws()).expect("valid");
        assert_eq!(request.method(), "PUT");
        assert_eq!(request.url(), "https://amzn-s3-demo-bucket.s3.amazonaws.com/my-second-image.jpg");
        assert_eq!(headers(&request), [("x-amz-copy-source", "/amzn-s3-demo-source-bucket/my-image.jpg")]);
        let body = r#"<?xml version="1.0" encoding="UTF-8"?>
            <CopyObjectResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">
              <LastModified>2009-10-28T22:32:00</LastModified>
              <ETag>"9b2cf535f27731c974343645a3985328"</ETag>
            </CopyObjectResult>"#;
        let output = CopyObject::parse(&answer(200, &[("x-amz-version-id", "v2")], body)).expect("a success");
        assert_eq!(output.etag.as_str(), "9b2cf535f27731c974343645a3985328");
        assert_eq!(output.version_id.as_deref(), Some("v2"));
    }

    #[test]
    fn only_what_s3_does_not_copy_is_said() {
        let (bucket, key) = names("bucket", "a b/ü+?.png");
        let etag = ETag::parse("abc").expect("valid");
        let source =
            CopySource { bucket: &bucket, key: &key, version_id: Some("v/1"), if_match: Some(&etag) };
        let options = ObjectOptions {
            cache_control: Some("private".to_owned()),
            storage_class: Some("STANDARD_IA".to_owned()),
            tags: vec![("a".to_owned(), "b".to_owned())],
            ..Default::default()
        };
        let copy =
            CopyObject { bucket: &bucket, key: &key, source, options: Some(&options), if_none_match: true };
        let request = copy.request(&aws()).expect("valid");
        assert_eq!(
            headers(&request),
            [
                ("x-amz-copy-source", "/bucket/a%20b/%C3%BC%2B%3F.png?versionId=v%2F1"),
                ("x-amz-copy-source-if-match", "\"abc\""),
                ("x-amz-storage-class", "STANDARD_IA"),
                ("if-none-match", "*"),
            ]
        );
    }

    #[test]
    fn an_error_may_come_with_200() {
        let late = refusal(200, "InternalError");
        let error = CopyObject::parse(&late).expect_err("a failure");
        assert_eq!((error.kind(), error.code(), error.retryable()), (ErrorKind::S3, "InternalError", true));
        let cut = CopyObject::parse(&answer(200, &[], "  ")).expect_err("a failure");
        assert_eq!((cut.kind(), cut.retryable()), (ErrorKind::InvalidResponse, true));
        let gone = CopyObject::parse(&refusal(404, "NoSuchKey")).expect_err("a refusal");
        assert_eq!(gone.code(), "NoSuchKey");
    }
}
