//! What S3 refuses and s3s lets pass, as far as the head of a request shows it.

use std::time::{SystemTime, UNIX_EPOCH};

use hyper::header::{AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE};
use hyper::http::request::Parts;
use hyper::{Method, Uri};
use s3s::{S3Error, s3_error};
use s3s_sigv4::AmzDate;

use super::target::query_pairs;
use crate::checksum::Algorithm;

/// How far a request's clock may be off.
const MAX_SKEW_SECONDS: i64 = 15 * 60;

/// For s3s, which holds the dates of forms to the same limit as those of
/// requests: S3 takes a form until its policy expires, and a signing key for
/// seven days.
pub(crate) const SIGNING_KEY_SECONDS: u32 = 7 * 24 * 60 * 60;

pub(crate) fn check(parts: &Parts, operation: &str) -> Result<(), S3Error> {
    let header = |name: &str| parts.headers.get(name).and_then(|value| value.to_str().ok());
    let query = query_pairs(&parts.uri);
    let parameter = |name: &str| query.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str());

    let authorization = header(AUTHORIZATION.as_str());
    if authorization.is_some() && parameter("X-Amz-Signature").is_some() {
        return Err(s3_error!(
            InvalidArgument,
            "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string \
             parameter or the Authorization header should be specified"
        ));
    }
    let date = parameter("X-Amz-Date").or_else(|| authorization.and_then(|_| header("x-amz-date")));
    if let Some(ahead) = date.and_then(seconds_ahead) {
        // A presigned URL says itself how long it is good for.
        let oldest = if authorization.is_some() { -MAX_SKEW_SECONDS } else { i64::MIN };
        if !(oldest..=MAX_SKEW_SECONDS).contains(&ahead) {
            return Err(s3_error!(RequestTimeTooSkewed));
        }
    }
    let signed_headers = parameter("X-Amz-SignedHeaders").or_else(|| {
        let (_, rest) = authorization?.split_once("SignedHeaders=")?;
        rest.split(',').next()
    });
    if signed_headers
        .is_some_and(|names| names.split(';').all(|name| !name.trim().eq_ignore_ascii_case("host")))
    {
        return Err(s3_error!(
            AccessDenied,
            "There were headers present in the request which were not signed"
        ));
    }
    if is_form(parts) && header(CONTENT_LENGTH.as_str()).is_none() {
        // s3s would hold such a form in memory to learn its size.
        return Err(s3_error!(MissingContentLength));
    }
    let has_digest =
        header("content-md5").is_some() || Algorithm::ALL.iter().any(|sum| header(sum.header()).is_some());
    if operation == "DeleteObjects" && !has_digest && header("x-amz-trailer").is_none() {
        return Err(s3_error!(InvalidRequest, "Missing required header for this request: Content-MD5"));
    }
    Ok(())
}

/// The address with every reserved character of its path encoded. S3 signs the
/// encoded path whatever stood in the request; s3s would also take a signature
/// over the raw one.
pub(crate) fn strict_uri(uri: &Uri) -> Uri {
    let kept = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~/%".contains(&byte);
    let path = uri.path();
    if path.bytes().all(kept) {
        return uri.clone();
    }
    let mut target = String::with_capacity(path.len() + 16);
    for byte in path.bytes() {
        if kept(byte) {
            target.push(byte.into());
        } else {
            target.push_str(&format!("%{byte:02X}"));
        }
    }
    if let Some(query) = uri.query() {
        target.push('?');
        target.push_str(query);
    }
    target.parse().unwrap_or_else(|_| uri.clone())
}

/// How far a signature's date lies ahead of now; `None` when it is no date,
/// which s3s says better.
fn seconds_ahead(date: &str) -> Option<i64> {
    let date = AmzDate::parse(date).ok()?.to_time()?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).ok()?;
    Some(date.as_second() - i64::try_from(now.as_secs()).ok()?)
}

fn is_form(parts: &Parts) -> bool {
    let kind = parts.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    parts.method == Method::POST && kind.trim_start().to_ascii_lowercase().starts_with("multipart/form-data")
}
