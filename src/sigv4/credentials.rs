//! The keys that sign.

use std::fmt;

use zeroize::Zeroizing;

use crate::error::{Error, ErrorKind, Result};

/// An access key, its secret, and perhaps the session token of temporary
/// credentials. The secrets are wiped from memory on drop and never printed.
///
/// ```
/// let credentials = sealift::sigv4::Credentials::new("AKIAEXAMPLE", "secret", None)?;
/// assert!(!format!("{credentials:?}").contains("secret\""));
/// # Ok::<(), sealift::Error>(())
/// ```
#[derive(Clone)]
pub struct Credentials {
    access_key_id: String,
    secret_access_key: Zeroizing<String>,
    session_token: Option<Zeroizing<String>>,
}

impl Credentials {
    /// From the parts that S3's console, or STS, shows.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidCredentials`] for an empty part; an access key or
    /// token with white space, commas or non-ASCII characters; a secret with
    /// control characters or with white space around it (a line end that came
    /// with it from a file).
    pub fn new(
        access_key_id: impl Into<String>,
        secret_access_key: impl Into<String>,
        session_token: Option<String>,
    ) -> Result<Self> {
        let credentials = Self {
            access_key_id: access_key_id.into(),
            secret_access_key: Zeroizing::new(secret_access_key.into()),
            session_token: session_token.map(Zeroizing::new),
        };
        let secret = credentials.secret_access_key();
        if !is_visible(&credentials.access_key_id) {
            return Err(invalid(
                "the access key is empty, or has white space or characters that cannot be sent",
            ));
        }
        if secret.is_empty() || secret.trim() != secret || secret.chars().any(char::is_control) {
            return Err(invalid("the secret key is empty, or has white space around it"));
        }
        if !credentials.session_token().is_none_or(is_visible) {
            return Err(invalid(
                "the session token is empty, or has white space or characters that cannot be sent",
            ));
        }
        Ok(credentials)
    }

    /// The access key, which is no secret: it stands in every signed request.
    #[must_use]
    pub fn access_key_id(&self) -> &str {
        &self.access_key_id
    }

    /// The session token of temporary credentials.
    #[must_use]
    pub fn session_token(&self) -> Option<&str> {
        self.session_token.as_deref().map(String::as_str)
    }

    pub(crate) fn secret_access_key(&self) -> &str {
        &self.secret_access_key
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials")
            .field("access_key_id", &self.access_key_id)
            .field("secret_access_key", &"(redacted)")
            .field("session_token", &self.session_token.as_ref().map(|_| "(redacted)"))
            .finish()
    }
}

/// Whether a text can stand in an `Authorization` header or a policy as it is.
fn is_visible(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b',')
}

fn invalid(message: &'static str) -> Error {
    Error::new(ErrorKind::InvalidCredentials, message)
}
