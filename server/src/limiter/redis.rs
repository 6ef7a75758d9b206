//! Buckets in a Redis or Valkey, which all replicas share.

use std::fmt;
use std::time::Duration;

use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use redis::{Client, Script};

use super::Charge;
use super::bucket::Verdict;
use crate::secret::Secret;

/// It is next door; a call does not wait longer for it.
const WITHIN: Duration = Duration::from_millis(500);
const CONNECT_WITHIN: Duration = Duration::from_secs(1);

/// Counts for all replicas that have the same server.
pub struct RedisStore {
    connection: ConnectionManager,
    script: Script,
}

impl RedisStore {
    /// Connects with the first call, and again whenever the connection is lost.
    pub fn new(url: &Secret) -> Result<Self, String> {
        // What the crate says of an address may repeat it, password and all.
        let invalid =
            || "`limits.redis_url_file`: not an address like redis://user:password@host:6379/0".to_owned();
        let client = Client::open(url.expose_text().ok_or_else(invalid)?).map_err(|_| invalid())?;
        let config = ConnectionManagerConfig::new()
            .set_response_timeout(Some(WITHIN))
            .set_connection_timeout(Some(CONNECT_WITHIN))
            .set_number_of_retries(1);
        let connection = ConnectionManager::new_lazy_with_config(client, config).map_err(|_| invalid())?;
        Ok(Self { connection, script: Script::new(include_str!("redis.lua")) })
    }

    /// Takes all that is asked for, or nothing, in one step.
    pub async fn take(&self, key: &str, charges: &[Charge]) -> Result<Verdict, String> {
        let mut call = self.script.prepare_invoke();
        for charge in charges {
            call.key(format!("{key}:{}", charge.name));
        }
        for charge in charges {
            call.arg(charge.quota.most).arg(charge.quota.millis).arg(charge.amount);
        }
        let answer: Result<(usize, u64), _> = call.invoke_async(&mut self.connection.clone()).await;
        // The kind alone: the rest may name addresses and users.
        let (number, millis) = answer.map_err(|error| format!("{:?}", error.kind()))?;
        let full = number.checked_sub(1).and_then(|index| charges.get(index));
        Ok(full.map_or(Verdict::Admitted, |charge| Verdict::Later { name: charge.name, millis }))
    }
}

impl fmt::Debug for RedisStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RedisStore")
    }
}
