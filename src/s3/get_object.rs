//! GetObject (<https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html>).

use crate::error::Result;
use crate::s3::{Bucket, Endpoint, ObjectKey};
use crate::sigv4::Request;

/// Reads an object; usually presigned, for a link.
#[derive(Clone, Copy, Debug)]
pub struct GetObject<'a> {
    /// The bucket.
    pub bucket: &'a Bucket,
    /// The key.
    pub key: &'a ObjectKey,
    /// A version other than the newest.
    pub version_id: Option<&'a str>,
    /// The `Content-Disposition` that S3 is to answer with, instead of the stored one.
    pub response_content_disposition: Option<&'a str>,
}

impl<'a> GetObject<'a> {
    /// Of the newest version, with its stored headers.
    #[must_use]
    pub const fn new(bucket: &'a Bucket, key: &'a ObjectKey) -> Self {
        Self { bucket, key, version_id: None, response_content_disposition: None }
    }

    /// The request: for [`presign`](crate::sigv4::presign) or to be signed in
    /// its headers. S3 takes `response-…` parameters in signed requests only.
    ///
    /// # Errors
    /// As [`Endpoint::object_request`].
    pub fn request(&self, endpoint: &Endpoint) -> Result<Request> {
        let mut request = endpoint.object_request("GET", self.bucket, self.key)?;
        if let Some(disposition) = self.response_content_disposition {
            request = request.query("response-content-disposition", disposition);
        }
        if let Some(version) = self.version_id {
            request = request.query("versionId", version);
        }
        Ok(request)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::s3::AddressingStyle;
    use crate::sigv4::{Credentials, SigningOptions, presign, sign_headers};
    use crate::time::Timestamp;

    fn example() -> (Bucket, ObjectKey, Endpoint, Credentials, SigningOptions) {
        let date = Timestamp::parse("20130524T000000Z").expect("valid");
        (
            Bucket::parse("examplebucket").expect("valid"),
            ObjectKey::parse("test.txt").expect("valid"),
            Endpoint::parse("https://s3.amazonaws.com", AddressingStyle::VirtualHosted).expect("valid"),
            Credentials::new("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", None)
                .expect("valid"),
            SigningOptions::s3("us-east-1", date).expect("valid"),
        )
    }

    /// <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html>
    #[test]
    fn the_example_of_query_string_auth() {
        let (bucket, key, aws, credentials, options) = example();
        let request = GetObject::new(&bucket, &key).request(&aws).expect("valid");
        let signed = presign(&request, &credentials, &options, 86_400).expect("valid");
        assert_eq!(
            signed.signature.to_string(),
            "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"
        );
    }

    /// <https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html>
    #[test]
    fn the_example_of_header_based_auth() {
        let (bucket, key, aws, credentials, options) = example();
        let request = GetObject::new(&bucket, &key).request(&aws).expect("valid");
        let request = request.header("range", "bytes=0-9").expect("valid");
        let signed = sign_headers(&request, &credentials, &options).expect("valid");
        assert_eq!(
            signed.signature.to_string(),
            "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"
        );
    }

    #[test]
    fn a_link_says_how_to_save_it() {
        let (bucket, key, aws, ..) = example();
        let get = GetObject {
            response_content_disposition: Some("attachment; filename=\"a b.txt\""),
            version_id: Some("v1"),
            ..GetObject::new(&bucket, &key)
        };
        assert_eq!(
            get.request(&aws).expect("valid").url(),
            "https://examplebucket.s3.amazonaws.com/test.txt?response-content-disposition=\
             attachment%3B%20filename%3D%22a%20b.txt%22&versionId=v1"
        );
    }
}
