//! AbortMultipartUpload
//! (<https://docs.aws.amazon.com/AmazonS3/latest/API/API_AbortMultipartUpload.html>).

use crate::error::Result;
use crate::s3::{Bucket, Endpoint, ObjectKey, Response};
use crate::sigv4::{PayloadHash, Request};

/// Gives an upload in parts up; S3 drops the parts that it has. A part that is
/// on its way then may still be stored: list afterwards, and abort again.
#[derive(Clone, Copy, Debug)]
pub struct AbortMultipartUpload<'a> {
    /// The bucket.
    pub bucket: &'a Bucket,
    /// The key.
    pub key: &'a ObjectKey,
    /// What S3 called the upload.
    pub upload_id: &'a str,
}

impl AbortMultipartUpload<'_> {
    /// The request, to be signed in its headers.
    ///
    /// # Errors
    /// As [`Endpoint::object_request`].
    pub fn request(&self, endpoint: &Endpoint) -> Result<Request> {
        Ok(endpoint
            .object_request("DELETE", self.bucket, self.key)?
            .query("uploadId", self.upload_id)
            .payload(PayloadHash::Empty))
    }

    /// Reads the answer.
    ///
    /// # Errors
    /// [`ErrorKind::S3`](crate::ErrorKind::S3) when S3 refused.
    pub fn parse(response: &Response) -> Result<AbortMultipartUploadOutput> {
        match response.success() {
            Ok(_) => Ok(AbortMultipartUploadOutput::Aborted),
            Err(error) if error.code() == "NoSuchUpload" => Ok(AbortMultipartUploadOutput::NoSuchUpload),
            Err(error) => Err(error),
        }
    }
}

/// What became of an upload that was given up. Nothing is left of it either way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AbortMultipartUploadOutput {
    /// It is gone now.
    Aborted,
    /// It was gone before: aborted, or completed, so that there may be an object.
    NoSuchUpload,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::s3::test_support::{answer, aws, headers, names, refusal};

    /// The sample of <https://docs.aws.amazon.com/AmazonS3/latest/API/API_AbortMultipartUpload.html>.
    #[test]
    fn the_example_of_the_api_page() {
        let (bucket, key) = names("example-bucket", "example-object");
        let upload_id = "VXBsb2FkIElEIGZvciBlbHZpbmcncyBteS1tb3ZpZS5tMnRzIHVwbG9hZ";
        let abort = AbortMultipartUpload { bucket: &bucket, key: &key, upload_id };
        let request = abort.request(&aws()).expect("valid");
        assert_eq!(request.method(), "DELETE");
        assert_eq!(
            request.url(),
            ["https://example-bucket.s3.amazonaws.com/example-object?uploadId=", upload_id].concat()
        );
        assert_eq!((headers(&request), request.payload_hash()), (Vec::new(), Some(PayloadHash::Empty)));
        let output = AbortMultipartUpload::parse(&answer(204, &[], ""));
        assert_eq!(output, Ok(AbortMultipartUploadOutput::Aborted));
    }

    #[test]
    fn one_that_is_gone_is_aborted_but_a_missing_bucket_is_an_error() {
        let parse =
            |response| AbortMultipartUpload::parse(&response).map_err(|error| error.code().to_owned());
        assert_eq!(parse(refusal(404, "NoSuchUpload")), Ok(AbortMultipartUploadOutput::NoSuchUpload));
        assert_eq!(parse(refusal(404, "NoSuchBucket")), Err("NoSuchBucket".to_owned()));
        assert_eq!(parse(answer(503, &[], "")), Err("ServiceUnavailable".to_owned()));
    }
}
