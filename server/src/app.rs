//! What every call needs.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use http::HeaderMap;
use sealift::Timestamp;
use sealift::endpoint::service::Service;
use sealift::endpoint::{Context, EndpointConfig, Rules, SigningEndpoint, TokenSecrets, UserId};
use sealift::sigv4::Credentials;

use crate::auth::forward::ForwardAuthenticator;
use crate::auth::jwks::JwksAuthenticator;
use crate::auth::jwt::JwtAuthenticator;
use crate::auth::{Anonymous, Authenticator};
use crate::clock::Clock;
use crate::config::{Auth, HooksConfig, Limits, S3Config, StsConfig};
use crate::error::ApiError;
use crate::hook_client::HookClient;
use crate::limiter::Limiter;
use crate::metrics::Metrics;
use crate::ports::ServerPorts;
use crate::s3_client::S3Client;
use crate::secret::Secret;
use crate::sts::Sts;

/// What an [`App`] is made of.
pub struct Parts {
    /// The environment that grants are bound to.
    pub environment: String,
    /// Where browsers find this server.
    pub public_url: String,
    /// What is signed.
    pub rules: Rules,
    /// Where the files go.
    pub s3: S3Config,
    /// What signs, to begin with.
    pub credentials: Credentials,
    /// Key of grants and receipts.
    pub token_secret: Secret,
    /// Former keys of grants and receipts.
    pub old_token_secrets: Vec<Secret>,
    /// What the app proves itself with: the key and former ones.
    pub app_keys: Vec<Secret>,
    /// Who may call.
    pub auth: Auth,
    /// When the app is asked.
    pub hooks: Option<HooksConfig>,
    /// Folder of the pages that are templates.
    pub www: Option<PathBuf>,
    /// S3's time.
    pub clock: Clock,
    /// How much a user may do.
    pub limits: Limits,
    /// What is counted.
    pub metrics: Metrics,
    /// Where pages that sign by themselves have their credentials from.
    pub sts: Option<StsConfig>,
}

/// Shared by all calls; clones are the same app.
#[derive(Clone)]
pub struct App(Arc<Inner>);

struct Inner {
    service: Service<ServerPorts>,
    authenticator: Box<dyn Authenticator>,
    app_keys: Vec<Secret>,
    www: Option<PathBuf>,
    sts: Option<Sts>,
}

impl App {
    /// # Errors
    /// A sentence about rules or keys that cannot be used.
    pub fn new(parts: Parts) -> Result<Self, String> {
        let authenticator: Box<dyn Authenticator> = match &parts.auth {
            Auth::Anonymous(user) => Box::new(Anonymous::new(user.clone())),
            Auth::Jwt(key, checks) => {
                Box::new(JwtAuthenticator::new(key, checks).map_err(|error| format!("`auth`: {error}"))?)
            }
            Auth::Jwks(source, checks) => Box::new(
                JwksAuthenticator::new(source.clone(), checks).map_err(|error| format!("`auth`: {error}"))?,
            ),
            Auth::Forward(settings) => Box::new(
                ForwardAuthenticator::new(settings.clone()).map_err(|error| format!("`auth`: {error}"))?,
            ),
        };
        let secrets =
            std::iter::once(&parts.token_secret).chain(&parts.old_token_secrets).map(Secret::expose);
        let secrets = TokenSecrets::new(secrets).map_err(|error| format!("`server.secret_file`: {error}"))?;
        let S3Config {
            endpoint: internal,
            public_endpoint,
            region,
            bucket,
            credentials: _,
            conditional_writes,
            checksums,
        } = parts.s3;
        let rules = Rules {
            bucket: bucket.as_str().to_owned(),
            conditional_writes: conditional_writes && parts.rules.conditional_writes,
            checksums: checksums && parts.rules.checksums,
            ..parts.rules
        };
        let endpoint = SigningEndpoint::new(EndpointConfig {
            environment: parts.environment.clone(),
            rules,
            region: region.clone(),
            s3: public_endpoint,
            credentials: parts.credentials,
            secrets,
            form_finish_url: Some(format!("{}/sealift/forms/finish", parts.public_url)),
        })
        .map_err(|error| format!("`rules`: {error}"))?;
        let sts = parts
            .sts
            .map(|sts| Sts::new(&sts, region.clone(), endpoint.credentials().clone(), parts.clock.clone()))
            .transpose()?;
        let s3 = S3Client::new(internal, region, endpoint.credentials().clone(), parts.clock.clone())?;
        let environment: Arc<str> = parts.environment.as_str().into();
        let ports = ServerPorts {
            s3: s3.counted(parts.metrics.clone(), environment.clone()),
            app: parts.hooks.as_ref().map(HookClient::new).transpose()?,
            clock: parts.clock,
            limiter: Arc::new(Limiter::new(&parts.environment, parts.limits)?),
            metrics: parts.metrics,
            environment,
        };
        let service = Service::new(endpoint, ports);
        let service = match parts.hooks {
            Some(config) => service.with_hooks(config.hooks),
            None => service,
        };
        Ok(Self(Arc::new(Inner { service, authenticator, app_keys: parts.app_keys, www: parts.www, sts })))
    }

    /// Who makes a call.
    ///
    /// # Errors
    /// 401 `unauthenticated`.
    pub async fn user(&self, headers: &HeaderMap) -> Result<UserId, ApiError> {
        self.0.authenticator.authenticate(headers).await
    }

    /// Refuses a call that is not the app's own, server to server.
    ///
    /// # Errors
    /// 401 `unauthenticated`.
    pub fn require_app(&self, headers: &HeaderMap) -> Result<(), ApiError> {
        let presented = crate::auth::jwt::bearer(headers)?;
        if self.0.app_keys.iter().any(|key| key.matches(presented.as_bytes())) {
            return Ok(());
        }
        Err(ApiError::unauthenticated("this call takes the app's own key as its bearer token"))
    }

    /// The moment and the user of a call.
    #[must_use]
    pub fn context<'a>(&self, user: &'a UserId) -> Context<'a> {
        Context { now: self.now(), user }
    }

    /// The calls of the protocol.
    #[must_use]
    pub fn service(&self) -> &Service<ServerPorts> {
        &self.0.service
    }

    /// The rules themselves.
    #[must_use]
    pub fn rules(&self) -> &SigningEndpoint {
        self.0.service.endpoint()
    }

    /// S3's time.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.0.service.ports().clock.now()
    }

    /// Folder of the pages that are templates.
    #[must_use]
    pub fn www(&self) -> Option<&std::path::Path> {
        self.0.www.as_deref()
    }

    /// Where pages that sign by themselves have their credentials from.
    #[must_use]
    pub fn sts(&self) -> Option<&Sts> {
        self.0.sts.as_ref()
    }

    /// Asks S3 for its time, but does not wait for long: other calls tell it
    /// too. Says in the log if S3 does not answer.
    pub async fn learn_clock(&self) {
        let asked =
            tokio::time::timeout(Duration::from_secs(2), self.0.service.ports().s3.learn_clock()).await;
        let error = match asked {
            Ok(Ok(())) => return,
            Ok(Err(error)) => error.to_string(),
            Err(_) => "no answer within 2 seconds".to_owned(),
        };
        tracing::warn!(error, "S3 does not answer yet; the server starts all the same");
    }
}
