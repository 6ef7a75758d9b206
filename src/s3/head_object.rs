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
    /// Whether it asks for the checksum, which S3 does not tell otherwise; not
    /// of an S3 that refuses such headers.
    pub checksums: bool,
}

impl<'a> HeadObject<'a> {
    /// Of the newest version.
    #[must_use]
    pub const fn new(bucket: &'a Bucket, key: &'a ObjectKey) -> Self {
        Self { bucket, key, version_id: None, checksums: true }
    }

    /// The request, to be signed in its headers.
    ///
    /// # Errors
    /// As [`Endpoint::object_request`].
    pub fn request(&self, endpoint: &Endpoint) -> Result<Request> {
        let mut request = endpoint.object_request("HEAD", self.bucket, self.key)?.payload(PayloadHash::Empty);
        if let Some(version) = self.version_id {
            request = request.query("versionId", version);
        }
        if self.checksums {
            request.add_header("x-amz-checksum-mode", "ENABLED")?;
        }
        Ok(request)
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
            content_disposition: response.header("content-disposition").map(str::to_owned),
            content_encoding: response.header("content-encoding").and_then(content_encoding),
            version_id: response.header("x-amz-version-id").filter(|id| *id != "null").map(str::to_owned),
            sha256: response.header(checksum::SHA256_HEADER).and_then(checksum::from_base64),
            composite_sha256: response
                .header(checksum::SHA256_HEADER)
                .map(str::trim)
                .filter(|sum| checksum::is_composite(sum))
                .map(str::to_owned),
            crc64nvme: response.header(checksum::CRC64NVME_HEADER).and_then(checksum::crc64nvme_from_base64),
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
    /// The stored `Content-Disposition`.
    pub content_disposition: Option<String>,
    /// How the object itself is encoded (`gzip`, …), if it is.
    pub content_encoding: Option<String>,
    /// The version, in a versioned bucket.
    pub version_id: Option<String>,
    /// SHA-256 of the whole object, where S3 keeps one.
    pub sha256: Option<[u8; 32]>,
    /// SHA-256 of its parts' SHA-256 and their number (`…=-3`), of an object
    /// that was uploaded in parts with them.
    pub composite_sha256: Option<String>,
    /// CRC64NVME of the whole object, where S3 keeps one.
    pub crc64nvme: Option<u64>,
    /// User metadata, decoded, in the order of the answer.
    pub metadata: Vec<(String, String)>,
}

/// Without what says nothing of the object: `aws-chunked`, of the transport, is
/// kept by some servers.
fn content_encoding(value: &str) -> Option<String> {
    let codings = value.split(',').map(str::trim).filter(|coding| !coding.is_empty());
    let mut own = codings
        .filter(|coding| !["aws-chunked", "identity"].iter().any(|none| coding.eq_ignore_ascii_case(none)));
    own.next().map(|_| value.to_owned())
}

fn user_metadata((name, value): &(String, String)) -> Option<(String, String)> {
    let name = name.to_ascii_lowercase();
    let name = name.strip_prefix(metadata::PREFIX)?;
    Some((name.to_owned(), metadata::decode_value(value)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::s3::AddressingStyle;

    fn answer(status: u16, headers: &[(&str, &str)]) -> Response {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Response { status, headers, body: Vec::new() }
    }

    /// The sample of <https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html>.
    #[test]
    fn the_example_of_the_api_page() {
        let bucket = Bucket::parse("bucket").expect("valid");
        let key = ObjectKey::parse("my-image.jpg").expect("valid");
        let aws = Endpoint::parse("https://s3.us-east-1.amazonaws.com", AddressingStyle::VirtualHosted)
            .expect("valid");
        let head =
            HeadObject { version_id: Some("3HL4kqCxf3vjVBH40Nrjfkd"), ..HeadObject::new(&bucket, &key) };
        let request = head.request(&aws).expect("valid");
        assert_eq!(request.method(), "HEAD");
        assert_eq!(
            request.url(),
            "https://bucket.s3.us-east-1.amazonaws.com/my-image.jpg?versionId=3HL4kqCxf3vjVBH40Nrjfkd"
        );
        assert!(request.headers().contains(&("x-amz-checksum-mode".to_owned(), "ENABLED".to_owned())));
        let output = HeadObject::parse(&answer(
            200,
            &[
                ("x-amz-request-id", "318BC8BC143432E5"),
                ("x-amz-version-id", "3HL4kqtJlcpXroDTDmjVBH40Nrjfkd"),
                ("ETag", "\"fba9dede5f27731c9771645a39863328\""),
                ("Content-Length", "434234"),
                ("Content-Type", "text/plain"),
                ("X-Amz-Meta-Owner", "=?UTF-8?B?SsO8cmdlbg==?="),
                ("x-amz-checksum-sha256", "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="),
            ],
        ));
        let output = output.expect("a success").expect("an object");
        assert_eq!((output.size, output.content_type.as_deref()), (434_234, Some("text/plain")));
        assert_eq!(output.etag.as_str(), "fba9dede5f27731c9771645a39863328");
        assert_eq!(output.version_id.as_deref(), Some("3HL4kqtJlcpXroDTDmjVBH40Nrjfkd"));
        assert_eq!(output.metadata, [("owner".to_owned(), "Jürgen".to_owned())]);
        assert_eq!(output.sha256, Some(crate::digest::sha256(b"")));
    }

    #[test]
    fn checksums_of_objects_made_of_parts() {
        let composite = "LbpdvDOecxauomg/r4OcG3se4jE9t5IRJYgRjfBmqjU=-2";
        let of = |name, value| {
            let headers = [("content-length", "0"), ("etag", "\"a-2\""), (name, value)];
            HeadObject::parse(&answer(200, &headers)).expect("a success").expect("an object")
        };
        let output = of("x-amz-checksum-sha256", composite);
        assert_eq!((output.sha256, output.composite_sha256.as_deref()), (None, Some(composite)));
        let output = of("x-amz-checksum-crc64nvme", "rosUhgp5mIg=");
        assert_eq!((output.crc64nvme, output.composite_sha256), (Some(0xae8b_1486_0a79_9888), None));
        for odd in ["-2", "LbpdvDOecxauomg/r4OcG3se4jE9t5IRJYgRjfBmqjU=-", "a-2", "LbpdvA==-2", "x-y"] {
            assert_eq!(of("x-amz-checksum-sha256", odd).composite_sha256, None, "{odd}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_an_error_not_an_absence() {
        assert_eq!(HeadObject::parse(&answer(404, &[])), Ok(None));
        assert_eq!(HeadObject::parse(&answer(403, &[])).map_err(|e| e.kind()), Err(ErrorKind::S3));
        for size in ["", "-1", "+1", "1e3", "99999999999999999999"] {
            let unreadable = answer(200, &[("content-length", size), ("etag", "\"a\"")]);
            assert_eq!(
                HeadObject::parse(&unreadable).map_err(|e| e.kind()),
                Err(ErrorKind::InvalidResponse),
                "{size}"
            );
        }
        let no_etag = answer(200, &[("content-length", "1")]);
        assert_eq!(HeadObject::parse(&no_etag).map_err(|e| e.kind()), Err(ErrorKind::InvalidResponse));
    }

    #[test]
    fn an_encoding_of_the_object_is_told_one_of_its_transport_is_not() {
        for (stored, told) in [
            ("gzip", Some("gzip")),
            ("aws-chunked, gzip", Some("aws-chunked, gzip")),
            ("aws-chunked", None),
            ("AWS-Chunked", None),
            ("identity", None),
            ("", None),
        ] {
            let headers = [("content-length", "0"), ("etag", "\"a\""), ("content-encoding", stored)];
            let output = HeadObject::parse(&answer(200, &headers)).expect("a success").expect("an object");
            assert_eq!(output.content_encoding.as_deref(), told, "{stored}");
        }
    }

    #[test]
    fn an_unversioned_object_has_no_version() {
        let headers = [("content-length", "0"), ("etag", "\"a\""), ("x-amz-version-id", "null")];
        let output = HeadObject::parse(&answer(200, &headers)).expect("a success").expect("an object");
        assert_eq!(output.version_id, None);
    }
}
