//! Calls of clients of other protocols (`docs/compat.md`), each below a path of
//! its own. What may be done is decided by [`sealift::endpoint::compat`].

mod evaporate;
mod fine;
mod pairs;
mod uppy;

use axum::Router;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use http::header::CACHE_CONTROL;
use http::{HeaderMap, HeaderValue};
use sealift::endpoint::UserId;
use sealift::endpoint::protocol::FinishedUpload;
use sealift::endpoint::service::Arrived;
use serde_json::{Value, json};

use crate::app::App;
use crate::config::compat::CompatConfig;
use crate::error::ApiError;
use pairs::Pairs;

/// The clients that are configured: where their calls are, and the calls.
pub fn clients(config: &CompatConfig) -> Vec<(&str, Router<App>)> {
    let clients = [
        (&config.fine_uploader, fine::router as fn() -> Router<App>),
        (&config.uppy, uppy::router),
        (&config.evaporate, evaporate::router),
    ];
    clients
        .into_iter()
        .filter_map(|(client, router)| Some((client.as_ref()?.prefix.as_str(), router())))
        .collect()
}

/// What every one of them has: keys made here, and a receipt for what arrived.
fn common() -> Router<App> {
    Router::new().route("/key", get(key)).route("/success", post(success))
}

/// `GET /key?name=…`: a new key of the user's.
async fn key(State(app): State<App>, request: Request) -> Result<Response, ApiError> {
    let user = user(&app, request.headers()).await?;
    let query = Pairs::of_query(&request)?;
    let key = app.service().compat_key(&user, query.required("name")?)?;
    Ok(answer(json!({ "key": key })))
}

/// `POST /success`: looks at what arrived; a receipt for it.
async fn success(State(app): State<App>, request: Request) -> Result<Response, ApiError> {
    let user = user(&app, request.headers()).await?;
    let finished = arrived(&app, &user, &Pairs::of_body(request).await?).await?;
    Ok(answer(finished_json(&finished)))
}

async fn arrived(app: &App, user: &UserId, said: &Pairs) -> Result<FinishedUpload, ApiError> {
    let said = Arrived {
        bucket: said.one("bucket"),
        key: said.required("key")?,
        name: said.one("name"),
        etag: said.one("etag"),
    };
    Ok(app.service().arrived(user, said).await?)
}

fn finished_json(finished: &FinishedUpload) -> Value {
    let mut value = serde_json::to_value(finished).unwrap_or_default();
    if let Some(members) = value.as_object_mut() {
        members.insert("success".to_owned(), Value::Bool(true));
        if finished.content_type.starts_with("image/") {
            members.insert("thumbnailUrl".to_owned(), Value::String(finished.url.clone()));
        }
    }
    value
}

/// 200 with JSON that no cache keeps.
fn answer(value: Value) -> Response {
    ([(CACHE_CONTROL, HeaderValue::from_static("no-store"))], axum::Json(value)).into_response()
}

/// Who calls, if the limiter lets them.
async fn user(app: &App, headers: &HeaderMap) -> Result<UserId, ApiError> {
    let user = app.user(headers).await?;
    app.service().admit_compat(&user).await?;
    Ok(user)
}
