//! `[server]`

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use sealift::sigv4::Origin;

use super::ConfigError;
use super::raw::RawServer;
use super::sources::EnvironmentSecrets;
use super::values::{in_range, origin, read_secret, secret};
use crate::secret::Secret;

/// `[server]`
#[derive(Debug)]
pub struct ServerConfig {
    /// Address to listen on; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Where metrics, health and readiness are answered too, for those who watch it.
    pub metrics_listen: Option<SocketAddr>,
    /// `Host`s that this environment answers to; all if there are none.
    pub hosts: Vec<String>,
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
    /// Former ones, still good.
    pub old_app_keys: Vec<Secret>,
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
    /// Most connections at a time; further ones wait to be accepted.
    pub max_connections: usize,
    /// How long it still takes new connections once it is told to stop, no
    /// longer ready.
    pub drain_delay: Duration,
    /// Longest that calls in flight may take once the server is told to stop.
    pub drain: Duration,
}

pub(super) fn server(raw: RawServer, secrets: &mut EnvironmentSecrets) -> Result<ServerConfig, ConfigError> {
    let token_secret = secret(secrets, "server.secret", raw.secret_file.as_deref())?;
    let old = raw.old_secret_files.iter().map(|path| read_secret("server.old_secret_files", path));
    let old_token_secrets = old.collect::<Result<Vec<_>, _>>()?;
    if token_secret.iter().chain(&old_token_secrets).any(|secret| secret.len() < 32) {
        return Err(ConfigError::new("`server.secret_file`: the secret of tokens has at least 32 bytes"));
    }
    let app_key = secret(secrets, "server.app_key", raw.app_key_file.as_deref())?;
    let old_app_keys = raw.old_app_key_files.iter().map(|path| read_secret("server.old_app_key_files", path));
    let old_app_keys = old_app_keys.collect::<Result<Vec<_>, _>>()?;
    if app_key.iter().chain(&old_app_keys).any(|key| key.len() < 16) {
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
    in_range("server.max_connections", raw.max_connections as u64, 1, 1 << 20)?;
    in_range("server.drain_delay_seconds", raw.drain_delay_seconds, 0, 600)?;
    in_range("server.drain_seconds", raw.drain_seconds, 0, 600)?;
    for (key, folder) in [("server.www", &raw.www), ("server.pkg", &raw.pkg), ("server.js", &raw.js)] {
        if let Some(folder) = folder.as_deref().filter(|folder| !folder.is_dir()) {
            return Err(ConfigError::new(format!("`{key}`: there is no folder {}", folder.display())));
        }
    }
    Ok(ServerConfig {
        listen: raw.listen,
        metrics_listen: raw.metrics_listen,
        hosts: raw.hosts.iter().map(|host| self::host(host)).collect::<Result<_, _>>()?,
        public_url,
        origins,
        environment: raw.environment,
        data_dir: raw.data_dir,
        token_secret,
        old_token_secrets,
        app_key,
        old_app_keys,
        www: raw.www,
        pkg: raw.pkg,
        js: raw.js,
        max_body_bytes: raw.max_body_bytes,
        timeout: Duration::from_secs(raw.timeout_seconds),
        max_connections: raw.max_connections,
        drain_delay: Duration::from_secs(raw.drain_delay_seconds),
        drain: Duration::from_secs(raw.drain_seconds),
    })
}

/// As a `Host` header says it, in lower case.
fn host(text: &str) -> Result<String, ConfigError> {
    let host = text.to_ascii_lowercase();
    match Origin::parse(&format!("http://{host}")) {
        Ok(_) => Ok(host),
        Err(_) => {
            Err(ConfigError::new("`server.hosts`: a host looks like uploads.example.com or localhost:8080"))
        }
    }
}
