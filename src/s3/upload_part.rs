//! UploadPart (<https://docs.aws.amazon.com/AmazonS3/latest/API/API_UploadPart.html>).

use crate::error::Result;
use crate::s3::{Bucket, CustomerKey, ETag, Endpoint, ObjectKey, Response, checksum};
use crate::sigv4::{PayloadHash, Request};

/// Stores one part of an object, its length signed with it.
#[derive(Clone, Copy, Debug)]
pub struct UploadPart<'a> {
    /// The bucket.
    pub bucket: &'a Bucket,
    /// The key.
    pub key: &'a ObjectKey,
    /// What S3 called the upload.
    pub upload_id: &'a str,
    /// Number of the part, 1 to 10,000. A part that was there is replaced.
    pub number: u16,
    /// Exact length of the part in bytes; signed, so no other is taken.
    pub content_length: u64,
    /// SHA-256 of the part: signed as payload hash, without it the payload is
    /// not signed. It is also the checksum stored, unless there is a CRC.
    pub sha256: Option<[u8; 32]>,
    /// CRC64NVME of the part: the checksum stored.
    pub crc64nvme: Option<u64>,
    /// The customer's key, where whoever has it signs.
    pub customer_key: Option<&'a CustomerKey>,
}

impl<'a> UploadPart<'a> {
    /// The least that a part needs.
    #[must_use]
    pub const fn new(
        bucket: &'a Bucket,
        key: &'a ObjectKey,
        upload_id: &'a str,
        number: u16,
        content_length: u64,
    ) -> Self {
        Self {
            bucket,
            key,
            upload_id,
            number,
            content_length,
            sha256: None,
            crc64nvme: None,
            customer_key: None,
        }
    }

    /// The request, to be signed in its headers.
    ///
    /// # Errors
    /// As [`Endpoint::object_request`].
    pub fn request(&self, endpoint: &Endpoint) -> Result<Request> {
        let mut request = endpoint
            .object_request("PUT", self.bucket, self.key)?
            .query("partNumber", &self.number.to_string())
            .query("uploadId", self.upload_id)
            .payload(self.sha256.map_or(PayloadHash::Unsigned, PayloadHash::Sha256))
            .header("content-length", &self.content_length.to_string())?;
        if let Some((name, value)) = checksum::header(self.sha256, self.crc64nvme) {
            request.add_header(name, &value)?;
        }
        match self.customer_key {
            Some(key) => key.add_to(request),
            None => Ok(request),
        }
    }

    /// Reads the answer.
    ///
    /// # Errors
    /// [`ErrorKind::S3`](crate::ErrorKind::S3) when S3 refused,
    /// [`ErrorKind::InvalidResponse`](crate::ErrorKind::InvalidResponse)
    /// without a readable ETag.
    pub fn parse(response: &Response) -> Result<UploadPartOutput> {
        let response = response.success()?;
        Ok(UploadPartOutput {
            etag: ETag::parse(response.required_header("etag")?)?,
            sha256: response.header(checksum::SHA256_HEADER).and_then(checksum::from_base64),
            crc64nvme: response.header(checksum::CRC64NVME_HEADER).and_then(checksum::crc64nvme_from_base64),
        })
    }
}

/// What S3 answers to a part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UploadPartOutput {
    /// The ETag of the part, by which the upload is completed.
    pub etag: ETag,
    /// The SHA-256 that S3 verified and stored.
    pub sha256: Option<[u8; 32]>,
    /// The CRC64NVME that S3 verified and stored.
    pub crc64nvme: Option<u64>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::digest::sha256;
    use crate::error::ErrorKind;
    use crate::s3::test_support::{answer, aws, header, headers, names, refusal};

    const ID: &str = "VCVsb2FkIElEIGZvciBlbZZpbmcncyBteS1tb3ZpZS5tMnRzIHVwbG9hZR";

    /// The sample of <https://docs.aws.amazon.com/AmazonS3/latest/API/API_UploadPart.html>.
    #[test]
    fn the_example_of_the_api_page() {
        let (bucket, key) = names("example-bucket", "my-movie.m2ts");
        let request = UploadPart::new(&bucket, &key, ID, 1, 10_485_760).request(&aws()).expect("valid");
        assert_eq!(request.method(), "PUT");
        assert_eq!(
            request.url(),
            ["https://example-bucket.s3.amazonaws.com/my-movie.m2ts?partNumber=1&uploadId=", ID].concat()
        );
        assert_eq!(headers(&request), [("content-length", "10485760")]);
        assert_eq!(request.payload_hash(), Some(PayloadHash::Unsigned));
        let response = answer(200, &[("ETag", "\"b54357faf0632cce46e942fa68356b38\"")], "");
        let output = UploadPart::parse(&response).expect("a success");
        assert_eq!(output.etag.as_str(), "b54357faf0632cce46e942fa68356b38");
        assert_eq!((output.sha256, output.crc64nvme), (None, None));
    }

    #[test]
    fn one_checksum_whatever_is_known() {
        let (bucket, key) = names("bucket", "key");
        let digest = sha256(b"123456789");
        let crc = 0xae8b_1486_0a79_9888;
        let part = |sha256, crc64nvme| {
            let part = UploadPart { sha256, crc64nvme, ..UploadPart::new(&bucket, &key, "id", 2, 9) };
            let request = part.request(&aws()).expect("valid");
            let sums = [checksum::SHA256_HEADER, checksum::CRC64NVME_HEADER];
            let [one, other] = sums.map(|name| header(&request, name).map(str::to_owned));
            (request.payload_hash(), one, other)
        };
        let in_base64 = Some(checksum::to_base64(&digest));
        let crc_in_base64 = Some("rosUhgp5mIg=".to_owned());
        let signed = Some(PayloadHash::Sha256(digest));
        assert_eq!(part(Some(digest), None), (signed, in_base64, None));
        assert_eq!(part(None, Some(crc)), (Some(PayloadHash::Unsigned), None, crc_in_base64.clone()));
        assert_eq!(part(Some(digest), Some(crc)), (signed, None, crc_in_base64));
    }

    #[test]
    fn what_s3_answers() {
        let sums = [
            ("etag", "\"a\""),
            ("x-amz-checksum-sha256", "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="),
            ("x-amz-checksum-crc64nvme", "rosUhgp5mIg="),
        ];
        let output = UploadPart::parse(&answer(200, &sums, "")).expect("a success");
        assert_eq!(output.sha256, Some(sha256(b"")));
        assert_eq!(output.crc64nvme, Some(0xae8b_1486_0a79_9888));
        let kind = |response: &Response| UploadPart::parse(response).map_err(|error| error.kind());
        assert_eq!(kind(&answer(200, &[], "")), Err(ErrorKind::InvalidResponse));
        let gone = UploadPart::parse(&refusal(404, "NoSuchUpload")).expect_err("a refusal");
        assert_eq!((gone.code(), gone.retryable()), ("NoSuchUpload", false));
    }
}
