//! CompleteMultipartUpload
//! (<https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html>).

use crate::error::{Error, ErrorKind, Result};
use crate::s3::{Bucket, CustomerKey, ETag, Endpoint, ObjectKey, Response, checksum, error, xml};
use crate::sigv4::{PayloadHash, Request};

/// Makes the object of its parts.
#[derive(Clone, Copy, Debug)]
pub struct CompleteMultipartUpload<'a> {
    /// The bucket.
    pub bucket: &'a Bucket,
    /// The key.
    pub key: &'a ObjectKey,
    /// What S3 called the upload.
    pub upload_id: &'a str,
    /// All parts, in order: the first is number 1.
    pub parts: &'a [CompletedPart],
    /// CRC64NVME of the whole object, for uploads
    /// [created](crate::s3::CreateMultipartUpload) with it: S3 refuses any other.
    pub crc64nvme: Option<u64>,
    /// Length of the whole object in bytes: S3 refuses any other.
    pub object_size: Option<u64>,
    /// Only if there is no object of that key yet (`If-None-Match: *`).
    pub if_none_match: bool,
    /// The customer's key, where whoever has it signs.
    pub customer_key: Option<&'a CustomerKey>,
}

/// A part that S3 has: its ETag, and its checksum of the kind that the upload
/// was created with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompletedPart {
    /// What S3 answered for it.
    pub etag: ETag,
    /// SHA-256 of the part.
    pub sha256: Option<[u8; 32]>,
    /// CRC64NVME of the part.
    pub crc64nvme: Option<u64>,
}

impl<'a> CompleteMultipartUpload<'a> {
    /// The least that completing needs.
    #[must_use]
    pub const fn new(
        bucket: &'a Bucket,
        key: &'a ObjectKey,
        upload_id: &'a str,
        parts: &'a [CompletedPart],
    ) -> Self {
        Self {
            bucket,
            key,
            upload_id,
            parts,
            crc64nvme: None,
            object_size: None,
            if_none_match: false,
            customer_key: None,
        }
    }

    /// The request, to be signed in its headers, and the body to send with it,
    /// whose hash is in the request.
    ///
    /// # Errors
    /// As [`Endpoint::object_request`].
    pub fn request(&self, endpoint: &Endpoint) -> Result<(Request, String)> {
        let body = self.body();
        let mut request = endpoint
            .object_request("POST", self.bucket, self.key)?
            .query("uploadId", self.upload_id)
            .payload(PayloadHash::of(body.as_bytes()))
            .header("content-type", "application/xml")?;
        if let Some(crc) = self.crc64nvme {
            request.add_header(checksum::CRC64NVME_HEADER, &checksum::crc64nvme_to_base64(crc))?;
            request.add_header("x-amz-checksum-type", "FULL_OBJECT")?;
        }
        if let Some(size) = self.object_size {
            request.add_header("x-amz-mp-object-size", &size.to_string())?;
        }
        if self.if_none_match {
            request.add_header("if-none-match", "*")?;
        }
        if let Some(key) = self.customer_key {
            request = key.add_to(request)?;
        }
        Ok((request, body))
    }

    fn body(&self) -> String {
        let mut body =
            "<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">".to_owned();
        for (part, number) in self.parts.iter().zip(1_usize..) {
            body.push_str("<Part>");
            if let Some(crc) = part.crc64nvme {
                push_element(&mut body, "ChecksumCRC64NVME", &checksum::crc64nvme_to_base64(crc));
            } else if let Some(sha256) = &part.sha256 {
                push_element(&mut body, "ChecksumSHA256", &checksum::to_base64(sha256));
            }
            push_element(&mut body, "ETag", &part.etag.quoted());
            push_element(&mut body, "PartNumber", &number.to_string());
            body.push_str("</Part>");
        }
        body.push_str("</CompleteMultipartUpload>");
        body
    }

    /// Reads the answer. A 200 says nothing yet: S3 sends it, and then spaces
    /// to keep the connection alive, before it knows, so the document may be an
    /// error; where it is cut off, nobody knows what became of the upload.
    ///
    /// # Errors
    /// [`ErrorKind::S3`] when S3 refused, [`ErrorKind::InvalidResponse`], which
    /// may be tried again, when the answer is neither a result nor an error.
    pub fn parse(response: &Response) -> Result<CompleteMultipartUploadOutput> {
        let Ok(document) = response.success()?.document("CompleteMultipartUploadResult") else {
            return Err(match error::ErrorDocument::parse(&response.body) {
                Some(_) => error::parse(response),
                None => Error::new(ErrorKind::InvalidResponse, "S3's answer ends before it says anything")
                    .with_status(response.status)
                    .with_retryable(true),
            });
        };
        let text = |name| document.child_text(name).map(str::trim);
        Ok(CompleteMultipartUploadOutput {
            etag: ETag::parse(text("ETag").unwrap_or_default())?,
            composite_sha256: text("ChecksumSHA256")
                .filter(|sum| checksum::is_composite(sum))
                .map(str::to_owned),
            crc64nvme: text("ChecksumCRC64NVME").and_then(checksum::crc64nvme_from_base64),
            version_id: response.header("x-amz-version-id").map(str::to_owned),
        })
    }
}

/// What S3 answers when it made the object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompleteMultipartUploadOutput {
    /// The ETag of the object.
    pub etag: ETag,
    /// The composite SHA-256 (`…=-3`), of an upload created with SHA-256.
    pub composite_sha256: Option<String>,
    /// The CRC64NVME of the whole object, of an upload created with it.
    pub crc64nvme: Option<u64>,
    /// The version, in a versioned bucket.
    pub version_id: Option<String>,
}

fn push_element(document: &mut String, name: &str, text: &str) {
    for piece in ["<", name, ">"] {
        document.push_str(piece);
    }
    xml::push_escaped(document, text);
    for piece in ["</", name, ">"] {
        document.push_str(piece);
    }
}
