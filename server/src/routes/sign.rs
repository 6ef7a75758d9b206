//! `POST /sign`: a fresh signature for every attempt.

use axum::extract::State;
use http::HeaderMap;
use sealift::endpoint::protocol::{SignAnswer, SignRequests};

use super::Answer;
use crate::app::App;
use crate::body::Json;
use crate::error::ApiError;

/// Signs what is intended with grants, as far as they allow it.
///
/// # Errors
/// A whole call's refusal; what is wrong with one item stands in its place.
pub async fn sign(
    State(app): State<App>,
    headers: HeaderMap,
    Json(call): Json<SignRequests>,
) -> Result<Answer<SignAnswer>, ApiError> {
    let user = app.user(&headers).await?;
    Ok(Answer(app.rules().sign(&app.context(&user), call)?))
}
