//! The calls of the signing protocol (`docs/protocol.md`) over HTTP. What they
//! do is [`sealift::endpoint::service`]; here is how they come and go.

pub mod compat;
pub mod health;

use axum::Router;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodFilter, on};
use http::header::{CACHE_CONTROL, CONTENT_TYPE, LOCATION, REFERRER_POLICY};
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use sealift::endpoint::service::{Access, Answer, Caller, Route};

use crate::app::App;
use crate::body;
use crate::error::ApiError;
use crate::openapi;
use crate::pages;

/// Calls that pages and the app make: they pass the origin check.
pub fn calls() -> Router<App> {
    router(|path, access| matches!(access, Access::User | Access::App) && path != KEEP)
}

/// Calls that may take longer than others: gigabytes are copied.
pub fn long_calls() -> Router<App> {
    router(|path, _| path == KEEP)
}

const KEEP: &str = "/attachments/keep";

/// Where S3 sends browsers. They come from another origin by nature; the
/// form's own grant says what may be done.
pub fn navigations() -> Router<App> {
    router(|_, access| matches!(access, Access::Anyone))
}

/// One route for each call, so that the log can name it without its token.
fn router(wanted: impl Fn(&str, Access) -> bool) -> Router<App> {
    let calls = Route::ALL.iter().filter(|(_, path, access)| wanted(path, *access));
    calls.fold(Router::new(), |router, (method, path, _)| {
        let filter = Method::try_from(*method).ok().and_then(|method| MethodFilter::try_from(method).ok());
        router.route(path, on(filter.unwrap_or(MethodFilter::POST), call))
    })
}

/// What calls there are, for programs.
pub async fn openapi() -> Response {
    ([(CONTENT_TYPE, HeaderValue::from_static("application/yaml"))], openapi::text()).into_response()
}

async fn call(State(app): State<App>, request: Request) -> Response {
    let route = match Route::find(request.method().as_str(), request.uri().path()) {
        Ok(route) => route,
        // HEAD comes by the route of GET, and no call has it.
        Err(none) => return ApiError::from(none).into_response(),
    };
    let browser_waits = matches!(route, Route::FinishForm { .. });
    match answer(&app, &route, request).await {
        Ok(answer) => answer,
        Err(error) if browser_waits => pages::error_page(&error),
        Err(error) => error.into_response(),
    }
}

async fn answer(app: &App, route: &Route, request: Request) -> Result<Response, ApiError> {
    let caller = caller(app, route.access(), request.headers()).await?;
    let body = body::read(request).await?;
    Ok(match app.service().answer(route, &caller, &body).await? {
        Answer::Json(json) => ([(CACHE_CONTROL, NO_STORE), (CONTENT_TYPE, JSON)], json).into_response(),
        Answer::SeeOther(location) => {
            let location = HeaderValue::try_from(location).map_err(|_| ApiError::internal())?;
            let no_referrer = HeaderValue::from_static("no-referrer");
            let headers = [(LOCATION, location), (CACHE_CONTROL, NO_STORE), (REFERRER_POLICY, no_referrer)];
            (StatusCode::SEE_OTHER, headers).into_response()
        }
    })
}

async fn caller(app: &App, access: Access, headers: &HeaderMap) -> Result<Caller, ApiError> {
    match access {
        Access::User => app.user(headers).await.map(Caller::User),
        Access::App => app.require_app(headers).map(|()| Caller::App),
        Access::Anyone => Ok(Caller::Anyone),
    }
}

/// Answers hold tokens and signatures.
const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");
const JSON: HeaderValue = HeaderValue::from_static("application/json");
