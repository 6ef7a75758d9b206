//! EvaporateJS.

use axum::Router;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::header::CACHE_CONTROL;
use http::{HeaderValue, StatusCode};
use sealift::endpoint::compat::EvaporateCall;

use super::pairs::Pairs;
use super::user;
use crate::app::App;
use crate::error::ApiError;

/// Below its prefix: `sign`, `time`, `key`, `success`.
pub fn router() -> Router<App> {
    super::common().route("/sign", get(sign)).route("/time", get(time))
}

/// A refusal: to this client, 401 and 403 are the end, and all else is a reason
/// to go on asking for ever.
struct Final(ApiError);

impl<E: Into<ApiError>> From<E> for Final {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

impl IntoResponse for Final {
    fn into_response(self) -> Response {
        let Self(error) = self;
        let ends = error.is_retryable() || error.status() == StatusCode::UNAUTHORIZED;
        if ends { error } else { error.with_status(StatusCode::FORBIDDEN) }.into_response()
    }
}

/// The signature as plain text.
async fn sign(State(app): State<App>, request: Request) -> Result<Response, Final> {
    let user = user(&app, request.headers()).await?;
    let query = Pairs::of_query(&request)?;
    let call = EvaporateCall {
        to_sign: query.required("to_sign")?,
        datetime: query.required("datetime")?,
        canonical_request: query.required("canonical_request")?,
    };
    let signed = app.service().evaporate_signature(&user, call).await?;
    Ok(text(signed.signature))
}

/// S3's time, by which the client dates what it asks for.
async fn time(State(app): State<App>) -> Response {
    text(app.now().iso8601())
}

fn text(text: String) -> Response {
    ([(CACHE_CONTROL, HeaderValue::from_static("no-store"))], text).into_response()
}
