//! Signature version 2, which only Fine Uploader's older signing still asks for
//! (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/RESTAuthentication.html>):
//! HMAC-SHA1 under the secret key itself, in base64. Nothing else in this crate
//! signs so.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};

use crate::endpoint::Refusal;
use crate::endpoint::compat::malformed;
use crate::endpoint::compat::operation::{Asked, Operation};
use crate::sigv4::Credentials;
use crate::sigv4::uri::encode_path;

/// The signature of a text. A key of any length makes an HMAC.
pub(super) fn sign(credentials: &Credentials, text: &str) -> Option<String> {
    let mut mac = Hmac::<sha1::Sha1>::new_from_slice(credentials.secret_access_key().as_bytes()).ok()?;
    mac.update(text.as_bytes());
    Some(STANDARD.encode(mac.finalize().into_bytes()))
}

/// A string to sign: method, Content-MD5, Content-Type, Date, `x-amz-…` headers,
/// bucket, key and subresources, a line each.
///
/// The line of the Date must be empty: a number there would make a presigned
/// URL of the signature, with an end of the client's choice. `x-amz-date` tells
/// the date then.
pub(super) struct StringToSign<'a> {
    pub(super) method: &'a str,
    pub(super) content_type: &'a str,
    pub(super) headers: Vec<(&'a str, &'a str)>,
    pub(super) resource: &'a str,
}

impl<'a> StringToSign<'a> {
    pub(super) fn parse(text: &'a str) -> Result<Self, Refusal> {
        let refuse = || malformed("the text to sign is none of signature version 2");
        let mut lines = text.split('\n');
        let mut next = || lines.next().ok_or_else(refuse);
        let (method, md5, content_type, date) = (next()?, next()?, next()?, next()?);
        if !md5.is_empty() {
            return Err(malformed("a Content-MD5 is not signed here"));
        }
        if !date.is_empty() {
            return Err(malformed("the line of the Date must be empty: x-amz-date says it"));
        }
        let mut headers = Vec::new();
        loop {
            let line = next()?;
            if line.starts_with('/') {
                return match lines.next() {
                    None => Ok(Self { method, content_type, headers, resource: line }),
                    Some(_) => Err(refuse()),
                };
            }
            headers.push(line.split_once(':').ok_or_else(refuse)?);
        }
    }
}

/// The text, written from what was read of the client's.
pub(super) fn string_to_sign(bucket: &str, content_type: &str, asked: &Asked) -> String {
    let mut text = format!("{}\n\n{content_type}\n\n", asked.operation.method());
    for (name, value) in &asked.headers {
        text.push_str(&format!("{name}:{value}\n"));
    }
    let subresource = match &asked.operation {
        Operation::Create => "uploads".to_owned(),
        Operation::Part { number, upload_id } => format!("partNumber={number}&uploadId={upload_id}"),
        Operation::Complete { upload_id }
        | Operation::Abort { upload_id }
        | Operation::List { upload_id, .. } => format!("uploadId={upload_id}"),
    };
    text.push_str(&format!("/{bucket}{}?{subresource}", encode_path(&asked.key.path())));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// *Object GET* and *Object PUT* of the page above.
    #[test]
    fn the_examples_of_the_guide() {
        let credentials =
            Credentials::new("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", None)
                .expect("valid");
        let get = "GET\n\n\nTue, 27 Mar 2007 19:36:42 +0000\n/awsexamplebucket1/photos/puppy.jpg";
        assert_eq!(sign(&credentials, get).as_deref(), Some("qgk2+6Sv9/oM7G3qLEjTH1a1l1g="));
        let put = "PUT\n\nimage/jpeg\nTue, 27 Mar 2007 21:15:45 +0000\n/awsexamplebucket1/photos/puppy.jpg";
        assert_eq!(sign(&credentials, put).as_deref(), Some("iqRzw+ileNPu1fhspnRs8nOjjIA="));
    }
}
