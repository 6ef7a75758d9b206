//! The time, as S3 sees it. Nothing here reads a clock: the runtime's is passed in.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use crate::time::Timestamp;

/// What the machine's clock says.
pub type Source = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// This machine's clock, corrected by how far S3's is ahead of it.
///
/// The correction is learned only from the answers to the server's own calls:
/// what a page says about the time is never believed. Clones share what they
/// learn.
#[derive(Clone)]
pub struct Clock {
    source: Source,
    skew: Arc<AtomicI64>,
}

impl Clock {
    /// A `Date` header has whole seconds and travels for a while; a difference
    /// this small is no skew, and following it would make the time jitter.
    const DEAD_ZONE: i64 = 2;

    /// Over the machine's clock, or one of the caller's own.
    #[must_use]
    pub fn new(source: Source) -> Self {
        Self { source, skew: Arc::new(AtomicI64::new(0)) }
    }

    /// S3's time.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        (self.source)().plus_seconds(self.skew.load(Ordering::Relaxed))
    }

    /// Seconds by which S3's clock is ahead of this machine's; negative if behind.
    #[must_use]
    pub fn skew_seconds(&self) -> i64 {
        self.skew.load(Ordering::Relaxed)
    }

    /// Takes note of a `Date` header that S3 has just sent. Answers the new
    /// skew if it moved.
    pub fn learn(&self, date_header: &str) -> Option<i64> {
        let theirs = Timestamp::parse_http_date(date_header).ok()?;
        let measured = theirs.seconds_since((self.source)());
        let known = self.skew.load(Ordering::Relaxed);
        if (measured - known).abs() <= Self::DEAD_ZONE {
            return None;
        }
        let skew = if measured.abs() <= Self::DEAD_ZONE { 0 } else { measured };
        self.skew.store(skew, Ordering::Relaxed);
        Some(skew)
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Clock").field("skew_seconds", &self.skew_seconds()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stopped(at: &str) -> Clock {
        let now = Timestamp::parse(at).unwrap();
        Clock::new(Arc::new(move || now))
    }

    #[test]
    fn follows_s3_and_comes_back() {
        let clock = stopped("20261123T120000Z");
        assert_eq!(clock.learn("Mon, 23 Nov 2026 12:20:00 GMT"), Some(1200));
        assert_eq!(clock.now().amz_date(), "20261123T122000Z");
        assert_eq!(clock.learn("Mon, 23 Nov 2026 12:00:01 GMT"), Some(0));
        assert_eq!(clock.now().amz_date(), "20261123T120000Z");
    }

    #[test]
    fn does_not_jitter_and_does_not_believe_nonsense() {
        let clock = stopped("20261123T120000Z");
        assert_eq!(clock.learn("Mon, 23 Nov 2026 11:59:58 GMT"), None);
        assert_eq!(clock.learn("yesterday"), None);
        assert_eq!(clock.skew_seconds(), 0);
    }
}
