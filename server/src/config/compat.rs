//! `[compat.…]`: clients of other protocols, each under a path of its own and
//! off unless it is named here.

use std::time::Duration;

use sealift::sigv4::Origin;
use serde::Deserialize;

use super::values::in_range;
use super::{ConfigError, HooksConfig, Limits};

/// `[compat]`
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CompatConfig {
    /// `[compat.fine_uploader]`
    pub fine_uploader: Option<ClientConfig>,
    /// `[compat.uppy]`
    pub uppy: Option<ClientConfig>,
    /// `[compat.evaporate]`
    pub evaporate: Option<ClientConfig>,
}

/// A client.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClientConfig {
    /// The path below which its calls are, e.g. `/fine`.
    pub prefix: String,
    /// `[compat.uppy.sts]`: temporary credentials for pages that sign by themselves.
    pub sts: Option<StsConfig>,
}

/// Where temporary credentials are had from.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StsConfig {
    endpoint: String,
    /// The role whose rights, narrowed down, a page gets. MinIO has no roles and
    /// takes any.
    pub role_arn: String,
    #[serde(default = "StsConfig::least")]
    duration_seconds: u64,
}

impl StsConfig {
    /// The shortest that AWS gives.
    const fn least() -> u64 {
        900
    }

    /// The address of the STS.
    ///
    /// # Errors
    /// [`ConfigError`] for what is none.
    pub fn endpoint(&self) -> Result<Origin, ConfigError> {
        Origin::parse(&self.endpoint)
            .map_err(|error| ConfigError::new(format!("`compat.uppy.sts.endpoint`: {error}")))
    }

    /// How long credentials live.
    #[must_use]
    pub const fn duration(&self) -> Duration {
        Duration::from_secs(self.duration_seconds)
    }

    fn check(&self, limits: &Limits) -> Result<(), ConfigError> {
        self.endpoint()?;
        in_range("compat.uppy.sts.duration_seconds", self.duration_seconds, Self::least(), 43_200)?;
        if self.role_arn.is_empty() || self.role_arn.chars().any(|c| c.is_control() || c == ' ') {
            return Err(ConfigError::new("`compat.uppy.sts.role_arn` is the role's ARN"));
        }
        if limits.files_per_hour.is_some() || limits.bytes_per_day.is_some() {
            return Err(ConfigError::new(
                "`compat.uppy.sts`: what a page signs by itself is not counted, so `limits.files_per_hour` and \
                 `limits.bytes_per_day` would not be kept",
            ));
        }
        Ok(())
    }
}

/// Paths that the server has itself.
const TAKEN: [&str; 5] = ["sealift", "healthz", "pkg", "js", "forms"];

impl CompatConfig {
    /// Whether any client is served.
    #[must_use]
    pub fn is_on(&self) -> bool {
        self.named().next().is_some()
    }

    /// # Errors
    /// [`ConfigError`] for a path that is none, or taken; with `hooks.on_grant`,
    /// which these clients would pass by; for credentials that would pass by
    /// the limits, or are another client's than Uppy's.
    pub fn check(self, hooks: Option<&HooksConfig>, limits: &Limits) -> Result<Self, ConfigError> {
        if self.is_on() && hooks.is_some_and(|hooks| hooks.hooks.on_grant) {
            return Err(ConfigError::new(
                "`compat`: these clients have no grants, so `hooks.on_grant` would not be asked for them: ask with \
                 `hooks.on_finish` alone",
            ));
        }
        let mut seen: Vec<&str> = Vec::new();
        for (key, client) in self.named() {
            let prefix = client.prefix.as_str();
            let segment = prefix.strip_prefix('/').unwrap_or_default();
            let plain = !segment.is_empty()
                && segment
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-_".contains(&b));
            if !plain {
                return Err(ConfigError::new(format!(
                    "`compat.{key}.prefix` looks like /{key}: one segment of a-z, 0-9, '-' and '_'"
                )));
            }
            if TAKEN.contains(&segment) || seen.contains(&prefix) {
                return Err(ConfigError::new(format!("`compat.{key}.prefix`: {prefix} is taken")));
            }
            seen.push(prefix);
            match &client.sts {
                Some(sts) if key == "uppy" => sts.check(limits)?,
                Some(_) => {
                    return Err(ConfigError::new(format!(
                        "`compat.{key}.sts`: temporary credentials are Uppy's alone"
                    )));
                }
                None => {}
            }
        }
        Ok(self)
    }

    /// Where an Uppy's temporary credentials are had from, if anywhere.
    #[must_use]
    pub fn sts(&self) -> Option<&StsConfig> {
        self.uppy.as_ref()?.sts.as_ref()
    }

    fn named(&self) -> impl Iterator<Item = (&'static str, &ClientConfig)> {
        [("fine_uploader", &self.fine_uploader), ("uppy", &self.uppy), ("evaporate", &self.evaporate)]
            .into_iter()
            .filter_map(|(key, client)| Some((key, client.as_ref()?)))
    }
}
