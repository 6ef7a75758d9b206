//! Credentials that are replaced while they are in use.

use std::sync::{Arc, PoisonError, RwLock};

use crate::sigv4::credentials::Credentials;

/// The credentials of the moment. Temporary ones are replaced before they
/// expire; clones share what they hold.
///
/// ```
/// use sealift::sigv4::{Credentials, CurrentCredentials};
///
/// let current = CurrentCredentials::new(Credentials::new("ASIAOLD", "secret", Some("token".to_owned()))?);
/// let signer_has = current.clone();
/// current.replace(Credentials::new("ASIANEW", "secret", Some("token".to_owned()))?);
/// assert_eq!(signer_has.current().access_key_id(), "ASIANEW");
/// # Ok::<(), sealift::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct CurrentCredentials(Arc<RwLock<Arc<Credentials>>>);

impl CurrentCredentials {
    /// Begins with these.
    #[must_use]
    pub fn new(credentials: Credentials) -> Self {
        Self(Arc::new(RwLock::new(Arc::new(credentials))))
    }

    /// Those of the moment; whoever signs with them keeps them until it is done.
    #[must_use]
    pub fn current(&self) -> Arc<Credentials> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// From now on these.
    pub fn replace(&self, credentials: Credentials) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(credentials);
    }
}

impl From<Credentials> for CurrentCredentials {
    fn from(credentials: Credentials) -> Self {
        Self::new(credentials)
    }
}
