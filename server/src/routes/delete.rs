//! `POST /uploads/delete`: an owner's uploads, by grant or receipt.

use axum::extract::State;
use http::HeaderMap;
use sealift::endpoint::protocol::{DeleteAnswer, DeleteItem, DeleteUploads, Deleted};
use sealift::endpoint::{Refusal, UserId};
use sealift::s3::DeleteObject;

use super::finish::unavailable;
use super::{Answer, each};
use crate::app::App;
use crate::body::Json;
use crate::error::ApiError;

/// Deletes uploads; one that is gone already counts as deleted.
///
/// # Errors
/// A whole call's refusal; what is wrong with one upload stands in its place.
pub async fn delete(
    State(app): State<App>,
    headers: HeaderMap,
    Json(call): Json<DeleteUploads>,
) -> Result<Answer<DeleteAnswer>, ApiError> {
    let user = app.user(&headers).await?;
    app.rules().check_count(call.uploads.len())?;
    let (app, user) = (&app, &user);
    let results = each(call.uploads, |item| async move { one(app, user, &item).await }).await;
    Ok(Answer(DeleteAnswer { results }))
}

async fn one(app: &App, user: &UserId, item: &DeleteItem) -> Result<Deleted, Refusal> {
    let target = app.rules().begin_delete(&app.context(user), item)?;
    let deleted = async {
        let response = app.s3().send(&target.request().request(app.s3().endpoint())?).await?;
        DeleteObject::parse(&response)
    };
    deleted.await.map_err(|error| unavailable("DELETE", &error))?;
    Ok(Deleted { deleted: true })
}
