//! JSON bodies of calls.

use axum::extract::{FromRequest, Request};
use bytes::Bytes;
use http::StatusCode;
use sealift::endpoint::protocol;
use serde::de::DeserializeOwned;

use crate::error::ApiError;

/// The body of a call, parsed. Refuses with `malformed_request`, or with
/// `body_too_large` when the limit was passed while it was read.
pub struct Json<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        let body = Bytes::from_request(request, state).await.map_err(|rejection| {
            if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
                ApiError::body_too_large()
            } else {
                ApiError::malformed("the body broke off")
            }
        })?;
        Ok(Self(protocol::parse(&body)?))
    }
}
