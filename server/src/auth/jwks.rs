//! Bearer tokens whose keys the app's login publishes (RFC 7517): fetched,
//! kept, and fetched again when a token names a key that is not among them.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{HeaderMap, Request, StatusCode, Uri};
use http_body_util::Full;
use jsonwebtoken::DecodingKey;
use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, KeyAlgorithm, PublicKeyUse};
use sealift::endpoint::UserId;
use serde::Deserialize;

use super::jwt::{JwtChecks, TokenChecks, bearer};
use super::{Authentication, Authenticator, jwt_crypto};
use crate::error::ApiError;
use crate::http_client::HttpClient;

/// A set of keys is short.
const MAX_ANSWER: usize = 256 * 1024;
/// More than one key of a login is in use for a while; nobody has hundreds.
const MAX_KEYS: usize = 100;

/// Where the keys are, and how they are kept.
#[derive(Clone, Debug)]
pub struct JwksSource {
    /// The address of the set.
    pub url: Uri,
    /// The one algorithm that is accepted: what a token's header says never chooses.
    pub algorithm: JwksAlgorithm,
    /// Keys older than that are fetched again before they are used.
    pub max_age: Duration,
    /// However many tokens name unknown keys, it is fetched no more often.
    pub min_interval: Duration,
    /// The set arrives within that time.
    pub timeout: Duration,
}

/// Algorithms with public keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JwksAlgorithm {
    /// RSA PKCS#1 v1.5 with SHA-256.
    Rs256,
    /// ECDSA on P-256 with SHA-256.
    Es256,
}

impl JwksAlgorithm {
    const fn name(self) -> jsonwebtoken::Algorithm {
        match self {
            Self::Rs256 => jsonwebtoken::Algorithm::RS256,
            Self::Es256 => jsonwebtoken::Algorithm::ES256,
        }
    }

    const fn key_algorithm(self) -> KeyAlgorithm {
        match self {
            Self::Rs256 => KeyAlgorithm::RS256,
            Self::Es256 => KeyAlgorithm::ES256,
        }
    }
}

/// Checks bearer tokens; `sub` is the user.
pub struct JwksAuthenticator {
    source: JwksSource,
    checks: TokenChecks,
    http: HttpClient,
    keys: RwLock<Arc<Keys>>,
    /// When it was last asked for; whoever holds it fetches, the others wait.
    asked: tokio::sync::Mutex<Option<Instant>>,
}

/// The keys of the set by their names, as they were fetched.
#[derive(Default)]
struct Keys {
    by_id: HashMap<String, DecodingKey>,
    fetched: Option<Instant>,
}

#[derive(Deserialize)]
struct Set {
    keys: Vec<serde_json::Value>,
}

impl JwksAuthenticator {
    /// # Errors
    /// A sentence when the machine has no certificates to trust the login by.
    pub fn new(source: JwksSource, checks: &JwtChecks) -> Result<Self, String> {
        jwt_crypto::install();
        let http = HttpClient::new(source.url.scheme_str() == Some("https"))?;
        let checks = TokenChecks::new(source.algorithm.name(), checks);
        Ok(Self { source, checks, http, keys: RwLock::default(), asked: tokio::sync::Mutex::new(None) })
    }

    async fn user(&self, headers: &HeaderMap) -> Result<UserId, ApiError> {
        let token = bearer(headers)?;
        let invalid = || ApiError::unauthenticated("the bearer token is not valid");
        let header = jsonwebtoken::decode_header(token).map_err(|_| invalid())?;
        let id = header.kid.filter(|_| header.alg == self.source.algorithm.name()).ok_or_else(invalid)?;
        let key = self.key(&id).await?.ok_or_else(invalid)?;
        self.checks.user(token, &key)
    }

    /// The key of this name, fetched where it is unknown or too old.
    async fn key(&self, id: &str) -> Result<Option<DecodingKey>, ApiError> {
        let fresh = |keys: &Keys| keys.fetched.is_some_and(|at| at.elapsed() < self.source.max_age);
        let before = self.known();
        if let Some(key) = before.by_id.get(id).filter(|_| fresh(&before)) {
            return Ok(Some(key.clone()));
        }
        let mut asked = self.asked.lock().await;
        let known = self.known();
        if let Some(key) = known.by_id.get(id).filter(|_| fresh(&known)) {
            return Ok(Some(key.clone()));
        }
        if asked.is_none_or(|at| at.elapsed() >= self.source.min_interval) {
            *asked = Some(Instant::now());
            match self.fetch().await {
                Ok(keys) => *self.keys.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(keys),
                Err(sentence) => tracing::error!("the keys of tokens cannot be fetched: {sentence}"),
            }
        }
        let known = self.known();
        if fresh(&known) {
            return Ok(known.by_id.get(id).cloned());
        }
        // Keys that were taken away must not live on because their list cannot be read.
        Err(ApiError::auth_unavailable())
    }

    fn known(&self) -> Arc<Keys> {
        Arc::clone(&self.keys.read().unwrap_or_else(PoisonError::into_inner))
    }

    async fn fetch(&self) -> Result<Keys, String> {
        let request = Request::get(self.source.url.clone())
            .header("accept", "application/json")
            .body(Full::<Bytes>::default())
            .map_err(|error| error.to_string())?;
        let answer = self.http.send(request, self.source.timeout, MAX_ANSWER).await;
        let answer = answer.map_err(|none| none.to_string())?;
        if answer.status() != StatusCode::OK {
            return Err(format!("the answer is {}", answer.status().as_u16()));
        }
        let set: Set =
            serde_json::from_slice(answer.body()).map_err(|_| "it is no set of keys".to_owned())?;
        let by_id: HashMap<_, _> =
            set.keys.into_iter().take(MAX_KEYS).filter_map(|key| self.usable(key)).collect();
        tracing::info!(keys = by_id.len(), "fetched the keys of tokens");
        Ok(Keys { by_id, fetched: Some(Instant::now()) })
    }

    /// A key that is for signatures of this algorithm; sets hold others too.
    fn usable(&self, key: serde_json::Value) -> Option<(String, DecodingKey)> {
        let jwk: Jwk = serde_json::from_value(key).ok()?;
        let fits = match (&jwk.algorithm, self.source.algorithm) {
            (AlgorithmParameters::RSA(_), JwksAlgorithm::Rs256) => true,
            (AlgorithmParameters::EllipticCurve(key), JwksAlgorithm::Es256) => {
                key.curve == EllipticCurve::P256
            }
            _ => false,
        };
        let signs =
            jwk.common.public_key_use.as_ref().is_none_or(|wanted| *wanted == PublicKeyUse::Signature);
        let wanted = self.source.algorithm.key_algorithm();
        let named = jwk.common.key_algorithm.as_ref().is_none_or(|named| *named == wanted);
        let id = jwk.common.key_id.clone().filter(|_| fits && signs && named)?;
        Some((id, DecodingKey::from_jwk(&jwk).ok()?))
    }
}

impl Authenticator for JwksAuthenticator {
    fn authenticate<'a>(&'a self, headers: &'a HeaderMap) -> Authentication<'a> {
        Box::pin(self.user(headers))
    }
}
