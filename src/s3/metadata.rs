//! User metadata: `x-amz-meta-*` headers
//! (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html>).
//!
//! A header carries ASCII. S3 decodes RFC 2047 words in what it is sent and
//! answers them in what it has stored, so that is how other text travels here,
//! in headers and in the fields of forms alike: `Grüße` is
//! `=?UTF-8?B?R3LDvMOfZQ==?=`. Servers that do not decode store the word,
//! which [`decode_value`] reads back just the same.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::error::{Error, ErrorKind, Result};
use crate::s3::limits::MAX_METADATA_BYTES;

/// What the header name begins with.
pub const PREFIX: &str = "x-amz-meta-";

/// Longest RFC 2047 word, in characters.
const MAX_WORD: usize = 75;
/// Longest name, in bytes.
const MAX_NAME: usize = 128;

/// Headers (or form fields) of metadata, in the order given.
///
/// # Errors
/// [`ErrorKind::InvalidHeader`] for a name that is not made of `a-z`, `0-9`,
/// `-` and `_` (1 to 128 of them), for a repeated name, for control characters
/// in a value, or when names and encoded values pass 2 KB together.
pub fn headers(metadata: &[(String, String)]) -> Result<Vec<(String, String)>> {
    let mut headers: Vec<(String, String)> = Vec::with_capacity(metadata.len());
    let mut total = 0_usize;
    for (name, value) in metadata {
        if !is_valid_name(name) {
            return Err(Error::new(
                ErrorKind::InvalidHeader,
                "a metadata name has 1 to 128 characters of a-z, 0-9, '-' and '_'",
            ));
        }
        let header = format!("{PREFIX}{name}");
        if headers.iter().any(|(have, _)| *have == header) {
            return Err(Error::new(ErrorKind::InvalidHeader, "a metadata name stands twice"));
        }
        let value = encode_value(value)?;
        total = total.saturating_add(name.len()).saturating_add(value.len());
        // Here, not at the end: the search above would take its time with all that a page can send.
        if total > MAX_METADATA_BYTES {
            return Err(Error::new(
                ErrorKind::InvalidHeader,
                "metadata has at most 2 KB, names and encoded values together",
            ));
        }
        headers.push((header, value));
    }
    Ok(headers)
}

/// A value as it travels: as it is when it is plain ASCII that nothing on the
/// way folds, else as RFC 2047 words.
///
/// # Errors
/// [`ErrorKind::InvalidHeader`] for control characters.
pub fn encode_value(value: &str) -> Result<String> {
    if value.chars().any(char::is_control) {
        return Err(Error::new(ErrorKind::InvalidHeader, "a metadata value has no control characters"));
    }
    let travels_unchanged = value.is_ascii()
        && !value.contains("=?")
        && !value.contains("  ")
        && !value.starts_with(' ')
        && !value.ends_with(' ');
    if travels_unchanged {
        return Ok(value.to_owned());
    }
    let room = (MAX_WORD - "=?UTF-8?B??=".len()) / 4 * 3;
    let mut words = Vec::new();
    let mut rest = value;
    while !rest.is_empty() {
        let (chunk, after) = rest.split_at_checked(floor_char_boundary(rest, room)).unwrap_or((rest, ""));
        words.push(format!("=?UTF-8?B?{}?=", STANDARD.encode(chunk)));
        rest = after;
    }
    Ok(words.join(" "))
}

/// A value as it was before [`encode_value`]; what is no word of ours stays.
#[must_use]
pub fn decode_value(value: &str) -> String {
    let mut decoded = Vec::new();
    for word in value.split(' ') {
        let inner = word.get(..10).filter(|head| head.eq_ignore_ascii_case("=?UTF-8?B?")).and(word.get(10..));
        match inner.and_then(|rest| rest.strip_suffix("?=")).and_then(|text| STANDARD.decode(text).ok()) {
            Some(bytes) => decoded.extend_from_slice(&bytes),
            None => return value.to_owned(),
        }
    }
    String::from_utf8(decoded).unwrap_or_else(|_| value.to_owned())
}

fn is_valid_name(name: &str) -> bool {
    (1..=MAX_NAME).contains(&name.len())
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'_')
}

/// The last place at or before `limit` where a character begins.
pub(crate) fn floor_char_boundary(text: &str, limit: usize) -> usize {
    (0..=limit.min(text.len())).rev().find(|place| text.is_char_boundary(*place)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_form_of_the_words() {
        assert_eq!(encode_value("42").as_deref(), Ok("42"));
        assert_eq!(encode_value("").as_deref(), Ok(""));
        assert_eq!(encode_value("Grüße").as_deref(), Ok("=?UTF-8?B?R3LDvMOfZQ==?="));
        assert_eq!(decode_value("=?utf-8?b?R3LDvMOfZQ==?="), "Grüße");
        assert_eq!(decode_value("=?UTF-8?B?R3LD?="), "=?UTF-8?B?R3LD?=");
        assert!(encode_value("a\r\nx-evil: 1").is_err());
    }

    #[test]
    fn names_sizes_and_doubles() {
        let one = |name: &str, value: &str| headers(&[(name.to_owned(), value.to_owned())]);
        assert_eq!(one("ticket", "42"), Ok(vec![("x-amz-meta-ticket".to_owned(), "42".to_owned())]));
        for name in ["", "Ticket", "a b", "a:b", "ü", "a\n", &"a".repeat(129)] {
            assert_eq!(one(name, "x").map_err(|e| e.kind()), Err(ErrorKind::InvalidHeader), "{name:?}");
        }
        assert!(one("a", &"x".repeat(2047)).is_ok());
        assert!(one("a", &"x".repeat(2048)).is_err());
        // What passes 2 KB is not read to its end: a page can send a great many names.
        let long = [("a".to_owned(), "x".repeat(2048)), ("UNREAD".to_owned(), String::new())];
        assert!(headers(&long).expect_err("too long").message().contains("2 KB"));
        let twice = [("a".to_owned(), "1".to_owned()), ("a".to_owned(), "2".to_owned())];
        assert!(headers(&twice).is_err());
    }

    proptest! {
        #[test]
        fn every_value_travels_in_ascii_and_comes_back(value in "[^\\p{Cc}]{0,200}") {
            let encoded = encode_value(&value).expect("no control characters");
            prop_assert!(encoded.is_ascii());
            prop_assert!(encoded.split(' ').all(|word| !word.starts_with("=?") || word.len() <= MAX_WORD));
            prop_assert_eq!(decode_value(&encoded), value);
        }
    }
}
