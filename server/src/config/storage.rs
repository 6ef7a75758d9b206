//! `[s3]` and `[dev_s3]`

use std::net::SocketAddr;
use std::path::PathBuf;

use sealift::s3::{AddressingStyle, Bucket, Endpoint};

use super::raw::{RawDevS3, RawS3};
use super::sources::EnvironmentSecrets;
use super::{AwsVariables, ConfigError, CredentialSource, credentials};

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
    pub credentials: CredentialSource,
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

pub(super) fn storage(
    s3: Option<RawS3>,
    dev_s3: Option<RawDevS3>,
    listen: SocketAddr,
    aws: &AwsVariables,
    secrets: &mut EnvironmentSecrets,
) -> Result<Storage, ConfigError> {
    match (s3, dev_s3) {
        (Some(_), Some(_)) => Err(ConfigError::new("`[s3]` and `[dev_s3]`: configure one of them")),
        (Some(raw), None) => Ok(Storage::S3(s3_config(raw, aws, secrets)?)),
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

fn s3_config(
    raw: RawS3,
    aws: &AwsVariables,
    secrets: &mut EnvironmentSecrets,
) -> Result<S3Config, ConfigError> {
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
    let credentials = credentials::source(&raw, aws, secrets)?;
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
