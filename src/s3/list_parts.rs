//! ListParts (<https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListParts.html>).

use crate::error::{Error, ErrorKind, Result};
use crate::s3::limits::MAX_PARTS;
use crate::s3::xml::Element;
use crate::s3::{Bucket, ETag, Endpoint, ObjectKey, Response, checksum};
use crate::sigv4::{PayloadHash, Request};

/// Asks which parts of an upload S3 has, one page (S3's have 1,000) at a time.
#[derive(Clone, Copy, Debug)]
pub struct ListParts<'a> {
    /// The bucket.
    pub bucket: &'a Bucket,
    /// The key.
    pub key: &'a ObjectKey,
    /// What S3 called the upload.
    pub upload_id: &'a str,
    /// Only parts behind this number; 0 begins with the first.
    pub after: u16,
    /// Most parts of a page, 1 to 1,000.
    pub max_parts: Option<u16>,
}

impl<'a> ListParts<'a> {
    /// The first page.
    #[must_use]
    pub const fn new(bucket: &'a Bucket, key: &'a ObjectKey, upload_id: &'a str) -> Self {
        Self { bucket, key, upload_id, after: 0, max_parts: None }
    }

    /// The request, to be signed in its headers.
    ///
    /// # Errors
    /// As [`Endpoint::object_request`].
    pub fn request(&self, endpoint: &Endpoint) -> Result<Request> {
        let mut request = endpoint
            .object_request("GET", self.bucket, self.key)?
            .query("uploadId", self.upload_id)
            .payload(PayloadHash::Empty);
        if let Some(most) = self.max_parts {
            request = request.query("max-parts", &most.to_string());
        }
        if self.after > 0 {
            request = request.query("part-number-marker", &self.after.to_string());
        }
        Ok(request)
    }

    /// Reads the answer.
    ///
    /// # Errors
    /// [`ErrorKind::S3`] when S3 refused (`NoSuchUpload`: it was aborted or
    /// completed), [`ErrorKind::InvalidResponse`] for parts without number,
    /// size or ETag, out of order, or more to come after none.
    pub fn parse(response: &Response) -> Result<ListPartsOutput> {
        let document = response.success()?.document("ListPartsResult")?;
        let parts = document.children("Part").map(listed_part).collect::<Option<Vec<_>>>();
        let parts = parts.filter(|parts| parts.is_sorted_by(|one, next| one.number < next.number));
        let truncated = document.child_text("IsTruncated").is_some_and(|text| text.trim() == "true");
        let invalid = || Error::new(ErrorKind::InvalidResponse, "S3's list of parts cannot be read");
        let parts = parts.ok_or_else(invalid)?;
        // The last number is what S3 gives as the next marker; not every server does.
        let next = match parts.last() {
            Some(last) if truncated => Some(last.number),
            None if truncated => return Err(invalid()),
            _ => None,
        };
        Ok(ListPartsOutput { parts, next })
    }
}

/// One page of parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListPartsOutput {
    /// The parts, in ascending order.
    pub parts: Vec<ListedPart>,
    /// What the next page is [`after`](ListParts::after), if there is one.
    pub next: Option<u16>,
}

/// A part that S3 has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedPart {
    /// Its number, 1 to 10,000.
    pub number: u16,
    /// Its length in bytes.
    pub size: u64,
    /// Its ETag.
    pub etag: ETag,
    /// Its SHA-256, where S3 keeps one.
    pub sha256: Option<[u8; 32]>,
    /// Its CRC64NVME, where S3 keeps one.
    pub crc64nvme: Option<u64>,
}

fn listed_part(part: &Element) -> Option<ListedPart> {
    let text = |name| part.child_text(name).map(str::trim);
    Some(ListedPart {
        number: text("PartNumber")?.parse().ok().filter(|number| (1..=MAX_PARTS).contains(number))?,
        size: text("Size")?.parse().ok()?,
        etag: ETag::parse(text("ETag")?).ok()?,
        sha256: text("ChecksumSHA256").and_then(checksum::from_base64),
        crc64nvme: text("ChecksumCRC64NVME").and_then(checksum::crc64nvme_from_base64),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::s3::test_support::{answer, aws, headers, names, refusal};
    use proptest::prelude::*;

    /// The sample of <https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListParts.html>.
    #[test]
    fn the_example_of_the_api_page() {
        let (bucket, key) = names("example-bucket", "example-object");
        let id = "XXBsb2FkIElEIGZvciBlbHZpbmcncyVcdS1tb3ZpZS5tMnRzEEEwbG9hZA";
        let list = ListParts { after: 1, max_parts: Some(2), ..ListParts::new(&bucket, &key, id) };
        let request = list.request(&aws()).expect("valid");
        assert_eq!(request.method(), "GET");
        let url = "https://example-bucket.s3.amazonaws.com/example-object?uploadId=";
        assert_eq!(request.url(), [url, id, "&max-parts=2&part-number-marker=1"].concat());
        assert_eq!((headers(&request), request.payload_hash()), (Vec::new(), Some(PayloadHash::Empty)));
        let first = ListParts::new(&bucket, &key, id).request(&aws()).expect("valid");
        assert_eq!(first.url(), [url, id].concat());
        let body = r#"<?xml version="1.0" encoding="UTF-8"?>
            <ListPartsResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">
              <Bucket>example-bucket</Bucket>
              <Key>example-object</Key>
              <UploadId>XXBsb2FkIElEIGZvciBlbHZpbmcncyVcdS1tb3ZpZS5tMnRzEEEwbG9hZA</UploadId>
              <Initiator>
                <ID>arn:aws:iam::111122223333:user/some-user-11116a31-17b5-4fb7-9df5-b288870f11xx</ID>
                <DisplayName>umat-user-11116a31-17b5-4fb7-9df5-b288870f11xx</DisplayName>
              </Initiator>
              <StorageClass>STANDARD</StorageClass>
              <PartNumberMarker>1</PartNumberMarker>
              <NextPartNumberMarker>3</NextPartNumberMarker>
              <MaxParts>2</MaxParts>
              <IsTruncated>true</IsTruncated>
              <Part>
                <PartNumber>2</PartNumber>
                <LastModified>2010-11-10T20:48:34.000Z</LastModified>
                <ETag>"7778aef83f66abc1fa1e8477f296d394"</ETag>
                <Size>10485760</Size>
              </Part>
              <Part>
                <PartNumber>3</PartNumber>
                <LastModified>2010-11-10T20:48:33.000Z</LastModified>
                <ETag>"aaaa18db4cc2f85cedef654fccc4a4x8"</ETag>
                <Size>10485760</Size>
              </Part>
            </ListPartsResult>"#;
        let part = |number, etag| ListedPart {
            number,
            size: 10_485_760,
            etag: ETag::parse(etag).expect("valid"),
            sha256: None,
            crc64nvme: None,
        };
        assert_eq!(
            ListParts::parse(&answer(200, &[], body)),
            Ok(ListPartsOutput {
                parts: vec![
                    part(2, "7778aef83f66abc1fa1e8477f296d394"),
                    part(3, "aaaa18db4cc2f85cedef654fccc4a4x8")
                ],
                next: Some(3)
            })
        );
    }

    fn page(inner: &str) -> Result<ListPartsOutput> {
        ListParts::parse(&answer(200, &[], &["<ListPartsResult>", inner, "</ListPartsResult>"].concat()))
    }

    fn listed(number: &str, size: &str, etag: &str) -> String {
        format!("<Part><PartNumber>{number}</PartNumber><Size>{size}</Size><ETag>{etag}</ETag></Part>")
    }

    #[test]
    fn checksums_of_parts() {
        let output = page(
            "<Part><PartNumber>1</PartNumber><Size>0</Size><ETag>a</ETag>\
             <ChecksumSHA256>47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=</ChecksumSHA256>\
             <ChecksumCRC64NVME>rosUhgp5mIg=</ChecksumCRC64NVME></Part>",
        );
        let part = output.expect("a success").parts.remove(0);
        assert_eq!(part.sha256, Some(crate::digest::sha256(b"")));
        assert_eq!(part.crc64nvme, Some(0xae8b_1486_0a79_9888));
    }

    #[test]
    fn a_list_that_cannot_be_right_is_an_error() {
        let (two, three) = (listed("2", "1", "a"), listed("3", "1", "b"));
        let truncated = "<IsTruncated>true</IsTruncated>";
        assert_eq!(page("").map(|list| (list.parts.len(), list.next)), Ok((0, None)));
        assert_eq!(page(&format!("{two}{three}")).map(|list| list.next), Ok(None));
        for inner in [
            truncated.to_owned(),
            format!("{three}{two}"),
            format!("{two}{two}"),
            listed("0", "1", "a"),
            listed("10001", "1", "a"),
            listed("x", "1", "a"),
            listed("1", "-1", "a"),
            listed("1", "", "a"),
            listed("1", "1", ""),
        ] {
            assert_eq!(
                page(&inner).map_err(|error| error.kind()),
                Err(ErrorKind::InvalidResponse),
                "{inner}"
            );
        }
        let gone = ListParts::parse(&refusal(404, "NoSuchUpload")).expect_err("a refusal");
        assert_eq!((gone.kind(), gone.code()), (ErrorKind::S3, "NoSuchUpload"));
        let other = ListParts::parse(&answer(200, &[], "<html></html>"));
        assert_eq!(other.map_err(|error| error.kind()), Err(ErrorKind::InvalidResponse));
    }

    proptest! {
        #[test]
        fn the_pages_together_are_the_list(
            numbers in proptest::collection::btree_set(1_u16..=10_000, 0..60), size in 1_usize..20,
        ) {
            let all: Vec<_> = numbers.into_iter().collect();
            let (mut seen, mut after) = (Vec::new(), 0);
            loop {
                let rest: Vec<_> = all.iter().filter(|number| **number > after).collect();
                let mut inner = format!("<IsTruncated>{}</IsTruncated>", rest.len() > size);
                rest.iter().take(size).for_each(|number| inner.push_str(&listed(&number.to_string(), "1", "a")));
                let output = page(&inner).expect("a success");
                seen.extend(output.parts.iter().map(|part| part.number));
                match output.next {
                    Some(next) => after = next,
                    None => break,
                }
            }
            prop_assert_eq!(seen, all);
        }
    }
}
