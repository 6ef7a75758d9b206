//! CreateMultipartUpload
//! (<https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateMultipartUpload.html>).

use crate::error::{Error, ErrorKind, Result};
use crate::s3::{Bucket, ContentType, CustomerKey, Endpoint, ObjectKey, ObjectOptions, Response, metadata};
use crate::sigv4::{PayloadHash, Request};

/// Begins an upload in parts. All that is to be stored with the object but its
/// bytes is said here.
#[derive(Clone, Copy, Debug)]
pub struct CreateMultipartUpload<'a> {
    /// The bucket.
    pub bucket: &'a Bucket,
    /// The key; one that [can be sent by PUT](ObjectKey::sendable_by_put) if a browser sends it.
    pub key: &'a ObjectKey,
    /// The type to store.
    pub content_type: Option<&'a ContentType>,
    /// The whole `Content-Disposition` header to store
    /// ([`disposition::header`](crate::s3::disposition::header)).
    pub content_disposition: Option<&'a str>,
    /// User metadata: names without their prefix, values as text.
    pub metadata: &'a [(String, String)],
    /// What else is stored with the object.
    pub options: Option<&'a ObjectOptions>,
    /// What S3 keeps of every part, and then of the object.
    pub checksum: Option<MultipartChecksum>,
    /// The customer's key, where whoever has it signs.
    pub customer_key: Option<&'a CustomerKey>,
}

/// The checksum of an upload in parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MultipartChecksum {
    /// SHA-256 of every part; the object's is composite, the digest of the
    /// parts' digests.
    Sha256,
    /// CRC64NVME of every part; the object's is that of its bytes.
    Crc64Nvme,
}

impl<'a> CreateMultipartUpload<'a> {
    /// The least that a multipart upload needs.
    #[must_use]
    pub const fn new(bucket: &'a Bucket, key: &'a ObjectKey) -> Self {
        Self {
            bucket,
            key,
            content_type: None,
            content_disposition: None,
            metadata: &[],
            options: None,
            checksum: None,
            customer_key: None,
        }
    }

    /// The request, to be signed in its headers. It has no body.
    ///
    /// # Errors
    /// As [`Endpoint::object_request`] and [`metadata::headers`];
    /// [`ErrorKind::InvalidHeader`] for options that S3 or HTTP cannot take.
    pub fn request(&self, endpoint: &Endpoint) -> Result<Request> {
        let mut request = endpoint
            .object_request("POST", self.bucket, self.key)?
            .query("uploads", "")
            .payload(PayloadHash::Empty);
        if let Some(content_type) = self.content_type {
            request.add_header("content-type", content_type.as_str())?;
        }
        if let Some(disposition) = self.content_disposition {
            request.add_header("content-disposition", disposition)?;
        }
        if let Some(checksum) = self.checksum {
            let (algorithm, kind) = match checksum {
                MultipartChecksum::Sha256 => ("SHA256", "COMPOSITE"),
                MultipartChecksum::Crc64Nvme => ("CRC64NVME", "FULL_OBJECT"),
            };
            request.add_header("x-amz-checksum-algorithm", algorithm)?;
            request.add_header("x-amz-checksum-type", kind)?;
        }
        for (name, value) in metadata::headers(self.metadata)? {
            request.add_header(&name, &value)?;
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
    /// [`ErrorKind::S3`] when S3 refused, [`ErrorKind::InvalidResponse`] when
    /// there is no upload id in the answer.
    pub fn parse(response: &Response) -> Result<CreateMultipartUploadOutput> {
        let document = response.success()?.document("InitiateMultipartUploadResult")?;
        match document.child_text("UploadId").map(str::trim) {
            Some(id) if !id.is_empty() => Ok(CreateMultipartUploadOutput { upload_id: id.to_owned() }),
            _ => Err(Error::new(ErrorKind::InvalidResponse, "S3's answer has no upload id")),
        }
    }
}

/// What S3 answers to the beginning of an upload in parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreateMultipartUploadOutput {
    /// What the upload is called from here on.
    pub upload_id: String,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::s3::test_support::{answer, aws, headers, names, refusal};

    /// The sample of <https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateMultipartUpload.html>.
    #[test]
    fn the_example_of_the_api_page() {
        let (bucket, key) = names("example-bucket", "example-object");
        let request = CreateMultipartUpload::new(&bucket, &key).request(&aws()).expect("valid");
        assert_eq!(request.method(), "POST");
        assert_eq!(request.url(), "https://example-bucket.s3.amazonaws.com/example-object?uploads=");
        assert_eq!((headers(&request), request.payload_hash()), (Vec::new(), Some(PayloadHash::Empty)));
        let body = r#"<?xml version="1.0" encoding="UTF-8"?>
            <InitiateMultipartUploadResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">
              <Bucket>example-bucket</Bucket>
              <Key>example-object</Key>
              <UploadId>VXBsb2FkIElEIGZvciA2aWWpbmcncyBteS1tb3ZpZS5tMnRzIHVwbG9hZA</UploadId>
            </InitiateMultipartUploadResult>"#;
        let output = CreateMultipartUpload::parse(&answer(200, &[], body)).expect("a success");
        assert_eq!(output.upload_id, "VXBsb2FkIElEIGZvciA2aWWpbmcncyBteS1tb3ZpZS5tMnRzIHVwbG9hZA");
    }

    #[test]
    fn what_is_stored_with_the_object() {
        let (bucket, key) = names("bucket", "key");
        let content_type = ContentType::parse("video/mp4").expect("valid");
        let options = ObjectOptions { storage_class: Some("STANDARD_IA".to_owned()), ..Default::default() };
        let create = CreateMultipartUpload {
            content_type: Some(&content_type),
            content_disposition: Some("inline"),
            metadata: &[("ticket".to_owned(), "42".to_owned())],
            options: Some(&options),
            checksum: Some(MultipartChecksum::Sha256),
            ..CreateMultipartUpload::new(&bucket, &key)
        };
        assert_eq!(
            headers(&create.request(&aws()).expect("valid")),
            [
                ("content-type", "video/mp4"),
                ("content-disposition", "inline"),
                ("x-amz-checksum-algorithm", "SHA256"),
                ("x-amz-checksum-type", "COMPOSITE"),
                ("x-amz-meta-ticket", "42"),
                ("x-amz-storage-class", "STANDARD_IA"),
            ]
        );
        let crc = CreateMultipartUpload {
            checksum: Some(MultipartChecksum::Crc64Nvme),
            ..CreateMultipartUpload::new(&bucket, &key)
        };
        assert_eq!(
            headers(&crc.request(&aws()).expect("valid")),
            [("x-amz-checksum-algorithm", "CRC64NVME"), ("x-amz-checksum-type", "FULL_OBJECT")]
        );
    }

    #[test]
    fn an_answer_without_an_id_is_no_success() {
        let kind = |response: &Response| CreateMultipartUpload::parse(response).map_err(|error| error.kind());
        for body in [
            "",
            "<html/>",
            "<InitiateMultipartUploadResult/>",
            "<InitiateMultipartUploadResult><UploadId> </UploadId></InitiateMultipartUploadResult>",
            "<Other><UploadId>a</UploadId></Other>",
        ] {
            assert_eq!(kind(&answer(200, &[], body)), Err(ErrorKind::InvalidResponse), "{body}");
        }
        assert_eq!(kind(&refusal(501, "NotImplemented")), Err(ErrorKind::S3));
    }
}
