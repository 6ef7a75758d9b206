//! Why the endpoint does not sign: a code, a status, a sentence.

use std::borrow::Cow;
use std::fmt;

use crate::error::{Error, ErrorKind};

/// A refusal. Its code and status never change once released; its message
/// holds no secret, token, signature or URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    reason: Reason,
    message: Cow<'static, str>,
    retry_after: Option<u32>,
}

impl Refusal {
    /// For a reason, with a sentence for a person.
    pub fn new(reason: Reason, message: impl Into<Cow<'static, str>>) -> Self {
        Self { reason, message: message.into(), retry_after: None }
    }

    /// Says after how many seconds the same may succeed.
    #[must_use]
    pub const fn after_seconds(mut self, seconds: u32) -> Self {
        self.retry_after = Some(seconds);
        self
    }

    /// Seconds after which the same may succeed: `Retry-After`.
    #[must_use]
    pub const fn retry_after(&self) -> Option<u32> {
        self.retry_after
    }

    /// Why.
    #[must_use]
    pub const fn reason(&self) -> Reason {
        self.reason
    }

    /// The stable, machine-readable name, in snake case.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        self.reason.code()
    }

    /// The HTTP status of a call that is refused as a whole for it.
    #[must_use]
    pub const fn status(&self) -> u16 {
        self.reason.status()
    }

    /// A sentence for a person.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Whether the same, asked again, may succeed.
    #[must_use]
    pub const fn retryable(&self) -> bool {
        self.reason.retryable()
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Refusal {}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        let kind = match refusal.reason {
            Reason::Unauthenticated => ErrorKind::Unauthenticated,
            Reason::GrantExpired | Reason::ReceiptExpired => ErrorKind::Expired,
            Reason::ObjectDiffers => ErrorKind::IntegrityMismatch,
            _ => ErrorKind::Refused,
        };
        let (code, status, retryable) = (refusal.code(), refusal.status(), refusal.retryable());
        Self::new(kind, refusal.message).with_code(code).with_status(status).with_retryable(retryable)
    }
}

macro_rules! reasons {
    ($($(#[doc = $doc:literal])+ $name:ident => $code:literal, $status:literal, $retryable:literal;)+) => {
        /// Every reason that there is to refuse.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Reason {
            $($(#[doc = $doc])+ $name,)+
        }

        impl Reason {
            /// All of them, in the order of `docs/protocol.md`.
            pub const ALL: &[Self] = &[$(Self::$name,)+];

            /// The stable, machine-readable name, in snake case.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)+ }
            }

            /// The HTTP status.
            #[must_use]
            pub const fn status(self) -> u16 {
                match self { $(Self::$name => $status,)+ }
            }

            /// Whether the same, asked again, may succeed.
            #[must_use]
            pub const fn retryable(self) -> bool {
                match self { $(Self::$name => $retryable,)+ }
            }
        }
    };
}

reasons! {
    /// The body is not the JSON of the call.
    MalformedRequest => "malformed_request", 400, false;
    /// An intent that this server does not know.
    UnknownOperation => "unknown_operation", 400, false;
    /// The app's authentication is missing or no longer good.
    Unauthenticated => "unauthenticated", 401, false;
    /// The token is not one of this server's, or for something else.
    GrantInvalid => "grant_invalid", 403, false;
    /// The token belongs to another user.
    GrantOfAnotherUser => "grant_of_another_user", 403, false;
    /// The grant is past its lifetime.
    GrantExpired => "grant_expired", 410, false;
    /// The receipt is not one of this server's.
    ReceiptInvalid => "receipt_invalid", 403, false;
    /// The receipt belongs to another user.
    ReceiptOfAnotherUser => "receipt_of_another_user", 403, false;
    /// The receipt is past its lifetime.
    ReceiptExpired => "receipt_expired", 410, false;
    /// More items than one call may have.
    TooManyFiles => "too_many_files", 413, false;
    /// The size is outside of the rules.
    SizeRefused => "size_refused", 413, false;
    /// The content type is outside of the rules.
    TypeRefused => "type_refused", 415, false;
    /// The name makes no key that can be sent.
    KeyRefused => "key_refused", 422, false;
    /// The metadata breaks S3's rules.
    MetadataRefused => "metadata_refused", 422, false;
    /// The rules or the grant want a checksum, and there is none.
    IntegrityRequired => "integrity_required", 422, false;
    /// Not as the page wants its bytes bound: this S3 does not verify that.
    IntegrityRefused => "integrity_refused", 422, false;
    /// The way of sending is not open for this file or grant.
    TransportRefused => "transport_refused", 422, false;
    /// A part that the grant's plan does not have, or a list that is not all of its parts.
    PartRefused => "part_refused", 422, false;
    /// The page to come back to is not among those allowed.
    RedirectRefused => "redirect_refused", 422, false;
    /// The page's origin is not among those allowed.
    OriginRefused => "origin_refused", 403, false;
    /// There is no object yet.
    NotUploaded => "not_uploaded", 404, true;
    /// The object is not what was granted.
    ObjectDiffers => "object_differs", 409, false;
    /// S3 keeps no checksum that would show what was uploaded by a form.
    IntegrityUnverified => "integrity_unverified", 409, false;
    /// The app does not take the file, in its own words.
    AppRefused => "app_refused", 422, false;
    /// The app cannot be asked whether it takes the file.
    AppUnavailable => "app_unavailable", 502, true;
    /// The upload was not kept in time, or deleted.
    KeepExpired => "keep_expired", 410, false;
    /// More calls, files or bytes than the limiter allows.
    RateLimited => "rate_limited", 429, true;
    /// What counts for the limiter does not answer.
    LimiterUnavailable => "limiter_unavailable", 503, true;
    /// The server cannot do this as it is configured.
    Misconfigured => "misconfigured", 500, false;
    /// S3 does not answer the server, or refuses it.
    S3Unavailable => "s3_unavailable", 502, true;
}
