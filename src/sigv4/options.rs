//! For when, where and how to sign.

use crate::error::Result;
use crate::sigv4::scope::CredentialScope;
use crate::time::Timestamp;

/// How often the path of the canonical request is percent-encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PathEncoding {
    /// As it is sent: S3.
    Once,
    /// As it is sent, and encoded again: every other service of AWS.
    Twice,
}

/// Date, region and service of a signature, and the service's own rules.
///
/// The rules follow from the service: those of S3 (`s3`, `s3express`, …) for
/// names that start with `s3`, else those of AWS's other services.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SigningOptions {
    date: Timestamp,
    scope: CredentialScope,
    path_encoding: PathEncoding,
    normalizes_path: bool,
    sends_content_sha256: bool,
    signs_session_token: bool,
}

impl SigningOptions {
    /// For a region and service at a moment. Signatures count from that moment
    /// on; S3 refuses it when it is more than 15 minutes off its own clock.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidScope`](crate::ErrorKind::InvalidScope) as
    /// [`CredentialScope::new`] says.
    pub fn new(region: &str, service: &str, date: Timestamp) -> Result<Self> {
        let scope = CredentialScope::new(date, region, service)?;
        let s3 = service.starts_with("s3");
        Ok(Self {
            date,
            scope,
            path_encoding: if s3 { PathEncoding::Once } else { PathEncoding::Twice },
            normalizes_path: !s3,
            sends_content_sha256: s3,
            signs_session_token: true,
        })
    }

    /// For S3.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidScope`](crate::ErrorKind::InvalidScope) for a region
    /// that is none.
    pub fn s3(region: &str, date: Timestamp) -> Result<Self> {
        Self::new(region, "s3", date)
    }

    /// With another encoding of the path than the service's own.
    #[must_use]
    pub const fn with_path_encoding(mut self, encoding: PathEncoding) -> Self {
        self.path_encoding = encoding;
        self
    }

    /// Whether `.`, `..` and empty segments are folded in the canonical path
    /// (RFC 3986, 5.2.4); S3 never does.
    #[must_use]
    pub const fn with_normalized_path(mut self, normalizes: bool) -> Self {
        self.normalizes_path = normalizes;
        self
    }

    /// Whether header signing adds `x-amz-content-sha256`; S3 insists on it.
    #[must_use]
    pub const fn with_content_sha256_header(mut self, sends: bool) -> Self {
        self.sends_content_sha256 = sends;
        self
    }

    /// Whether the session token is signed (the rule), or only sent along, as
    /// a few services want it.
    #[must_use]
    pub const fn with_signed_session_token(mut self, signs: bool) -> Self {
        self.signs_session_token = signs;
        self
    }

    /// The moment of the signature.
    #[must_use]
    pub const fn date(&self) -> Timestamp {
        self.date
    }

    /// Day, region and service.
    #[must_use]
    pub const fn scope(&self) -> &CredentialScope {
        &self.scope
    }

    pub(super) const fn path_encoding(&self) -> PathEncoding {
        self.path_encoding
    }

    pub(super) const fn normalizes_path(&self) -> bool {
        self.normalizes_path
    }

    pub(super) const fn sends_content_sha256(&self) -> bool {
        self.sends_content_sha256
    }

    pub(super) const fn signs_session_token(&self) -> bool {
        self.signs_session_token
    }

    pub(super) fn is_s3(&self) -> bool {
        self.scope.service().starts_with("s3")
    }

    /// The header that carries the session token; S3 Express has its own.
    pub(super) fn session_token_header(&self) -> &'static str {
        if self.scope.service() == "s3express" { "x-amz-s3session-token" } else { "x-amz-security-token" }
    }

    /// The query parameter that carries the session token.
    pub(super) fn session_token_parameter(&self) -> &'static str {
        if self.scope.service() == "s3express" { "X-Amz-S3session-Token" } else { "X-Amz-Security-Token" }
    }
}
