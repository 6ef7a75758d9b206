//! How much a user may do over many calls: what is stateless cannot count.
//!
//! Each quota is a bucket that holds so much and drains evenly; a
//! call is admitted if all its costs fit, and then all are counted, or none.

mod bucket;
mod process;
mod redis;

use std::time::Duration;

use sealift::endpoint::service::Cost;
use sealift::endpoint::{Reason, Refusal, UserId};

use crate::config::{LimitStore, Limits, OnFailure};
use bucket::{Quota, Verdict};
use process::ProcessStore;
use redis::RedisStore;

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(86_400);

/// Counts what users do, and says when it is enough.
#[derive(Debug)]
pub struct Limiter {
    environment: String,
    limits: Limits,
    store: Store,
}

#[derive(Debug)]
enum Store {
    Process(ProcessStore),
    Redis(RedisStore),
}

/// One quota and how much of it is asked for.
#[derive(Clone, Copy, Debug)]
struct Charge {
    /// Its name in keys, e.g. `calls`.
    name: &'static str,
    quota: Quota,
    amount: u64,
}

impl Limiter {
    /// For the users of one environment.
    ///
    /// # Errors
    /// A sentence about an address of a Redis that is none.
    pub fn new(environment: &str, limits: Limits) -> Result<Self, String> {
        let store = match &limits.store {
            LimitStore::Process => Store::Process(ProcessStore::default()),
            LimitStore::Redis(url) => Store::Redis(RedisStore::new(url)?),
        };
        Ok(Self { environment: environment.to_owned(), limits, store })
    }

    /// Counts so much more for a user.
    ///
    /// # Errors
    /// `rate_limited` with the seconds after which it fits; `too_many_files`
    /// and `size_refused` for what never does; `limiter_unavailable`.
    pub async fn admit(&self, user: &UserId, cost: &Cost) -> Result<(), Refusal> {
        let charges = self.charges(cost);
        if charges.is_empty() {
            return Ok(());
        }
        if let Some(charge) = charges.iter().find(|charge| charge.amount > charge.quota.most) {
            return Err(never(charge));
        }
        let key = format!("sealift:{{{}/{}}}", self.environment, user.as_str());
        let verdict = match &self.store {
            Store::Process(store) => store.take(&key, &charges),
            Store::Redis(store) => match store.take(&key, &charges).await {
                Ok(verdict) => verdict,
                Err(error) => return self.uncounted(&error),
            },
        };
        match verdict {
            Verdict::Admitted => Ok(()),
            Verdict::Later { name, millis } => {
                let seconds = u32::try_from(millis.div_ceil(1000)).unwrap_or(u32::MAX).max(1);
                tracing::info!(limit = name, seconds, "a user has done enough for now");
                let message = format!("that is more {name} than this server takes now; ask again later");
                Err(Refusal::new(Reason::RateLimited, message).after_seconds(seconds))
            }
        }
    }

    fn charges(&self, cost: &Cost) -> Vec<Charge> {
        let limits = &self.limits;
        [
            ("calls", limits.calls_per_minute, MINUTE, cost.calls),
            ("signatures", limits.intents_per_minute, MINUTE, cost.intents),
            ("files", limits.files_per_hour, HOUR, cost.files),
            ("bytes", limits.bytes_per_day, DAY, cost.bytes),
        ]
        .into_iter()
        .filter(|(.., amount)| *amount > 0)
        .filter_map(|(name, most, per, amount)| {
            Some(Charge { name, quota: Quota::new(most?.get(), per), amount })
        })
        .collect()
    }

    fn uncounted(&self, error: &str) -> Result<(), Refusal> {
        match self.limits.on_failure {
            OnFailure::Open => {
                tracing::warn!(error, "what counts for the limiter does not answer; the call is let through");
                Ok(())
            }
            OnFailure::Closed => {
                tracing::error!(error, "what counts for the limiter does not answer; the call is refused");
                let message = "this server cannot count what it hands out at the moment";
                Err(Refusal::new(Reason::LimiterUnavailable, message).after_seconds(1))
            }
        }
    }
}

/// What does not fit into an empty bucket.
fn never(charge: &Charge) -> Refusal {
    let (name, most) = (charge.name, charge.quota.most);
    let reason = if name == "bytes" { Reason::SizeRefused } else { Reason::TooManyFiles };
    Refusal::new(reason, format!("one call may not ask for more than {most} {name} here"))
}
