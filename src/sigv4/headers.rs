//! Header names and values as they are signed, and as they are sent.

use std::borrow::Cow;

use crate::error::{Error, ErrorKind, Result};

/// Headers about to be signed: lower-case names, collapsed values.
pub(super) type HeaderList<'a> = Vec<(&'a str, Cow<'a, str>)>;

/// The headers that proxies and agents change on the way, which therefore are
/// never signed; the list is botocore's, and `authorization`.
const UNSIGNED: [&str; 15] = [
    "authorization",
    "baggage",
    "connection",
    "expect",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "te",
    "traceparent",
    "tracestate",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "user-agent",
    "x-amzn-trace-id",
];

/// Whether a header of this (lower-case) name is sent but never signed.
#[must_use]
pub fn is_unsigned_header(name: &str) -> bool {
    UNSIGNED.contains(&name)
}

/// The headers that a browser sets itself: a page cannot, and need not.
pub(super) fn is_set_by_browser(name: &str) -> bool {
    matches!(name, "host" | "content-length")
}

/// The name in lower case.
///
/// # Errors
/// [`ErrorKind::InvalidHeader`] if it is no token of RFC 9110, 5.6.2.
pub(super) fn parse_name(name: &str) -> Result<String> {
    let token = !name.is_empty()
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte));
    if token {
        Ok(name.to_ascii_lowercase())
    } else {
        Err(Error::new(
            ErrorKind::InvalidHeader,
            "a header name is empty or has a character that HTTP forbids",
        ))
    }
}

/// The value without outer white space and with inner white space collapsed
/// to one space: what is signed, and what must be sent.
///
/// # Errors
/// [`ErrorKind::InvalidHeader`] for control characters, and for characters
/// outside ASCII, which clients and servers read differently.
pub(super) fn parse_value(name: &str, value: &str) -> Result<String> {
    if !value.is_ascii() {
        return Err(Error::new(
            ErrorKind::InvalidHeader,
            format!(
                "the value of the header {name} is not ASCII: percent-encode it or write it as RFC 2047 says"
            ),
        ));
    }
    if value.bytes().any(|byte| byte.is_ascii_control() && byte != b'\t') {
        return Err(Error::new(
            ErrorKind::InvalidHeader,
            format!("the value of the header {name} has a control character"),
        ));
    }
    let mut out = String::with_capacity(value.len());
    for word in value.split([' ', '\t']).filter(|word| !word.is_empty()) {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
    }
    Ok(out)
}
