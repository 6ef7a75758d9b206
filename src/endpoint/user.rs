//! Who uploads, and the segment of a key that is theirs alone.

use std::fmt::{self, Write as _};

use crate::digest::sha256_hex;
use crate::error::{Error, ErrorKind, Result};

/// Longest user id, in bytes.
const MAX_BYTES: usize = 256;
/// Longest segment that is written out; S3s over a file system take 255 bytes.
const MAX_SEGMENT: usize = 128;

/// A user as the app's authentication names them: any text of 1 to 256 bytes
/// without control characters.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct UserId(String);

impl UserId {
    /// Parses a user id.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidOption`] when it is empty, longer than 256 bytes or
    /// has control characters.
    pub fn parse(id: &str) -> Result<Self> {
        if id.is_empty() || id.len() > MAX_BYTES || id.chars().any(char::is_control) {
            return Err(Error::new(
                ErrorKind::InvalidOption,
                "a user id has 1 to 256 bytes and no control characters",
            ));
        }
        Ok(Self(id.to_owned()))
    }

    /// The id.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The id as a segment of a key: letters, digits, `-` and `_` as they are,
    /// every other byte as `~` and two hexadecimal digits (so no slash, no dot,
    /// no case folding); an id that would pass 128 characters as `~~` and its
    /// SHA-256. No two users have the same segment.
    ///
    /// ```
    /// use sealift::endpoint::UserId;
    /// assert_eq!(UserId::parse("anna-7")?.key_segment(), "anna-7");
    /// assert_eq!(UserId::parse("../bob")?.key_segment(), "~2E~2E~2Fbob");
    /// # Ok::<(), sealift::Error>(())
    /// ```
    #[must_use]
    pub fn key_segment(&self) -> String {
        let mut segment = String::with_capacity(self.0.len());
        for byte in self.0.bytes() {
            if byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_' {
                segment.push(char::from(byte));
            } else {
                let _ = write!(segment, "~{byte:02X}");
            }
        }
        if segment.len() > MAX_SEGMENT {
            segment = format!("~~{}", sha256_hex(self.0.as_bytes()));
        }
        segment
    }
}

impl fmt::Display for UserId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn ids_that_are_none() {
        for id in ["", "a\0b", "a\nb", &"a".repeat(257)] {
            assert!(UserId::parse(id).is_err(), "{id:?}");
        }
    }

    #[test]
    fn long_ids_become_a_digest() {
        let segment = UserId::parse(&"é".repeat(128)).expect("256 bytes").key_segment();
        assert_eq!(segment.len(), 66);
        assert!(segment.starts_with("~~"));
    }

    /// The id that a segment was written from.
    fn read_back(segment: &str) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut rest = segment;
        while let Some((plain, escaped)) = rest.split_once('~') {
            bytes.extend_from_slice(plain.as_bytes());
            bytes.push(u8::from_str_radix(&escaped[..2], 16).expect("two digits"));
            rest = &escaped[2..];
        }
        bytes.extend_from_slice(rest.as_bytes());
        bytes
    }

    proptest! {
        #[test]
        fn a_segment_can_be_read_back_so_no_two_users_share_one(id in "[~/2Fa.]{1,8}|[^\\p{Cc}]{1,40}") {
            let segment = UserId::parse(&id).expect("valid").key_segment();
            if !segment.starts_with("~~") {
                prop_assert_eq!(read_back(&segment), id.as_bytes());
            }
        }

        #[test]
        fn a_segment_is_one_segment(id in "[./\\\\%~ a-bA-B\\PC]{1,40}") {
            let segment = UserId::parse(&id).expect("valid").key_segment();
            prop_assert!(segment.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_~".contains(&b)));
            prop_assert!((1..=MAX_SEGMENT).contains(&segment.len()));
        }
    }
}
