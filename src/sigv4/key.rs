//! Signing keys, signatures, and a cache of keys.

use std::fmt;
use std::sync::{Mutex, PoisonError};

use hmac::{Hmac, KeyInit, Mac};
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use crate::digest::{sha256, to_hex};
use crate::error::{Error, ErrorKind, Result};
use crate::sigv4::credentials::Credentials;
use crate::sigv4::scope::CredentialScope;

const BLOCK: usize = 64;

/// The key of one day, region and service, derived from a secret. Wiped from
/// memory on drop and never printed.
#[derive(Clone)]
pub struct SigningKey {
    bytes: Zeroizing<[u8; 32]>,
    /// With the key hashed in already: half the work of a short message.
    mac: Hmac<sha2::Sha256>,
}

impl SigningKey {
    /// Derives the key: four HMACs, from the secret to the scope's end.
    #[must_use]
    pub fn derive(credentials: &Credentials, scope: &CredentialScope) -> Self {
        Self::derive_from_secret(credentials.secret_access_key(), scope)
    }

    /// Derives the key of a secret alone: it does not depend on the access key.
    #[must_use]
    pub fn derive_from_secret(secret_access_key: &str, scope: &CredentialScope) -> Self {
        // Of the full length at once: growing would leave a copy behind that is never wiped.
        let mut prefixed = Zeroizing::new(Vec::with_capacity(4 + secret_access_key.len()));
        prefixed.extend_from_slice(b"AWS4");
        prefixed.extend_from_slice(secret_access_key.as_bytes());
        let mut bytes = Zeroizing::new(finish(keyed(&prefixed), scope.day()));
        for part in [scope.region(), scope.service(), "aws4_request"] {
            bytes = Zeroizing::new(finish(keyed(bytes.as_slice()), part));
        }
        let mac = keyed(bytes.as_slice());
        Self { bytes, mac }
    }

    /// Signs a string to sign, or the Base64 of a policy.
    #[must_use]
    pub fn sign(&self, text: &str) -> Signature {
        Signature(finish(self.mac.clone(), text))
    }

    /// The 32 bytes. Whoever has them can sign for a day: treat them as the secret.
    #[must_use]
    pub fn expose_bytes(&self) -> &[u8; 32] {
        &self.bytes
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningKey(redacted)")
    }
}

/// A signature; `Display` writes its 64 lower-case hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Signature([u8; 32]);

impl Signature {
    /// Parses 64 lower-case hexadecimal digits.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidDigest`] for anything else.
    pub fn parse(text: &str) -> Result<Self> {
        let mut bytes = [0; 32];
        let lower = text.bytes().all(|byte| !byte.is_ascii_uppercase());
        if lower && hex::decode_to_slice(text, &mut bytes).is_ok() {
            Ok(Self(bytes))
        } else {
            Err(Error::new(ErrorKind::InvalidDigest, "a signature is 64 lower-case hexadecimal digits"))
        }
    }

    /// Whether a signature that somebody else made is this one, in a time that
    /// tells nothing of how much of it was right.
    #[must_use]
    pub fn matches(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }

    /// The 32 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&to_hex(&self.0))
    }
}

impl fmt::Debug for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signature({self})")
    }
}

/// The signing keys last used, so that requests of one day, region and service
/// derive theirs once. Shared by reference, across threads too.
#[derive(Debug, Default)]
pub struct SigningKeyCache(Mutex<Vec<Entry>>);

#[derive(Debug)]
struct Entry {
    credentials: Credentials,
    scope: CredentialScope,
    key: SigningKey,
}

impl SigningKeyCache {
    /// How many keys are kept; the one used longest ago goes first.
    pub const CAPACITY: usize = 16;

    /// An empty cache.
    #[must_use]
    pub const fn new() -> Self {
        Self(Mutex::new(Vec::new()))
    }

    /// The key of these credentials and this scope, derived if it is not here.
    #[must_use]
    pub fn signing_key(&self, credentials: &Credentials, scope: &CredentialScope) -> SigningKey {
        // A poisoned lock means that a thread died elsewhere; the entries are whole.
        let mut entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = entries.iter().position(|entry| entry.serves(credentials, scope)) {
            let entry = entries.remove(found);
            let key = entry.key.clone();
            entries.push(entry);
            return key;
        }
        let key = SigningKey::derive(credentials, scope);
        if entries.len() >= Self::CAPACITY {
            entries.remove(0);
        }
        entries.push(Entry { credentials: credentials.clone(), scope: scope.clone(), key: key.clone() });
        key
    }
}

impl Entry {
    /// The secret is compared too: the same access key with another secret
    /// (a typing error, put right) must not be served the old key.
    fn serves(&self, credentials: &Credentials, scope: &CredentialScope) -> bool {
        self.scope == *scope
            && self.credentials.access_key_id() == credentials.access_key_id()
            && self.credentials.secret_access_key() == credentials.secret_access_key()
    }
}

/// HMAC-SHA256 (RFC 2104) of a key, before its message. Keys above a block are
/// hashed, shorter ones padded, here rather than in the crate, whose way of
/// taking any length is fallible.
fn keyed(key: &[u8]) -> Hmac<sha2::Sha256> {
    let mut block = Zeroizing::new([0; BLOCK]);
    if key.len() > BLOCK {
        fill(&mut block, &sha256(key));
    } else {
        fill(&mut block, key);
    }
    <Hmac<sha2::Sha256> as KeyInit>::new((&*block).into())
}

fn finish(mut mac: Hmac<sha2::Sha256>, message: &str) -> [u8; 32] {
    mac.update(message.as_bytes());
    mac.finalize().into_bytes().into()
}

fn fill(block: &mut [u8; BLOCK], bytes: &[u8]) {
    for (to, from) in block.iter_mut().zip(bytes) {
        *to = *from;
    }
}
