//! A request before it is signed.

use std::borrow::Cow;

use crate::error::{Error, ErrorKind, Result};
use crate::sigv4::headers::{HeaderList, parse_name, parse_value};
use crate::sigv4::origin::Origin;
use crate::sigv4::payload::PayloadHash;
use crate::sigv4::uri::{encode_component, encode_path, recode_path, recode_query};

/// A request as it will be sent.
///
/// Path and query are held percent-encoded, written by the one encoder; the
/// signer reads the canonical form from them and [`url`](Self::url) the URL to
/// send.
///
/// ```
/// use sealift::sigv4::{Origin, PayloadHash, Request};
///
/// let request = Request::new("PUT", &Origin::parse("https://bucket.example.com")?, "/a b+c/ü.txt")?
///     .query("partNumber", "1")
///     .header("Content-Type", "text/plain")?
///     .payload(PayloadHash::Unsigned);
/// assert_eq!(request.url(), "https://bucket.example.com/a%20b%2Bc/%C3%BC.txt?partNumber=1");
/// # Ok::<(), sealift::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    method: String,
    origin: Origin,
    /// Percent-encoded, starting with `/`.
    path: String,
    /// Percent-encoded, in the order given.
    query: Vec<(String, String)>,
    /// Lower-case names, collapsed values, in the order given.
    headers: Vec<(String, String)>,
    /// What the `Host` header says if it is not the origin.
    host: Option<String>,
    payload: Option<PayloadHash>,
}

impl Request {
    /// A request for a path that is not percent-encoded. Nothing in it is
    /// normalised: `.`, `..` and empty segments stay.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidUrl`] for a path that does not start with `/`;
    /// [`ErrorKind::InvalidOption`] for a method that is no HTTP token.
    pub fn new(method: &str, origin: &Origin, path: &str) -> Result<Self> {
        if !path.starts_with('/') {
            return Err(Error::new(ErrorKind::InvalidUrl, "the path of a request starts with a slash"));
        }
        Self::from_parts(method, origin.clone(), encode_path(path), Vec::new())
    }

    /// A request for a URL as it stands in an address bar or a program, its
    /// path and query percent-encoded or not.
    ///
    /// Escapes are read strictly and written anew, characters that need an
    /// escape get one, and a fragment is dropped. In the query a `+` is a space
    /// (as S3 reads it) and `?uploads` is `?uploads=`; in the path a `+` is a
    /// plus, written `%2B` because S3 would read a bare one as a space.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidUrl`] for what is no absolute http(s) URL, has a user
    /// name, a control character, a `%` without two hexadecimal digits, or
    /// escapes that are not UTF-8.
    pub fn from_url(method: &str, url: &str) -> Result<Self> {
        let (origin, rest) = Origin::split(url)?;
        let rest = rest.split_once('#').map_or(rest, |(before, _)| before);
        let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
        let path = if path.is_empty() { "/" } else { path };
        Self::from_parts(method, origin, recode_path(path)?, recode_query(query)?)
    }

    /// With one more query parameter, not percent-encoded.
    #[must_use]
    pub fn query(mut self, key: &str, value: &str) -> Self {
        self.query.push((encode_component(key), encode_component(value)));
        self
    }

    /// With one more header, which will be signed unless it is one of those
    /// that never are ([`is_unsigned_header`](super::is_unsigned_header)).
    /// White space around the value is dropped and white space in it
    /// collapsed. `Host` takes the place of the URL's own host.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidHeader`] for a name or value that HTTP cannot carry;
    /// [`ErrorKind::InvalidUrl`] for a `Host` that is none.
    pub fn header(mut self, name: &str, value: &str) -> Result<Self> {
        self.add_header(name, value)?;
        Ok(self)
    }

    /// [`header`](Self::header) for a request at hand.
    ///
    /// # Errors
    /// As [`header`](Self::header); the request is then as it was.
    pub fn add_header(&mut self, name: &str, value: &str) -> Result<()> {
        let name = parse_name(name)?;
        let value = parse_value(&name, value)?;
        if name == "host" {
            self.host = Some(Origin::from_authority(self.origin.scheme(), &value)?.authority());
        } else {
            self.headers.push((name, value));
        }
        Ok(())
    }

    /// With the hash of its body. Without, the body is taken to be empty, and
    /// unsigned in presigned URLs of S3.
    #[must_use]
    pub const fn payload(mut self, payload: PayloadHash) -> Self {
        self.payload = Some(payload);
        self
    }

    /// The method, in upper case.
    #[must_use]
    pub fn method(&self) -> &str {
        &self.method
    }

    /// Where it goes.
    #[must_use]
    pub const fn origin(&self) -> &Origin {
        &self.origin
    }

    /// The path, percent-encoded.
    #[must_use]
    pub fn encoded_path(&self) -> &str {
        &self.path
    }

    /// The query parameters, percent-encoded, in the order given.
    #[must_use]
    pub fn encoded_query(&self) -> &[(String, String)] {
        &self.query
    }

    /// The headers, names in lower case, values collapsed, in the order given.
    #[must_use]
    pub fn headers(&self) -> &[(String, String)] {
        &self.headers
    }

    /// The hash of the body, where it was given.
    #[must_use]
    pub const fn payload_hash(&self) -> Option<PayloadHash> {
        self.payload
    }

    /// The value of the `Host` header.
    #[must_use]
    pub fn host(&self) -> String {
        self.host.clone().unwrap_or_else(|| self.origin.authority())
    }

    /// The URL to send, percent-encoded.
    #[must_use]
    pub fn url(&self) -> String {
        self.url_with(&self.query)
    }

    /// The URL with another query.
    pub(super) fn url_with(&self, query: &[(String, String)]) -> String {
        let mut url = self.origin.to_string();
        url.push_str(&self.path);
        push_query(&mut url, query);
        url
    }

    /// Takes a header out, and answers its values.
    pub(super) fn take_header(&mut self, name: &str) -> Vec<String> {
        let taken = self.headers.extract_if(.., |(other, _)| other == name);
        taken.map(|(_, value)| value).collect()
    }

    /// The headers but those that the signer writes itself.
    pub(super) fn headers_without(&self, own: &[&str]) -> HeaderList<'_> {
        let others = self.headers.iter().filter(|(name, _)| !own.contains(&name.as_str()));
        others.map(|(name, value)| (name.as_str(), Cow::Borrowed(value.as_str()))).collect()
    }

    fn from_parts(method: &str, origin: Origin, path: String, query: Vec<(String, String)>) -> Result<Self> {
        let method = parse_name(method)
            .map_err(|_| Error::new(ErrorKind::InvalidOption, "the method is not one of HTTP"))?
            .to_ascii_uppercase();
        Ok(Self { method, origin, path, query, headers: Vec::new(), host: None, payload: None })
    }
}

fn push_query(url: &mut String, query: &[(String, String)]) {
    for (index, (key, value)) in query.iter().enumerate() {
        url.push(if index == 0 { '?' } else { '&' });
        url.push_str(key);
        url.push('=');
        url.push_str(value);
    }
}
