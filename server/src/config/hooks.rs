//! `[hooks]`: when the app is asked.

use std::path::PathBuf;
use std::time::Duration;

use http::Uri;
use sealift::endpoint::service::Hooks;
use serde::Deserialize;

use super::ConfigError;
use super::sources::EnvironmentSecrets;
use super::values::{in_range, secret};

/// `[hooks]`
#[derive(Clone, Debug)]
pub struct HooksConfig {
    /// The app's webhook.
    pub url: Uri,
    /// When it is asked, and what the question is signed with.
    pub hooks: Hooks,
    /// Longest that one attempt may take.
    pub timeout: Duration,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawHooks {
    url: String,
    secret_file: Option<PathBuf>,
    #[serde(default)]
    on_grant: bool,
    #[serde(default = "RawHooks::yes")]
    on_finish: bool,
    #[serde(default = "RawHooks::five")]
    timeout_seconds: u64,
}

impl RawHooks {
    const fn yes() -> bool {
        true
    }

    const fn five() -> u64 {
        5
    }
}

pub fn hooks(raw: RawHooks, secrets: &mut EnvironmentSecrets) -> Result<HooksConfig, ConfigError> {
    let url: Option<Uri> = raw.url.parse().ok();
    let url = url.filter(|url| matches!(url.scheme_str(), Some("http" | "https")) && url.host().is_some());
    let url =
        url.ok_or_else(|| ConfigError::new("`hooks.url` is the app's webhook, an http or https URL"))?;
    in_range("hooks.timeout_seconds", raw.timeout_seconds, 1, 30)?;
    let key = secret(secrets, "hooks.secret", raw.secret_file.as_deref())?.ok_or_else(|| {
        ConfigError::new("`hooks.secret_file` is missing: name the file, or set SEALIFT__HOOKS__SECRET")
    })?;
    let mut hooks = Hooks::new(key.expose())
        .map_err(|error| ConfigError::new(format!("`hooks.secret_file`: {error}")))?;
    (hooks.on_grant, hooks.on_finish) = (raw.on_grant, raw.on_finish);
    Ok(HooksConfig { url, hooks, timeout: Duration::from_secs(raw.timeout_seconds) })
}
