//! Object keys.

use std::fmt;

use crate::error::{Error, ErrorKind, Result};
use crate::s3::limits::MAX_KEY_BYTES;

/// The key of an object: 1 to 1,024 bytes of UTF-8
/// (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html>).
///
/// S3 stores any such key; what can *carry* it to S3 is another question, see
/// [`sendable_by_put`](Self::sendable_by_put).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectKey(String);

impl ObjectKey {
    /// Parses a key.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidKey`] when it is empty or longer than 1,024 bytes.
    pub fn parse(key: &str) -> Result<Self> {
        if key.is_empty() {
            return Err(Error::new(ErrorKind::InvalidKey, "an object key cannot be empty"));
        }
        if key.len() > MAX_KEY_BYTES {
            return Err(Error::new(ErrorKind::InvalidKey, "an object key has at most 1,024 bytes of UTF-8"));
        }
        Ok(Self(key.to_owned()))
    }

    /// The key, decoded.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The path of a URL that names the key, decoded: `/` and the key.
    #[must_use]
    pub fn path(&self) -> String {
        format!("/{}", self.0)
    }

    /// Whether a browser can name this key in a URL. The WHATWG URL parser
    /// folds `.` and `..` segments away, percent-encoded ones too
    /// (<https://url.spec.whatwg.org/#double-dot-path-segment>): a PUT to such
    /// a key would be sent to another one.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidKey`] that says so.
    pub fn sendable_by_put(&self) -> Result<()> {
        if self.0.split('/').any(is_dot_segment) {
            return Err(Error::new(
                ErrorKind::InvalidKey,
                "browsers fold '.' and '..' segments of a URL away, so this key cannot be sent by PUT; \
                 a POST form can carry it",
            ));
        }
        Ok(())
    }
}

impl fmt::Display for ObjectKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// `.` or `..`. Their percent-encoded forms are no concern here: a `%` of the
/// key travels as `%25`.
fn is_dot_segment(segment: &str) -> bool {
    matches!(segment, "." | "..")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn length_is_counted_in_bytes() {
        assert!(ObjectKey::parse("").is_err());
        assert!(ObjectKey::parse(&"a".repeat(1024)).is_ok());
        assert!(ObjectKey::parse(&"a".repeat(1025)).is_err());
        assert!(ObjectKey::parse(&"ü".repeat(513)).is_err());
    }

    #[test]
    fn dot_segments_cannot_be_put() {
        for key in [".", "..", "a/../b", "./a", "a/.", "a/..", "../../etc"] {
            let key = ObjectKey::parse(key).expect("S3 stores it");
            assert_eq!(key.sendable_by_put().map_err(|e| e.kind()), Err(ErrorKind::InvalidKey), "{key}");
        }
        for key in ["a", "a/...", ".a", "a/.b", "a..b", "a//b", "%2e%2e", "a\\..\\b"] {
            assert!(ObjectKey::parse(key).expect("valid").sendable_by_put().is_ok(), "{key}");
        }
    }
}
