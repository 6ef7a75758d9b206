//! Who calls: the seam between the app's own authentication and the rules.

pub mod forward;
pub mod jwks;
pub mod jwt;
mod jwt_crypto;

use std::future::Future;
use std::pin::Pin;

use http::HeaderMap;
use sealift::endpoint::UserId;

use crate::error::ApiError;

/// What [`Authenticator::authenticate`] answers, some time later.
pub type Authentication<'a> = Pin<Box<dyn Future<Output = Result<UserId, ApiError>> + Send + 'a>>;

/// Tells from a call's headers which user makes it. An app with a way of its
/// own to log in implements this; everything below it only sees a [`UserId`].
pub trait Authenticator: Send + Sync {
    /// The user who makes the call, or an [`ApiError`] (401 `unauthenticated`).
    fn authenticate<'a>(&'a self, headers: &'a HeaderMap) -> Authentication<'a>;
}

/// Everybody is the same user. For one's own machine: the configuration
/// refuses it elsewhere unless that is said explicitly.
#[derive(Clone, Debug)]
pub struct Anonymous(UserId);

impl Anonymous {
    /// Everybody is `user`.
    #[must_use]
    pub const fn new(user: UserId) -> Self {
        Self(user)
    }
}

impl Authenticator for Anonymous {
    fn authenticate<'a>(&'a self, _: &'a HeaderMap) -> Authentication<'a> {
        Box::pin(async { Ok(self.0.clone()) })
    }
}
