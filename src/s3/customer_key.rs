//! Keys of the customer's own (SSE-C,
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/ServerSideEncryptionCustomerKeys.html>).

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use crate::error::Result;
use crate::sigv4::Request;

const PREFIX: &str = "x-amz-server-side-encryption-customer-";

/// A key that S3 encrypts an object with and forgets: whoever wants to read it
/// sends the key again.
///
/// It is for those who sign by themselves. A signing endpoint must not have
/// it: it would have to sign the key's header, and so see the key.
#[derive(Clone)]
pub struct CustomerKey {
    key: Zeroizing<[u8; 32]>,
    md5: [u8; 16],
}

impl CustomerKey {
    /// A 256-bit key and the MD5 of it, which S3 checks the key with.
    #[must_use]
    pub fn new(key: [u8; 32], md5: [u8; 16]) -> Self {
        Self { key: Zeroizing::new(key), md5 }
    }

    /// With the three headers that carry the key. Its MD5 and the algorithm are
    /// no secret; the key is, and stands in the request from here on.
    pub(super) fn add_to(&self, mut request: Request) -> Result<Request> {
        let key = Zeroizing::new(STANDARD.encode(self.key.as_slice()));
        request.add_header(&[PREFIX, "algorithm"].concat(), "AES256")?;
        request.add_header(&[PREFIX, "key"].concat(), &key)?;
        request.add_header(&[PREFIX, "key-md5"].concat(), &STANDARD.encode(self.md5))?;
        Ok(request)
    }
}

impl fmt::Debug for CustomerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CustomerKey")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::s3::{AddressingStyle, Bucket, Endpoint, ObjectKey};

    /// Header names of <https://docs.aws.amazon.com/AmazonS3/latest/API/API_UploadPart.html>.
    #[test]
    fn three_headers_and_nothing_in_debug() {
        let key = std::array::from_fn(|index| index as u8);
        let md5 = STANDARD.decode("tP/LI3N87DFaSk0aoqYgzg==").ok().and_then(|md5| md5.try_into().ok());
        let customer_key = CustomerKey::new(key, md5.expect("16 bytes"));
        let aws = Endpoint::parse("https://s3.amazonaws.com", AddressingStyle::Path).expect("valid");
        let (bucket, object) = (Bucket::parse("bucket"), ObjectKey::parse("key"));
        let request = aws.object_request("PUT", &bucket.expect("valid"), &object.expect("valid"));
        let request = customer_key.add_to(request.expect("valid")).expect("valid");
        let headers: Vec<_> =
            request.headers().iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(
            headers,
            [
                ("x-amz-server-side-encryption-customer-algorithm", "AES256"),
                ("x-amz-server-side-encryption-customer-key", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="),
                ("x-amz-server-side-encryption-customer-key-md5", "tP/LI3N87DFaSk0aoqYgzg=="),
            ]
        );
        assert_eq!(format!("{customer_key:?}"), "CustomerKey");
    }
}
