//! The configuration: read, checked and turned into types that cannot be wrong.
//! One file for each section; `environments.rs` makes several whole
//! configurations of one file.

mod auth;
pub mod compat;
mod credentials;
mod environments;
mod error;
mod hooks;
mod limits;
mod raw;
mod server;
mod sources;
mod storage;
mod values;

use std::path::Path;

use sealift::endpoint::Rules;

pub use auth::Auth;
pub use compat::{CompatConfig, StsConfig};
pub use credentials::{AwsVariables, CredentialSource, Provider};
pub use error::ConfigError;
pub use hooks::HooksConfig;
pub use limits::{LimitStore, Limits, OnFailure};
pub use server::ServerConfig;
pub use storage::{DevS3Settings, S3Config, Storage};

use environments::Environments;
use raw::Raw;
use sources::EnvironmentSecrets;

/// Everything that one environment goes by. `Debug` shows no secret.
#[derive(Debug)]
pub struct Config {
    /// How it is reached and what it serves.
    pub server: ServerConfig,
    /// Where the files go.
    pub storage: Storage,
    /// Who may call.
    pub auth: Auth,
    /// When the app is asked.
    pub hooks: Option<HooksConfig>,
    /// What is signed.
    pub rules: Rules,
    /// How much a user may do.
    pub limits: Limits,
    /// Clients of other protocols.
    pub compat: CompatConfig,
}

impl Config {
    /// Reads file, environment and flags (dotted keys), and checks them, where
    /// they make one environment.
    ///
    /// # Errors
    /// [`ConfigError`] with the first mistake.
    pub fn load(
        file: Option<&Path>,
        environment: impl Iterator<Item = (String, String)>,
        flags: &[(&str, String)],
    ) -> Result<Self, ConfigError> {
        let mut all = Self::load_all(file, environment, flags, None)?;
        match (all.pop(), all.is_empty()) {
            (Some(only), true) => Ok(only),
            _ => Err(ConfigError::new("`environments`: there are several; select one with --environment")),
        }
    }

    /// The selected environment (by name here, or by the variable
    /// `SEALIFT_ENVIRONMENT`), or all of them where each names its hosts.
    /// What belongs to the process (address, folders, timeouts) is the same in
    /// each.
    ///
    /// # Errors
    /// [`ConfigError`] with the first mistake.
    pub fn load_all(
        file: Option<&Path>,
        environment: impl Iterator<Item = (String, String)>,
        flags: &[(&str, String)],
        selected: Option<&str>,
    ) -> Result<Vec<Self>, ConfigError> {
        let sources = sources::read(file, environment, flags)?;
        let environments = Environments::of(sources, selected)?;
        let mut all = Vec::new();
        for one in environments.served {
            let config = Self::check(one.raw, one.secrets, &environments.aws, one.inherits);
            all.push(config.map_err(|error| match &one.name {
                Some(name) => error.within(name),
                None => error,
            })?);
        }
        environments::check_together(&all)?;
        Ok(all)
    }

    fn check(
        raw: Raw,
        mut secrets: EnvironmentSecrets,
        aws: &AwsVariables,
        inherits: bool,
    ) -> Result<Self, ConfigError> {
        let auth = auth::auth(&raw.auth, &raw.server, &mut secrets)?;
        if !raw.rules.bucket.is_empty() {
            return Err(ConfigError::new("`rules.bucket`: the bucket is named in `s3.bucket`"));
        }
        let storage = storage::storage(raw.s3, raw.dev_s3, raw.server.listen, aws, &mut secrets)?;
        let hooks = raw.hooks.map(|raw| hooks::hooks(raw, &mut secrets)).transpose()?;
        let limits = limits::limits(&raw.limits, &mut secrets)?;
        let compat = raw.compat.check(hooks.as_ref(), &limits)?;
        let server = server::server(raw.server, &mut secrets)?;
        // What comes from the top level may be another environment's.
        if let Some(unused) = secrets.unused(inherits) {
            return Err(ConfigError::new(format!(
                "`{unused}` is set in the environment, but nothing uses it"
            )));
        }
        Ok(Self { server, storage, auth, hooks, rules: raw.rules, limits, compat })
    }
}
