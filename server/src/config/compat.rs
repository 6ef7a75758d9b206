//! `[compat.…]`: clients of other protocols, each under a path of its own and
//! off unless it is named here.

use serde::Deserialize;

use super::{ConfigError, HooksConfig};

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
    /// which these clients would pass by.
    pub fn check(self, hooks: Option<&HooksConfig>) -> Result<Self, ConfigError> {
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
        }
        Ok(self)
    }

    fn named(&self) -> impl Iterator<Item = (&'static str, &ClientConfig)> {
        [("fine_uploader", &self.fine_uploader), ("uppy", &self.uppy), ("evaporate", &self.evaporate)]
            .into_iter()
            .filter_map(|(key, client)| Some((key, client.as_ref()?)))
    }
}
