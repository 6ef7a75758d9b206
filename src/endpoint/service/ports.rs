//! What a backend needs of the world: S3, a clock, randomness, a log.

use std::fmt;
use std::future::Future;

use super::{Cost, HookCall, HookReply};
use crate::endpoint::{Refusal, UserId};
use crate::error::{Error, ErrorKind, Result};
use crate::s3::{Endpoint, Response};
use crate::sigv4::Request;
use crate::time::Timestamp;

/// The backend's own way to S3.
pub trait Store {
    /// The address at which the backend itself reaches S3; browsers may have
    /// another one.
    fn endpoint(&self) -> &Endpoint;

    /// Signs a request in its headers (dated by S3's clock) and sends it with
    /// this body, of which [`Request::payload_hash`] is the hash; empty for most.
    /// Each request may be sent twice without harm, so a try that got no answer,
    /// 429 or 5xx should be repeated. Answers what S3 said at last, S3's errors
    /// included.
    ///
    /// # Errors
    /// [`ErrorKind::Network`] or [`ErrorKind::Timeout`] when no answer came.
    fn send(&self, request: &Request, body: &[u8]) -> impl Future<Output = Result<Response>>;
}

/// All of the world that a [`Service`](super::Service) needs.
pub trait Ports {
    /// The way to S3.
    type Store: Store;

    /// The way to S3.
    fn store(&self) -> &Self::Store;

    /// S3's clock: the backend's own, with the skew learned from S3's answers.
    fn now(&self) -> Timestamp;

    /// Fills the slice from the system's generator, nothing less. Answers
    /// whether it did.
    fn random(&self, bytes: &mut [u8]) -> bool;

    /// Sends a POST to the app's webhook, whose address the ports know. One
    /// attempt, within a few seconds; [`Service`](super::Service) repeats it.
    /// Asked only [with hooks](super::Service::with_hooks).
    ///
    /// # Errors
    /// [`ErrorKind::Network`] or [`ErrorKind::Timeout`] when no answer came.
    fn call_app(&self, call: &HookCall) -> impl Future<Output = Result<HookReply>> {
        let _ = call;
        async { Err(Error::new(ErrorKind::Network, "there is no way to the app")) }
    }

    /// Waits.
    fn pause(&self, milliseconds: u32) -> impl Future<Output = ()> {
        let _ = milliseconds;
        async {}
    }

    /// Whether the user may do so much more, for a limiter that remembers; who
    /// has none always says yes. Everything is counted or nothing.
    ///
    /// # Errors
    /// [`Reason::RateLimited`](crate::endpoint::Reason::RateLimited), with the
    /// seconds after which it may succeed;
    /// [`Reason::LimiterUnavailable`](crate::endpoint::Reason::LimiterUnavailable).
    fn admit(&self, user: &UserId, cost: &Cost) -> impl Future<Output = std::result::Result<(), Refusal>> {
        let _ = (user, cost);
        std::future::ready(Ok(()))
    }

    /// Writes into the log.
    fn note(&self, note: &Note<'_>);
}

/// What whoever runs the backend may want to know; holds no secret, token or URL.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Note<'a> {
    /// S3 failed or refused, and so the page is answered `s3_unavailable`.
    S3Failed {
        /// What was asked of it, e.g. `HEAD`.
        operation: &'static str,
        /// What it said.
        error: &'a Error,
    },
    /// S3 lists no multipart uploads to this backend, so those that pages lost stay there.
    UploadsNotListed {
        /// What it said.
        error: &'a Error,
    },
    /// The app's webhook does not answer as it should; it may be asked again.
    AppFailed {
        /// What it was asked about.
        event: &'static str,
        /// What it answered, if anything that can be understood.
        status: Option<u16>,
    },
    /// S3's list of a key's multipart uploads does not end; what is behind stays there.
    EndlessList {
        /// Pages that were read.
        pages: usize,
    },
}

impl Note<'_> {
    /// Whether something failed that should not; the others are warnings.
    #[must_use]
    pub const fn is_error(&self) -> bool {
        matches!(self, Self::S3Failed { .. })
    }

    /// The error behind it: its status, code and request id are S3's.
    #[must_use]
    pub const fn error(&self) -> Option<&Error> {
        match self {
            Self::S3Failed { error, .. } | Self::UploadsNotListed { error } => Some(error),
            Self::AppFailed { .. } | Self::EndlessList { .. } => None,
        }
    }
}

impl fmt::Display for Note<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::S3Failed { operation, error } => write!(f, "S3 failed or refused {operation}: {error}"),
            Self::UploadsNotListed { error } => write!(
                f,
                "S3 does not list multipart uploads to this server; those that pages lost stay there: {error}"
            ),
            Self::AppFailed { event, status: Some(status) } => {
                write!(f, "the app's webhook answered {event} with {status}")
            }
            Self::AppFailed { event, status: None } => {
                write!(f, "the app's webhook gave no answer to {event} that can be understood")
            }
            Self::EndlessList { pages } => write!(
                f,
                "S3's list of a key's multipart uploads does not end after {pages} pages; what is behind stays there"
            ),
        }
    }
}
