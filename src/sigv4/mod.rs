//! AWS Signature Version 4.
//!
//! A [`Request`] is written down once, with its path and query percent-encoded
//! by the one encoder of this crate; the canonical form that is signed and the
//! URL that is sent are both read from it, so they cannot differ. [`Signer`]
//! then signs it in its headers, in its query (a presigned URL), or signs a
//! [`PostPolicy`] for an HTML form. [`chunked`] signs a body chunk by chunk;
//! [`explain`] says why S3 refused a signature.
//!
//! ```
//! use sealift::Timestamp;
//! use sealift::sigv4::{Credentials, Origin, Request, SigningOptions, sign_headers};
//!
//! let credentials = Credentials::new("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", None)?;
//! let options = SigningOptions::s3("us-east-1", Timestamp::parse("20130524T000000Z")?)?;
//! let request = Request::new("GET", &Origin::parse("https://examplebucket.s3.amazonaws.com")?, "/test.txt")?
//!     .header("Range", "bytes=0-9")?;
//!
//! let signed = sign_headers(&request, &credentials, &options)?;
//! assert_eq!(
//!     signed.signature.to_string(),
//!     "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
//! );
//! # Ok::<(), sealift::Error>(())
//! ```
//!
//! The rules are those of AWS's *Signature Version 4 for API requests*
//! (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html>)
//! and of S3's *Authenticating Requests*
//! (<https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-authenticating-requests.html>).

mod canonical;
pub mod chunked;
mod credentials;
mod current;
pub mod explain;
mod header;
mod headers;
mod key;
mod options;
mod origin;
mod payload;
mod post_policy;
mod query;
mod request;
mod scope;
mod signer;
pub mod uri;

pub use canonical::{CanonicalRequest, string_to_sign};
pub use credentials::Credentials;
pub use current::CurrentCredentials;
pub use header::{SignedRequest, sign_headers};
pub use headers::is_unsigned_header;
pub use key::{Signature, SigningKey, SigningKeyCache};
pub use options::{PathEncoding, SigningOptions};
pub use origin::{Origin, Scheme};
pub use payload::PayloadHash;
pub use post_policy::{PostForm, PostPolicy, sign_policy_json, sign_post_policy};
pub use query::{MAX_EXPIRES_IN_SECONDS, PresignedUrl, presign};
pub use request::Request;
pub use scope::CredentialScope;
pub use signer::Signer;
pub(crate) use uri::encode_component;

/// The name of the algorithm, as it stands in headers, queries and policies.
pub const ALGORITHM: &str = "AWS4-HMAC-SHA256";
