//! Credentials, and the keys derived from them, ready to sign.

use crate::error::Result;
use crate::sigv4::canonical::{CanonicalRequest, string_to_sign};
use crate::sigv4::chunked::ChunkChain;
use crate::sigv4::credentials::Credentials;
use crate::sigv4::key::{Signature, SigningKey, SigningKeyCache};
use crate::sigv4::options::SigningOptions;
use crate::sigv4::post_policy::{PostForm, PostPolicy, sign_policy};
use crate::sigv4::request::Request;
use crate::sigv4::scope::CredentialScope;
use crate::sigv4::{header, post_policy, query};
use crate::sigv4::{header::SignedRequest, query::PresignedUrl};

/// Signs with one set of credentials, from a cache of signing keys if it has one.
#[derive(Clone, Copy, Debug)]
pub struct Signer<'a> {
    credentials: &'a Credentials,
    cache: Option<&'a SigningKeyCache>,
}

impl<'a> Signer<'a> {
    /// A signer that derives its key for every signature.
    #[must_use]
    pub const fn new(credentials: &'a Credentials) -> Self {
        Self { credentials, cache: None }
    }

    /// A signer that derives a key once a day, region and service.
    #[must_use]
    pub const fn with_cache(credentials: &'a Credentials, cache: &'a SigningKeyCache) -> Self {
        Self { credentials, cache: Some(cache) }
    }

    /// Signs a request in its `Authorization` header.
    ///
    /// # Errors
    /// As [`sign_headers`](super::sign_headers).
    pub fn sign_headers(&self, request: &Request, options: &SigningOptions) -> Result<SignedRequest> {
        header::sign(self, request, options)
    }

    /// Signs a request in its query.
    ///
    /// # Errors
    /// As [`presign`](super::presign).
    pub fn presign(
        &self,
        request: &Request,
        options: &SigningOptions,
        expires_in_seconds: u32,
    ) -> Result<PresignedUrl> {
        query::sign(self, request, options, expires_in_seconds)
    }

    /// Completes and signs a POST policy.
    ///
    /// # Errors
    /// As [`sign_post_policy`](super::sign_post_policy).
    pub fn sign_post_policy(&self, policy: &PostPolicy, options: &SigningOptions) -> Result<PostForm> {
        sign_policy(self, policy, options)
    }

    /// Signs the JSON of a policy byte for byte.
    #[must_use]
    pub fn sign_policy_json(&self, json: &str, options: &SigningOptions) -> PostForm {
        post_policy::sign_json(self, json, options)
    }

    /// The chain of signatures of the chunks of a request, from its own.
    #[must_use]
    pub fn chunk_chain(&self, options: &SigningOptions, seed: Signature) -> ChunkChain {
        ChunkChain::new(self.key(options.scope()), options, seed)
    }

    pub(super) const fn credentials(&self) -> &'a Credentials {
        self.credentials
    }

    /// `KEY/YYYYMMDD/region/service/aws4_request`.
    pub(super) fn credential(&self, scope: &CredentialScope) -> String {
        format!("{}/{scope}", self.credentials.access_key_id())
    }

    pub(super) fn key(&self, scope: &CredentialScope) -> SigningKey {
        match self.cache {
            Some(cache) => cache.signing_key(self.credentials, scope),
            None => SigningKey::derive(self.credentials, scope),
        }
    }

    /// The string to sign of a canonical request, and its signature.
    pub(super) fn sign_canonical(
        &self,
        canonical: &CanonicalRequest,
        options: &SigningOptions,
    ) -> (String, Signature) {
        let text = string_to_sign(options.date(), options.scope(), &canonical.hash());
        let signature = self.key(options.scope()).sign(&text);
        (text, signature)
    }
}
