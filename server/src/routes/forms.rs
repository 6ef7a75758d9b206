//! `POST /forms`: URL and fields of plain HTML forms.

use axum::extract::State;
use http::HeaderMap;
use sealift::endpoint::protocol::{CreateForms, CreateFormsAnswer};

use super::Answer;
use crate::app::App;
use crate::body::Json;
use crate::error::ApiError;

/// Forms with grants of their own.
///
/// # Errors
/// A whole call's refusal; what is wrong with one form stands in its place.
pub async fn create(
    State(app): State<App>,
    headers: HeaderMap,
    Json(call): Json<CreateForms>,
) -> Result<Answer<CreateFormsAnswer>, ApiError> {
    let user = app.user(&headers).await?;
    app.with_random(|random| app.rules().create_forms(&app.context(&user), call, random)).map(Answer)
}
