//! UploadPartCopy (<https://docs.aws.amazon.com/AmazonS3/latest/API/API_UploadPartCopy.html>).

use std::ops::Range;

use crate::error::{Error, ErrorKind, Result};
use crate::s3::copy_source::{CopySource, parse_result};
use crate::s3::{Bucket, ETag, Endpoint, ObjectKey, Response, checksum};
use crate::sigv4::{PayloadHash, Request};

/// Stores one part of an object, copied inside S3 from another object.
#[derive(Clone, Debug)]
pub struct UploadPartCopy<'a> {
    /// The bucket to copy into.
    pub bucket: &'a Bucket,
    /// The key.
    pub key: &'a ObjectKey,
    /// What S3 called the upload.
    pub upload_id: &'a str,
    /// Number of the part, 1 to 10,000. A part that was there is replaced.
    pub number: u16,
    /// What is copied from.
    pub source: CopySource<'a>,
    /// Which bytes of it, 5 GiB at most and not none.
    pub bytes: Range<u64>,
}

impl UploadPartCopy<'_> {
    /// The request, to be signed in its headers.
    ///
    /// # Errors
    /// As [`Endpoint::object_request`]; [`ErrorKind::InvalidSize`] for no bytes.
    pub fn request(&self, endpoint: &Endpoint) -> Result<Request> {
        if self.bytes.is_empty() {
            return Err(Error::new(ErrorKind::InvalidSize, "a part that is copied has bytes"));
        }
        let request = endpoint
            .object_request("PUT", self.bucket, self.key)?
            .query("partNumber", &self.number.to_string())
            .query("uploadId", self.upload_id)
            .payload(PayloadHash::Empty);
        let last = self.bytes.end.saturating_sub(1);
        let range = format!("bytes={}-{last}", self.bytes.start);
        self.source.add_to(request)?.header("x-amz-copy-source-range", &range)
    }

    /// Reads the answer.
    ///
    /// # Errors
    /// As [`CopyObject::parse`](crate::s3::CopyObject::parse).
    pub fn parse(response: &Response) -> Result<UploadPartCopyOutput> {
        let (document, etag) = parse_result(response, "CopyPartResult")?;
        let crc64nvme = document.child_text("ChecksumCRC64NVME").map(str::trim);
        Ok(UploadPartCopyOutput { etag, crc64nvme: crc64nvme.and_then(checksum::crc64nvme_from_base64) })
    }
}

/// What S3 answers to a part that it copied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UploadPartCopyOutput {
    /// The ETag of the part, by which the upload is completed.
    pub etag: ETag,
    /// The CRC64NVME that S3 computed, where the upload has one.
    pub crc64nvme: Option<u64>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::s3::test_support::{answer, aws, headers, names, refusal};

    const ID: &str = "VCVsb2FkIElEIGZvciBlbZZpbmcncyBteS1tb3ZpZS5tMnRzIHVwbG9hZR";

    /// The second sample of
    /// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_UploadPartCopy.html>.
    #[test]
    fn the_example_of_the_api_page() {
        let (bucket, key) = names("target-bucket", "newobject");
        let (from, old) = names("source-bucket", "sourceobject");
        let source = CopySource { bucket: &from, key: &old, version_id: None, if_match: None };
        let part =
            UploadPartCopy { bucket: &bucket, key: &key, upload_id: ID, number: 2, source, bytes: 500..6292 };
        let request = part.request(&aws()).expect("valid");
        assert_eq!(request.method(), "PUT");
        assert_eq!(
            request.url(),
            format!("https://target-bucket.s3.amazonaws.com/newobject?partNumber=2&uploadId={ID}")
        );
        assert_eq!(
            headers(&request),
            [
                ("x-amz-copy-source", "/source-bucket/sourceobject"),
                ("x-amz-copy-source-range", "bytes=500-6291")
            ]
        );
        let body = r#"<CopyPartResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">
            <LastModified>2009-10-28T22:32:00</LastModified>
            <ETag>"9b2cf535f27731c974343645a3985328"</ETag>
            <ChecksumCRC64NVME>rosUhgp5mIg=</ChecksumCRC64NVME></CopyPartResult>"#;
        let output = UploadPartCopy::parse(&answer(200, &[], body)).expect("a success");
        assert_eq!(output.etag.as_str(), "9b2cf535f27731c974343645a3985328");
        assert_eq!(output.crc64nvme, Some(0xae8b_1486_0a79_9888));
    }

    #[test]
    fn nothing_is_no_part_and_a_200_no_success() {
        let (bucket, key) = names("bucket", "key");
        let source = CopySource { bucket: &bucket, key: &key, version_id: None, if_match: None };
        let part =
            UploadPartCopy { bucket: &bucket, key: &key, upload_id: ID, number: 1, source, bytes: 5..5 };
        assert_eq!(part.request(&aws()).map_err(|error| error.kind()), Err(ErrorKind::InvalidSize));
        let error = UploadPartCopy::parse(&refusal(200, "SlowDown")).expect_err("a failure");
        assert_eq!((error.code(), error.retryable()), ("SlowDown", true));
    }
}
