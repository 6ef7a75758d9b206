//! PutObject (<https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html>).

use crate::error::Result;
use crate::s3::{
    Bucket, ContentType, CustomerKey, ETag, Endpoint, ObjectKey, ObjectOptions, Response, checksum, metadata,
};
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
    /// What else is stored with the object.
    pub options: Option<&'a ObjectOptions>,
    /// SHA-256 of the body: signed as payload hash, without it the payload is
    /// not signed. It is also the checksum stored, unless there is a CRC.
    pub sha256: Option<[u8; 32]>,
    /// CRC64NVME of the body: the checksum stored.
    pub crc64nvme: Option<u64>,
    /// The customer's key, where whoever has it signs.
    pub customer_key: Option<&'a CustomerKey>,
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
            options: None,
            sha256: None,
            crc64nvme: None,
            customer_key: None,
            if_none_match: false,
        }
    }

    /// The request, to be signed in its headers.
    ///
    /// # Errors
    /// As [`Endpoint::object_request`] and [`metadata::headers`];
    /// [`ErrorKind::InvalidHeader`](crate::ErrorKind::InvalidHeader) for
    /// options that S3 or HTTP cannot take.
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
        if let Some((name, value)) = checksum::header(self.sha256, self.crc64nvme) {
            request = request.header(name, &value)?;
        }
        for (name, value) in metadata::headers(self.metadata)? {
            request = request.header(&name, &value)?;
        }
        if let Some(options) = self.options {
            request = options.add_to(request)?;
        }
        if let Some(key) = self.customer_key {
            request = key.add_to(request)?;
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
            crc64nvme: response.header(checksum::CRC64NVME_HEADER).and_then(checksum::crc64nvme_from_base64),
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
    use crate::s3::test_support::{aws, header, names};

    /// Key, payload hash and path of the example in
    /// <https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html>.
    #[test]
    fn the_example_of_header_based_auth() {
        let (bucket, key) = names("examplebucket", "test$file.text");
        let put =
            PutObject { sha256: Some(sha256(b"Welcome to Amazon S3.")), ..PutObject::new(&bucket, &key, 21) };
        let request = put.request(&aws()).expect("valid");
        assert_eq!(request.url(), "https://examplebucket.s3.amazonaws.com/test%24file.text");
        let hash = request.payload_hash().map(|hash| hash.as_str().into_owned());
        assert_eq!(hash.as_deref(), Some("44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072"));
        assert_eq!(
            header(&request, "x-amz-checksum-sha256"),
            Some("RM591nyVng01JP+sF3Hfu6h9K2tLTpnkIDSouAP4sHI=")
        );
        assert_eq!(header(&request, "content-length"), Some("21"));
    }

    /// The sample of <https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html>.
    #[test]
    fn the_example_of_the_api_page() {
        let (bucket, key) = names("mybucket", "my-image.jpg");
        let content_type = ContentType::parse("text/plain").expect("valid");
        let metadata = [("author".to_owned(), "Janet".to_owned())];
        let put = PutObject {
            content_type: Some(&content_type),
            metadata: &metadata,
            if_none_match: true,
            ..PutObject::new(&bucket, &key, 11_434)
        };
        let request = put.request(&aws()).expect("valid");
        assert_eq!(request.method(), "PUT");
        assert_eq!(request.payload_hash(), Some(PayloadHash::Unsigned));
        for (name, value) in [
            ("content-type", "text/plain"),
            ("content-length", "11434"),
            ("x-amz-meta-author", "Janet"),
            ("if-none-match", "*"),
        ] {
            assert_eq!(header(&request, name), Some(value), "{name}");
        }
        let answer = Response {
            status: 200,
            headers: vec![
                ("x-amz-request-id".to_owned(), "0A49CE4060975EAC".to_owned()),
                (
                    "x-amz-version-id".to_owned(),
                    "43jfkodU8493jnFJD9fjj3HHNVfdsQUIFDNsidf038jfdsjGFDSIRp".to_owned(),
                ),
                ("ETag".to_owned(), "\"fbacf535f27731c9771645a39863328\"".to_owned()),
            ],
            body: Vec::new(),
        };
        let output = PutObject::parse(&answer).expect("a success");
        assert_eq!(output.etag.as_str(), "fbacf535f27731c9771645a39863328");
        assert_eq!(
            output.version_id.as_deref(),
            Some("43jfkodU8493jnFJD9fjj3HHNVfdsQUIFDNsidf038jfdsjGFDSIRp")
        );
        assert_eq!(output.sha256, None);
    }

    /// Never two checksums: S3 takes no two. With both, the signature binds one.
    #[test]
    fn one_checksum_whatever_is_known() {
        let (bucket, key) = names("bucket", "key");
        let options = ObjectOptions { legal_hold: true, ..Default::default() };
        let put = PutObject {
            sha256: Some(sha256(b"123456789")),
            crc64nvme: Some(0xae8b_1486_0a79_9888),
            options: Some(&options),
            ..PutObject::new(&bucket, &key, 9)
        };
        let request = put.request(&aws()).expect("valid");
        assert_eq!(request.payload_hash(), Some(PayloadHash::Sha256(sha256(b"123456789"))));
        assert_eq!(header(&request, "x-amz-checksum-crc64nvme"), Some("rosUhgp5mIg="));
        assert_eq!(header(&request, "x-amz-checksum-sha256"), None);
        assert_eq!(header(&request, "x-amz-object-lock-legal-hold"), Some("ON"));
        let alone = PutObject { sha256: None, ..put }.request(&aws()).expect("valid");
        assert_eq!(alone.payload_hash(), Some(PayloadHash::Unsigned));
        assert_eq!(header(&alone, "x-amz-checksum-crc64nvme"), Some("rosUhgp5mIg="));
        let headers = [("etag", "\"a\""), ("x-amz-checksum-crc64nvme", "rosUhgp5mIg=")];
        let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
        let output =
            PutObject::parse(&Response { status: 200, headers, body: Vec::new() }).expect("a success");
        assert_eq!(output.crc64nvme, Some(0xae8b_1486_0a79_9888));
    }

    #[test]
    fn an_answer_without_an_etag_is_no_success() {
        let answer = Response { status: 200, ..Response::default() };
        assert_eq!(PutObject::parse(&answer).map_err(|e| e.kind()), Err(ErrorKind::InvalidResponse));
        let answer = Response { status: 412, ..Response::default() };
        let error = PutObject::parse(&answer).expect_err("a refusal");
        assert_eq!((error.kind(), error.code()), (ErrorKind::S3, "PreconditionFailed"));
    }
}
