//! Fine Uploader S3.

use axum::Router;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post};
use sealift::endpoint::compat::{FineVersion, fine_session_name, fine_session_uuid};
use serde_json::{Value, json};

use super::pairs::Pairs;
use super::{answer, arrived, finished_json, user};
use crate::app::App;
use crate::body;
use crate::error::ApiError;

/// Below its prefix: `signature`, `success`, `files` (delete), `session`, `key`.
pub fn router() -> Router<App> {
    Router::new()
        .route("/key", get(super::key))
        .route("/signature", post(signature))
        .route("/success", post(success))
        .route("/session", get(session))
        .route("/files", post(delete_by_post))
        .route("/files/{uuid}", delete(delete_one))
}

/// A refusal as this client understands it.
struct Invalid(ApiError);

impl<E: Into<ApiError>> From<E> for Invalid {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

impl IntoResponse for Invalid {
    fn into_response(self) -> Response {
        let Self(error) = self;
        let body = json!({
            "invalid": true, "success": false, "error": error.message(), "code": error.code(),
            "preventRetry": !error.is_retryable(),
        });
        (error.status(), answer(body)).into_response()
    }
}

async fn signature(State(app): State<App>, request: Request) -> Result<Response, Invalid> {
    let user = user(&app, request.headers()).await?;
    let version = match Pairs::of_query(&request)?.one("v4") {
        Some("true") => FineVersion::V4,
        _ => FineVersion::V2,
    };
    let signed = app.service().fine_signature(&user, version, &body::read(request).await?).await?;
    let mut value = json!({ "signature": signed.signature });
    if let (Some(policy), Some(members)) = (signed.policy, value.as_object_mut()) {
        members.insert("policy".to_owned(), Value::String(policy));
    }
    Ok(answer(value))
}

async fn success(State(app): State<App>, request: Request) -> Result<Response, Invalid> {
    let user = user(&app, request.headers()).await?;
    let said = Pairs::of_body(request).await?;
    Ok(answer(finished_json(&arrived(&app, &user, &said).await?)))
}

/// What the user has uploaded, as the client's `session` takes it up.
async fn session(State(app): State<App>, request: Request) -> Result<Response, Invalid> {
    let user = user(&app, request.headers()).await?;
    let bucket = app.rules().bucket().as_str();
    let files = app.service().session(&user).await?.into_iter().map(|(object, url)| {
        json!({
            "name": fine_session_name(&object.key), "uuid": fine_session_uuid(&object.key), "s3Key": object.key,
            "s3Bucket": bucket, "size": object.size, "thumbnailUrl": url,
        })
    });
    Ok(answer(Value::Array(files.collect())))
}

/// `deleteFile.method: "DELETE"`: the key and the bucket stand in the query.
async fn delete_one(State(app): State<App>, request: Request) -> Result<Response, Invalid> {
    let user = user(&app, request.headers()).await?;
    remove(&app, &user, &Pairs::of_query(&request)?).await
}

/// `deleteFile.method: "POST"`: all of it in the body, `_method` too.
async fn delete_by_post(State(app): State<App>, request: Request) -> Result<Response, Invalid> {
    let user = user(&app, request.headers()).await?;
    let said = Pairs::of_body(request).await?;
    if said.one("_method") != Some("DELETE") {
        return Err(ApiError::malformed("this call deletes: `_method` is DELETE").into());
    }
    remove(&app, &user, &said).await
}

async fn remove(app: &App, user: &sealift::endpoint::UserId, said: &Pairs) -> Result<Response, Invalid> {
    app.service().compat_delete(user, said.one("bucket"), said.required("key")?).await?;
    Ok(answer(json!({ "success": true })))
}
