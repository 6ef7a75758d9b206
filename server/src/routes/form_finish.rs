//! `GET /forms/finish/{grant}`: where S3 sends the browser after a plain form.

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, LOCATION, REFERRER_POLICY};
use http::{HeaderValue, StatusCode};

use super::finish::head;
use crate::app::App;
use crate::error::ApiError;
use crate::pages;

/// Looks at what arrived and sends the browser on to the app's page, with the
/// receipt, or with why there is none.
///
/// S3 adds `bucket`, `key` and `etag` to the address, which anybody could have
/// written: only the grant counts. No login is asked for either: the grant says
/// whose upload it is, and the receipt is good for that user alone.
pub async fn finish(State(app): State<App>, Path(grant): Path<String>) -> Response {
    match location(&app, &grant).await {
        Ok(location) => {
            let headers = [
                (LOCATION, location),
                (CACHE_CONTROL, HeaderValue::from_static("no-store")),
                (REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
            ];
            (StatusCode::SEE_OTHER, headers).into_response()
        }
        Err(error) => pages::error_page(&error),
    }
}

async fn location(app: &App, grant: &str) -> Result<HeaderValue, ApiError> {
    let now = app.now();
    let check = app.rules().begin_form_finish(now, grant)?;
    let found = head(app, &check.head()).await;
    let location = match found.and_then(|found| check.conclude(now, found.as_ref())) {
        Ok(finished) => finished.location,
        Err(refusal) => check.failure_location(&refusal),
    };
    HeaderValue::from_str(&location).map_err(|_| ApiError::internal())
}
