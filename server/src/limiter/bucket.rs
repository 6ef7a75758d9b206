//! A bucket that drains evenly: what is poured in stays counted until it has
//! run out. Its arithmetic is that of the script in `redis.lua`, number by
//! number.

use std::time::Duration;

/// So much in so long.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Quota {
    /// What the bucket holds.
    pub most: u64,
    /// Milliseconds in which a full one runs empty.
    pub millis: u64,
}

/// What is in it, and when that was so.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Bucket {
    pub level: f64,
    pub at: u64,
}

/// Whether it fits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Admitted,
    /// Not for so many milliseconds, by the quota of this name.
    Later {
        name: &'static str,
        millis: u64,
    },
}

#[allow(clippy::cast_precision_loss, reason = "quotas stay below 2^52")]
impl Quota {
    pub fn new(most: u64, per: Duration) -> Self {
        Self { most, millis: u64::try_from(per.as_millis()).unwrap_or(u64::MAX) }
    }

    /// What is still in the bucket at a moment.
    pub fn level(self, bucket: Bucket, now: u64) -> f64 {
        let drained = now.saturating_sub(bucket.at) as f64 * self.most as f64 / self.millis as f64;
        (bucket.level - drained).max(0.0)
    }

    /// Milliseconds until so much more fits; 0 if it does now.
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "not negative, below a quota's time"
    )]
    pub fn wait(self, level: f64, amount: u64) -> u64 {
        let over = level + amount as f64 - self.most as f64;
        if over <= 0.0 { 0 } else { (over * self.millis as f64 / self.most as f64).ceil() as u64 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_bucket_takes_more_as_it_drains() {
        let quota = Quota::new(60, Duration::from_secs(60));
        let full = Bucket { level: 60.0, at: 1_000 };
        assert_eq!(quota.wait(quota.level(Bucket::default(), 0), 60), 0);
        assert_eq!(quota.wait(quota.level(full, 1_000), 1), 1_000);
        assert_eq!(quota.wait(quota.level(full, 1_999), 1), 1);
        assert_eq!(quota.wait(quota.level(full, 2_000), 1), 0);
        assert_eq!(quota.wait(quota.level(full, 2_000), 2), 1_000);
        assert_eq!(quota.level(full, 61_000), 0.0);
        assert_eq!(quota.level(full, 0), 60.0, "a clock that went back empties nothing");
    }
}
