//! The bodies that S3 answers with.

use super::super::content::base64_of;
use super::Part;
use std::fmt::Write;

const PROLOG: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
const SPACE: &str = "http://s3.amazonaws.com/doc/2006-03-01/";

pub fn created(key: &str, upload_id: &str) -> String {
    format!(
        "{PROLOG}<InitiateMultipartUploadResult xmlns=\"{SPACE}\"><Bucket>b</Bucket><Key>{key}</Key>\
         <UploadId>{upload_id}</UploadId></InitiateMultipartUploadResult>"
    )
}

/// With the spaces before it that keep the connection alive meanwhile.
pub fn completed(key: &str, etag: &str) -> String {
    format!(
        "  \n \n{PROLOG}<CompleteMultipartUploadResult xmlns=\"{SPACE}\"><Location>/b/{key}</Location>\
         <Bucket>b</Bucket><Key>{key}</Key><ETag>{etag}</ETag></CompleteMultipartUploadResult>"
    )
}

/// An error that comes with a 200.
pub fn error(code: &str) -> String {
    format!("   \n<Error><Code>{code}</Code><Message>not now</Message><RequestId>1</RequestId></Error>")
}

pub fn listed(
    key: &str,
    upload_id: &str,
    (after, next): (u16, u16),
    truncated: bool,
    parts: &[(u16, &Part)],
) -> String {
    let mut body = format!(
        "{PROLOG}<ListPartsResult xmlns=\"{SPACE}\"><Bucket>b</Bucket><Key>{key}</Key>\
         <UploadId>{upload_id}</UploadId><PartNumberMarker>{after}</PartNumberMarker>\
         <NextPartNumberMarker>{next}</NextPartNumberMarker><MaxParts>1000</MaxParts>\
         <IsTruncated>{truncated}</IsTruncated>"
    );
    for (number, part) in parts {
        let (etag, size) = (&part.etag, part.piece.len());
        let _ = write!(
            body,
            "<Part><PartNumber>{number}</PartNumber><LastModified>2026-01-01T00:00:00.000Z</LastModified>\
             <ETag>{etag}</ETag><Size>{size}</Size>"
        );
        if let Some(sha256) = part.digest.sha256 {
            let _ = write!(body, "<ChecksumSHA256>{}</ChecksumSHA256>", base64_of(&sha256));
        }
        if let Some(crc) = part.digest.crc64nvme {
            let crc = base64_of(&crc.to_be_bytes());
            let _ = write!(body, "<ChecksumCRC64NVME>{crc}</ChecksumCRC64NVME>");
        }
        body.push_str("</Part>");
    }
    body.push_str("</ListPartsResult>");
    body
}
