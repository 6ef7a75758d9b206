//! Values that several sections have.

use std::path::Path;

use sealift::sigv4::Origin;

use super::ConfigError;
use super::sources::EnvironmentSecrets;
use crate::secret::Secret;

/// A secret from the environment or from a file; from both is a mistake.
pub fn secret(
    secrets: &mut EnvironmentSecrets,
    key: &'static str,
    file: Option<&Path>,
) -> Result<Option<Secret>, ConfigError> {
    match (secrets.remove(key), file) {
        (Some(_), Some(_)) => {
            Err(ConfigError::new(format!("`{key}_file` is set and `{key}` in the environment too: keep one")))
        }
        (Some(secret), None) if secret.is_empty() => {
            Err(ConfigError::new(format!("`{key}` is set in the environment, but empty")))
        }
        (Some(secret), None) => Ok(Some(secret)),
        (None, Some(path)) => read_secret(&format!("{key}_file"), path).map(Some),
        (None, None) => Ok(None),
    }
}

pub fn read_secret(key: &str, path: &Path) -> Result<Secret, ConfigError> {
    Secret::read(path)
        .map_err(|error| ConfigError::new(format!("`{key}`: cannot read {}: {error}", path.display())))
}

pub fn text<'a>(key: &str, secret: &'a Secret) -> Result<&'a str, ConfigError> {
    secret.expose_text().ok_or_else(|| ConfigError::new(format!("`{key}` is not text in UTF-8")))
}

pub fn origin(key: &str, text: &str) -> Result<Origin, ConfigError> {
    Origin::parse(text).map_err(|_| {
        ConfigError::new(format!(
            "`{key}`: an origin looks like https://app.example.com or http://localhost:5173, without a path"
        ))
    })
}

pub fn in_range(key: &str, value: u64, least: u64, most: u64) -> Result<(), ConfigError> {
    if (least..=most).contains(&value) {
        return Ok(());
    }
    Err(ConfigError::new(format!("`{key}` must be from {least} to {most}")))
}
