//! `POST /uploads/finish`: what arrived is looked at, and answered with a
//! receipt.

use axum::extract::State;
use http::HeaderMap;
use sealift::endpoint::protocol::{FinishAnswer, FinishItem, FinishUploads, FinishedUpload};
use sealift::endpoint::{Reason, Refusal, UserId};
use sealift::s3::{HeadObject, HeadObjectOutput};

use super::{Answer, each};
use crate::app::App;
use crate::body::Json;
use crate::error::ApiError;

/// Receipts for uploads that arrived as granted.
///
/// # Errors
/// A whole call's refusal; what is wrong with one upload stands in its place.
pub async fn finish(
    State(app): State<App>,
    headers: HeaderMap,
    Json(call): Json<FinishUploads>,
) -> Result<Answer<FinishAnswer>, ApiError> {
    let user = app.user(&headers).await?;
    app.rules().check_count(call.uploads.len())?;
    let (app, user) = (&app, &user);
    let results = each(call.uploads, |item| async move { one(app, user, &item).await }).await;
    Ok(Answer(FinishAnswer { now: app.now().iso8601(), results }))
}

/// One upload: the rules say what to look at, S3 says what is there, the rules
/// compare.
async fn one(app: &App, user: &UserId, item: &FinishItem) -> Result<FinishedUpload, Refusal> {
    let check = app.rules().begin_finish(&app.context(user), item)?;
    let found = head(app, &check.head()).await?;
    check.conclude(app.now(), found.as_ref())
}

/// Asks S3 for an object; `None` when there is none.
pub(super) async fn head(app: &App, operation: &HeadObject<'_>) -> Result<Option<HeadObjectOutput>, Refusal> {
    let answered = async {
        let response = app.s3().send(&operation.request(app.s3().endpoint())?).await?;
        HeadObject::parse(&response)
    };
    answered.await.map_err(|error| unavailable("HEAD", &error))
}

/// What S3 said is for whoever runs the server, not for the page.
pub(super) fn unavailable(method: &str, error: &sealift::Error) -> Refusal {
    tracing::error!(
        method,
        status = error.status(),
        code = error.code(),
        s3_request_id = error.request_id(),
        "S3 failed or refused: {error}"
    );
    Refusal::new(Reason::S3Unavailable, "the storage does not answer this server as it should")
}
