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

    /// Whether the parts were joined, for those who need nothing else of the
    /// answer: that of RadosGW has no ETag.
    ///
    /// # Errors
    /// As [`parse`](Self::parse).
    pub fn parse_done(response: &Response) -> Result<()> {
        result(response).map(drop)
    }

    /// Reads the answer. A 200 says nothing yet: S3 sends it, and then spaces
    /// to keep the connection alive, before it knows, so the document may be an
    /// error; where it is cut off, nobody knows what became of the upload.
    ///
    /// # Errors
    /// [`ErrorKind::S3`] when S3 refused, [`ErrorKind::InvalidResponse`], which
    /// may be tried again, when the answer is neither a result nor an error.
    pub fn parse(response: &Response) -> Result<CompleteMultipartUploadOutput> {
        let document = result(response)?;
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

fn result(response: &Response) -> Result<xml::Element> {
    response.success()?.document("CompleteMultipartUploadResult").map_err(|_| {
        match error::ErrorDocument::parse(&response.body) {
            Some(_) => error::parse(response),
            None => Error::new(ErrorKind::InvalidResponse, "S3's answer ends before it says anything")
                .with_status(response.status)
                .with_retryable(true),
        }
    })
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::digest::sha256;
    use crate::s3::test_support::{answer, aws, header, headers, names, refusal};
    use proptest::prelude::*;

    fn parts(etags: &[&str]) -> Vec<CompletedPart> {
        let part = |etag| CompletedPart { etag, sha256: None, crc64nvme: None };
        etags.iter().map(|etag| part(ETag::parse(etag).expect("valid"))).collect()
    }

    /// The sample of <https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html>.
    #[test]
    fn the_example_of_the_api_page() {
        let (bucket, key) = names("example-bucket", "example-object");
        let parts = parts(&[
            "\"a54357aff0632cce46d942af68356b38\"",
            "\"0c78aef83f66abc1fa1e8477f296d394\"",
            "\"acbd18db4cc2f85cedef654fccc4a4d8\"",
        ]);
        let id = "AAAsb2FkIElEIGZvciBlbHZpbmcncyWeeS1tb3ZpZS5tMnRzIRRwbG9hZA";
        let complete = CompleteMultipartUpload::new(&bucket, &key, id, &parts);
        let (request, body) = complete.request(&aws()).expect("valid");
        assert_eq!(request.method(), "POST");
        assert_eq!(
            request.url(),
            ["https://example-bucket.s3.amazonaws.com/example-object?uploadId=", id].concat()
        );
        assert_eq!(request.payload_hash(), Some(PayloadHash::Sha256(sha256(body.as_bytes()))));
        assert_eq!(headers(&request), [("content-type", "application/xml")]);
        let document = xml::parse(&body).expect("well formed");
        let listed: Vec<_> = document
            .children("Part")
            .map(|part| (part.child_text("PartNumber").unwrap_or(""), part.child_text("ETag").unwrap_or("")))
            .collect();
        assert_eq!(
            listed,
            [
                ("1", "\"a54357aff0632cce46d942af68356b38\""),
                ("2", "\"0c78aef83f66abc1fa1e8477f296d394\""),
                ("3", "\"acbd18db4cc2f85cedef654fccc4a4d8\""),
            ]
        );
        let body = r#"<?xml version="1.0" encoding="UTF-8"?>
            <CompleteMultipartUploadResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">
             <Location>http://Example-Bucket.s3.us-east-1.amazonaws.com/Example-Object</Location>
             <Bucket>Example-Bucket</Bucket>
             <Key>Example-Object</Key>
             <ETag>"3858f62230ac3c915f300c664312c11f-9"</ETag>
            </CompleteMultipartUploadResult>"#;
        let output = CompleteMultipartUpload::parse(&answer(200, &[], body)).expect("a success");
        assert_eq!(output.etag.as_str(), "3858f62230ac3c915f300c664312c11f-9");
        assert_eq!((output.composite_sha256, output.crc64nvme, output.version_id), (None, None, None));
    }

    #[test]
    fn checksums_size_and_condition() {
        let (bucket, key) = names("bucket", "key");
        let both = CompletedPart {
            etag: ETag::parse("a&<b>").expect("valid"),
            sha256: Some([7; 32]),
            crc64nvme: Some(0xae8b_1486_0a79_9888),
        };
        let only_sha256 = CompletedPart { crc64nvme: None, ..both.clone() };
        let parts = [both, only_sha256];
        let complete = CompleteMultipartUpload {
            crc64nvme: Some(0xae8b_1486_0a79_9888),
            object_size: Some(9),
            if_none_match: true,
            ..CompleteMultipartUpload::new(&bucket, &key, "id", &parts)
        };
        let (request, body) = complete.request(&aws()).expect("valid");
        for (name, value) in [
            ("x-amz-checksum-crc64nvme", "rosUhgp5mIg="),
            ("x-amz-checksum-type", "FULL_OBJECT"),
            ("x-amz-mp-object-size", "9"),
            ("if-none-match", "*"),
        ] {
            assert_eq!(header(&request, name), Some(value), "{name}");
        }
        assert_eq!(
            body,
            "<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">\
             <Part><ChecksumCRC64NVME>rosUhgp5mIg=</ChecksumCRC64NVME>\
             <ETag>\"a&amp;&lt;b&gt;\"</ETag><PartNumber>1</PartNumber></Part>\
             <Part><ChecksumSHA256>BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=</ChecksumSHA256>\
             <ETag>\"a&amp;&lt;b&gt;\"</ETag><PartNumber>2</PartNumber></Part></CompleteMultipartUpload>"
        );
        let body = "<CompleteMultipartUploadResult><ETag>&quot;a-2&quot;</ETag>\
             <ChecksumSHA256>LbpdvDOecxauomg/r4OcG3se4jE9t5IRJYgRjfBmqjU=-2</ChecksumSHA256>\
             <ChecksumCRC64NVME>rosUhgp5mIg=</ChecksumCRC64NVME></CompleteMultipartUploadResult>";
        let response = answer(200, &[("x-amz-version-id", "v1")], body);
        let output = CompleteMultipartUpload::parse(&response).expect("a success");
        assert_eq!(output.etag.as_str(), "a-2");
        assert_eq!(
            output.composite_sha256.as_deref(),
            Some("LbpdvDOecxauomg/r4OcG3se4jE9t5IRJYgRjfBmqjU=-2")
        );
        assert_eq!(output.crc64nvme, Some(0xae8b_1486_0a79_9888));
        assert_eq!(output.version_id.as_deref(), Some("v1"));
    }

    /// The error of the API page, which comes with a 200.
    #[test]
    fn a_200_can_be_a_failure() {
        let document = include_str!("../../tests/vectors/s3-xml/complete-mpu-200-error.xml");
        for space in ["", " \n\n   \n"] {
            let body = [space, document].concat();
            let error = CompleteMultipartUpload::parse(&answer(200, &[], &body)).expect_err("a failure");
            assert_eq!((error.kind(), error.code()), (ErrorKind::S3, "InternalError"));
            assert_eq!(error.request_id(), Some("656c76696e6727732072657175657374"));
            assert!(error.retryable());
        }
        let final_error =
            CompleteMultipartUpload::parse(&refusal(200, "InvalidPart")).expect_err("a failure");
        assert_eq!((final_error.code(), final_error.retryable()), ("InvalidPart", false));
        let gone = CompleteMultipartUpload::parse(&refusal(404, "NoSuchUpload")).expect_err("a refusal");
        assert_eq!((gone.code(), gone.status()), ("NoSuchUpload", Some(404)));
    }

    #[test]
    fn a_200_that_says_nothing_may_be_tried_again() {
        for body in ["", "   ", "<?xml version=\"1.0\"?>  ", "<CompleteMultipartUploadResult><ETag>"] {
            let error = CompleteMultipartUpload::parse(&answer(200, &[], body)).expect_err("no result");
            assert_eq!((error.kind(), error.retryable()), (ErrorKind::InvalidResponse, true), "{body}");
        }
        let no_etag = answer(200, &[], "<CompleteMultipartUploadResult/>");
        assert_eq!(
            CompleteMultipartUpload::parse(&no_etag).map_err(|error| error.kind()),
            Err(ErrorKind::InvalidResponse)
        );
        assert_eq!(CompleteMultipartUpload::parse_done(&no_etag), Ok(()));
        assert!(CompleteMultipartUpload::parse_done(&refusal(200, "InvalidPart")).is_err());
        assert!(CompleteMultipartUpload::parse_done(&answer(200, &[], "")).is_err());
    }

    proptest! {
        #[test]
        fn every_part_is_listed_once_in_order(
            etags in proptest::collection::vec("[!#-~]{1,40}", 0..40), sums: bool,
        ) {
            let parts: Vec<_> = etags
                .iter()
                .zip(0_u64..)
                .map(|(etag, index)| CompletedPart {
                    etag: ETag::parse(etag).expect("valid"),
                    sha256: None,
                    crc64nvme: sums.then_some(index),
                })
                .collect();
            let (bucket, key) = names("bucket", "key");
            let complete = CompleteMultipartUpload::new(&bucket, &key, "id", &parts);
            let (_, body) = complete.request(&aws()).expect("valid");
            let document = xml::parse(&body).expect("well formed");
            let listed: Vec<_> = document.children("Part").collect();
            prop_assert_eq!(listed.len(), parts.len());
            for ((listed, part), number) in listed.iter().zip(&parts).zip(1_usize..) {
                let (number, etag) = (number.to_string(), part.etag.quoted());
                prop_assert_eq!(listed.child_text("PartNumber"), Some(number.as_str()));
                prop_assert_eq!(listed.child_text("ETag"), Some(etag.as_str()));
                let crc = listed.child_text("ChecksumCRC64NVME").and_then(checksum::crc64nvme_from_base64);
                prop_assert_eq!(crc, part.crc64nvme);
            }
        }

        #[test]
        fn no_answer_makes_it_panic(body in "[ <>/A-Za-z\"=?!-]{0,80}") {
            let _ = CompleteMultipartUpload::parse(&answer(200, &[], &body));
        }
    }
}
