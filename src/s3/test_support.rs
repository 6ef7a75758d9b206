//! What the tests of the operations share.

use crate::s3::{AddressingStyle, Bucket, Endpoint, ObjectKey, Response};
use crate::sigv4::Request;

/// `https://BUCKET.s3.amazonaws.com`.
pub fn aws() -> Endpoint {
    Endpoint::parse("https://s3.amazonaws.com", AddressingStyle::VirtualHosted).expect("valid")
}

pub fn names(bucket: &str, key: &str) -> (Bucket, ObjectKey) {
    (Bucket::parse(bucket).expect("valid"), ObjectKey::parse(key).expect("valid"))
}

pub fn header<'a>(request: &'a Request, name: &str) -> Option<&'a str> {
    request.headers().iter().find(|(have, _)| have == name).map(|(_, value)| value.as_str())
}

/// All headers, as they will be sent.
pub fn headers(request: &Request) -> Vec<(&str, &str)> {
    request.headers().iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
}

pub fn answer(status: u16, headers: &[(&str, &str)], body: &str) -> Response {
    let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Response { status, headers, body: body.as_bytes().to_vec() }
}

/// An `<Error>` document.
pub fn refusal(status: u16, code: &str) -> Response {
    answer(status, &[], &format!("<Error><Code>{code}</Code><Message>No.</Message></Error>"))
}
