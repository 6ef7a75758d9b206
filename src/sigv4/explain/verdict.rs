//! What an explanation consists of.

use std::fmt;

/// Why a signature was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Cause {
    /// S3 does not know the access key.
    UnknownAccessKey,
    /// Another access key arrived than the one that signed.
    WrongAccessKey,
    /// Everything agrees, so the secret does not.
    WrongSecret,
    /// Temporary credentials without their session token.
    SessionTokenMissing,
    /// Another session token arrived than the one that was signed.
    SessionTokenChanged,
    /// The session token is past its life, or of other credentials.
    SessionTokenInvalid,
    /// Another host.
    Host,
    /// The same host at another port.
    Port,
    /// Another method.
    Method,
    /// Another path.
    Path,
    /// The path was percent-encoded twice.
    DoubleEncoding,
    /// The same path, encoded in another way.
    PathEncoding,
    /// The same parameters in another order.
    QueryOrder,
    /// The same parameters, encoded in another way.
    QueryEncoding,
    /// A parameter was added, dropped or changed.
    Query,
    /// A signed header has another value.
    HeaderChanged,
    /// A signed header did not arrive.
    HeaderDropped,
    /// A header is signed at S3's side that was not at ours.
    HeaderAdded,
    /// S3 wants a header signed that was not.
    UnsignedHeader,
    /// White space in a header's value.
    WhiteSpace,
    /// The list of signed headers.
    SignedHeaders,
    /// The hash of the body that was signed.
    PayloadHash,
    /// The body that arrived has not the hash that was signed.
    BodyChanged,
    /// A chunk of the body, or its signature.
    Chunk,
    /// The form's policy, or its secret.
    Policy,
    /// The algorithm.
    Algorithm,
    /// The moment of the signature.
    Date,
    /// The day of the credential scope.
    ScopeDate,
    /// The region of the credential scope.
    ScopeRegion,
    /// The service of the credential scope.
    ScopeService,
    /// The credential scope is not one.
    ScopeMalformed,
    /// The clocks differ too much.
    Clock,
    /// The signature is past its life.
    Expired,
    /// The answer is no document of S3's.
    NoDocument,
    /// S3 refused for another reason than the signature.
    NotTheSignature,
}

impl Cause {
    /// The stable, machine-readable name, in snake case.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::UnknownAccessKey => "unknown_access_key",
            Self::WrongAccessKey => "wrong_access_key",
            Self::WrongSecret => "wrong_secret",
            Self::SessionTokenMissing => "session_token_missing",
            Self::SessionTokenChanged => "session_token_changed",
            Self::SessionTokenInvalid => "session_token_invalid",
            Self::Host => "host",
            Self::Port => "port",
            Self::Method => "method",
            Self::Path => "path",
            Self::DoubleEncoding => "double_encoding",
            Self::PathEncoding => "path_encoding",
            Self::QueryOrder => "query_order",
            Self::QueryEncoding => "query_encoding",
            Self::Query => "query",
            Self::HeaderChanged => "header_changed",
            Self::HeaderDropped => "header_dropped",
            Self::HeaderAdded => "header_added",
            Self::UnsignedHeader => "unsigned_header",
            Self::WhiteSpace => "white_space",
            Self::SignedHeaders => "signed_headers",
            Self::PayloadHash => "payload_hash",
            Self::BodyChanged => "body_changed",
            Self::Chunk => "chunk",
            Self::Policy => "policy",
            Self::Algorithm => "algorithm",
            Self::Date => "date",
            Self::ScopeDate => "scope_date",
            Self::ScopeRegion => "scope_region",
            Self::ScopeService => "scope_service",
            Self::ScopeMalformed => "scope_malformed",
            Self::Clock => "clock",
            Self::Expired => "expired",
            Self::NoDocument => "no_document",
            Self::NotTheSignature => "not_the_signature",
        }
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One thing that is not the same on both sides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// What it makes of the refusal.
    pub cause: Cause,
    /// Where it stands: `method`, `path`, `query`, `host`, `header:NAME`,
    /// `signedHeaders`, `payloadHash`, `date`, `scope`, `accessKey`, ….
    pub part: String,
    /// Our side's; secrets are masked.
    pub ours: Option<String>,
    /// S3's side's; secrets are masked.
    pub theirs: Option<String>,
    /// A sentence for a person.
    pub hint: String,
}

impl Difference {
    pub(super) fn new(cause: Cause, part: &str, hint: impl Into<String>) -> Self {
        Self { cause, part: part.to_owned(), ours: None, theirs: None, hint: hint.into() }
    }

    pub(super) fn with(mut self, ours: Option<&str>, theirs: Option<&str>) -> Self {
        self.ours = ours.map(str::to_owned);
        self.theirs = theirs.map(str::to_owned);
        self
    }
}

/// Why S3 refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// The first cause.
    pub cause: Cause,
    /// Everything that differs, the first cause first. Empty where both sides
    /// agree (a wrong secret) or nothing can be compared.
    pub differences: Vec<Difference>,
    /// The first cause in plain words. No secret, token or URL.
    pub summary: String,
}

impl Explanation {
    pub(super) fn of_cause(cause: Cause, summary: impl Into<String>) -> Self {
        Self { cause, differences: Vec::new(), summary: summary.into() }
    }

    pub(super) fn of(difference: Difference) -> Self {
        Self { cause: difference.cause, summary: difference.hint.clone(), differences: vec![difference] }
    }

    /// `compared`: with S3's canonical request, not only with what was sent.
    pub(super) fn of_differences(differences: Vec<Difference>, compared: bool) -> Self {
        let Some(first) = differences.first() else {
            return Self::of_cause(Cause::WrongSecret, "");
        };
        let mut summary = first.hint.clone();
        if !compared {
            summary
                .push_str(" (This server does not say what it signed; the request that was sent shows it.)");
        }
        match differences.len() {
            1 => {}
            2 => summary.push_str(" One more thing differs."),
            more => summary.push_str(&format!(" {} more things differ.", more - 1)),
        }
        Self { cause: first.cause, summary, differences }
    }
}
