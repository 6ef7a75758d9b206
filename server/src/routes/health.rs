//! `GET /healthz`, `GET /readyz` and `GET /metrics`: for those who watch the
//! server.

use axum::Router;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::StatusCode;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use serde_json::json;

use crate::metrics::{self, Metrics};
use crate::readiness::Readiness;

/// Health and readiness, under any `Host`.
pub fn router<S: Clone + Send + Sync + 'static>(readiness: Readiness) -> Router<S> {
    Router::new().route("/healthz", get(healthz)).route("/readyz", get(async move || readyz(&readiness)))
}

/// The same with the metrics, for an address of their own.
pub fn watching(readiness: Readiness, metrics: Metrics) -> Router {
    let ready = readiness.clone();
    let text = async move || {
        ready.tell(&metrics);
        ([(CONTENT_TYPE, metrics::CONTENT_TYPE)], metrics.text())
    };
    router(readiness).route("/metrics", get(text))
}

/// The process answers; whether S3 does is seen in the calls themselves.
async fn healthz() -> Response {
    axum::Json(json!({ "status": "ok" })).into_response()
}

fn readyz(readiness: &Readiness) -> Response {
    let (status, body) = match readiness.why_not() {
        None => (StatusCode::OK, json!({ "status": "ready" })),
        Some(why) => (StatusCode::SERVICE_UNAVAILABLE, json!({ "status": why })),
    };
    (status, [(CACHE_CONTROL, "no-store")], axum::Json(body)).into_response()
}
