//! `POST /receipts/verify`: the app asks, server to server, what a receipt
//! says that a page handed to it.

use axum::extract::State;
use http::HeaderMap;
use sealift::endpoint::protocol::{VerifyAnswer, VerifyReceipts};

use super::Answer;
use crate::app::App;
use crate::body::Json;
use crate::error::ApiError;

/// What authentic receipts say.
///
/// # Errors
/// 401 without the app's key; what is wrong with one receipt stands in its place.
pub async fn verify(
    State(app): State<App>,
    headers: HeaderMap,
    Json(call): Json<VerifyReceipts>,
) -> Result<Answer<VerifyAnswer>, ApiError> {
    app.require_app(&headers)?;
    Ok(Answer(app.rules().verify_receipts(app.now(), &call)?))
}
