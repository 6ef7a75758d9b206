//! The secrets behind tokens, and what is derived from them.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::error::{Error, ErrorKind, Result};

/// Least length of a secret, in bytes.
const MIN_BYTES: usize = 32;

/// What a token is for. Each has a key of its own, so a token of one kind is
/// none of another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    Grant,
    Form,
    Receipt,
}

/// The secrets that tokens are signed with: the first one signs, every one
/// verifies, so a new one can be put in front and the old one taken away when
/// nothing signed by it lives any more. Never printed.
#[derive(Clone)]
pub struct TokenSecrets(Vec<Keys>);

#[derive(Clone)]
struct Keys {
    grant: Hmac<Sha256>,
    form: Hmac<Sha256>,
    receipt: Hmac<Sha256>,
}

impl TokenSecrets {
    /// From secrets of at least 32 random bytes each, the one that signs first.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidOption`] when there is none, or a short one.
    pub fn new<S: AsRef<[u8]>>(secrets: impl IntoIterator<Item = S>) -> Result<Self> {
        let keys =
            secrets.into_iter().map(|secret| Keys::derive(secret.as_ref())).collect::<Result<Vec<_>>>()?;
        if keys.is_empty() {
            return Err(Error::new(ErrorKind::InvalidOption, "there is no secret to sign tokens with"));
        }
        Ok(Self(keys))
    }

    /// The MAC that the first secret makes of a text.
    pub(crate) fn sign(&self, purpose: Purpose, text: &[u8]) -> Option<[u8; 32]> {
        let mac = self.0.first()?.of(purpose).clone().chain_update(text);
        Some(mac.finalize().into_bytes().into())
    }

    /// Whether any secret makes this MAC of the text; compared in constant time.
    pub(crate) fn verify(&self, purpose: Purpose, text: &[u8], mac: &[u8]) -> bool {
        self.0.iter().any(|keys| keys.of(purpose).clone().chain_update(text).verify_slice(mac).is_ok())
    }
}

impl fmt::Debug for TokenSecrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TokenSecrets({}, redacted)", self.0.len())
    }
}

impl Keys {
    fn derive(secret: &[u8]) -> Result<Self> {
        if secret.len() < MIN_BYTES {
            return Err(Error::new(ErrorKind::InvalidOption, "a token secret has at least 32 bytes"));
        }
        let root = hmac(secret)?;
        let key = |purpose: &str| {
            let label = ["sealift token v1 ", purpose].concat();
            let derived =
                Zeroizing::new(<[u8; 32]>::from(root.clone().chain_update(label).finalize().into_bytes()));
            hmac(&*derived)
        };
        Ok(Self { grant: key("grant")?, form: key("form")?, receipt: key("receipt")? })
    }

    const fn of(&self, purpose: Purpose) -> &Hmac<Sha256> {
        match purpose {
            Purpose::Grant => &self.grant,
            Purpose::Form => &self.form,
            Purpose::Receipt => &self.receipt,
        }
    }
}

fn hmac(key: &[u8]) -> Result<Hmac<Sha256>> {
    <Hmac<Sha256> as KeyInit>::new_from_slice(key).map_err(|_| {
        Error::new(ErrorKind::InvalidOption, "a token secret has a length that HMAC cannot take")
    })
}
