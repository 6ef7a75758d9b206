//! A log of what was asked, for tests that count attempts and preflights.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};

/// Entries kept; the oldest go first.
const KEPT: usize = 10_000;

/// One request and its answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestRecord {
    /// As in `x-amz-request-id`.
    pub request_id: String,
    /// The HTTP method.
    pub method: String,
    /// The S3 operation, or `Preflight`.
    pub operation: String,
    /// Empty when the request names none.
    pub bucket: String,
    /// Decoded; empty when the path names none (a POST form's is in its field).
    pub key: String,
    /// Bytes of the body that were read.
    pub received: u64,
    /// The answer's status; 0 when the connection was reset instead.
    pub status: u16,
}

/// The log; clones share it.
#[derive(Clone, Debug, Default)]
pub struct Requests(Arc<Mutex<VecDeque<RequestRecord>>>);

impl Requests {
    /// All entries, oldest first.
    pub fn all(&self) -> Vec<RequestRecord> {
        self.lock().iter().cloned().collect()
    }

    /// How many requests of an operation were answered or reset.
    pub fn count(&self, operation: &str) -> usize {
        self.lock().iter().filter(|record| record.operation == operation).count()
    }

    /// Forgets all.
    pub fn clear(&self) {
        self.lock().clear();
    }

    pub(crate) fn push(&self, record: RequestRecord) {
        let mut log = self.lock();
        if log.len() == KEPT {
            log.pop_front();
        }
        log.push_back(record);
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<RequestRecord>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
