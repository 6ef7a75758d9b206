//! `Content-MD5`, which S3 wants of some documents.

use md5::{Digest as _, Md5};

use crate::s3::base64;

/// The header's value for a document.
pub(super) fn content_md5(document: &str) -> String {
    base64::encode(&Md5::digest(document.as_bytes()))
}
