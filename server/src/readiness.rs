//! Whether this process wants calls: `/readyz`. That S3 does not answer is no
//! reason to say no, since no other replica would reach it either.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use crate::metrics::Metrics;

/// Shared by whoever knows something about it; clones are the same.
#[derive(Clone, Debug, Default)]
pub struct Readiness(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    started: AtomicBool,
    stopping: AtomicBool,
    /// When credentials end, one for each environment that has temporary ones.
    expiries: std::sync::Mutex<Vec<Arc<AtomicU64>>>,
}

impl Readiness {
    /// The server answers from now on.
    pub fn started(&self) {
        self.0.started.store(true, Ordering::Relaxed);
    }

    /// It will soon stop: balancers should look elsewhere.
    pub fn stopping(&self) {
        self.0.stopping.store(true, Ordering::Relaxed);
    }

    /// Temporary credentials, by the moment of their end (seconds since 1970; 0
    /// is never).
    #[must_use]
    pub fn expiry(&self) -> Arc<AtomicU64> {
        let expiry = Arc::new(AtomicU64::new(0));
        self.0.expiries.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push(Arc::clone(&expiry));
        expiry
    }

    /// Why it does not want calls; `None` if it does.
    #[must_use]
    pub fn why_not(&self) -> Option<&'static str> {
        if self.0.stopping.load(Ordering::Relaxed) {
            return Some("stopping");
        }
        if !self.0.started.load(Ordering::Relaxed) {
            return Some("starting");
        }
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        let expiries = self.0.expiries.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let expired = |end: u64| end != 0 && end <= now;
        expiries.iter().any(|end| expired(end.load(Ordering::Relaxed))).then_some("credentials expired")
    }

    /// Tells the metrics.
    pub fn tell(&self, metrics: &Metrics) {
        metrics.ready(self.why_not().is_none());
    }
}
