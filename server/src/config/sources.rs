//! Where the configuration comes from: flags before the environment before the
//! file before the defaults; and secrets, which come from neither file nor flag.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use figment::providers::{Format, Serialized, Toml};
use figment::value::{Dict, Value};
use figment::{Figment, Profile, Provider};

use super::raw::Raw;
use super::{AwsVariables, ConfigError};
use crate::secret::Secret;

/// `SEALIFT__SECTION__KEY` sets `section.key`.
const ENVIRONMENT_PREFIX: &str = "SEALIFT__";
/// Which environment is served.
const SELECTED: &str = "SEALIFT_ENVIRONMENT";

/// The secrets, and how the file may name them instead.
const SECRETS: [(&str, &str); 7] = [
    ("server.secret", "server.secret_file"),
    ("server.app_key", "server.app_key_file"),
    ("s3.secret_access_key", "s3.secret_access_key_file"),
    ("s3.session_token", ""),
    ("auth.secret", "auth.secret_file"),
    ("hooks.secret", "hooks.secret_file"),
    ("limits.redis_url", "limits.redis_url_file"),
];

/// Keys that hold lists: in the environment their values stand between commas.
const LISTS: [&str; 8] = [
    "server.hosts",
    "server.origins",
    "server.old_secret_files",
    "server.old_app_key_files",
    "auth.forward_headers",
    "rules.types",
    "rules.inline_types",
    "rules.redirect_origins",
];

/// All that was read, before environments are taken apart.
pub struct Sources {
    /// File, environment and flags, merged.
    pub settings: Dict,
    /// Secrets given in the environment.
    pub secrets: AllSecrets,
    /// `SEALIFT_ENVIRONMENT`.
    pub selected: Option<String>,
    /// What AWS's own tools read.
    pub aws: AwsVariables,
    file: Option<PathBuf>,
}

/// Secrets given in the environment, by their dotted key.
pub struct AllSecrets(HashMap<String, Secret>);

/// Secrets of one environment, by their key, e.g. `s3.secret_access_key`; and
/// whether it is its own.
pub struct EnvironmentSecrets(HashMap<&'static str, (Secret, bool)>);

impl EnvironmentSecrets {
    /// Takes the secret of this key.
    pub fn remove(&mut self, key: &str) -> Option<Secret> {
        self.0.remove(key).map(|(secret, _)| secret)
    }

    /// One that nobody took; the environment's own alone if others share the rest.
    pub fn unused(&self, own_alone: bool) -> Option<&'static str> {
        self.0.iter().find(|(_, (_, own))| *own || !own_alone).map(|(key, _)| *key)
    }
}

impl AllSecrets {
    /// Names of environments that have secrets of their own.
    pub fn environments(&self) -> impl Iterator<Item = &str> {
        self.0.keys().filter_map(|key| environment_of(key).0)
    }

    /// Those of the top level.
    pub fn top(&self) -> EnvironmentSecrets {
        let found = SECRETS.iter().filter_map(|(key, _)| Some((*key, (self.0.get(*key)?.clone(), false))));
        EnvironmentSecrets(found.collect())
    }

    /// Those of an environment: its own before those of the top level. What
    /// names the same secret in another place further up is left out.
    pub fn of(&self, name: &str, table: &Dict, inherited: &mut Dict) -> EnvironmentSecrets {
        let mut found = HashMap::new();
        for (key, file) in SECRETS {
            if let Some(own) = self.0.get(&format!("environments.{name}.{key}")) {
                remove(inherited, file);
                found.insert(key, (own.clone(), true));
            } else if contains(table, file) {
                continue;
            } else if let Some(top) = self.0.get(key) {
                found.insert(key, (top.clone(), false));
            }
        }
        EnvironmentSecrets(found)
    }
}

/// Merges what there is. `flags` are dotted keys with their values.
pub fn read(
    file: Option<&Path>,
    environment: impl Iterator<Item = (String, String)>,
    flags: &[(&str, String)],
) -> Result<Sources, ConfigError> {
    let (mut secrets, mut selected, mut aws) = (HashMap::new(), None, AwsVariables::default());
    let mut figment = Figment::new();
    if let Some(path) = file {
        let text = std::fs::read_to_string(path)
            .map_err(|error| ConfigError::new(format!("cannot read {}: {error}", path.display())))?;
        figment = figment.merge(Toml::string(&text));
    }
    let in_file = merged(&figment, file)?;
    if let Some(path) = file {
        refuse_secrets(&in_file, "", path)?;
        for (name, table) in in_file.get("environments").and_then(Value::as_dict).into_iter().flatten() {
            if let Some(table) = table.as_dict() {
                refuse_secrets(table, &format!("environments.{name}."), path)?;
            }
        }
    }
    for (name, value) in environment {
        if name == SELECTED && !value.is_empty() {
            selected = Some(value);
            continue;
        }
        let Some(key) = name.strip_prefix(ENVIRONMENT_PREFIX) else {
            aws.take(name, value);
            continue;
        };
        let key = key.to_ascii_lowercase().replace("__", ".");
        let (_, plain) = environment_of(&key);
        if SECRETS.iter().any(|(secret, _)| *secret == plain) {
            secrets.insert(key, Secret::new(value));
        } else {
            figment = figment.merge(one(&key, &value));
        }
    }
    for (key, value) in flags {
        figment = figment.merge(one(key, value));
    }
    let settings = merged(&figment, file)?;
    Ok(Sources { settings, secrets: AllSecrets(secrets), selected, aws, file: file.map(Path::to_owned) })
}

impl Sources {
    /// The shape of these settings.
    pub fn raw(&self, settings: Dict) -> Result<Raw, ConfigError> {
        Figment::from(Serialized::from(settings, Profile::Default))
            .extract_lossy()
            .map_err(|error| explain(&error, self.file.as_deref()))
    }
}

fn merged(figment: &Figment, file: Option<&Path>) -> Result<Dict, ConfigError> {
    let mut data = figment.data().map_err(|error| explain(&error, file))?;
    Ok(data.remove(&Profile::Default).unwrap_or_default())
}

/// `environments.staging.s3.bucket` is `s3.bucket` of `staging`.
fn environment_of(key: &str) -> (Option<&str>, &str) {
    let named = key.strip_prefix("environments.").and_then(|rest| rest.split_once('.'));
    named.map_or((None, key), |(name, key)| (Some(name), key))
}

/// The environment and the flags hold text; numbers and booleans are read from
/// it when the key wants them (`extract_lossy`).
fn one(key: &str, text: &str) -> Figment {
    let value = if LISTS.contains(&environment_of(key).1) {
        let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
        Value::from(items.map(|item| Value::from(item.to_owned())).collect::<Vec<_>>())
    } else {
        Value::from(text.to_owned())
    };
    let nested =
        key.rsplit('.').fold(value, |inner, name| Value::from(Dict::from([(name.to_owned(), inner)])));
    match nested.into_dict() {
        Some(dict) => Figment::from(Serialized::from(dict, Profile::Default)),
        None => Figment::new(),
    }
}

fn contains(table: &Dict, key: &str) -> bool {
    match key.split_once('.') {
        Some((section, key)) => {
            table.get(section).and_then(Value::as_dict).is_some_and(|section| section.contains_key(key))
        }
        None => false,
    }
}

fn remove(table: &mut Dict, key: &str) {
    if let Some((section, key)) = key.split_once('.')
        && let Some(Value::Dict(_, section)) = table.get_mut(section)
    {
        section.remove(key);
    }
}

fn refuse_secrets(table: &Dict, prefix: &str, path: &Path) -> Result<(), ConfigError> {
    for (secret, instead) in SECRETS {
        if !contains(table, secret) {
            continue;
        }
        let (key, variable) = (format!("{prefix}{secret}"), format!("{prefix}{secret}"));
        let variable = format!("{ENVIRONMENT_PREFIX}{}", variable.replace('.', "__").to_ascii_uppercase());
        let file_way = if instead.is_empty() {
            String::new()
        } else {
            format!(" or in a file of its own that `{prefix}{instead}` names")
        };
        return Err(ConfigError::new(format!(
            "{}: `{key}` is a secret and does not belong into the configuration file: put it into the \
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
