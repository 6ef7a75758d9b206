//! What an answer says of a signature.

/// The elements of an `<Error>` document that say something about a signature;
/// most servers send only a few of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RefusedSignature {
    /// `Code`, e.g. `SignatureDoesNotMatch`.
    pub code: String,
    /// `Message`, a sentence of the server's.
    pub message: String,
    /// `AWSAccessKeyId`: the key that S3 looked up.
    pub access_key_id: Option<String>,
    /// `SignatureProvided`: the signature that arrived.
    pub signature: Option<String>,
    /// `StringToSign`, as S3 derived it.
    pub string_to_sign: Option<String>,
    /// `CanonicalRequest`, as S3 derived it.
    pub canonical_request: Option<String>,
    /// `Region`: where the bucket is.
    pub region: Option<String>,
    /// `Resource`: the path that the server saw, not percent-encoded.
    pub resource: Option<String>,
    /// `RequestTime`: the date of the request.
    pub request_time: Option<String>,
    /// `ServerTime`: S3's clock.
    pub server_time: Option<String>,
    /// `Expires`: when a presigned URL ended.
    pub expires: Option<String>,
    /// `HeadersNotSigned`: names that S3 wants signed.
    pub headers_not_signed: Option<String>,
}
