//! Where the configuration comes from: flags before the environment before the
//! file before the defaults; and secrets, which come from neither file nor flag.

use std::collections::HashMap;
use std::path::Path;

use figment::providers::{Format, Toml};
use figment::value::{Dict, Value};
use figment::{Figment, Profile};

use super::ConfigError;
use super::raw::Raw;
use crate::secret::Secret;

/// `SEALIFT__SECTION__KEY` sets `section.key`.
const ENVIRONMENT_PREFIX: &str = "SEALIFT__";

/// The secrets, and how the file may name them instead.
const SECRETS: [(&str, &str); 6] = [
    ("server.secret", "server.secret_file"),
    ("server.app_key", "server.app_key_file"),
    ("s3.secret_access_key", "s3.secret_access_key_file"),
    ("s3.session_token", ""),
    ("auth.secret", "auth.secret_file"),
    ("hooks.secret", "hooks.secret_file"),
];

/// Keys that hold lists: in the environment their values stand between commas.
const LISTS: [&str; 5] = [
    "server.origins",
    "server.old_secret_files",
    "rules.types",
    "rules.inline_types",
    "rules.redirect_origins",
];

/// Secrets given in the environment, by their key, e.g. `s3.secret_access_key`.
pub type EnvironmentSecrets = HashMap<&'static str, Secret>;

/// Merges what there is. `flags` are dotted keys with their values.
pub fn read(
    file: Option<&Path>,
    environment: impl Iterator<Item = (String, String)>,
    flags: &[(&str, String)],
) -> Result<(Raw, EnvironmentSecrets), ConfigError> {
    let mut secrets = EnvironmentSecrets::new();
    let mut figment = Figment::new();
    if let Some(path) = file {
        let text = std::fs::read_to_string(path)
            .map_err(|error| ConfigError::new(format!("cannot read {}: {error}", path.display())))?;
        let toml = Figment::from(Toml::string(&text));
        refuse_secrets(&toml, path)?;
        figment = figment.merge(toml);
    }
    for (name, value) in environment {
        let Some(key) = name.strip_prefix(ENVIRONMENT_PREFIX) else { continue };
        let key = key.to_ascii_lowercase().replace("__", ".");
        match SECRETS.iter().find(|(secret, _)| *secret == key) {
            Some((secret, _)) => drop(secrets.insert(secret, Secret::new(value))),
            None => figment = figment.merge(one(&key, &value)),
        }
    }
    for (key, value) in flags {
        figment = figment.merge(one(key, value));
    }
    let raw = figment.extract_lossy().map_err(|error| explain(&error, file))?;
    Ok((raw, secrets))
}

/// The environment and the flags hold text; numbers and booleans are read from
/// it when the key wants them (`extract_lossy`).
fn one(key: &str, text: &str) -> Figment {
    let value = if LISTS.contains(&key) {
        let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
        Value::from(items.map(|item| Value::from(item.to_owned())).collect::<Vec<_>>())
    } else {
        Value::from(text.to_owned())
    };
    let nested =
        key.rsplit('.').fold(value, |inner, name| Value::from(Dict::from([(name.to_owned(), inner)])));
    match nested.into_dict() {
        Some(dict) => Figment::from(figment::providers::Serialized::from(dict, Profile::Default)),
        None => Figment::new(),
    }
}

fn refuse_secrets(file: &Figment, path: &Path) -> Result<(), ConfigError> {
    for (secret, instead) in SECRETS {
        if !file.contains(secret) {
            continue;
        }
        let variable = format!("{ENVIRONMENT_PREFIX}{}", secret.replace('.', "__").to_ascii_uppercase());
        let file_way = if instead.is_empty() {
            String::new()
        } else {
            format!(" or in a file of its own that `{instead}` names")
        };
        return Err(ConfigError::new(format!(
            "{}: `{secret}` is a secret and does not belong into the configuration file: put it into the \
             environment variable {variable}{file_way}",
            path.display(),
        )));
    }
    Ok(())
}

/// One sentence that names the key. Values are not repeated: a secret may have
/// been put under a wrong key.
fn explain(error: &figment::Error, file: Option<&Path>) -> ConfigError {
    use figment::error::Kind;
    let key = error.path.join(".");
    let place = file.map_or_else(|| "configuration".to_owned(), |path| path.display().to_string());
    let names = |names: &[&str]| names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    let sentence = match &error.kind {
        Kind::UnknownField(field, known) => {
            let section = key.strip_suffix(field.as_str()).unwrap_or(&key).trim_end_matches('.');
            let section = if section.is_empty() { String::new() } else { format!(" in `{section}`") };
            format!("there is no key `{field}`{section}; the keys are {}", names(known))
        }
        Kind::MissingField(field) if key.is_empty() => format!("`{field}` is missing"),
        Kind::MissingField(field) => format!("`{key}.{field}` is missing"),
        Kind::InvalidType(_, expected) => format!("`{key}` must be {expected}"),
        Kind::InvalidValue(_, expected) => format!("`{key}` must be {expected}"),
        Kind::UnknownVariant(_, known) => format!("`{key}` must be one of {}", names(known)),
        // A TOML syntax error quotes the line; its place is enough.
        Kind::Message(text) if text.starts_with("TOML parse error") => {
            format!("not valid TOML: {}", text.lines().next().unwrap_or_default())
        }
        Kind::Message(text) if key.is_empty() => text.clone(),
        Kind::Message(text) => format!("`{key}`: {text}"),
        _ if key.is_empty() => "cannot be understood".to_owned(),
        _ => format!("`{key}` cannot be understood"),
    };
    ConfigError::new(format!("{place}: {sentence}"))
}
