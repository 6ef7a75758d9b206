//! Scheme, host and port: where a request goes, written as browsers write it.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};

use crate::error::{Error, ErrorKind, Result};

/// How the bytes travel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scheme {
    /// Plain HTTP; its own port is 80.
    Http,
    /// HTTP over TLS; its own port is 443.
    Https,
}

impl Scheme {
    /// `http` or `https`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }

    /// The port that a URL of this scheme need not say.
    #[must_use]
    pub const fn default_port(self) -> u16 {
        match self {
            Self::Http => 80,
            Self::Https => 443,
        }
    }
}

/// Scheme, host and port of a URL. The host is in lower case, an IPv6 address
/// stands in brackets in its shortest form, and the scheme's own port is left
/// out: just what a browser sends as `Host`.
///
/// ```
/// use sealift::sigv4::Origin;
///
/// let origin = Origin::parse("HTTPS://Bucket.S3.Example.COM:443")?;
/// assert_eq!(origin.to_string(), "https://bucket.s3.example.com");
/// assert_eq!(Origin::parse("http://[0:0::1]:9000")?.authority(), "[::1]:9000");
/// # Ok::<(), sealift::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Origin {
    scheme: Scheme,
    host: String,
    port: Option<u16>,
}

impl Origin {
    /// Parses `http(s)://host[:port]`, with nothing but an optional `/` behind it.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidUrl`] for another scheme, user information, a path, a
    /// host that is not ASCII (write it in punycode), or a port outside 1 to 65535.
    pub fn parse(url: &str) -> Result<Self> {
        match Self::split(url)? {
            (origin, "" | "/") => Ok(origin),
            _ => Err(invalid("an origin is a scheme, a host and perhaps a port, with no path behind")),
        }
    }

    /// From its parts; the port is left out if it is the scheme's own.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidUrl`] for a host that cannot stand in a URL.
    pub fn new(scheme: Scheme, host: &str, port: Option<u16>) -> Result<Self> {
        let port = port.filter(|&port| port != scheme.default_port());
        Ok(Self { scheme, host: canonical_host(host)?, port })
    }

    /// `http` or `https`.
    #[must_use]
    pub const fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// The host alone; IPv6 in brackets.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port, unless it is the scheme's own.
    #[must_use]
    pub const fn port(&self) -> Option<u16> {
        self.port
    }

    /// `host[:port]`, the value of the `Host` header.
    #[must_use]
    pub fn authority(&self) -> String {
        match self.port {
            Some(port) => format!("{}:{port}", self.host),
            None => self.host.clone(),
        }
    }

    /// This origin with a label put before its host, as virtual-hosted buckets want.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidUrl`] if the host is an IP address or the label
    /// cannot stand in a host name.
    pub fn with_subdomain(&self, label: &str) -> Result<Self> {
        if self.host.starts_with('[') || self.host.parse::<Ipv4Addr>().is_ok() {
            return Err(invalid("an IP address has no subdomains: use path-style addressing"));
        }
        Self::new(self.scheme, &format!("{label}.{}", self.host), self.port)
    }

    /// The origin at the start of a URL, and what follows it.
    pub(super) fn split(url: &str) -> Result<(Self, &str)> {
        if url.bytes().any(|byte| byte.is_ascii_control()) {
            return Err(invalid("the URL has a control character"));
        }
        let (scheme, rest) = url.split_once("://").ok_or_else(|| invalid("the URL has no scheme"))?;
        let scheme = match scheme {
            _ if scheme.eq_ignore_ascii_case("https") => Scheme::Https,
            _ if scheme.eq_ignore_ascii_case("http") => Scheme::Http,
            _ => return Err(invalid("the scheme of the URL is neither http nor https")),
        };
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, rest) = rest.split_at_checked(end).unwrap_or((rest, ""));
        Ok((Self::from_authority(scheme, authority)?, rest))
    }

    /// From the value of a `Host` header.
    pub(super) fn from_authority(scheme: Scheme, authority: &str) -> Result<Self> {
        if authority.contains('@') {
            return Err(invalid("a URL with a user name cannot be signed"));
        }
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => (host, parse_port(port)?),
            _ => (authority, None),
        };
        Self::new(scheme, host, port)
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.scheme.as_str(), self.host)?;
        match self.port {
            Some(port) => write!(f, ":{port}"),
            None => Ok(()),
        }
    }
}

fn parse_port(text: &str) -> Result<Option<u16>> {
    if text.is_empty() {
        return Ok(None);
    }
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    match text.parse() {
        Ok(port) if digits && port > 0 => Ok(Some(port)),
        _ => Err(invalid("the port of the URL is not a number from 1 to 65535")),
    }
}

fn canonical_host(host: &str) -> Result<String> {
    if let Some(address) = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        let address = address.parse().map_err(|_| invalid("the IPv6 address of the URL is not one"))?;
        return Ok(ipv6_host(address));
    }
    if !host.is_ascii() {
        return Err(invalid("the host of the URL is not ASCII: write it in punycode"));
    }
    let plain = !host.is_empty()
        && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_'));
    if !plain {
        return Err(invalid("the URL has no host, or one with characters that no host has"));
    }
    // Browsers rewrite `127.1` and `0x7f000001` to `127.0.0.1` and would send
    // another Host than the one signed.
    let last = host.strip_suffix('.').unwrap_or(host).rsplit('.').next().unwrap_or(host);
    let numeric = !last.is_empty()
        && (last.bytes().all(|byte| byte.is_ascii_digit())
            || last.starts_with("0x")
            || last.starts_with("0X"));
    if numeric && host.parse::<Ipv4Addr>().is_err() {
        return Err(invalid("the IPv4 address of the URL is not four decimal numbers"));
    }
    Ok(host.to_ascii_lowercase())
}

/// In brackets, in the shortest form, as the WHATWG URL standard serialises
/// it (RFC 5952, but an IPv4 part stays hexadecimal).
fn ipv6_host(address: Ipv6Addr) -> String {
    let pieces = address.segments();
    let zeros = longest_run_of_zeros(&pieces);
    let mut text = String::from("[");
    let mut colon = false;
    for (index, piece) in pieces.iter().enumerate() {
        if zeros.contains(&index) {
            if index == zeros.start {
                text.push_str("::");
            }
            colon = false;
            continue;
        }
        if colon {
            text.push(':');
        }
        text.push_str(&format!("{piece:x}"));
        colon = true;
    }
    text.push(']');
    text
}

/// The first longest run of at least two zeros.
fn longest_run_of_zeros(pieces: &[u16; 8]) -> std::ops::Range<usize> {
    let mut longest = 0..0;
    let mut start = 0;
    for (index, &piece) in pieces.iter().enumerate() {
        if piece != 0 {
            start = index + 1;
        } else if index + 1 - start > longest.len().max(1) {
            longest = start..index + 1;
        }
    }
    longest
}

fn invalid(message: &'static str) -> Error {
    Error::new(ErrorKind::InvalidUrl, message)
}
