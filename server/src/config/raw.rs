//! The shape of the configuration file, before any of it is checked.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use sealift::endpoint::Rules;
use serde::Deserialize;

use super::compat::CompatConfig;
use super::hooks::RawHooks;

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub struct Raw {
    pub server: RawServer,
    pub s3: Option<RawS3>,
    pub dev_s3: Option<RawDevS3>,
    pub auth: RawAuth,
    pub hooks: Option<RawHooks>,
    pub limits: RawLimits,
    pub rules: Rules,
    pub compat: CompatConfig,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RawServer {
    pub listen: SocketAddr,
    pub metrics_listen: Option<SocketAddr>,
    pub public_url: Option<String>,
    pub hosts: Vec<String>,
    pub origins: Vec<String>,
    pub environment: String,
    pub data_dir: PathBuf,
    pub secret_file: Option<PathBuf>,
    pub old_secret_files: Vec<PathBuf>,
    pub app_key_file: Option<PathBuf>,
    pub old_app_key_files: Vec<PathBuf>,
    pub www: Option<PathBuf>,
    pub pkg: Option<PathBuf>,
    pub js: Option<PathBuf>,
    pub max_body_bytes: usize,
    pub timeout_seconds: u64,
    pub max_connections: usize,
    pub drain_delay_seconds: u64,
    pub drain_seconds: u64,
}

impl Default for RawServer {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            metrics_listen: None,
            public_url: None,
            hosts: Vec::new(),
            origins: Vec::new(),
            environment: "default".to_owned(),
            data_dir: PathBuf::from(".sealift"),
            secret_file: None,
            old_secret_files: Vec::new(),
            app_key_file: None,
            old_app_key_files: Vec::new(),
            www: None,
            pkg: None,
            js: None,
            max_body_bytes: 4 * 1024 * 1024,
            timeout_seconds: 30,
            max_connections: 4096,
            drain_delay_seconds: 0,
            drain_seconds: 30,
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawS3 {
    pub endpoint: String,
    pub public_endpoint: Option<String>,
    pub region: String,
    #[serde(default = "RawS3::default_addressing")]
    pub addressing: String,
    pub bucket: String,
    #[serde(default = "RawS3::default_credentials")]
    pub credentials: String,
    pub access_key_id: Option<String>,
    pub profile: Option<String>,
    pub credentials_file: Option<PathBuf>,
    pub secret_access_key_file: Option<PathBuf>,
    #[serde(default = "RawS3::yes")]
    pub conditional_writes: bool,
    #[serde(default = "RawS3::yes")]
    pub checksums: bool,
}

impl RawS3 {
    fn default_addressing() -> String {
        "path".to_owned()
    }

    fn default_credentials() -> String {
        "static".to_owned()
    }

    const fn yes() -> bool {
        true
    }
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub struct RawDevS3 {
    pub listen: Option<SocketAddr>,
    pub root: Option<PathBuf>,
    pub fault_injection: bool,
}

impl RawDevS3 {
    pub const USUAL: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 9090);
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RawAuth {
    pub kind: String,
    pub allow_anonymous_remote: bool,
    pub algorithm: String,
    pub secret_file: Option<PathBuf>,
    pub public_key_file: Option<PathBuf>,
    pub jwks_url: Option<String>,
    pub jwks_max_age_seconds: u64,
    pub jwks_min_interval_seconds: u64,
    pub leeway_seconds: u64,
    pub issuer: Option<String>,
    pub audience: Option<String>,
    pub forward_url: Option<String>,
    pub forward_headers: Vec<String>,
    pub user_header: String,
    pub timeout_seconds: u64,
}

impl Default for RawAuth {
    fn default() -> Self {
        Self {
            kind: "none".to_owned(),
            allow_anonymous_remote: false,
            algorithm: "HS256".to_owned(),
            secret_file: None,
            public_key_file: None,
            jwks_url: None,
            jwks_max_age_seconds: 3600,
            jwks_min_interval_seconds: 30,
            leeway_seconds: 30,
            issuer: None,
            audience: None,
            forward_url: None,
            forward_headers: vec!["cookie".to_owned(), "authorization".to_owned()],
            user_header: "x-user-id".to_owned(),
            timeout_seconds: 5,
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RawLimits {
    pub calls_per_minute: u64,
    pub intents_per_minute: u64,
    pub files_per_hour: u64,
    pub bytes_per_day: u64,
    pub store: String,
    pub redis_url_file: Option<PathBuf>,
    pub on_failure: String,
}

impl Default for RawLimits {
    fn default() -> Self {
        Self {
            calls_per_minute: 0,
            intents_per_minute: 0,
            files_per_hour: 0,
            bytes_per_day: 0,
            store: "process".to_owned(),
            redis_url_file: None,
            on_failure: "closed".to_owned(),
        }
    }
}
