//! `GET /capabilities`: what a page may know before it has a file.

use axum::extract::State;
use http::HeaderMap;
use sealift::endpoint::protocol::Capabilities;

use super::Answer;
use crate::app::App;
use crate::error::ApiError;

/// The bucket's origin and the rules' limits.
///
/// # Errors
/// 401 `unauthenticated`.
pub async fn capabilities(
    State(app): State<App>,
    headers: HeaderMap,
) -> Result<Answer<Capabilities>, ApiError> {
    app.user(&headers).await?;
    app.rules().capabilities().map(Answer).map_err(|error| {
        tracing::error!(%error, "the configuration answers no capabilities");
        ApiError::internal()
    })
}
