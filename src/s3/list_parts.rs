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
