//! `POST /uploads`: grants, each with its first signatures.

use axum::extract::State;
use http::HeaderMap;
use sealift::endpoint::protocol::{CreateUploads, CreateUploadsAnswer};

use super::Answer;
use crate::app::App;
use crate::body::Json;
use crate::error::ApiError;

/// Grants for a list of files.
///
/// # Errors
/// A whole call's refusal; what is wrong with one file stands in its place.
pub async fn create(
    State(app): State<App>,
    headers: HeaderMap,
    Json(call): Json<CreateUploads>,
) -> Result<Answer<CreateUploadsAnswer>, ApiError> {
    let user = app.user(&headers).await?;
    app.with_random(|random| app.rules().create_uploads(&app.context(&user), call, random)).map(Answer)
}
