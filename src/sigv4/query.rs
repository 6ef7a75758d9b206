//! Signing in the query: presigned URLs.

use crate::error::{Error, ErrorKind, Result};
use crate::sigv4::ALGORITHM;
use crate::sigv4::canonical::{CanonicalRequest, header_value, signed_header_names};
use crate::sigv4::credentials::Credentials;
use crate::sigv4::header::headers_to_set;
use crate::sigv4::key::Signature;
use crate::sigv4::options::SigningOptions;
use crate::sigv4::payload::PayloadHash;
use crate::sigv4::request::Request;
use crate::sigv4::signer::Signer;
use crate::sigv4::uri::encode_component;

/// The longest life of a presigned URL: seven days.
pub const MAX_EXPIRES_IN_SECONDS: u32 = 604_800;

/// The parameters that the signer writes itself, whatever the URL said of them.
const OWN_PARAMETERS: [&str; 8] = [
    "X-Amz-Algorithm",
    "X-Amz-Credential",
    "X-Amz-Date",
    "X-Amz-Expires",
    "X-Amz-SignedHeaders",
    "X-Amz-Security-Token",
    "X-Amz-S3session-Token",
    "X-Amz-Signature",
];

/// A URL that carries its own signature. Whoever has it can use it until it
/// expires: it belongs in no log and no error message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PresignedUrl {
    /// The URL.
    pub url: String,
    /// The headers to set when it is used, those signed among them.
    pub headers: Vec<(String, String)>,
    /// The headers that are signed too, but which the client sets itself.
    pub implied_headers: Vec<(String, String)>,
    /// The signature in it.
    pub signature: Signature,
    /// The canonical request, to compare with S3's when they differ.
    pub canonical_request: String,
    /// The string to sign.
    pub string_to_sign: String,
    /// The names of the signed headers, joined by `;`.
    pub signed_headers: String,
}

/// Signs a request in its query, for 1 to 604,800 seconds (seven days).
///
/// All headers of the request are signed and must be sent with the URL. In
/// S3's services the body is `UNSIGNED-PAYLOAD` if its hash was not given; a
/// hash that was is sent and signed as `x-amz-content-sha256`.
///
/// # Errors
/// [`ErrorKind::InvalidExpiry`] for a lifetime out of range;
/// [`ErrorKind::InvalidDigest`] for an `x-amz-content-sha256` of the request
/// that is none.
pub fn presign(
    request: &Request,
    credentials: &Credentials,
    options: &SigningOptions,
    expires_in_seconds: u32,
) -> Result<PresignedUrl> {
    Signer::new(credentials).presign(request, options, expires_in_seconds)
}

pub(super) fn sign(
    signer: &Signer<'_>,
    request: &Request,
    options: &SigningOptions,
    expires_in_seconds: u32,
) -> Result<PresignedUrl> {
    if !(1..=MAX_EXPIRES_IN_SECONDS).contains(&expires_in_seconds) {
        return Err(Error::new(
            ErrorKind::InvalidExpiry,
            "a presigned URL lives from 1 second to 7 days (604800 seconds)",
        ));
    }
    let given = header_value(request, "x-amz-content-sha256");
    let payload = match (request.payload_hash(), given) {
        (Some(payload), _) => payload,
        (None, Some(text)) => PayloadHash::parse(text)?,
        (None, None) if options.is_s3() => PayloadHash::Unsigned,
        (None, None) => PayloadHash::Empty,
    };
    let mut headers = request.headers_without(&[
        "authorization",
        "x-amz-date",
        "x-amz-content-sha256",
        options.session_token_header(),
    ]);
    if given.is_some() || (options.is_s3() && payload != PayloadHash::Unsigned) {
        // S3 takes UNSIGNED-PAYLOAD for granted in a query; anything else it must be told.
        headers.push(("x-amz-content-sha256", payload.as_str()));
    }
    let signed_headers = signed_header_names(request, &headers);

    let is_own = |key: &str| OWN_PARAMETERS.iter().any(|own| own.eq_ignore_ascii_case(key));
    let mut query: Vec<(String, String)> =
        request.encoded_query().iter().filter(|(key, _)| !is_own(key)).cloned().collect();
    let mut add = |key: &str, value: &str| query.push((key.to_owned(), encode_component(value)));
    add("X-Amz-Algorithm", ALGORITHM);
    add("X-Amz-Credential", &signer.credential(options.scope()));
    add("X-Amz-Date", &options.date().amz_date());
    add("X-Amz-Expires", &expires_in_seconds.to_string());
    add("X-Amz-SignedHeaders", &signed_headers);
    let token = signer
        .credentials()
        .session_token()
        .map(|token| (options.session_token_parameter().to_owned(), encode_component(token)));
    let (signed_token, unsigned_token) =
        if options.signs_session_token() { (token, None) } else { (None, token) };
    query.extend(signed_token);
    let canonical = CanonicalRequest::of_parts(request, &headers, &query, options, payload);
    let (string_to_sign, signature) = signer.sign_canonical(&canonical, options);
    query.extend(unsigned_token);
    query.push(("X-Amz-Signature".to_owned(), signature.to_string()));
    let (headers, implied_headers) = headers_to_set(request, &headers);
    Ok(PresignedUrl {
        url: request.url_with(&query),
        headers,
        implied_headers,
        signature,
        signed_headers,
        canonical_request: canonical.into_string(),
        string_to_sign,
    })
}
