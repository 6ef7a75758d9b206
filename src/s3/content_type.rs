//! Media types, as they are stored with objects.

use std::fmt;

use crate::error::{Error, ErrorKind, Result};

/// A media type: `type/subtype`, parameters after it allowed (RFC 9110, 8.3.1).
///
/// ```
/// use sealift::s3::ContentType;
/// let video = ContentType::parse("Video/WebM; codecs=\"vp9\"")?;
/// assert_eq!(video.essence(), "video/webm");
/// assert_eq!(video.as_str(), "Video/WebM; codecs=\"vp9\"");
/// assert!(ContentType::parse("text/html, image/png").is_err());
/// # Ok::<(), sealift::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ContentType {
    text: String,
    essence: String,
}

/// Longest media type that is taken, in bytes.
const MAX_BYTES: usize = 255;

impl ContentType {
    /// Parses a media type; an empty one, which is what browsers say of files
    /// they do not know, is `application/octet-stream`.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidHeader`] when it is no media type or longer than 255 bytes.
    pub fn parse(text: &str) -> Result<Self> {
        let text = text.trim_matches([' ', '\t']);
        if text.is_empty() {
            return Ok(Self::octet_stream());
        }
        let (essence, parameters) = text.split_once(';').map_or((text, ""), |(e, p)| (e, p));
        let essence = essence.trim_end_matches([' ', '\t']);
        let well_formed = essence.split_once('/').is_some_and(|(kind, sub)| is_token(kind) && is_token(sub))
            && !essence.contains('*')
            && text.len() <= MAX_BYTES
            && parameters.bytes().all(|b| (0x20..0x7F).contains(&b) && b != b',');
        if !well_formed {
            return Err(Error::new(
                ErrorKind::InvalidHeader,
                "a content type looks like image/png and has at most 255 characters",
            ));
        }
        // Inner runs of spaces are folded by the signature, so fold them first.
        let folded = text.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
        Ok(Self { essence: essence.to_ascii_lowercase(), text: folded })
    }

    /// `application/octet-stream`.
    #[must_use]
    pub fn octet_stream() -> Self {
        let text = "application/octet-stream";
        Self { text: text.to_owned(), essence: text.to_owned() }
    }

    /// As it is stored.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// `type/subtype` in lower case, without parameters.
    #[must_use]
    pub fn essence(&self) -> &str {
        &self.essence
    }

    /// Whether this is the type that S3 says an object has; case and the space
    /// around `;` do not matter.
    #[must_use]
    pub fn same_as(&self, other: &str) -> bool {
        let plain = |text: &str| text.chars().filter(|c| *c != ' ').collect::<String>().to_ascii_lowercase();
        plain(&self.text) == plain(other)
    }
}

impl fmt::Display for ContentType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// A `token` of RFC 9110, 5.6.2.
pub(crate) fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_media_type_is_refused() {
        for text in [
            "image",
            "image/*",
            "*/*",
            "/",
            "image/",
            "/png",
            "image/png/x",
            "image/png\r\nx-evil: 1",
            "a b/c",
            "text/html,image/png",
            "text/plain; x=a,text/html",
            "bild/ü",
            "text/plain; charset=\u{7f}",
            &format!("a/{}", "b".repeat(260)),
        ] {
            assert!(ContentType::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn unknown_is_octet_stream() {
        for text in ["", "  "] {
            assert_eq!(
                ContentType::parse(text).expect("empty is unknown").as_str(),
                "application/octet-stream"
            );
        }
    }

    #[test]
    fn what_s3_says_back_is_the_same() {
        let ours = ContentType::parse("text/plain;  charset=UTF-8").expect("valid");
        assert_eq!(ours.as_str(), "text/plain; charset=UTF-8");
        assert!(ours.same_as("text/plain;charset=utf-8"));
        assert!(!ours.same_as("text/plain"));
    }
}
