//! `[auth]`

use std::time::Duration;

use http::{HeaderName, Uri};
use sealift::endpoint::UserId;
use sealift::sigv4::Origin;

use super::ConfigError;
use super::raw::{RawAuth, RawServer};
use super::sources::EnvironmentSecrets;
use super::values::{in_range, read_secret, secret};
use crate::auth::forward::ForwardSettings;
use crate::auth::jwks::{JwksAlgorithm, JwksSource};
use crate::auth::jwt::{JwtChecks, JwtKey};

/// `[auth]`
#[derive(Debug)]
pub enum Auth {
    /// Everybody is this user.
    Anonymous(UserId),
    /// Bearer tokens.
    Jwt(JwtKey, JwtChecks),
    /// Bearer tokens, whose keys the app's login publishes.
    Jwks(JwksSource, JwtChecks),
    /// The app is asked.
    Forward(ForwardSettings),
}

pub(super) fn auth(
    raw: &RawAuth,
    server: &RawServer,
    secrets: &mut EnvironmentSecrets,
) -> Result<Auth, ConfigError> {
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
            match &raw.jwks_url {
                Some(url) => Ok(Auth::Jwks(jwks(raw, url)?, checks)),
                None => Ok(Auth::Jwt(jwt_key(raw, secrets)?, checks)),
            }
        }
        "forward" => forward(raw).map(Auth::Forward),
        _ => Err(ConfigError::new("`auth.kind` must be `none`, `jwt` or `forward`")),
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

fn jwks(raw: &RawAuth, url: &str) -> Result<JwksSource, ConfigError> {
    if raw.public_key_file.is_some() {
        return Err(ConfigError::new("`auth.jwks_url` and `auth.public_key_file`: keep one"));
    }
    let algorithm = match raw.algorithm.as_str() {
        "RS256" => JwksAlgorithm::Rs256,
        "ES256" => JwksAlgorithm::Es256,
        _ => {
            return Err(ConfigError::new("`auth.algorithm` must be `RS256` or `ES256` with `auth.jwks_url`"));
        }
    };
    in_range("auth.jwks_max_age_seconds", raw.jwks_max_age_seconds, 1, 86_400)?;
    in_range("auth.jwks_min_interval_seconds", raw.jwks_min_interval_seconds, 1, 3_600)?;
    Ok(JwksSource {
        url: address("auth.jwks_url", url)?,
        algorithm,
        max_age: Duration::from_secs(raw.jwks_max_age_seconds),
        min_interval: Duration::from_secs(raw.jwks_min_interval_seconds),
        timeout: timeout(raw)?,
    })
}

fn forward(raw: &RawAuth) -> Result<ForwardSettings, ConfigError> {
    let url = raw.forward_url.as_deref().ok_or_else(|| ConfigError::new("`auth.forward_url` is missing"))?;
    let name = |key: &str, text: &str| {
        HeaderName::try_from(text).map_err(|_| ConfigError::new(format!("`{key}`: not the name of a header")))
    };
    let headers = raw.forward_headers.iter().map(|text| name("auth.forward_headers", text));
    let headers = headers.collect::<Result<Vec<_>, _>>()?;
    if headers.is_empty() {
        return Err(ConfigError::new(
            "`auth.forward_headers` is empty: by what would the app know the user?",
        ));
    }
    Ok(ForwardSettings {
        url: address("auth.forward_url", url)?,
        headers,
        user_header: name("auth.user_header", &raw.user_header)?,
        timeout: timeout(raw)?,
    })
}

fn timeout(raw: &RawAuth) -> Result<Duration, ConfigError> {
    in_range("auth.timeout_seconds", raw.timeout_seconds, 1, 60)?;
    Ok(Duration::from_secs(raw.timeout_seconds))
}

/// Of the app, mostly within the same network.
fn address(key: &str, url: &str) -> Result<Uri, ConfigError> {
    let uri = url.parse::<Uri>().ok();
    uri.filter(|uri| uri.host().is_some() && matches!(uri.scheme_str(), Some("http" | "https")))
        .ok_or_else(|| ConfigError::new(format!("`{key}`: not a URL like https://app.example.com/path")))
}
