//! `[limits]`

use std::num::NonZeroU64;

use super::ConfigError;
use super::raw::RawLimits;
use super::sources::EnvironmentSecrets;
use super::values::{in_range, secret};
use crate::secret::Secret;

/// How much each user may do. Each is a bucket that holds so much and drains
/// evenly over its time; `None` is no limit.
#[derive(Clone, Debug, Default)]
pub struct Limits {
    /// Calls of the protocol.
    pub calls_per_minute: Option<NonZeroU64>,
    /// Signatures: of grants, of `/sign`, of forms.
    pub intents_per_minute: Option<NonZeroU64>,
    /// Files granted.
    pub files_per_hour: Option<NonZeroU64>,
    /// Bytes granted.
    pub bytes_per_day: Option<NonZeroU64>,
    /// Where it is counted.
    pub store: LimitStore,
    /// What happens when that does not answer.
    pub on_failure: OnFailure,
}

/// Where it is counted.
#[derive(Clone, Debug, Default)]
pub enum LimitStore {
    /// In this process, for itself alone.
    #[default]
    Process,
    /// In a Redis or Valkey, for all replicas: `redis://[user:password@]host:port/db`, or `rediss://` over TLS.
    Redis(Secret),
}

/// What becomes of a call that cannot be counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnFailure {
    /// It is refused.
    #[default]
    Closed,
    /// It is answered.
    Open,
}

pub(super) fn limits(raw: &RawLimits, secrets: &mut EnvironmentSecrets) -> Result<Limits, ConfigError> {
    // Redis counts in doubles.
    for (key, value) in [
        ("limits.calls_per_minute", raw.calls_per_minute),
        ("limits.intents_per_minute", raw.intents_per_minute),
        ("limits.files_per_hour", raw.files_per_hour),
        ("limits.bytes_per_day", raw.bytes_per_day),
    ] {
        in_range(key, value, 0, 1 << 52)?;
    }
    let store = match raw.store.as_str() {
        "process" => LimitStore::Process,
        "redis" => LimitStore::Redis(
            secret(secrets, "limits.redis_url", raw.redis_url_file.as_deref())?.ok_or_else(|| {
                ConfigError::new(
                    "`limits.redis_url_file` is missing: name the file, or set SEALIFT__LIMITS__REDIS_URL",
                )
            })?,
        ),
        _ => return Err(ConfigError::new("`limits.store` must be `process` or `redis`")),
    };
    let on_failure = match raw.on_failure.as_str() {
        "closed" => OnFailure::Closed,
        "open" => OnFailure::Open,
        _ => return Err(ConfigError::new("`limits.on_failure` must be `closed` or `open`")),
    };
    Ok(Limits {
        calls_per_minute: NonZeroU64::new(raw.calls_per_minute),
        intents_per_minute: NonZeroU64::new(raw.intents_per_minute),
        files_per_hour: NonZeroU64::new(raw.files_per_hour),
        bytes_per_day: NonZeroU64::new(raw.bytes_per_day),
        store,
        on_failure,
    })
}
