//! `POST /uploads/delete`: an owner's uploads, by grant or receipt, whatever
//! has become of them.

use axum::extract::State;
use http::HeaderMap;
use sealift::endpoint::protocol::{DeleteAnswer, DeleteItem, DeleteUploads, Deleted};
use sealift::endpoint::{DeleteTarget, Refusal, UserId};
use sealift::s3::{
    AbortMultipartUpload, DeleteObject, ListMultipartUploads, ListMultipartUploadsOutput, ListedUpload,
};
use sealift::{Error, ErrorKind};

use super::finish::unavailable;
use super::{Answer, each};
use crate::app::App;
use crate::body::Json;
use crate::error::ApiError;

/// Pages of the list of a key's multipart uploads. No key has as many: this
/// ends the loop if an S3 always says that there is more.
const MAX_PAGES: usize = 100;

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
    if let Some(upload_id) = target.named() {
        abort(app, &target, upload_id).await.map_err(|error| unavailable("abort", &error))?;
    }
    abort_all(app, &target).await.map_err(|error| unavailable("abort", &error))?;
    if let Some(request) = target.request() {
        let deleted = async {
            let response = app.s3().send(&request.request(app.s3().endpoint())?).await?;
            DeleteObject::parse(&response)
        };
        deleted.await.map_err(|error| unavailable("DELETE", &error))?;
    }
    Ok(Deleted { deleted: true })
}

/// Gives up every multipart upload of this key that S3 knows of.
async fn abort_all(app: &App, target: &DeleteTarget<'_>) -> Result<(), Error> {
    let mut after = None;
    for _ in 0..MAX_PAGES {
        let Some(list) = target.list(after.as_ref()) else { return Ok(()) };
        let page = match listed(app, &list).await {
            Ok(page) => page,
            Err(error) if is_refusal(&error) => {
                tracing::warn!(
                    status = error.status(),
                    code = error.code(),
                    "S3 does not list multipart uploads to this server; those that pages lost stay there"
                );
                return Ok(());
            }
            Err(error) => return Err(error),
        };
        for upload in page.uploads.iter().filter(|upload| target.owns(upload)) {
            abort(app, target, &upload.upload_id).await?;
        }
        match page.next {
            Some(next) if !is_past(target, &page.uploads) => after = Some(next),
            _ => return Ok(()),
        }
    }
    tracing::warn!(
        pages = MAX_PAGES,
        "S3's list of a key's multipart uploads does not end; what is behind that stays there"
    );
    Ok(())
}

/// Whether a page leads behind the key. S3 lists by key, those that begin with
/// it behind it; where a page is not in that order, nothing is known.
fn is_past(target: &DeleteTarget<'_>, page: &[ListedUpload]) -> bool {
    page.last().is_some_and(|last| !target.owns(last)) && page.is_sorted_by_key(|upload| &upload.key)
}

async fn listed(app: &App, list: &ListMultipartUploads<'_>) -> Result<ListMultipartUploadsOutput, Error> {
    let response = app.s3().send(&list.request(app.s3().endpoint())?).await?;
    ListMultipartUploads::parse(&response)
}

/// An upload that S3 does not know, by whatever words it says so, is given up.
async fn abort(app: &App, target: &DeleteTarget<'_>, upload_id: &str) -> Result<(), Error> {
    let request = target.abort(upload_id).request(app.s3().endpoint())?;
    match AbortMultipartUpload::parse(&app.s3().send(&request).await?) {
        Err(error) if is_unknown(&error) => Ok(()),
        parsed => parsed.map(drop),
    }
}

fn is_unknown(error: &Error) -> bool {
    // A 400 may also be a request that S3 did not get whole.
    matches!(error.status(), Some(400 | 404)) && !error.retryable() && error.code() != "NoSuchBucket"
}

/// Whether S3 would say the same again: it has no such operation, answers
/// another one, or not to this key.
fn is_refusal(error: &Error) -> bool {
    !error.retryable() && matches!(error.kind(), ErrorKind::S3 | ErrorKind::InvalidResponse)
}
