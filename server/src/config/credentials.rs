//! Where the keys of S3 come from: `s3.credentials`.

use std::collections::HashMap;
use std::fmt;
use std::path::PathBuf;

use sealift::sigv4::Credentials;

use super::ConfigError;
use super::raw::RawS3;
use super::sources::EnvironmentSecrets;
use super::values::{secret, text};

/// Where the keys come from.
#[derive(Clone, Debug)]
pub enum CredentialSource {
    /// From the configuration, for as long as the server runs.
    Static(Credentials),
    /// From one of AWS's ways, asked again before they expire.
    Provider {
        /// Which way.
        provider: Provider,
        /// The variables that it goes by.
        variables: AwsVariables,
        /// The region, whose STS is asked.
        region: String,
    },
}

/// One of AWS's ways to hand out keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Provider {
    /// `AWS_ACCESS_KEY_ID` and its kin.
    Environment,
    /// A profile of `~/.aws/credentials` or `~/.aws/config`, read again every minute.
    Profile {
        /// Its name; `AWS_PROFILE` or `default` without one.
        name: Option<String>,
        /// The file; `AWS_SHARED_CREDENTIALS_FILE` or `~/.aws/credentials` without one.
        file: Option<PathBuf>,
    },
    /// The container's: ECS, EKS Pod Identity.
    Container,
    /// The instance's: EC2, version 2 of its metadata service.
    Instance,
    /// `AWS_WEB_IDENTITY_TOKEN_FILE` and `AWS_ROLE_ARN` (EKS's service accounts), by STS.
    WebIdentity,
    /// Whichever of these there is, in this order: environment, profile, web
    /// identity, container, instance.
    Default,
}

/// The variables that AWS's own tools read. Some are secrets: never printed.
#[derive(Clone, Default)]
pub struct AwsVariables(HashMap<String, String>);

impl AwsVariables {
    /// Keeps the variable if it is one of those.
    pub(super) fn take(&mut self, name: String, value: String) {
        if name.starts_with("AWS_") || name == "HOME" {
            self.0.insert(name, value);
        }
    }

    /// All of them.
    #[must_use]
    pub const fn all(&self) -> &HashMap<String, String> {
        &self.0
    }
}

impl fmt::Debug for AwsVariables {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AwsVariables({}, redacted)", self.0.len())
    }
}

pub(super) fn source(
    raw: &RawS3,
    aws: &AwsVariables,
    secrets: &mut EnvironmentSecrets,
) -> Result<CredentialSource, ConfigError> {
    let provider = match raw.credentials.as_str() {
        "static" => return fixed(raw, secrets).map(CredentialSource::Static),
        "environment" => Provider::Environment,
        "profile" => Provider::Profile { name: raw.profile.clone(), file: raw.credentials_file.clone() },
        "container" => Provider::Container,
        "instance" => Provider::Instance,
        "web-identity" => Provider::WebIdentity,
        "default" => Provider::Default,
        _ => {
            return Err(ConfigError::new(
                "`s3.credentials` must be `static`, `environment`, `profile`, `container`, `instance`, \
                 `web-identity` or `default`",
            ));
        }
    };
    Ok(CredentialSource::Provider { provider, variables: aws.clone(), region: raw.region.clone() })
}

fn fixed(raw: &RawS3, secrets: &mut EnvironmentSecrets) -> Result<Credentials, ConfigError> {
    let access_key_id =
        raw.access_key_id.as_deref().ok_or_else(|| ConfigError::new("`s3.access_key_id` is missing"))?;
    let key = secret(secrets, "s3.secret_access_key", raw.secret_access_key_file.as_deref())?.ok_or_else(|| {
        ConfigError::new(
            "`s3.secret_access_key_file` is missing: name the file, or set SEALIFT__S3__SECRET_ACCESS_KEY",
        )
    })?;
    let key = text("s3.secret_access_key", &key)?.to_owned();
    let session_token = secrets.remove("s3.session_token");
    let session_token =
        session_token.as_ref().map(|token| text("s3.session_token", token).map(str::to_owned)).transpose()?;
    Credentials::new(access_key_id, key, session_token)
        .map_err(|error| ConfigError::new(format!("`s3`: {error}")))
}
