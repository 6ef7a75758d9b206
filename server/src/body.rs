//! Bodies of calls.

use axum::extract::{FromRequest, Request};
use bytes::Bytes;
use http::StatusCode;

use crate::error::ApiError;

/// The whole body of a call.
///
/// # Errors
/// `body_too_large` when the limit was passed while it was read;
/// `malformed_request` when it broke off.
pub async fn read(request: Request) -> Result<Bytes, ApiError> {
    Bytes::from_request(request, &()).await.map_err(|rejection| {
        if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
            ApiError::body_too_large()
        } else {
            ApiError::malformed("the body broke off")
        }
    })
}
