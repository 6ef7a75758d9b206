//! Bearer JSON Web Tokens (RFC 7519, RFC 6750): the app's own login signs
//! them, this server only checks.

use std::fmt;

use http::HeaderMap;
use http::header::AUTHORIZATION;
use jsonwebtoken::errors::ErrorKind as JwtErrorKind;
use jsonwebtoken::{DecodingKey, Validation};
use sealift::endpoint::UserId;
use serde::Deserialize;

use super::{Authentication, Authenticator, jwt_crypto};
use crate::error::ApiError;
use crate::secret::Secret;

/// The key a token must be signed with, and with it the one algorithm that is
/// accepted: what the token's own header says never chooses.
#[derive(Clone, Debug)]
pub enum JwtKey {
    /// HMAC with SHA-256; at least 32 bytes (RFC 7518, section 3.2).
    Hs256(Secret),
    /// RSA PKCS#1 v1.5 with SHA-256; the public key as PEM, 2048 to 8192 bits.
    Rs256(Vec<u8>),
    /// ECDSA on P-256 with SHA-256; the public key as PEM.
    Es256(Vec<u8>),
}

/// What else a token must say.
#[derive(Clone, Debug, Default)]
pub struct JwtChecks {
    /// Seconds by which `exp` and `nbf` may be missed, for clocks that differ.
    pub leeway_seconds: u64,
    /// `iss` must be this, if given.
    pub issuer: Option<String>,
    /// `aud` must be or hold this, if given.
    pub audience: Option<String>,
}

/// Checks bearer tokens; `sub` is the user.
pub struct JwtAuthenticator {
    key: DecodingKey,
    checks: TokenChecks,
}

/// What a token must say, and by which algorithm.
#[derive(Debug)]
pub(super) struct TokenChecks(Validation);

#[derive(Deserialize)]
struct Claims {
    sub: String,
}

impl JwtAuthenticator {
    /// # Errors
    /// A sentence about a key that cannot be one.
    pub fn new(key: &JwtKey, checks: &JwtChecks) -> Result<Self, String> {
        jwt_crypto::install();
        let (key, algorithm) = match key {
            JwtKey::Hs256(secret) if secret.len() < 32 => {
                return Err("an HS256 secret has at least 32 bytes (RFC 7518, section 3.2)".to_owned());
            }
            JwtKey::Hs256(secret) => {
                (Ok(DecodingKey::from_secret(secret.expose())), jsonwebtoken::Algorithm::HS256)
            }
            JwtKey::Rs256(pem) => (DecodingKey::from_rsa_pem(pem), jsonwebtoken::Algorithm::RS256),
            JwtKey::Es256(pem) => (DecodingKey::from_ec_pem(pem), jsonwebtoken::Algorithm::ES256),
        };
        let key = key.map_err(|_| format!("not a public key for {algorithm:?} in PEM"))?;
        Ok(Self { key, checks: TokenChecks::new(algorithm, checks) })
    }
}

impl TokenChecks {
    /// Of tokens of this one algorithm.
    pub(super) fn new(algorithm: jsonwebtoken::Algorithm, checks: &JwtChecks) -> Self {
        let mut validation = Validation::new(algorithm);
        validation.leeway = checks.leeway_seconds;
        validation.validate_nbf = true;
        validation.validate_aud = checks.audience.is_some();
        let mut required = vec!["exp", "sub"];
        if let Some(audience) = &checks.audience {
            validation.set_audience(&[audience]);
            required.push("aud");
        }
        if let Some(issuer) = &checks.issuer {
            validation.set_issuer(&[issuer]);
            required.push("iss");
        }
        validation.set_required_spec_claims(&required);
        Self(validation)
    }

    /// The user whom a token names, if it is signed with the key and says what it must.
    pub(super) fn user(&self, token: &str, key: &DecodingKey) -> Result<UserId, ApiError> {
        let claims = jsonwebtoken::decode::<Claims>(token, key, &self.0).map_err(|error| {
            ApiError::unauthenticated(match error.kind() {
                JwtErrorKind::ExpiredSignature => "the bearer token has expired",
                JwtErrorKind::ImmatureSignature => "the bearer token is not valid yet",
                _ => "the bearer token is not valid",
            })
        })?;
        UserId::parse(&claims.claims.sub).map_err(|_| {
            ApiError::unauthenticated("the bearer token's `sub` cannot be the name of a user here")
        })
    }
}

impl Authenticator for JwtAuthenticator {
    fn authenticate<'a>(&'a self, headers: &'a HeaderMap) -> Authentication<'a> {
        Box::pin(async { self.checks.user(bearer(headers)?, &self.key) })
    }
}

impl fmt::Debug for JwtAuthenticator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JwtAuthenticator")
            .field("algorithms", &self.checks.0.algorithms)
            .finish_non_exhaustive()
    }
}

/// The token of the one `Authorization: Bearer …` header.
///
/// # Errors
/// 401 `unauthenticated` when there is none, or more than one.
pub fn bearer(headers: &HeaderMap) -> Result<&str, ApiError> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let (Some(value), None) = (values.next(), values.next()) else {
        return Err(ApiError::unauthenticated("a bearer token is needed"));
    };
    value
        .to_str()
        .ok()
        .and_then(|text| text.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map(|(_, token)| token.trim())
        .ok_or_else(|| ApiError::unauthenticated("a bearer token is needed"))
}
