//! The rules of the signing endpoint, without I/O, clock or randomness:
//! whoever serves it passes those in.
//!
//! A page describes what it intends, in lists; the endpoint checks it against
//! its [`Rules`], writes the requests itself and signs only those. What it
//! allowed travels in tokens that any replica can check. `docs/protocol.md`
//! is the specification, [`protocol`] its JSON.
//!
//! ```
//! use sealift::Timestamp;
//! use sealift::endpoint::{Context, EndpointConfig, Rules, SigningEndpoint, TokenSecrets, UserId, protocol};
//! use sealift::s3::{AddressingStyle, Endpoint};
//! use sealift::sigv4::Credentials;
//!
//! let endpoint = SigningEndpoint::new(EndpointConfig {
//!     environment: "production".to_owned(),
//!     rules: Rules { bucket: "attachments".to_owned(), ..Rules::default() },
//!     region: "eu-west-1".to_owned(),
//!     s3: Endpoint::parse("https://s3.eu-west-1.amazonaws.com", AddressingStyle::VirtualHosted)?,
//!     credentials: Credentials::new("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", None)?,
//!     secrets: TokenSecrets::new([[7_u8; 32]])?,
//!     form_finish_url: None,
//! })?;
//! let user = UserId::parse("anna")?;
//! let context = Context { now: Timestamp::parse("20260101T000000Z")?, user: &user };
//! let files = serde_json::json!({ "files": [{
//!     "name": "holiday.jpg", "size": 3, "type": "image/jpeg",
//!     "sha256": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
//! }] });
//! let call = protocol::parse(files.to_string().as_bytes())?;
//! # let mut random = |bytes: &mut [u8]| bytes.fill(1); // in earnest: the system's generator
//! let answer = endpoint.create_uploads(&context, call, &mut random)?;
//! let upload = answer.uploads.into_iter().next().expect("one").into_result().expect("allowed");
//! assert!(upload.grant.key.starts_with("uploads/anna/"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod compat;
pub mod protocol;
pub mod service;

mod claims;
mod create;
mod delete;
mod expected;
mod filename;
mod finish;
mod forms;
mod integrity;
mod keep;
mod key_template;
mod pending;
mod receipt;
mod refusal;
mod rules;
mod secrets;
mod sign;
mod sign_chunks;
mod sign_multipart;
mod sign_whole;
mod store;
mod token;
mod types;
mod user;

pub use delete::DeleteTarget;
pub use finish::FinishCheck;
pub use forms::{FormFinishCheck, FormFinished};
pub use key_template::KeyTemplate;
pub use pending::{PendingRules, PendingStrategy};
pub use receipt::ReceiptVerifier;
pub use refusal::{Reason, Refusal};
pub use rules::{Integrity, Rules};
pub use secrets::TokenSecrets;
pub use store::{ObjectLockMode, ServerSideEncryption, StoreRules};
pub use user::UserId;

use crate::endpoint::rules::ParsedRules;
use crate::error::Result;
use crate::s3::Endpoint;
use crate::sigv4::{Credentials, CurrentCredentials, Origin, Signer, SigningKeyCache, SigningOptions};
use crate::time::Timestamp;

/// What a [`SigningEndpoint`] is made of.
#[derive(Clone, Debug)]
pub struct EndpointConfig {
    /// Name of the environment, e.g. `production`; stands in every token, so
    /// one of `staging` is none of `production` though they share a secret.
    pub environment: String,
    /// What may be uploaded.
    pub rules: Rules,
    /// The bucket's region.
    pub region: String,
    /// The S3 that *browsers* call: what they get is signed for this address.
    pub s3: Endpoint,
    /// What signs, to begin with; [`SigningEndpoint::credentials`] replaces them.
    pub credentials: Credentials,
    /// What tokens are signed with.
    pub secrets: TokenSecrets,
    /// Where plain forms come back to, absolute and without the slash and
    /// token that follow: `https://app.example/sealift/forms/finish`. Without
    /// it there are no plain forms.
    pub form_finish_url: Option<String>,
}

/// The moment and the user of a call.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// S3's clock: the server's own, with the skew that it has learned from S3.
    pub now: Timestamp,
    /// Who calls, as the app's authentication says.
    pub user: &'a UserId,
}

/// Where random bytes come from: the system's generator, nothing less.
pub type Random<'a> = &'a mut dyn FnMut(&mut [u8]);

/// The signing endpoint. Shared by reference; nothing in it changes but the
/// cache of signing keys, and the credentials when they are replaced.
#[derive(Debug)]
pub struct SigningEndpoint {
    environment: String,
    rules: ParsedRules,
    region: String,
    s3: Endpoint,
    credentials: CurrentCredentials,
    secrets: TokenSecrets,
    form_finish_url: Option<String>,
    keys: SigningKeyCache,
}

impl SigningEndpoint {
    /// Checks the configuration and makes an endpoint of it.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidKey`](crate::ErrorKind::InvalidKey) for a key
    /// template that is none, or that makes guessable keys;
    /// [`ErrorKind::InvalidBucket`](crate::ErrorKind::InvalidBucket),
    /// [`ErrorKind::InvalidScope`](crate::ErrorKind::InvalidScope) and
    /// [`ErrorKind::InvalidOption`](crate::ErrorKind::InvalidOption) for the rest.
    pub fn new(config: EndpointConfig) -> Result<Self> {
        let rules = ParsedRules::parse(config.rules)?;
        config.s3.bucket_url(&rules.bucket)?;
        SigningOptions::s3(&config.region, Timestamp::from_unix_seconds(0))?;
        if let Some(url) = &config.form_finish_url {
            forms::check_finish_url(url)?;
        }
        Ok(Self {
            environment: config.environment,
            rules,
            region: config.region,
            s3: config.s3,
            credentials: config.credentials.into(),
            secrets: config.secrets,
            form_finish_url: config.form_finish_url,
            keys: SigningKeyCache::new(),
        })
    }

    /// The name of the environment.
    #[must_use]
    pub fn environment(&self) -> &str {
        &self.environment
    }

    /// The rules, as they were configured.
    #[must_use]
    pub const fn rules(&self) -> &Rules {
        &self.rules.rules
    }

    /// The bucket that everything goes to.
    #[must_use]
    pub const fn bucket(&self) -> &crate::s3::Bucket {
        &self.rules.bucket
    }

    /// The origin of the bucket, as browsers see it: for a page's Content
    /// Security Policy (`connect-src`, `form-action`, `img-src`).
    ///
    /// # Errors
    /// None after [`new`](Self::new) accepted the configuration.
    pub fn bucket_origin(&self) -> Result<Origin> {
        self.s3.bucket_origin(&self.rules.bucket)
    }

    /// Refuses a list that is longer than the rules allow; for the calls whose
    /// items the server takes one by one (finish, delete, verify).
    ///
    /// # Errors
    /// [`Reason::TooManyFiles`].
    pub fn check_count(&self, items: usize) -> Result<(), Refusal> {
        self.rules.check_count(items)
    }

    /// Answers `GET /capabilities`.
    ///
    /// # Errors
    /// None after [`new`](Self::new) accepted the configuration.
    pub fn capabilities(&self) -> Result<protocol::Capabilities> {
        let rules = self.rules();
        let forms = self.check_plan(protocol::Plan::Post, 0).is_ok();
        Ok(protocol::Capabilities {
            bucket_origin: self.bucket_origin()?.to_string(),
            max_size: rules.max_size,
            max_post_size: if forms { rules.max_post_size.min(rules.max_size) } else { 0 },
            types: rules.types.clone(),
        })
    }

    /// What signs at the moment. Whoever knows newer credentials replaces them
    /// here; all that is signed from then on carries them.
    #[must_use]
    pub const fn credentials(&self) -> &CurrentCredentials {
        &self.credentials
    }

    fn signer<'a>(&'a self, credentials: &'a Credentials) -> Signer<'a> {
        Signer::with_cache(credentials, &self.keys)
    }

    fn options(&self, date: Timestamp) -> Result<SigningOptions> {
        SigningOptions::s3(&self.region, date)
    }
}

/// For failures that the configuration's own checks should have prevented.
fn misconfigured(error: crate::Error) -> Refusal {
    Refusal::new(Reason::Misconfigured, format!("the server cannot sign this: {}", error.message()))
}

fn unsealable() -> Refusal {
    Refusal::new(Reason::Misconfigured, "the server cannot sign tokens")
}
