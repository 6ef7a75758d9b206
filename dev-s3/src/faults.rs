//! Faults on demand: what networks and busy servers do to a client.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};

/// One fault, and the requests it meets.
///
/// As JSON: `{"operation": "PutObject", "times": 2, "kind": "status", "status":
/// 503, "code": "SlowDown"}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// The S3 operation (`PutObject`, `PostObject`, `UploadPart`, …; `Preflight`
    /// for CORS), or `*`.
    #[serde(default = "any")]
    pub operation: String,
    /// Only requests whose key contains this text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_contains: Option<String>,
    /// How many matching requests pass before the first that is met.
    #[serde(default)]
    pub skip: u32,
    /// How many it meets; 1 when not given in JSON.
    #[serde(default = "once")]
    pub times: u32,
    /// For [`FaultKind::Status`] and [`FaultKind::Reset`]: strike once this many
    /// bytes of the request's body have come, not before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after_bytes: Option<u64>,
    /// What happens.
    #[serde(flatten)]
    pub kind: FaultKind,
}

/// What a [`Fault`] does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum FaultKind {
    /// Answers this instead of acting.
    Status {
        /// The HTTP status.
        status: u16,
        /// The S3 error code; empty: an answer without S3's document, as a
        /// proxy sends it.
        #[serde(default)]
        code: String,
        /// Seconds in `Retry-After`, when it shall be there.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        retry_after: Option<u32>,
    },
    /// Resets the connection instead of acting.
    Reset,
    /// Acts after this many milliseconds.
    Delay {
        /// The milliseconds.
        ms: u64,
    },
    /// Acts, but reads the request's body no faster than this: room for a
    /// cancel or a pause in mid-upload.
    Throttle {
        /// The rate; at least 1.
        bytes_per_second: u64,
    },
    /// Acts, and cuts the connection after this many bytes of the answer's body.
    TruncateAnswer {
        /// The bytes.
        #[serde(default)]
        body_bytes: u64,
    },
    /// Acts, and resets the connection instead of answering.
    SwallowAnswer,
}

impl Fault {
    /// A fault that meets the next `times` requests of `operation`.
    pub fn new(operation: impl Into<String>, times: u32, kind: FaultKind) -> Self {
        Self { operation: operation.into(), key_contains: None, skip: 0, times, after_bytes: None, kind }
    }

    fn matches(&self, operation: &str, key: &str) -> bool {
        (self.operation == "*" || self.operation == operation)
            && self.key_contains.as_ref().is_none_or(|part| key.contains(part))
    }
}

/// The faults that wait for their requests; clones share them.
#[derive(Clone, Debug, Default)]
pub struct Faults(Arc<Mutex<Vec<Fault>>>);

impl Faults {
    /// Adds one; earlier ones strike first.
    pub fn inject(&self, fault: Fault) {
        self.lock().push(fault);
    }

    /// Forgets all.
    pub fn clear(&self) {
        self.lock().clear();
    }

    /// Those that still wait, with what is left of their counts.
    pub fn pending(&self) -> Vec<Fault> {
        self.lock().clone()
    }

    /// The fault that meets this request.
    pub(crate) fn take(&self, operation: &str, key: &str) -> Option<Fault> {
        let mut faults = self.lock();
        let mut struck = None;
        for fault in faults.iter_mut().filter(|fault| fault.matches(operation, key)) {
            if fault.skip > 0 {
                fault.skip -= 1;
            } else if struck.is_none() && fault.times > 0 {
                fault.times -= 1;
                struck = Some(fault.clone());
            }
        }
        faults.retain(|fault| fault.times > 0);
        struck
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Fault>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn any() -> String {
    "*".to_owned()
}

fn once() -> u32 {
    1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_meet_the_requests_they_name() {
        let faults = Faults::default();
        let json = r#"{"operation":"PutObject","skip":1,"times":2,"key_contains":"x","kind":"reset"}"#;
        faults.inject(serde_json::from_str(json).unwrap());
        assert_eq!(faults.take("GetObject", "x"), None);
        assert_eq!(faults.take("PutObject", "y"), None);
        assert_eq!(faults.take("PutObject", "ax"), None, "skipped");
        assert_eq!(faults.take("PutObject", "ax").map(|f| f.kind), Some(FaultKind::Reset));
        assert_eq!(faults.pending().len(), 1);
        assert!(faults.take("PutObject", "ax").is_some());
        assert_eq!(faults.pending(), vec![]);
        assert_eq!(faults.take("PutObject", "ax"), None);
    }

    #[test]
    fn json_needs_a_kind_and_little_else() {
        let fault: Fault =
            serde_json::from_str(r#"{"kind":"status","status":503,"code":"SlowDown"}"#).unwrap();
        let kind = FaultKind::Status { status: 503, code: "SlowDown".into(), retry_after: None };
        assert_eq!(fault, Fault::new("*", 1, kind));
        assert!(serde_json::from_str::<Fault>(r#"{"operation":"*"}"#).is_err());
    }
}
