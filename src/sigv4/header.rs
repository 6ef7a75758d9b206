//! Signing in the `Authorization` header.

use std::borrow::Cow;

use crate::error::Result;
use crate::sigv4::ALGORITHM;
use crate::sigv4::canonical::{CanonicalRequest, header_value};
use crate::sigv4::credentials::Credentials;
use crate::sigv4::headers::{HeaderList, is_set_by_browser};
use crate::sigv4::key::Signature;
use crate::sigv4::options::SigningOptions;
use crate::sigv4::payload::PayloadHash;
use crate::sigv4::request::Request;
use crate::sigv4::signer::Signer;

/// A request signed in its headers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedRequest {
    /// The method, in upper case.
    pub method: String,
    /// The URL to send.
    pub url: String,
    /// The headers to set, names in lower case: those of the request,
    /// `x-amz-date`, `x-amz-content-sha256`, the session token and
    /// `authorization`. A name given twice comes once, its values joined by `,`.
    pub headers: Vec<(String, String)>,
    /// The headers that are signed too, but which the browser (or any HTTP
    /// client) sets itself: `host`, and `content-length` if it was given.
    pub implied_headers: Vec<(String, String)>,
    /// The value of the `authorization` header.
    pub authorization: String,
    /// The signature in it.
    pub signature: Signature,
    /// The canonical request, to compare with S3's when they differ.
    pub canonical_request: String,
    /// The string to sign.
    pub string_to_sign: String,
    /// The names of the signed headers, joined by `;`.
    pub signed_headers: String,
}

/// Signs a request in its `Authorization` header.
///
/// The signer's own headers (`x-amz-date`, `x-amz-content-sha256`, the session
/// token, `authorization`) take the place of any that the request has. An
/// `x-amz-content-sha256` of the request stands for its payload hash, if that
/// was not given.
///
/// # Errors
/// [`ErrorKind::InvalidDigest`](crate::ErrorKind::InvalidDigest) for an
/// `x-amz-content-sha256` of the request that is none.
pub fn sign_headers(
    request: &Request,
    credentials: &Credentials,
    options: &SigningOptions,
) -> Result<SignedRequest> {
    Signer::new(credentials).sign_headers(request, options)
}

pub(super) fn sign(
    signer: &Signer<'_>,
    request: &Request,
    options: &SigningOptions,
) -> Result<SignedRequest> {
    let given = header_value(request, "x-amz-content-sha256");
    let payload = match (request.payload_hash(), given) {
        (Some(payload), _) => payload,
        (None, Some(text)) => PayloadHash::parse(text)?,
        (None, None) => PayloadHash::Empty,
    };
    let token_header = options.session_token_header();
    let token = signer.credentials().session_token().map(Cow::Borrowed);
    let mut headers =
        request.headers_without(&["authorization", "x-amz-date", "x-amz-content-sha256", token_header]);
    headers.push(("x-amz-date", options.date().amz_date().into()));
    if options.sends_content_sha256() || given.is_some() {
        headers.push(("x-amz-content-sha256", payload.as_str()));
    }
    let (signed_token, unsigned_token) =
        if options.signs_session_token() { (token, None) } else { (None, token) };
    headers.extend(signed_token.map(|token| (token_header, token)));

    let canonical = CanonicalRequest::of_parts(request, &headers, request.encoded_query(), options, payload);
    let (string_to_sign, signature) = signer.sign_canonical(&canonical, options);
    let authorization = format!(
        "{ALGORITHM} Credential={}, SignedHeaders={}, Signature={signature}",
        signer.credential(options.scope()),
        canonical.signed_headers(),
    );
    headers.extend(unsigned_token.map(|token| (token_header, token)));
    headers.push(("authorization", Cow::Borrowed(&authorization)));
    let (headers, implied_headers) = headers_to_set(request, &headers);
    Ok(SignedRequest {
        method: request.method().to_owned(),
        url: request.url(),
        headers,
        implied_headers,
        authorization,
        signature,
        signed_headers: canonical.signed_headers().to_owned(),
        canonical_request: canonical.into_string(),
        string_to_sign,
    })
}

/// Names and values.
type Pairs = Vec<(String, String)>;

/// The headers to set, and those that the client sets itself. Names that come
/// twice are joined, with the `,` that was signed and not the `, ` of `fetch`.
pub(super) fn headers_to_set(request: &Request, headers: &HeaderList<'_>) -> (Pairs, Pairs) {
    let mut set: Pairs = Vec::with_capacity(headers.len());
    let mut implied = vec![("host".to_owned(), request.host())];
    for (name, value) in headers {
        let list = if is_set_by_browser(name) { &mut implied } else { &mut set };
        match list.iter_mut().find(|(other, _)| other == name) {
            Some((_, joined)) => {
                joined.push(',');
                joined.push_str(value);
            }
            None => list.push(((*name).to_owned(), value.clone().into_owned())),
        }
    }
    (set, implied)
}
