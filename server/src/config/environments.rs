//! Several environments in one file: `[environments.staging.s3]` and so on.
//! Each is the top level with its own tables laid over it.

use std::collections::HashSet;

use figment::value::{Dict, Value};

use super::raw::Raw;
use super::sources::{EnvironmentSecrets, Sources};
use super::{AwsVariables, Config, ConfigError, Storage};

/// Keys of `[server]` that an environment may have: the others belong to the
/// process.
const OWN: [&str; 7] = [
    "hosts",
    "public_url",
    "origins",
    "secret_file",
    "old_secret_files",
    "app_key_file",
    "old_app_key_files",
];

/// The environments that are served.
pub struct Environments {
    pub served: Vec<One>,
    pub aws: AwsVariables,
}

/// One environment before it is checked.
pub struct One {
    /// `None` for the top level itself.
    pub name: Option<String>,
    pub raw: Raw,
    pub secrets: EnvironmentSecrets,
    /// Whether it shares the top level with others.
    pub inherits: bool,
}

impl Environments {
    /// Those of the sources that are selected.
    pub fn of(mut sources: Sources, selected: Option<&str>) -> Result<Self, ConfigError> {
        let selected = selected.map(str::to_owned).or_else(|| sources.selected.take());
        let tables = tables(sources.settings.remove("environments"))?;
        let aws = std::mem::take(&mut sources.aws);
        let known = || tables.iter().map(|(name, _)| format!("`{name}`")).collect::<Vec<_>>().join(", ");
        if let Some(stranger) =
            sources.secrets.environments().find(|name| !tables.iter().any(|(known, _)| known == name))
        {
            return Err(ConfigError::new(format!(
                "`environments.{stranger}` is set in the environment alone"
            )));
        }
        if tables.is_empty() {
            if let Some(name) = selected {
                return Err(ConfigError::new(format!("there is no environment `{name}`, nor any other one")));
            }
            let raw = sources.raw(sources.settings.clone())?;
            let secrets = sources.secrets.top();
            return Ok(Self { served: vec![One { name: None, raw, secrets, inherits: false }], aws });
        }
        let mut served = Vec::new();
        for (name, table) in &tables {
            if selected.as_ref().is_none_or(|selected| selected == name) {
                let one = one(&sources, name, table).map_err(|error| error.within(name))?;
                served.push(one);
            }
        }
        match selected {
            Some(selected) if served.is_empty() => {
                Err(ConfigError::new(format!("there is no environment `{selected}`; there are {}", known())))
            }
            None if served.len() > 1 && served.iter().any(|one| one.raw.server.hosts.is_empty()) => {
                Err(ConfigError::new(format!(
                    "select an environment with --environment or SEALIFT_ENVIRONMENT ({}), or give each its \
                     `server.hosts` to serve them all",
                    known()
                )))
            }
            _ => Ok(Self { served, aws }),
        }
    }
}

fn one(sources: &Sources, name: &str, table: &Dict) -> Result<One, ConfigError> {
    if table.contains_key("dev_s3") {
        return Err(ConfigError::new("`dev_s3` stands at the top level alone"));
    }
    for key in table.get("server").and_then(Value::as_dict).into_iter().flat_map(Dict::keys) {
        if !OWN.contains(&key.as_str()) {
            let own = OWN.map(|key| format!("`{key}`")).join(", ");
            return Err(ConfigError::new(format!(
                "`server.{key}` belongs to the whole process; an environment has {own}"
            )));
        }
    }
    let mut settings = sources.settings.clone();
    if table.contains_key("s3") {
        settings.remove("dev_s3");
    }
    if let Some(Value::Dict(_, server)) = settings.get("server")
        && server.get("hosts").and_then(Value::as_array).is_some_and(|hosts| !hosts.is_empty())
    {
        return Err(ConfigError::new(
            "`server.hosts`: no two environments have one in common, so none at the top level",
        ));
    }
    let secrets = sources.secrets.of(name, table, &mut settings);
    lay_over(&mut settings, table);
    let mut raw = sources.raw(settings)?;
    raw.server.environment = name.to_owned();
    Ok(One { name: Some(name.to_owned()), raw, secrets, inherits: true })
}

/// Tables are joined, everything else is replaced.
fn lay_over(below: &mut Dict, above: &Dict) {
    for (key, value) in above {
        match (below.get_mut(key), value) {
            (Some(Value::Dict(_, below)), Value::Dict(_, above)) => lay_over(below, above),
            _ => drop(below.insert(key.clone(), value.clone())),
        }
    }
}

fn tables(value: Option<Value>) -> Result<Vec<(String, Dict)>, ConfigError> {
    let tables = match value {
        None => return Ok(Vec::new()),
        Some(Value::Dict(_, tables)) => tables,
        Some(_) => return Err(ConfigError::new("`environments` must be tables: [environments.staging]")),
    };
    tables
        .into_iter()
        .map(|(name, value)| {
            let fit = (1..=64).contains(&name.len())
                && name
                    .bytes()
                    .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_".contains(&byte));
            match value {
                Value::Dict(_, table) if fit => Ok((name, table)),
                _ => Err(ConfigError::new(
                    "`environments`: a name has 1 to 64 of a-z, 0-9, - and _, and is followed by tables: \
                 [environments.staging.s3]",
                )),
            }
        })
        .collect()
}

/// What no environment sees alone.
pub fn check_together(all: &[Config]) -> Result<(), ConfigError> {
    let mut hosts = HashSet::new();
    for host in all.iter().flat_map(|config| &config.server.hosts) {
        if !hosts.insert(host) {
            return Err(ConfigError::new(format!("`server.hosts`: {host} stands there twice")));
        }
    }
    if all.len() > 1 && all.iter().any(|config| matches!(config.storage, Storage::DevS3(_))) {
        return Err(ConfigError::new("`[s3]` is missing in an environment: dev-s3 is for one alone"));
    }
    Ok(())
}
