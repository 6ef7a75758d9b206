//! The one percent-encoder: canonical requests and the URLs that are sent are
//! both written by it (RFC 3986; AWS's `UriEncode`).

use crate::error::{Error, ErrorKind, Result};

/// Appends one component (a query key or value), percent-encoded: only
/// `A-Z a-z 0-9 - . _ ~` stay.
pub fn encode_component_into(out: &mut String, text: &str) {
    encode_into(out, text.as_bytes(), is_unreserved);
}

/// Appends a path, percent-encoded as a component but for its `/`.
pub fn encode_path_into(out: &mut String, path: &str) {
    encode_into(out, path.as_bytes(), |byte| byte == b'/' || is_unreserved(byte));
}

/// One component, percent-encoded.
///
/// ```
/// assert_eq!(sealift::sigv4::uri::encode_component("a b+c/ü'~"), "a%20b%2Bc%2F%C3%BC%27~");
/// ```
#[must_use]
pub fn encode_component(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    encode_component_into(&mut out, text);
    out
}

/// A path, percent-encoded but for its `/`. Nothing is normalised.
///
/// ```
/// assert_eq!(sealift::sigv4::uri::encode_path("/a b/../ü"), "/a%20b/../%C3%BC");
/// ```
#[must_use]
pub fn encode_path(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    encode_path_into(&mut out, path);
    out
}

/// Reads a path that may be encoded already and writes it with this encoder's
/// escapes. `%2F` stays apart from `/`; a `+` is a plus.
pub(super) fn recode_path(raw: &str) -> Result<String> {
    let mut out = String::with_capacity(raw.len());
    for (index, piece) in raw.split('/').enumerate() {
        if index > 0 {
            out.push('/');
        }
        recode_into(&mut out, piece, false)?;
    }
    Ok(out)
}

/// Reads a query that may be encoded already into pairs with this encoder's
/// escapes. `a` is `a=`, empty pairs vanish, and `+` is a space, as S3 reads it.
pub(super) fn recode_query(raw: &str) -> Result<Vec<(String, String)>> {
    raw.split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            Ok((recode(key)?, recode(value)?))
        })
        .collect()
}

fn recode(raw: &str) -> Result<String> {
    let mut out = String::with_capacity(raw.len());
    recode_into(&mut out, raw, true)?;
    Ok(out)
}

fn recode_into(out: &mut String, raw: &str, plus_is_space: bool) -> Result<()> {
    if !raw.bytes().any(|byte| byte == b'%' || (byte == b'+' && plus_is_space)) {
        encode_component_into(out, raw);
        return Ok(());
    }
    let mut decoded = Vec::with_capacity(raw.len());
    let mut bytes = raw.bytes();
    while let Some(byte) = bytes.next() {
        decoded.push(match byte {
            b'%' => {
                let high = bytes.next().and_then(hex_digit);
                let low = bytes.next().and_then(hex_digit);
                match (high, low) {
                    (Some(high), Some(low)) => high << 4 | low,
                    _ => return Err(invalid("a % in the URL is not followed by two hexadecimal digits")),
                }
            }
            b'+' if plus_is_space => b' ',
            other => other,
        });
    }
    if std::str::from_utf8(&decoded).is_err() {
        return Err(invalid("the percent-escapes of the URL are not UTF-8"));
    }
    encode_into(out, &decoded, is_unreserved);
    Ok(())
}

fn encode_into(out: &mut String, bytes: &[u8], stays: impl Fn(u8) -> bool) {
    for &byte in bytes {
        if stays(byte) {
            out.push(char::from(byte));
        } else {
            out.push('%');
            out.push(upper_hex(byte >> 4));
            out.push(upper_hex(byte & 15));
        }
    }
}

const fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~')
}

const fn upper_hex(nibble: u8) -> char {
    (if nibble < 10 { b'0' + nibble } else { b'A' + nibble - 10 }) as char
}

const fn hex_digit(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        b'A'..=b'F' => Some(byte - b'A' + 10),
        _ => None,
    }
}

fn invalid(message: &'static str) -> Error {
    Error::new(ErrorKind::InvalidUrl, message)
}
