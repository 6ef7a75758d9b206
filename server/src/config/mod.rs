//! The configuration: read, checked and turned into types that cannot be wrong.

mod hooks;
mod raw;
mod sources;

use std::fmt;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use sealift::endpoint::{Rules, UserId};
use sealift::s3::{AddressingStyle, Bucket, Endpoint};
use sealift::sigv4::{Credentials, Origin};

use crate::auth::jwt::{JwtChecks, JwtKey};
use crate::secret::Secret;
pub use hooks::HooksConfig;
use raw::{RawAuth, RawDevS3, RawS3, RawServer};
use sources::EnvironmentSecrets;

/// A mistake in the configuration, as one sentence that names the key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError(String);

impl ConfigError {
    /// With the sentence.
    pub fn new(sentence: impl Into<String>) -> Self {
        Self(sentence.into())
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ConfigError {}

/// Everything the server goes by. `Debug` shows no secret.
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
}

/// `[server]`
#[derive(Debug)]
pub struct ServerConfig {
    /// Address to listen on; port 0 takes a free one.
    pub listen: SocketAddr,
    /// How browsers reach this server, if that is not the address it listens on.
    pub public_url: Option<Origin>,
    /// Other origins whose pages may call.
    pub origins: Vec<Origin>,
    /// Name of the environment that grants are bound to.
    pub environment: String,
    /// Folder for the keys that the server makes itself.
    pub data_dir: PathBuf,
    /// Key of grants and receipts; made in `data_dir` if not given.
    pub token_secret: Option<Secret>,
    /// Former keys, whose grants and receipts are still good.
    pub old_token_secrets: Vec<Secret>,
    /// What the app proves itself with, server to server.
    pub app_key: Option<Secret>,
    /// Folder served at `/`.
    pub www: Option<PathBuf>,
    /// Folder served at `/pkg/`.
    pub pkg: Option<PathBuf>,
    /// Folder served at `/js/`.
    pub js: Option<PathBuf>,
    /// Largest body of a call.
    pub max_body_bytes: usize,
    /// Longest that a call may take.
    pub timeout: Duration,
    /// Longest that calls in flight may take once the server is told to stop.
    pub drain: Duration,
}

/// Where the files go.
#[derive(Debug)]
pub enum Storage {
    /// `[s3]`
    S3(S3Config),
    /// `[dev_s3]`, or nothing at all on a loopback address.
    DevS3(DevS3Settings),
}

/// `[s3]`
#[derive(Debug)]
pub struct S3Config {
    /// The address this server calls.
    pub endpoint: Endpoint,
    /// The address browsers call.
    pub public_endpoint: Endpoint,
    /// Region of the credential scope.
    pub region: String,
    /// The bucket.
    pub bucket: Bucket,
    /// Keys that may write, read and delete there.
    pub credentials: Credentials,
    /// Whether it honours `If-None-Match: *`.
    pub conditional_writes: bool,
    /// Whether it takes `x-amz-checksum-…` headers.
    pub checksums: bool,
}

/// `[dev_s3]`
#[derive(Debug)]
pub struct DevS3Settings {
    /// Its own address: another origin than the server's.
    pub listen: SocketAddr,
    /// Whether somebody asked for that address, so that no other will do.
    pub listen_was_set: bool,
    /// Folder of the buckets.
    pub root: Option<PathBuf>,
    /// Whether tests may inject faults over HTTP.
    pub fault_injection: bool,
}

/// `[auth]`
#[derive(Debug)]
pub enum Auth {
    /// Everybody is this user.
    Anonymous(UserId),
    /// Bearer tokens.
    Jwt(JwtKey, JwtChecks),
}

impl Config {
    /// Reads file, environment and flags (dotted keys), and checks them.
    ///
    /// # Errors
    /// [`ConfigError`] with the first mistake.
    pub fn load(
        file: Option<&Path>,
        environment: impl Iterator<Item = (String, String)>,
        flags: &[(&str, String)],
    ) -> Result<Self, ConfigError> {
        let (raw, mut secrets) = sources::read(file, environment, flags)?;
        let auth = auth(&raw.auth, &raw.server, &mut secrets)?;
        if !raw.rules.bucket.is_empty() {
            return Err(ConfigError::new("`rules.bucket`: the bucket is named in `s3.bucket`"));
        }
        let storage = storage(raw.s3, raw.dev_s3, raw.server.listen, &mut secrets)?;
        let hooks = raw.hooks.map(|raw| hooks::hooks(raw, &mut secrets)).transpose()?;
        let server = server(raw.server, &mut secrets)?;
        if let Some(unused) = secrets.keys().next() {
            return Err(ConfigError::new(format!(
                "`{unused}` is set in the environment, but nothing uses it"
            )));
        }
        Ok(Self { server, storage, auth, hooks, rules: raw.rules })
    }
}

fn server(raw: RawServer, secrets: &mut EnvironmentSecrets) -> Result<ServerConfig, ConfigError> {
    let token_secret = secret(secrets, "server.secret", raw.secret_file.as_deref())?;
    let old = raw.old_secret_files.iter().map(|path| read_secret("server.old_secret_files", path));
    let old_token_secrets = old.collect::<Result<Vec<_>, _>>()?;
    if token_secret.iter().chain(&old_token_secrets).any(|secret| secret.len() < 32) {
        return Err(ConfigError::new("`server.secret_file`: the secret of tokens has at least 32 bytes"));
    }
    let app_key = secret(secrets, "server.app_key", raw.app_key_file.as_deref())?;
    if app_key.as_ref().is_some_and(|key| key.len() < 16) {
        return Err(ConfigError::new("`server.app_key_file`: the app's key has at least 16 bytes"));
    }
    let public_url = raw.public_url.as_deref().map(|url| origin("server.public_url", url)).transpose()?;
    if public_url.is_none() && raw.listen.ip().is_unspecified() {
        return Err(ConfigError::new(format!(
            "`server.public_url` is missing: `server.listen` is {}, which is no address that browsers can call",
            raw.listen,
        )));
    }
    let origins =
        raw.origins.iter().map(|text| origin("server.origins", text)).collect::<Result<Vec<_>, _>>()?;
    in_range("server.max_body_bytes", raw.max_body_bytes as u64, 1024, 64 * 1024 * 1024)?;
    in_range("server.timeout_seconds", raw.timeout_seconds, 1, 600)?;
    in_range("server.drain_seconds", raw.drain_seconds, 0, 600)?;
    for (key, folder) in [("server.www", &raw.www), ("server.pkg", &raw.pkg), ("server.js", &raw.js)] {
        if let Some(folder) = folder.as_deref().filter(|folder| !folder.is_dir()) {
            return Err(ConfigError::new(format!("`{key}`: there is no folder {}", folder.display())));
        }
    }
    Ok(ServerConfig {
        listen: raw.listen,
        public_url,
        origins,
        environment: raw.environment,
        data_dir: raw.data_dir,
        token_secret,
        old_token_secrets,
        app_key,
        www: raw.www,
        pkg: raw.pkg,
        js: raw.js,
        max_body_bytes: raw.max_body_bytes,
        timeout: Duration::from_secs(raw.timeout_seconds),
        drain: Duration::from_secs(raw.drain_seconds),
    })
}

fn storage(
    s3: Option<RawS3>,
    dev_s3: Option<RawDevS3>,
    listen: SocketAddr,
    secrets: &mut EnvironmentSecrets,
) -> Result<Storage, ConfigError> {
    match (s3, dev_s3) {
        (Some(_), Some(_)) => Err(ConfigError::new("`[s3]` and `[dev_s3]`: configure one of them")),
        (Some(raw), None) => Ok(Storage::S3(s3_config(raw, secrets)?)),
        (None, Some(raw)) => Ok(dev_s3_settings(raw)),
        (None, None) if listen.ip().is_loopback() => Ok(dev_s3_settings(RawDevS3::default())),
        (None, None) => Err(ConfigError::new(
            "`[s3]` is missing: without it the server only starts on a loopback address, with a small S3 of \
             its own for development (or say `[dev_s3]` explicitly)",
        )),
    }
}

fn dev_s3_settings(raw: RawDevS3) -> Storage {
    Storage::DevS3(DevS3Settings {
        listen: raw.listen.unwrap_or(RawDevS3::USUAL),
        listen_was_set: raw.listen.is_some(),
        root: raw.root,
        fault_injection: raw.fault_injection,
    })
}

fn s3_config(raw: RawS3, secrets: &mut EnvironmentSecrets) -> Result<S3Config, ConfigError> {
    let addressing = match raw.addressing.as_str() {
        "path" => AddressingStyle::Path,
        "virtual-hosted" => AddressingStyle::VirtualHosted,
        _ => return Err(ConfigError::new("`s3.addressing` must be `path` or `virtual-hosted`")),
    };
    let endpoint = |key, url: &str| {
        Endpoint::parse(url, addressing).map_err(|error| ConfigError::new(format!("`{key}`: {error}")))
    };
    let internal = endpoint("s3.endpoint", &raw.endpoint)?;
    let public_endpoint = match &raw.public_endpoint {
        Some(url) => endpoint("s3.public_endpoint", url)?,
        None => internal.clone(),
    };
    let bucket =
        Bucket::parse(&raw.bucket).map_err(|error| ConfigError::new(format!("`s3.bucket`: {error}")))?;
    let key = secret(secrets, "s3.secret_access_key", raw.secret_access_key_file.as_deref())?.ok_or_else(|| {
        ConfigError::new(
            "`s3.secret_access_key_file` is missing: name the file, or set SEALIFT__S3__SECRET_ACCESS_KEY",
        )
    })?;
    let key = text("s3.secret_access_key", &key)?.to_owned();
    let session_token = secrets.remove("s3.session_token");
    let session_token =
        session_token.as_ref().map(|token| text("s3.session_token", token).map(str::to_owned)).transpose()?;
    let credentials = Credentials::new(raw.access_key_id, key, session_token)
        .map_err(|error| ConfigError::new(format!("`s3`: {error}")))?;
    Ok(S3Config {
        endpoint: internal,
        public_endpoint,
        region: raw.region,
        bucket,
        credentials,
        conditional_writes: raw.conditional_writes,
        checksums: raw.checksums,
    })
}

fn auth(raw: &RawAuth, server: &RawServer, secrets: &mut EnvironmentSecrets) -> Result<Auth, ConfigError> {
    match raw.kind.as_str() {
        "none" if !server.listen.ip().is_loopback() && !raw.allow_anonymous_remote => {
            Err(ConfigError::new(format!(
                "`auth.kind` is \"none\" and `server.listen` is {}, which others can reach: set `auth.kind` to \
                 \"jwt\", or `auth.allow_anonymous_remote` to true if anybody may upload",
                server.listen,
            )))
        }
        "none" if names_another_machine(server.public_url.as_deref()) && !raw.allow_anonymous_remote => {
            Err(ConfigError::new(
                "`auth.kind` is \"none\" and `server.public_url` is not of this machine alone: set `auth.kind` to \
                 \"jwt\", or `auth.allow_anonymous_remote` to true if anybody may upload",
            ))
        }
        "none" => UserId::parse("anonymous")
            .map(Auth::Anonymous)
            .map_err(|_| ConfigError::new("`auth.kind`: the anonymous user has no valid name")),
        "jwt" => {
            in_range("auth.leeway_seconds", raw.leeway_seconds, 0, 300)?;
            let checks = JwtChecks {
                leeway_seconds: raw.leeway_seconds,
                issuer: raw.issuer.clone(),
                audience: raw.audience.clone(),
            };
            Ok(Auth::Jwt(jwt_key(raw, secrets)?, checks))
        }
        _ => Err(ConfigError::new("`auth.kind` must be `none` or `jwt`")),
    }
}

/// Whether browsers elsewhere find the server, by a proxy on this machine. What
/// is no URL at all is refused later.
fn names_another_machine(public_url: Option<&str>) -> bool {
    public_url.and_then(|url| Origin::parse(url).ok()).is_some_and(|url| {
        let host = url.host().trim_matches(['[', ']']);
        let this_address = host.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback());
        !(this_address || host == "localhost" || host.ends_with(".localhost"))
    })
}

fn jwt_key(raw: &RawAuth, secrets: &mut EnvironmentSecrets) -> Result<JwtKey, ConfigError> {
    let public_key = |algorithm| {
        let path = raw.public_key_file.as_deref().ok_or_else(|| {
            ConfigError::new(format!("`auth.public_key_file` is missing, which {algorithm} needs"))
        })?;
        Ok(read_secret("auth.public_key_file", path)?.expose().to_vec())
    };
    match raw.algorithm.as_str() {
        "HS256" => {
            secret(secrets, "auth.secret", raw.secret_file.as_deref())?.map(JwtKey::Hs256).ok_or_else(|| {
                ConfigError::new("`auth.secret_file` is missing: name the file, or set SEALIFT__AUTH__SECRET")
            })
        }
        "RS256" => public_key("RS256").map(JwtKey::Rs256),
        "ES256" => public_key("ES256").map(JwtKey::Es256),
        _ => Err(ConfigError::new("`auth.algorithm` must be `HS256`, `RS256` or `ES256`")),
    }
}

/// A secret from the environment or from a file; from both is a mistake.
fn secret(
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

fn read_secret(key: &str, path: &Path) -> Result<Secret, ConfigError> {
    Secret::read(path)
        .map_err(|error| ConfigError::new(format!("`{key}`: cannot read {}: {error}", path.display())))
}

fn text<'a>(key: &str, secret: &'a Secret) -> Result<&'a str, ConfigError> {
    secret.expose_text().ok_or_else(|| ConfigError::new(format!("`{key}` is not text in UTF-8")))
}

fn origin(key: &str, text: &str) -> Result<Origin, ConfigError> {
    Origin::parse(text).map_err(|_| {
        ConfigError::new(format!(
            "`{key}`: an origin looks like https://app.example.com or http://localhost:5173, without a path"
        ))
    })
}

fn in_range(key: &str, value: u64, least: u64, most: u64) -> Result<(), ConfigError> {
    if (least..=most).contains(&value) {
        return Ok(());
    }
    Err(ConfigError::new(format!("`{key}` must be from {least} to {most}")))
}
