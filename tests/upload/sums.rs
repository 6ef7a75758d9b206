//! What the test's S3 tells of the parts that it has.

use super::server::Server;
use sealift::upload::{Digest, Response};

impl Server {
    /// What an answer to the page shows of them.
    pub fn shown_sums(&self, digest: &Digest) -> Response {
        if self.hides_checksums { self.sums(&Digest::default()) } else { self.sums(digest) }
    }

    fn sums(&self, digest: &Digest) -> Response {
        let (sha256, crc) = if self.no_checksums { (None, None) } else { (digest.sha256, digest.crc64nvme) };
        Response {
            status: 200,
            checksum_sha256: sha256.map(|sum| sealift::s3::checksum::to_base64(&sum)),
            checksum_crc64nvme: crc.map(sealift::s3::checksum::crc64nvme_to_base64),
            ..Response::default()
        }
    }

    /// Two parts to a page.
    pub fn list(&self, after: u16) -> String {
        let mut page = "<ListPartsResult>".to_owned();
        let behind: Vec<_> = self.parts.range(after + 1..).collect();
        for (number, (etag, size, digest)) in behind.iter().take(2) {
            let sums = self.sums(digest);
            page += &format!("<Part><PartNumber>{number}</PartNumber><ETag>{etag}</ETag><Size>{size}</Size>");
            if let Some(sum) = sums.checksum_sha256 {
                page += &format!("<ChecksumSHA256>{sum}</ChecksumSHA256>");
            }
            if let Some(sum) = sums.checksum_crc64nvme {
                page += &format!("<ChecksumCRC64NVME>{sum}</ChecksumCRC64NVME>");
            }
            page += "</Part>";
        }
        page + &format!("<IsTruncated>{}</IsTruncated></ListPartsResult>", behind.len() > 2)
    }
}
