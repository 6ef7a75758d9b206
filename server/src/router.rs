//! The way of a call through limits, checks and log to what answers it.

use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::{DefaultBodyLimit, MatchedPath, Request, State};
use axum::middleware::{Next, from_fn, from_fn_with_state, map_request};
use axum::response::Response;
use http::{Method, StatusCode};
use tower_http::cors::CorsLayer;
use tower_http::limit::RequestBodyLimitLayer;
use tower_http::request_id::{PropagateRequestIdLayer, SetRequestIdLayer};
use tower_http::timeout::TimeoutLayer;
use tower_http::trace::{DefaultOnFailure, DefaultOnResponse, TraceLayer};
use tracing::{Level, Span};

use crate::app::App;
use crate::config::CompatConfig;
use crate::error::{ApiError, as_json};
use crate::hosts::ByHost;
use crate::metrics::Metrics;
use crate::origin::{Origins, guard, guard_client, guard_page};
use crate::readiness::Readiness;
use crate::{pages, request_id, routes};

/// Longest that a call may take that copies large objects.
const LONG_CALL: Duration = Duration::from_secs(600);

/// One environment: the protocol below `/sealift`, clients of other protocols
/// below their prefixes, and the pages that are rendered here.
pub fn environment(
    app: App,
    origins: &Origins,
    compat: &CompatConfig,
    max_body_bytes: usize,
    timeout: Duration,
    metrics: &Metrics,
) -> Router {
    let within = |timeout| TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, timeout);
    let calls = routes::calls()
        .layer(within(timeout))
        .merge(routes::long_calls().layer(within(timeout.max(LONG_CALL))))
        .layer(from_fn_with_state(origins.clone(), guard))
        .merge(routes::navigations().layer(within(timeout)))
        .route("/openapi.yaml", axum::routing::get(routes::openapi));
    // CORS stands around every refusal: a page could not read one without.
    let around = |calls: Router<App>, cors: CorsLayer| {
        calls
            .fallback(|| async { ApiError::not_found() })
            .layer(DefaultBodyLimit::disable())
            .layer(RequestBodyLimitLayer::new(max_body_bytes))
            .layer(from_fn(as_json))
            .layer(cors)
            .layer(from_fn_with_state(metrics.clone(), measure))
    };
    let mut router = Router::new().nest("/sealift", around(calls, origins.cors()));
    for (prefix, calls) in routes::compat::clients(compat) {
        let calls = calls.layer(within(timeout)).layer(from_fn_with_state(origins.clone(), guard_client));
        let cors = origins.cors().allow_methods([Method::GET, Method::POST, Method::DELETE]);
        router = router.nest(prefix, around(calls, cors));
    }
    if app.www().is_some() {
        router = router.merge(pages::router().layer(from_fn_with_state(origins.clone(), guard_page)));
    }
    let trace = TraceLayer::new_for_http()
        .make_span_with(span)
        .on_response(DefaultOnResponse::new().level(Level::INFO))
        .on_failure(DefaultOnFailure::new().level(Level::ERROR));
    router.layer(trace).with_state(app)
}

/// All environments, health and readiness; every call gets its id here.
pub fn all(environments: ByHost, readiness: Readiness) -> Router {
    routes::health::router(readiness)
        .fallback_service(environments.router())
        .layer(from_fn(as_json))
        .layer(PropagateRequestIdLayer::new(request_id::HEADER))
        .layer(SetRequestIdLayer::new(request_id::HEADER, request_id::RandomId))
        .layer(map_request(|request| async { request_id::drop_unfit(request) }))
}

/// Names which call it is, not its address: that of a form's way back holds a
/// token.
fn span(request: &Request) -> Span {
    let id = request_id::of(request).unwrap_or_default();
    tracing::info_span!("call", method = %request.method(), call = name(request), id)
}

fn name(request: &Request) -> &str {
    request.extensions().get::<MatchedPath>().map_or("none", MatchedPath::as_str)
}

async fn measure(State(metrics): State<Metrics>, request: Request, next: Next) -> Response {
    let (call, began, in_flight) = (name(&request).to_owned(), Instant::now(), metrics.begin());
    let response = next.run(request).await;
    drop(in_flight);
    metrics.answered(&call, response.status().as_u16(), began.elapsed());
    if let Some(refused) = response.extensions().get::<crate::error::Refused>() {
        metrics.refused(&refused.0);
    }
    response
}
