//! Entity tags.

use std::fmt;

use crate::error::{Error, ErrorKind, Result};

/// The ETag of an object, without its quotes.
///
/// S3 answers it quoted, JavaScript code and some servers drop the quotes;
/// two ETags are the same object state if they are equal without them.
///
/// ```
/// use sealift::s3::ETag;
/// let quoted = ETag::parse("\"d41d8cd98f00b204e9800998ecf8427e\"")?;
/// assert_eq!(quoted, ETag::parse("d41d8cd98f00b204e9800998ecf8427e")?);
/// assert_eq!(quoted.quoted(), "\"d41d8cd98f00b204e9800998ecf8427e\"");
/// # Ok::<(), sealift::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ETag(String);

impl ETag {
    /// Parses a header's or a document's ETag, quoted or not.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidResponse`] when nothing is left between the quotes,
    /// for weak ETags (S3 has none), or for characters that RFC 9110 forbids.
    pub fn parse(text: &str) -> Result<Self> {
        let text = text.trim();
        let inner = text.strip_prefix('"').map_or(Some(text), |rest| rest.strip_suffix('"'));
        match inner {
            Some(tag)
                if (1..=256).contains(&tag.len())
                    && tag.bytes().all(|b| b == 0x21 || (0x23..=0x7E).contains(&b)) =>
            {
                Ok(Self(tag.to_owned()))
            }
            _ => Err(Error::new(ErrorKind::InvalidResponse, "the ETag is empty or malformed")),
        }
    }

    /// Without quotes.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// With quotes, as in HTTP headers.
    #[must_use]
    pub fn quoted(&self) -> String {
        // Not by `format!`, which would be all of `core::fmt` in the uploader's wasm.
        ["\"", &self.0, "\""].concat()
    }
}

impl fmt::Display for ETag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn malformed_etags_are_refused() {
        for text in ["", "\"\"", "\"abc", "abc\"", "W/\"abc\"", "\"a b\"", "\"ä\"", "\"", "a\r\nb"] {
            assert!(ETag::parse(text).is_err(), "{text:?}");
        }
        assert_eq!(ETag::parse(" \"abc-3\" ").expect("valid").as_str(), "abc-3");
    }
}
