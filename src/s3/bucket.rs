//! Bucket names.

use std::fmt;

use crate::error::{Error, ErrorKind, Result};

/// The name of a general purpose bucket, checked against S3's rules
/// (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html>):
/// 3 to 63 characters of `a-z`, `0-9`, `-` and `.`, beginning and ending with a
/// letter or digit, no two dots in a row, not shaped like an IPv4 address, and
/// without the reserved prefixes and suffixes.
///
/// ```
/// use sealift::s3::Bucket;
/// assert!(Bucket::parse("amzn-s3-demo-bucket").is_ok());
/// assert!(Bucket::parse("192.168.5.4").is_err());
/// assert!(Bucket::parse("Bucket/../other").is_err());
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bucket(String);

impl Bucket {
    /// Parses a bucket name.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidBucket`] with the rule that the name breaks.
    pub fn parse(name: &str) -> Result<Self> {
        match broken_rule(name) {
            None => Ok(Self(name.to_owned())),
            Some(rule) => Err(Error::new(ErrorKind::InvalidBucket, rule)),
        }
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the name can stand before a host in an https URL: a dot in it
    /// makes a host that S3's wildcard certificate does not cover.
    #[must_use]
    pub fn has_dot(&self) -> bool {
        self.0.contains('.')
    }
}

impl fmt::Display for Bucket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

const RESERVED_PREFIXES: [&str; 3] = ["xn--", "sthree-", "amzn-s3-demo-reserved-"];
const RESERVED_SUFFIXES: [&str; 5] = ["-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3"];

fn broken_rule(name: &str) -> Option<&'static str> {
    if !(3..=63).contains(&name.len()) {
        return Some("a bucket name has 3 to 63 characters");
    }
    if !name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'.') {
        return Some("a bucket name holds only a-z, 0-9, '-' and '.'");
    }
    let alphanumeric = |c: char| c.is_ascii_alphanumeric();
    if !name.starts_with(alphanumeric) || !name.ends_with(alphanumeric) {
        return Some("a bucket name begins and ends with a letter or digit");
    }
    if name.contains("..") {
        return Some("a bucket name has no two dots in a row");
    }
    if is_ipv4_shaped(name) {
        return Some("a bucket name is not shaped like an IP address");
    }
    if RESERVED_PREFIXES.iter().any(|prefix| name.starts_with(prefix))
        || RESERVED_SUFFIXES.iter().any(|suffix| name.ends_with(suffix))
    {
        return Some("the bucket name has a prefix or suffix that S3 reserves");
    }
    None
}

fn is_ipv4_shaped(name: &str) -> bool {
    let mut parts = 0;
    name.split('.').all(|part| {
        parts += 1;
        !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit())
    }) && parts == 4
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_the_userguide() {
        for name in
            ["docexamplebucket1", "log-delivery-march-2020", "my-hosted-content", "docexamplewebsite.com"]
        {
            assert!(Bucket::parse(name).is_ok(), "{name}");
        }
        for name in [
            "",
            "ab",
            "doc_example_bucket",
            "DocExampleBucket",
            "doc-example-bucket-",
            "-a-bucket",
            "two..dots",
            "10.0.0.1",
            "xn--bucket",
            "bucket-s3alias",
            "bucket--x-s3",
            "a/b",
            "bück",
            "a b c",
            &"a".repeat(64),
        ] {
            assert_eq!(Bucket::parse(name).map_err(|e| e.kind()), Err(ErrorKind::InvalidBucket), "{name}");
        }
    }
}
