//! What Prometheus reads: counted here, written at `/metrics`.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;
use sealift::endpoint::service::Cost;

/// The content type of what [`Metrics::text`] writes.
pub const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Seconds: most calls only compute, finish and delete ask S3.
const BUCKETS: [f64; 11] = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.25, 1.0, 5.0, 30.0];

/// One set of numbers for the process; clones share it. Labels hold nothing of
/// users, keys or tokens.
#[derive(Clone, Debug)]
pub struct Metrics(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    registry: Registry,
    calls: Family<Call, Counter>,
    seconds: Family<Route, Histogram>,
    refusals: Family<Refused, Counter>,
    intents: Family<Environment, Counter>,
    files: Family<Environment, Counter>,
    bytes: Family<Environment, Counter>,
    s3: Family<S3Answer, Counter>,
    in_flight: Gauge,
    expiry: Family<Environment, Gauge<i64>>,
    ready: Gauge<f64, AtomicU64>,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Call {
    call: String,
    status: u16,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Route {
    call: String,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Refused {
    code: String,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Environment {
    environment: String,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct S3Answer {
    environment: String,
    status: String,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("sealift");
        let inner = Inner {
            calls: Family::default(),
            seconds: Family::new_with_constructor(|| Histogram::new(BUCKETS)),
            refusals: Family::default(),
            intents: Family::default(),
            files: Family::default(),
            bytes: Family::default(),
            s3: Family::default(),
            in_flight: Gauge::default(),
            expiry: Family::default(),
            ready: Gauge::default(),
            registry: Registry::default(),
        };
        registry.register("calls", "Calls that were answered", inner.calls.clone());
        registry.register("call_seconds", "How long calls took", inner.seconds.clone());
        registry.register("refusals", "Calls that were refused as a whole", inner.refusals.clone());
        registry.register("intents", "Signatures that were admitted", inner.intents.clone());
        registry.register("files", "Files that were granted", inner.files.clone());
        registry.register("granted_bytes", "Bytes that were granted", inner.bytes.clone());
        registry.register("s3_answers", "What S3 answered to the server's own calls", inner.s3.clone());
        registry.register("calls_in_flight", "Calls being answered", inner.in_flight.clone());
        registry.register(
            "credentials_expiry_timestamp_seconds",
            "When temporary credentials end",
            inner.expiry.clone(),
        );
        registry.register("ready", "Whether the server wants calls", inner.ready.clone());
        Self(Arc::new(Inner { registry, ..inner }))
    }
}

impl Metrics {
    /// All numbers, in OpenMetrics' text format.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = String::new();
        // Writing into a string does not fail.
        let _ = encode(&mut text, &self.0.registry);
        text
    }

    /// A call begins; it ends with the guard.
    #[must_use]
    pub fn begin(&self) -> InFlight {
        self.0.in_flight.inc();
        InFlight(self.0.in_flight.clone())
    }

    /// A call was answered.
    pub fn answered(&self, call: &str, status: u16, took: Duration) {
        let call = call.to_owned();
        self.0.seconds.get_or_create(&Route { call: call.clone() }).observe(took.as_secs_f64());
        self.0.calls.get_or_create(&Call { call, status }).inc();
    }

    /// A call was refused as a whole.
    pub fn refused(&self, code: &str) {
        self.0.refusals.get_or_create(&Refused { code: code.to_owned() }).inc();
    }

    /// So much was handed out.
    pub fn admitted(&self, environment: &str, cost: &Cost) {
        let labels = || Environment { environment: environment.to_owned() };
        for (family, amount) in
            [(&self.0.intents, cost.intents), (&self.0.files, cost.files), (&self.0.bytes, cost.bytes)]
        {
            if amount > 0 {
                family.get_or_create(&labels()).inc_by(amount);
            }
        }
    }

    /// S3 answered, or did not (`None`).
    pub fn s3_answered(&self, environment: &str, status: Option<u16>) {
        let status = status.map_or_else(|| "none".to_owned(), |status| status.to_string());
        self.0.s3.get_or_create(&S3Answer { environment: environment.to_owned(), status }).inc();
    }

    /// When temporary credentials end.
    pub fn credentials_expire(&self, environment: &str, at: u64) {
        let labels = Environment { environment: environment.to_owned() };
        self.0.expiry.get_or_create(&labels).set(i64::try_from(at).unwrap_or(i64::MAX));
    }

    /// Whether it is ready.
    pub fn ready(&self, ready: bool) {
        self.0.ready.set(f64::from(u8::from(ready)));
    }
}

/// A call that is being answered.
#[derive(Debug)]
pub struct InFlight(Gauge);

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.dec();
    }
}
