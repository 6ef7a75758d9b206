//! Buckets in this process's own memory.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use super::Charge;
use super::bucket::{Bucket, Verdict};

/// As many are kept before the empty ones are thrown away.
const ROOM: usize = 4096;

/// Counts for one process alone; what it knew is gone when it ends.
#[derive(Debug)]
pub struct ProcessStore {
    began: Instant,
    buckets: Mutex<Buckets>,
}

#[derive(Debug)]
struct Buckets {
    by_key: HashMap<(String, &'static str), (Bucket, u64)>,
    room: usize,
}

impl Default for ProcessStore {
    fn default() -> Self {
        Self { began: Instant::now(), buckets: Mutex::new(Buckets { by_key: HashMap::new(), room: ROOM }) }
    }
}

impl ProcessStore {
    /// Takes all that is asked for, or nothing.
    pub fn take(&self, key: &str, charges: &[Charge]) -> Verdict {
        let now = u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.buckets.lock().unwrap_or_else(PoisonError::into_inner).take(key, charges, now)
    }
}

impl Buckets {
    #[allow(clippy::cast_precision_loss, reason = "quotas stay below 2^52")]
    fn take(&mut self, key: &str, charges: &[Charge], now: u64) -> Verdict {
        let mut levels = Vec::with_capacity(charges.len());
        for charge in charges {
            let bucket = self.by_key.get(&(key.to_owned(), charge.name));
            let level = charge.quota.level(bucket.map_or_else(Bucket::default, |(bucket, _)| *bucket), now);
            let millis = charge.quota.wait(level, charge.amount);
            if millis > 0 {
                return Verdict::Later { name: charge.name, millis };
            }
            levels.push(level + charge.amount as f64);
        }
        for (charge, level) in charges.iter().zip(levels) {
            let empty_at = now.saturating_add(charge.quota.millis);
            self.by_key.insert((key.to_owned(), charge.name), (Bucket { level, at: now }, empty_at));
        }
        if self.by_key.len() > self.room {
            self.by_key.retain(|_, (_, empty_at)| *empty_at > now);
            self.room = (self.by_key.len() * 2).max(ROOM);
        }
        Verdict::Admitted
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::limiter::bucket::Quota;

    fn charge(name: &'static str, most: u64, amount: u64) -> Charge {
        Charge { name, quota: Quota::new(most, Duration::from_secs(60)), amount }
    }

    fn buckets() -> Buckets {
        Buckets { by_key: HashMap::new(), room: ROOM }
    }

    #[test]
    fn everything_is_taken_or_nothing() {
        let mut buckets = buckets();
        let both = |files, bytes| [charge("files", 10, files), charge("bytes", 100, bytes)];
        assert_eq!(buckets.take("anna", &both(2, 90), 0), Verdict::Admitted);
        assert_eq!(buckets.take("anna", &both(8, 20), 0), Verdict::Later { name: "bytes", millis: 6_000 });
        assert_eq!(
            buckets.take("anna", &both(8, 10), 0),
            Verdict::Admitted,
            "the refused one counted nothing"
        );
        assert_eq!(buckets.take("bert", &both(10, 100), 0), Verdict::Admitted, "others have their own");
    }

    #[test]
    fn memory_does_not_grow_with_users_who_came_once() {
        let mut buckets = buckets();
        for user in 0..100_000_u64 {
            buckets.take(&user.to_string(), &[charge("calls", 10, 1)], user * 100);
        }
        assert!(buckets.by_key.len() <= ROOM * 2, "{}", buckets.by_key.len());
    }
}
