//! The one error type of the crate.

use std::borrow::Cow;
use std::fmt;

/// A `Result` whose error is [`Error`], unless another is named.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong, in a form that a program can act upon.
///
/// [`code`](Self::code) is what JavaScript and the JSON of the endpoint show;
/// codes never change once released.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A URL that cannot be parsed, or has no host.
    InvalidUrl,
    /// A header name or value that HTTP cannot carry.
    InvalidHeader,
    /// A date that is not `YYYYMMDDTHHMMSSZ` (or ISO 8601 where that is asked for).
    InvalidDate,
    /// An empty or malformed access key, secret or session token.
    InvalidCredentials,
    /// A region or service that cannot stand in a credential scope.
    InvalidScope,
    /// A lifetime outside 1 second to 7 days.
    InvalidExpiry,
    /// A POST policy that S3 would refuse, or that is not JSON.
    InvalidPolicy,
    /// An object key that S3 cannot store, or that the chosen way cannot carry.
    InvalidKey,
    /// A bucket name that breaks S3's rules.
    InvalidBucket,
    /// An S3 endpoint that is not `http(s)://host[:port]`.
    InvalidEndpoint,
    /// A digest of the wrong length or alphabet.
    InvalidDigest,
    /// A saved state of a digest that is another one's, or damaged.
    InvalidState,
    /// An option of the wrong type or out of its range.
    InvalidOption,
    /// A size outside of what S3 or the rules allow.
    InvalidSize,
    /// A body that is not the `aws-chunked` one which was announced.
    InvalidChunks,
    /// An answer that is not what S3 or the endpoint should have sent.
    InvalidResponse,
    /// No answer: the network failed, or CORS hid the answer from the page.
    Network,
    /// No progress for too long; the attempt was cancelled.
    Timeout,
    /// S3 refused, with its own code in the message.
    S3,
    /// The signing endpoint refused, with its own code in the message.
    Refused,
    /// The app's authentication is missing or no longer good (HTTP 401).
    Unauthenticated,
    /// A grant or a signature is past its lifetime.
    Expired,
    /// The bucket's CORS configuration does not expose a header that is needed.
    MissingCorsHeader,
    /// The file cannot be read, or changed while it was read.
    UnreadableFile,
    /// What arrived in the bucket is not what was sent.
    IntegrityMismatch,
    /// The file is not the one whose parts were stored.
    FileChanged,
}

impl ErrorKind {
    /// The stable, machine-readable name, in snake case.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::InvalidUrl => "invalid_url",
            Self::InvalidHeader => "invalid_header",
            Self::InvalidDate => "invalid_date",
            Self::InvalidCredentials => "invalid_credentials",
            Self::InvalidScope => "invalid_scope",
            Self::InvalidExpiry => "invalid_expiry",
            Self::InvalidPolicy => "invalid_policy",
            Self::InvalidKey => "invalid_key",
            Self::InvalidBucket => "invalid_bucket",
            Self::InvalidEndpoint => "invalid_endpoint",
            Self::InvalidDigest => "invalid_digest",
            Self::InvalidState => "invalid_state",
            Self::InvalidOption => "invalid_option",
            Self::InvalidSize => "invalid_size",
            Self::InvalidChunks => "invalid_chunks",
            Self::InvalidResponse => "invalid_response",
            Self::Network => "network",
            Self::Timeout => "timeout",
            Self::S3 => "s3",
            Self::Refused => "refused",
            Self::Unauthenticated => "unauthenticated",
            Self::Expired => "expired",
            Self::MissingCorsHeader => "missing_cors_header",
            Self::UnreadableFile => "unreadable_file",
            Self::IntegrityMismatch => "integrity_mismatch",
            Self::FileChanged => "file_changed",
        }
    }
}

/// An error with its kind, a sentence for a person, and what S3 or the
/// endpoint said of it. No secret, token or signed URL stands in the message.
///
/// One pointer wide: an error is rare, and every `Result` carries the room for
/// one: its moves were 1.8 KB (brotli) of the uploader's wasm.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error(Box<Details>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Details {
    kind: ErrorKind,
    message: Cow<'static, str>,
    code: Option<String>,
    status: Option<u16>,
    request_id: Option<String>,
    retryable: bool,
}

impl Error {
    /// An error that trying again cannot mend.
    pub fn new(kind: ErrorKind, message: impl Into<Cow<'static, str>>) -> Self {
        let message = message.into();
        Self(Box::new(Details {
            kind,
            message,
            code: None,
            status: None,
            request_id: None,
            retryable: false,
        }))
    }

    /// With S3's or the endpoint's own code, e.g. `SlowDown` or `size_refused`.
    #[must_use]
    pub fn with_code(mut self, code: impl Into<String>) -> Self {
        self.0.code = Some(code.into());
        self
    }

    /// With the HTTP status of the answer.
    #[must_use]
    pub fn with_status(mut self, status: u16) -> Self {
        self.0.status = Some(status);
        self
    }

    /// With the request id of the answer.
    #[must_use]
    pub fn with_request_id(mut self, request_id: impl Into<String>) -> Self {
        self.0.request_id = Some(request_id.into());
        self
    }

    /// Says that the same thing, tried again, may succeed.
    #[must_use]
    pub fn with_retryable(mut self, retryable: bool) -> Self {
        self.0.retryable = retryable;
        self
    }

    /// What kind of error this is.
    #[must_use]
    pub const fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// S3's or the endpoint's own code where there is one, else the kind's.
    #[must_use]
    pub fn code(&self) -> &str {
        self.0.code.as_deref().unwrap_or(self.0.kind.code())
    }

    /// One or two sentences for a person.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The HTTP status, where an answer came.
    #[must_use]
    pub const fn status(&self) -> Option<u16> {
        self.0.status
    }

    /// The request id of the answer, for whoever runs the server.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.0.request_id.as_deref()
    }

    /// Whether trying again may succeed.
    #[must_use]
    pub const fn retryable(&self) -> bool {
        self.0.retryable
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl std::error::Error for Error {}
