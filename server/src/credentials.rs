//! Credentials by AWS's ways, and their replacement before they expire.

use std::collections::HashMap;
use std::fmt;
use std::path::PathBuf;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use http_body_util::Full;
use reqsign_aws_core::{
    AssumeRoleWithWebIdentityCredentialProvider, Credential, ECSCredentialProvider, EnvCredentialProvider,
    IMDSv2CredentialProvider, ProfileCredentialProvider,
};
use reqsign_core::{Context, Env, FileRead, HttpSend, ProvideCredentialChain, ProvideCredentialDyn};
use sealift::sigv4::{Credentials, CurrentCredentials};

use crate::config::{AwsVariables, CredentialSource, Provider};
use crate::http_client::HttpClient;

/// Metadata services are next door, and answer at once or not at all.
const WITHIN: Duration = Duration::from_secs(5);
const MAX_ANSWER: usize = 256 * 1024;
/// Keys that do not expire may still be written anew.
const READ_AGAIN: Duration = Duration::from_secs(60);
/// What is signed is good for a quarter of an hour: so long should the keys live on.
const BEFORE_EXPIRY: Duration = Duration::from_secs(900);
/// Wait after a failure, unless the keys expire sooner.
const TRY_AGAIN: Duration = Duration::from_secs(10);

/// Asks for credentials.
pub struct CredentialProvider {
    context: Context,
    provider: Box<dyn ProvideCredentialDyn<Credential = Credential>>,
}

/// Credentials and when they end.
pub struct Loaded {
    /// The keys.
    pub credentials: Credentials,
    /// Seconds since 1970, for temporary ones.
    pub expires: Option<u64>,
}

/// The credentials of a source, for a command that is done before they expire.
///
/// # Errors
/// A sentence without secrets.
pub async fn once(source: &CredentialSource) -> Result<Credentials, String> {
    match source {
        CredentialSource::Static(credentials) => Ok(credentials.clone()),
        CredentialSource::Provider { provider, variables, region } => {
            let provider = CredentialProvider::new(provider, variables, region).map_err(none)?;
            provider.load().await.map(|loaded| loaded.credentials).map_err(none)
        }
    }
}

/// One sentence for whoever starts the server.
pub fn none(error: String) -> String {
    format!("no credentials (`s3.credentials`): {error}")
}

impl CredentialProvider {
    /// # Errors
    /// A sentence when the machine has no certificates to trust an STS by.
    pub fn new(provider: &Provider, variables: &AwsVariables, region: &str) -> Result<Self, String> {
        let web_identity = || {
            AssumeRoleWithWebIdentityCredentialProvider::new()
                .with_region(region.to_owned())
                .with_regional_sts_endpoint()
        };
        let profile = |name: Option<&str>, file: Option<&PathBuf>| {
            let provider = ProfileCredentialProvider::new();
            let provider = name.map_or(provider.clone(), |name| provider.with_profile(name));
            file.and_then(|file| file.to_str())
                .map_or(provider.clone(), |file| provider.with_credentials_file(file))
        };
        let sts = variables.all().get("AWS_ENDPOINT_URL_STS").cloned();
        // Only an STS is called over TLS.
        let https = matches!(provider, Provider::WebIdentity | Provider::Default)
            && variables.all().contains_key("AWS_WEB_IDENTITY_TOKEN_FILE")
            && !sts.as_ref().is_some_and(|url| url.starts_with("http://"));
        let provider: Box<dyn ProvideCredentialDyn<Credential = Credential>> = match provider {
            Provider::Environment => Box::new(EnvCredentialProvider::new()),
            Provider::Profile { name, file } => Box::new(profile(name.as_deref(), file.as_ref())),
            Provider::Container => Box::new(ECSCredentialProvider::new()),
            Provider::Instance => Box::new(IMDSv2CredentialProvider::new()),
            Provider::WebIdentity => Box::new(web_identity()),
            Provider::Default => Box::new(
                ProvideCredentialChain::new()
                    .push(EnvCredentialProvider::new())
                    .push(profile(None, None))
                    .push(web_identity())
                    .push(ECSCredentialProvider::new())
                    .push(IMDSv2CredentialProvider::new()),
            ),
        };
        let context = Context::new()
            .with_file_read(Files)
            .with_env(Variables(variables.clone()))
            .with_http_send(Http { client: HttpClient::new(https)?, sts });
        Ok(Self { context, provider })
    }

    /// Asks once.
    ///
    /// # Errors
    /// A sentence without secrets.
    pub async fn load(&self) -> Result<Loaded, String> {
        let found = self.provider.provide_credential_dyn(&self.context).await;
        let found = found
            .map_err(|error| sentence(&error))?
            .ok_or_else(|| "there are none where the configuration says".to_owned())?;
        let expires = found.expires_in.map(|moment| u64::try_from(moment.as_second()).unwrap_or(0));
        let token = found.session_token.filter(|token| !token.is_empty());
        let credentials = Credentials::new(found.access_key_id, found.secret_access_key, token);
        Ok(Loaded { credentials: credentials.map_err(|error| error.to_string())?, expires })
    }

    /// Replaces credentials before they expire, for ever. Where nothing newer
    /// is to be had the old ones stay: S3 says when they are no longer good.
    pub async fn keep_fresh(
        self,
        current: CurrentCredentials,
        mut expires: Option<u64>,
        on_change: impl Fn(Option<u64>),
    ) {
        let mut wait = wait_before(expires, seconds_now());
        loop {
            tokio::time::sleep(wait).await;
            match self.load().await {
                Ok(loaded) => {
                    let same = loaded.credentials.access_key_id() == current.current().access_key_id();
                    if !same {
                        tracing::info!(access_key_id = loaded.credentials.access_key_id(), "new credentials");
                    }
                    current.replace(loaded.credentials);
                    expires = loaded.expires;
                    on_change(expires);
                    wait = wait_before(expires, seconds_now());
                }
                Err(error) => {
                    tracing::warn!(error, "no new credentials; those at hand are used for now");
                    wait = wait_before(expires, seconds_now()).min(TRY_AGAIN);
                }
            }
        }
    }
}

/// What went wrong, without what a service said of it: the crate repeats
/// answers behind a colon, and nobody knows what stands in them.
fn sentence(error: &reqsign_core::Error) -> String {
    let message = error.to_string();
    format!("{} ({})", message.split(':').next().unwrap_or_default(), error.kind())
}

/// How long credentials are used before newer ones are asked for: until a
/// quarter of an hour is left, or of short-lived ones a half.
fn wait_before(expires: Option<u64>, now: u64) -> Duration {
    let Some(expires) = expires else { return READ_AGAIN };
    let left = Duration::from_secs(expires.saturating_sub(now));
    left.saturating_sub(BEFORE_EXPIRY).max(left / 2).min(left).max(Duration::from_secs(1))
}

fn seconds_now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

impl fmt::Debug for CredentialProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CredentialProvider")
    }
}

#[derive(Debug)]
struct Files;

impl FileRead for Files {
    async fn file_read(&self, path: &str) -> reqsign_core::Result<Vec<u8>> {
        tokio::fs::read(path).await.map_err(|error| reqsign_core::Error::config_invalid(error.to_string()))
    }
}

#[derive(Debug)]
struct Variables(AwsVariables);

impl Env for Variables {
    fn var(&self, key: &str) -> Option<String> {
        self.0.all().get(key).cloned()
    }

    fn vars(&self) -> HashMap<String, String> {
        self.0.all().clone()
    }

    fn home_dir(&self) -> Option<PathBuf> {
        self.var("HOME").map(PathBuf::from)
    }
}

#[derive(Debug)]
struct Http {
    client: HttpClient,
    /// `AWS_ENDPOINT_URL_STS`: another STS than AWS's.
    sts: Option<String>,
}

impl HttpSend for Http {
    async fn http_send(&self, request: http::Request<Bytes>) -> reqsign_core::Result<http::Response<Bytes>> {
        let (mut parts, body) = request.into_parts();
        let invalid = || reqsign_core::Error::request_invalid("the address is no URL");
        if let Some(sts) = &self.sts
            && parts.uri.host().is_some_and(|host| host.starts_with("sts."))
        {
            let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
            parts.uri = format!("{}{path}", sts.trim_end_matches('/')).parse().map_err(|_| invalid())?;
            parts.headers.remove(http::header::HOST);
        }
        // hyper writes it itself.
        parts.headers.remove(http::header::CONTENT_LENGTH);
        let request = http::Request::from_parts(parts, Full::new(body));
        self.client
            .send(request, WITHIN, MAX_ANSWER)
            .await
            .map_err(|none| reqsign_core::Error::unexpected(none.to_string()).set_retryable(true))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn asked_again_while_the_old_ones_are_still_good() {
        let wait = |left: u64| wait_before(Some(1_000_000 + left), 1_000_000).as_secs();
        assert_eq!(wait(6 * 3600), 6 * 3600 - 900);
        assert_eq!(wait(1800), 900);
        assert_eq!(wait(900), 450);
        assert_eq!(wait(2), 1);
        assert_eq!(wait(0), 1, "one that has expired is asked for again, but not in a busy loop");
        assert_eq!(wait_before(Some(5), 10).as_secs(), 1);
        assert_eq!(wait_before(None, 10), READ_AGAIN);
    }
}
