//! The way of a call through limits, checks and log to what answers it.

use std::time::Duration;

use axum::Router;
use axum::extract::{DefaultBodyLimit, MatchedPath, Request};
use axum::middleware::{from_fn, from_fn_with_state, map_request};
use axum::routing::get;
use http::StatusCode;
use tower_http::limit::RequestBodyLimitLayer;
use tower_http::request_id::{PropagateRequestIdLayer, SetRequestIdLayer};
use tower_http::timeout::TimeoutLayer;
use tower_http::trace::{DefaultOnFailure, DefaultOnResponse, TraceLayer};
use tracing::{Level, Span};

use crate::app::App;
use crate::error::{ApiError, as_json};
use crate::origin::{Origins, guard, guard_page};
use crate::{pages, request_id, routes};

/// Longest that a call may take that copies large objects.
const LONG_CALL: Duration = Duration::from_secs(600);

/// The protocol below `/sealift`, `/healthz`, and the pages that are rendered
/// here.
pub fn router(app: App, origins: &Origins, max_body_bytes: usize, timeout: Duration) -> Router {
    let within = |timeout| TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, timeout);
    let calls = routes::calls()
        .layer(within(timeout))
        .merge(routes::long_calls().layer(within(timeout.max(LONG_CALL))))
        .layer(origins.cors())
        .layer(from_fn_with_state(origins.clone(), guard))
        .merge(routes::navigations().layer(within(timeout)))
        .fallback(|| async { ApiError::not_found() })
        .layer(DefaultBodyLimit::disable())
        .layer(RequestBodyLimitLayer::new(max_body_bytes))
        .layer(from_fn(as_json));
    let mut router = Router::new().nest("/sealift", calls).route("/healthz", get(routes::health::healthz));
    if app.www().is_some() {
        router = router.merge(pages::router().layer(from_fn_with_state(origins.clone(), guard_page)));
    }
    router
        .layer(PropagateRequestIdLayer::new(request_id::HEADER))
        .layer(
            TraceLayer::new_for_http()
                .make_span_with(span)
                .on_response(DefaultOnResponse::new().level(Level::INFO))
                .on_failure(DefaultOnFailure::new().level(Level::ERROR)),
        )
        .layer(SetRequestIdLayer::new(request_id::HEADER, request_id::RandomId))
        .layer(map_request(|request| async { request_id::drop_unfit(request) }))
        .with_state(app)
}

/// Names which call it is, not its address: that of a form's way back holds a
/// token.
fn span(request: &Request) -> Span {
    let call = request.extensions().get::<MatchedPath>().map_or("none", MatchedPath::as_str);
    let id = request_id::of(request).unwrap_or_default();
    tracing::info_span!("call", method = %request.method(), call, id)
}
