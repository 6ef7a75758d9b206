//! The calls of the signing protocol (`docs/protocol.md`), one file each. What
//! may be done is decided by [`sealift::endpoint`]; here it is read, done and
//! answered.

pub mod capabilities;
pub mod delete;
pub mod finish;
pub mod form_finish;
pub mod forms;
pub mod health;
pub mod receipts;
pub mod sign;
pub mod uploads;

use axum::Router;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use futures_util::{StreamExt, stream};
use http::HeaderValue;
use http::header::CACHE_CONTROL;
use sealift::endpoint::Refusal;
use sealift::endpoint::protocol::Outcome;
use serde::Serialize;

use crate::app::App;

/// Calls that pages make: they pass the origin check.
pub fn calls() -> Router<App> {
    Router::new()
        .route("/capabilities", get(capabilities::capabilities))
        .route("/uploads", post(uploads::create))
        .route("/sign", post(sign::sign))
        .route("/uploads/finish", post(finish::finish))
        .route("/uploads/delete", post(delete::delete))
        .route("/forms", post(forms::create))
        .route("/receipts/verify", post(receipts::verify))
}

/// Where S3 sends browsers. They come from another origin by nature; the
/// form's own grant says what may be done.
pub fn navigations() -> Router<App> {
    Router::new().route("/forms/finish/{grant}", get(form_finish::finish))
}

/// How many of a list's items are asked of S3 at the same time.
const AT_ONCE: usize = 16;

/// What comes of each item, in their order.
async fn each<I, T, W>(items: Vec<I>, work: impl FnMut(I) -> W) -> Vec<Outcome<T>>
where
    W: Future<Output = Result<T, Refusal>>,
{
    stream::iter(items).map(work).buffered(AT_ONCE).map(Outcome::from).collect().await
}

/// A JSON answer that no cache keeps: it holds tokens and signatures.
pub struct Answer<T>(pub T);

impl<T: Serialize> IntoResponse for Answer<T> {
    fn into_response(self) -> Response {
        ([(CACHE_CONTROL, HeaderValue::from_static("no-store"))], axum::Json(self.0)).into_response()
    }
}
