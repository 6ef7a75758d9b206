//! The canonical request and the string to sign.

use crate::digest::sha256_hex;
use crate::error::Result;
use crate::sigv4::ALGORITHM;
use crate::sigv4::headers::{HeaderList, is_unsigned_header};
use crate::sigv4::options::{PathEncoding, SigningOptions};
use crate::sigv4::payload::PayloadHash;
use crate::sigv4::request::Request;
use crate::sigv4::scope::CredentialScope;
use crate::sigv4::uri::encode_path;
use crate::time::Timestamp;

/// A request in the one form that signer and service both derive from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CanonicalRequest {
    text: String,
    signed_headers: String,
    payload: PayloadHash,
}

impl CanonicalRequest {
    /// The canonical form of a request as it stands: nothing is added to it
    /// but `Host`. `X-Amz-Signature` of the query is left out, as it is no part
    /// of what is signed.
    ///
    /// The payload hash is the one the request was given, else the one that its
    /// `x-amz-content-sha256` header says, else that of an empty body.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidDigest`](crate::ErrorKind::InvalidDigest) for an
    /// `x-amz-content-sha256` that is none.
    pub fn new(request: &Request, options: &SigningOptions) -> Result<Self> {
        let payload = match request.payload_hash() {
            Some(payload) => payload,
            None => header_value(request, "x-amz-content-sha256")
                .map_or(Ok(PayloadHash::Empty), PayloadHash::parse)?,
        };
        let (headers, query) = (request.headers_without(&[]), request.encoded_query());
        Ok(Self::of_parts(request, &headers, query, options, payload))
    }

    /// The text, lines ended by LF.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The text itself.
    #[must_use]
    pub fn into_string(self) -> String {
        self.text
    }

    /// Its SHA-256, 64 lower-case hexadecimal digits.
    #[must_use]
    pub fn hash(&self) -> String {
        sha256_hex(self.text.as_bytes())
    }

    /// The names of the signed headers, sorted, joined by `;`.
    #[must_use]
    pub fn signed_headers(&self) -> &str {
        &self.signed_headers
    }

    /// Its last line.
    #[must_use]
    pub const fn payload(&self) -> PayloadHash {
        self.payload
    }

    /// With the headers and the query that the signer made of the request's own.
    pub(super) fn of_parts(
        request: &Request,
        headers: &HeaderList<'_>,
        query: &[(String, String)],
        options: &SigningOptions,
        payload: PayloadHash,
    ) -> Self {
        let host = request.host();
        let headers = signed_headers(headers, &host);
        let mut text = String::with_capacity(1024);
        text.push_str(request.method());
        text.push('\n');
        push_path(&mut text, request.encoded_path(), options);
        text.push('\n');
        push_query(&mut text, query);
        text.push('\n');
        let names = push_headers(&mut text, &headers);
        text.push('\n');
        text.push_str(&names);
        text.push('\n');
        text.push_str(&payload.as_str());
        Self { text, signed_headers: names, payload }
    }
}

/// The text whose HMAC is the signature.
///
/// ```
/// use sealift::Timestamp;
/// use sealift::sigv4::{CredentialScope, string_to_sign};
///
/// let date = Timestamp::parse("20130524T000000Z")?;
/// let scope = CredentialScope::new(date, "us-east-1", "s3")?;
/// assert_eq!(
///     string_to_sign(date, &scope, "7344ae5b7ee6c3e7e6b0fe0640412a37625d1fbfff95c48bbb2dc43964946972"),
///     "AWS4-HMAC-SHA256\n20130524T000000Z\n20130524/us-east-1/s3/aws4_request\n\
///      7344ae5b7ee6c3e7e6b0fe0640412a37625d1fbfff95c48bbb2dc43964946972",
/// );
/// # Ok::<(), sealift::Error>(())
/// ```
#[must_use]
pub fn string_to_sign(date: Timestamp, scope: &CredentialScope, canonical_request_hash: &str) -> String {
    format!("{ALGORITHM}\n{}\n{scope}\n{canonical_request_hash}", date.amz_date())
}

pub(super) fn header_value<'a>(request: &'a Request, name: &str) -> Option<&'a str> {
    request.headers().iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
}

/// The names of the headers that are signed, as they are joined.
pub(super) fn signed_header_names(request: &Request, headers: &HeaderList<'_>) -> String {
    let host = request.host();
    push_headers(&mut String::new(), &signed_headers(headers, &host))
}

/// Names and values that are signed, sorted by name; values of one name stay
/// in the order given.
fn signed_headers<'a>(headers: &'a HeaderList<'_>, host: &'a str) -> Vec<(&'a str, &'a str)> {
    let mut signed: Vec<(&str, &str)> = Vec::with_capacity(headers.len() + 1);
    signed.extend(
        headers.iter().map(|(name, value)| (*name, &**value)).filter(|(name, _)| !is_unsigned_header(name)),
    );
    signed.push(("host", host));
    signed.sort_by_key(|(name, _)| *name);
    signed
}

/// Writes `name:value` lines, the values of one name joined by commas, and
/// answers the names joined by semicolons.
fn push_headers(text: &mut String, headers: &[(&str, &str)]) -> String {
    let mut names = String::with_capacity(128);
    let mut last = None;
    for &(name, value) in headers {
        if last == Some(name) {
            text.push(',');
        } else {
            if last.is_some() {
                text.push('\n');
                names.push(';');
            }
            text.push_str(name);
            text.push(':');
            names.push_str(name);
            last = Some(name);
        }
        text.push_str(value);
    }
    text.push('\n');
    names
}

fn push_path(text: &mut String, path: &str, options: &SigningOptions) {
    let normalized;
    let path = if options.normalizes_path() {
        normalized = normalize(path);
        normalized.as_str()
    } else {
        path
    };
    match options.path_encoding() {
        // A slash of the key, escaped in a URL by hand, is a slash to S3.
        PathEncoding::Once if options.is_s3() && path.contains("%2F") => {
            text.push_str(&path.replace("%2F", "/"))
        }
        PathEncoding::Once => text.push_str(path),
        PathEncoding::Twice => text.push_str(&encode_path(path)),
    }
}

/// Folds `.`, `..` and empty segments; a slash at the end stays.
fn normalize(path: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." => {
                kept.pop();
            }
            other => kept.push(other),
        }
    }
    let mut out = String::with_capacity(path.len());
    for segment in &kept {
        out.push('/');
        out.push_str(segment);
    }
    let ends_with_slash = path.ends_with('/') || path.ends_with("/.") || path.ends_with("/..");
    if kept.is_empty() || ends_with_slash {
        out.push('/');
    }
    out
}

/// Sorted by encoded key, then encoded value: `a=1&a-b=2`, although `-` comes
/// before `=`.
fn push_query(text: &mut String, query: &[(String, String)]) {
    let mut pairs: Vec<&(String, String)> =
        query.iter().filter(|(key, _)| key != "X-Amz-Signature").collect();
    pairs.sort();
    for (index, (key, value)) in pairs.into_iter().enumerate() {
        if index > 0 {
            text.push('&');
        }
        text.push_str(key);
        text.push('=');
        text.push_str(value);
    }
}
