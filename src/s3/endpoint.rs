//! Where an S3 is, and how it wants buckets addressed.

use crate::error::{Error, ErrorKind, Result};
use crate::s3::{Bucket, ObjectKey};
use crate::sigv4::{Origin, Request, Scheme};

/// Where the bucket's name stands
/// (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html>).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "endpoint", derive(serde::Deserialize, serde::Serialize))]
#[cfg_attr(feature = "endpoint", serde(rename_all = "kebab-case"))]
pub enum AddressingStyle {
    /// `https://host/bucket/key`: what MinIO, Garage and servers on an IP address take.
    Path,
    /// `https://bucket.host/key`: what AWS wants.
    VirtualHosted,
}

/// An S3 endpoint: scheme, host, port and addressing style.
///
/// ```
/// use sealift::s3::{AddressingStyle, Bucket, Endpoint};
/// let aws = Endpoint::parse("https://s3.eu-west-1.amazonaws.com", AddressingStyle::VirtualHosted)?;
/// let bucket = Bucket::parse("photos")?;
/// assert_eq!(aws.bucket_url(&bucket)?, "https://photos.s3.eu-west-1.amazonaws.com/");
/// let minio = Endpoint::parse("http://[::1]:9000", AddressingStyle::Path)?;
/// assert_eq!(minio.bucket_url(&bucket)?, "http://[::1]:9000/photos");
/// # Ok::<(), sealift::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    origin: Origin,
    style: AddressingStyle,
}

impl Endpoint {
    /// Parses `http(s)://host[:port]`. The host is lowered, the scheme's own
    /// default port dropped, as browsers do.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidEndpoint`] for anything else (a path, a query, a
    /// user name), and for an IP address with [`AddressingStyle::VirtualHosted`].
    pub fn parse(url: &str, style: AddressingStyle) -> Result<Self> {
        let origin = Origin::parse(url)
            .map_err(|error| Error::new(ErrorKind::InvalidEndpoint, error.message().to_owned()))?;
        let endpoint = Self { origin, style };
        if style == AddressingStyle::VirtualHosted {
            endpoint.origin.with_subdomain("bucket").map_err(|_| {
                Error::new(
                    ErrorKind::InvalidEndpoint,
                    "an IP address has no subdomains: virtual-hosted addressing needs a host name",
                )
            })?;
        }
        Ok(endpoint)
    }

    /// Scheme, host and port, without any bucket.
    #[must_use]
    pub const fn origin(&self) -> &Origin {
        &self.origin
    }

    /// Where the bucket's name stands.
    #[must_use]
    pub const fn style(&self) -> AddressingStyle {
        self.style
    }

    /// Scheme, host and port of requests to a bucket: what a page's
    /// `connect-src` needs.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidBucket`] for a bucket with a dot in virtual-hosted
    /// style over https: no wildcard certificate covers it.
    pub fn bucket_origin(&self, bucket: &Bucket) -> Result<Origin> {
        match self.style {
            AddressingStyle::Path => Ok(self.origin.clone()),
            AddressingStyle::VirtualHosted if bucket.has_dot() && self.origin.scheme() == Scheme::Https => {
                Err(Error::new(
                    ErrorKind::InvalidBucket,
                    "no wildcard certificate covers a bucket name with a dot: use path-style addressing",
                ))
            }
            AddressingStyle::VirtualHosted => self.origin.with_subdomain(bucket.as_str()),
        }
    }

    /// The URL of a bucket, to which POST forms go.
    ///
    /// # Errors
    /// As [`bucket_origin`](Self::bucket_origin).
    pub fn bucket_url(&self, bucket: &Bucket) -> Result<String> {
        let origin = self.bucket_origin(bucket)?;
        Ok(match self.style {
            AddressingStyle::Path => format!("{origin}/{bucket}"),
            AddressingStyle::VirtualHosted => format!("{origin}/"),
        })
    }

    /// A request to a bucket, without query or headers.
    ///
    /// # Errors
    /// As [`bucket_origin`](Self::bucket_origin).
    pub fn bucket_request(&self, method: &str, bucket: &Bucket) -> Result<Request> {
        let origin = self.bucket_origin(bucket)?;
        match self.style {
            AddressingStyle::Path => Request::new(method, &origin, &format!("/{bucket}")),
            AddressingStyle::VirtualHosted => Request::new(method, &origin, "/"),
        }
    }

    /// A request to an object, without query or headers.
    ///
    /// # Errors
    /// As [`bucket_origin`](Self::bucket_origin).
    pub fn object_request(&self, method: &str, bucket: &Bucket, key: &ObjectKey) -> Result<Request> {
        let origin = self.bucket_origin(bucket)?;
        match self.style {
            AddressingStyle::Path => Request::new(method, &origin, &format!("/{bucket}/{key}")),
            AddressingStyle::VirtualHosted => Request::new(method, &origin, &key.path()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(endpoint: &str, style: AddressingStyle, bucket: &str, key: &str) -> Result<String> {
        let endpoint = Endpoint::parse(endpoint, style)?;
        let request = endpoint.object_request("GET", &Bucket::parse(bucket)?, &ObjectKey::parse(key)?)?;
        Ok(request.url())
    }

    #[test]
    fn objects_are_addressed_as_s3_wants_it() {
        use AddressingStyle::{Path, VirtualHosted};
        for (endpoint, style, bucket, key, expected) in [
            (
                "https://s3.amazonaws.com",
                VirtualHosted,
                "photos",
                "puppy.jpg",
                "https://photos.s3.amazonaws.com/puppy.jpg",
            ),
            (
                "https://s3.amazonaws.com",
                Path,
                "photos",
                "puppy.jpg",
                "https://s3.amazonaws.com/photos/puppy.jpg",
            ),
            ("HTTPS://S3.Example.com:443/", Path, "photos", "a", "https://s3.example.com/photos/a"),
            (
                "http://127.0.0.1:9000",
                Path,
                "photos",
                "a b/ü+'%.txt",
                "http://127.0.0.1:9000/photos/a%20b/%C3%BC%2B%27%25.txt",
            ),
            ("http://localhost:9000", VirtualHosted, "photos", "a", "http://photos.localhost:9000/a"),
            ("http://[2001:db8::1]:9000", Path, "photos", "a//b", "http://[2001:db8::1]:9000/photos/a//b"),
            (
                "https://s3.example.com",
                Path,
                "photos.2024",
                "a\\b",
                "https://s3.example.com/photos.2024/a%5Cb",
            ),
        ] {
            assert_eq!(url(endpoint, style, bucket, key).as_deref(), Ok(expected));
        }
    }

    #[test]
    fn what_is_no_endpoint_is_refused() {
        for text in [
            "",
            "s3.example.com",
            "ftp://s3.example.com",
            "https://",
            "https://user@s3.example.com",
            "https://s3.example.com/base",
            "https://s3.example.com?x",
            "https://s3.example.com:0",
            "https://s3 .com",
        ] {
            let refused = Endpoint::parse(text, AddressingStyle::Path).map_err(|e| e.kind());
            assert_eq!(refused, Err(ErrorKind::InvalidEndpoint), "{text}");
        }
        for text in ["http://127.0.0.1:9000", "http://[::1]"] {
            assert!(Endpoint::parse(text, AddressingStyle::VirtualHosted).is_err(), "{text}");
        }
        assert!(url("https://s3.amazonaws.com", AddressingStyle::VirtualHosted, "a.b.c", "k").is_err());
    }
}
