//! The configuration of a JavaScript backend, parsed into what the rules are made of.

use serde::Deserialize;
use wasm_bindgen::JsValue;

use super::ports::JsStore;
use crate::endpoint::service::{Hooks, PageOrigins};
use crate::endpoint::{EndpointConfig, Rules, SigningEndpoint, TokenSecrets};
use crate::error::{Error, ErrorKind, Result};
use crate::s3::{AddressingStyle, Bucket, Endpoint};
use crate::sigv4::{Credentials, Origin};

/// What a handler is made of.
pub(super) struct Parsed {
    pub endpoint: SigningEndpoint,
    pub store: JsStore,
    pub origins: PageOrigins,
    pub app_key: Option<Vec<u8>>,
    pub hooks: Option<Hooks>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    environment: String,
    s3: RawS3,
    /// Bytes, the current one first.
    secrets: Vec<Secret>,
    app_key: Option<Secret>,
    public_url: String,
    path: String,
    origins: Vec<String>,
    hooks: Option<RawHooks>,
    #[serde(default)]
    rules: Rules,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawS3 {
    endpoint: String,
    public_endpoint: Option<String>,
    addressing: Option<String>,
    region: String,
    bucket: String,
    access_key_id: String,
    secret_access_key: String,
    session_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawHooks {
    secret: Secret,
    on_grant: bool,
    on_finish: bool,
}

impl RawHooks {
    fn parse(&self) -> Result<Hooks> {
        let mut hooks = Hooks::new(&self.secret.bytes("hooks.secret", 16)?)?;
        hooks.on_grant = self.on_grant;
        hooks.on_finish = self.on_finish;
        Ok(hooks)
    }
}

/// A text or bytes. Has no `Debug`: it is never printed.
#[derive(Deserialize)]
struct Secret(#[serde(with = "serde_wasm_bindgen::preserve")] JsValue);

impl Secret {
    fn bytes(&self, name: &str, least: usize) -> Result<Vec<u8>> {
        let bytes = super::bytes_of(&self.0).filter(|bytes| bytes.len() >= least);
        bytes.ok_or_else(|| invalid(format!("{name} is a text or bytes, {least} bytes at least")))
    }
}

pub(super) fn parse(config: JsValue) -> Result<Parsed> {
    let raw: Raw = serde_wasm_bindgen::from_value(config).map_err(|error| invalid(said(&error)))?;
    if !raw.rules.bucket.is_empty() {
        return Err(invalid("rules.bucket: the bucket is named in s3.bucket".to_owned()));
    }
    let addressing = match raw.s3.addressing.as_deref() {
        None | Some("path") => AddressingStyle::Path,
        Some("virtual-hosted") => AddressingStyle::VirtualHosted,
        Some(_) => return Err(invalid("s3.addressing is \"path\" or \"virtual-hosted\"".to_owned())),
    };
    let internal = Endpoint::parse(&raw.s3.endpoint, addressing)?;
    let public = raw.s3.public_endpoint.as_deref().map(|url| Endpoint::parse(url, addressing)).transpose()?;
    let bucket = Bucket::parse(&raw.s3.bucket)?;
    let credentials = Credentials::new(raw.s3.access_key_id, raw.s3.secret_access_key, raw.s3.session_token)?;
    let secrets = raw.secrets.iter().map(|secret| secret.bytes("secret", 32)).collect::<Result<Vec<_>>>()?;
    let public_url = Origin::parse(&raw.public_url)?;
    let mut origins = raw.origins.iter().map(|origin| Origin::parse(origin)).collect::<Result<Vec<_>>>()?;
    origins.push(public_url.clone());
    let endpoint = SigningEndpoint::new(EndpointConfig {
        environment: raw.environment,
        rules: Rules { bucket: bucket.as_str().to_owned(), ..raw.rules },
        region: raw.s3.region.clone(),
        s3: public.unwrap_or_else(|| internal.clone()),
        credentials,
        secrets: TokenSecrets::new(secrets)?,
        form_finish_url: Some(format!("{public_url}{}/forms/finish", raw.path)),
    })?;
    Ok(Parsed {
        store: JsStore {
            endpoint: internal,
            region: raw.s3.region,
            credentials: endpoint.credentials().clone(),
        },
        endpoint,
        origins: PageOrigins::new(&origins),
        hooks: raw.hooks.as_ref().map(RawHooks::parse).transpose()?,
        app_key: raw.app_key.map(|key| key.bytes("appKey", 16)).transpose()?,
    })
}

/// What serde found, which names members and types; a value that it shows is
/// left out, for it may be a secret.
fn said(error: &serde_wasm_bindgen::Error) -> String {
    let text = error.to_string();
    let text = text.strip_prefix("Error: ").unwrap_or(&text);
    match text.split_once("invalid ") {
        Some((_, rest)) if !rest.starts_with("type: ") || rest.contains('"') => {
            "the configuration has a value of another type than it takes".to_owned()
        }
        _ => text.to_owned(),
    }
}

fn invalid(message: String) -> Error {
    Error::new(ErrorKind::InvalidOption, message)
}
