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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::s3::AddressingStyle;

    fn answer(status: u16, body: &str) -> Response {
        Response { status, headers: Vec::new(), body: body.as_bytes().to_vec() }
    }

    /// The sample of <https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObject.html>.
    #[test]
    fn the_example_of_the_api_page() {
        let bucket = Bucket::parse("examplebucket").expect("valid");
        let key = ObjectKey::parse("my-second-image.jpg").expect("valid");
        let aws = Endpoint::parse("https://s3.us-west-2.amazonaws.com", AddressingStyle::VirtualHosted)
            .expect("valid");
        let request = DeleteObject::new(&bucket, &key).request(&aws).expect("valid");
        assert_eq!(request.method(), "DELETE");
        assert_eq!(request.url(), "https://examplebucket.s3.us-west-2.amazonaws.com/my-second-image.jpg");
        let version = DeleteObject {
            version_id: Some("UIORUnfndfiufdisojhr398493jfdkjFJjkndnqUifhnw89493jJFJ"),
            ..DeleteObject::new(&bucket, &key)
        };
        assert!(
            version
                .request(&aws)
                .expect("valid")
                .url()
                .ends_with("?versionId=UIORUnfndfiufdisojhr398493jfdkjFJjkndnqUifhnw89493jJFJ")
        );
        assert_eq!(DeleteObject::parse(&answer(204, "")), Ok(()));
    }

    #[test]
    fn what_is_not_there_is_deleted_but_a_missing_bucket_is_an_error() {
        let document = |code: &str| format!("<Error><Code>{code}</Code></Error>");
        assert_eq!(DeleteObject::parse(&answer(404, &document("NoSuchKey"))), Ok(()));
        let error = DeleteObject::parse(&answer(404, &document("NoSuchBucket"))).expect_err("an error");
        assert_eq!(error.code(), "NoSuchBucket");
        let error = DeleteObject::parse(&answer(503, &document("SlowDown"))).expect_err("an error");
        assert!(error.retryable());
    }
}
