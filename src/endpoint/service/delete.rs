//! `POST /uploads/delete`: an owner's uploads, by grant or receipt, whatever
//! has become of them.

use super::each::each;
use super::{Note, Ports, Service, Store};
use crate::endpoint::protocol::{DeleteAnswer, DeleteItem, DeleteUploads, Deleted};
use crate::endpoint::{DeleteTarget, Refusal, UserId};
use crate::error::{Error, ErrorKind};
use crate::s3::{
    AbortMultipartUpload, DeleteObject, ListMultipartUploads, ListMultipartUploadsOutput, ListedUpload,
};

/// Pages of the list of a key's multipart uploads. No key has as many: this
/// ends the loop if an S3 always says that there is more.
const MAX_PAGES: usize = 100;

impl<P: Ports> Service<P> {
    /// Deletes uploads; one that is gone already counts as deleted.
    ///
    /// # Errors
    /// A whole call's refusal; what is wrong with one upload stands in its place.
    pub async fn delete(&self, user: &UserId, call: DeleteUploads) -> Result<DeleteAnswer, Refusal> {
        self.endpoint.check_count(call.uploads.len())?;
        let results = each(call.uploads, |item| self.delete_one(user, item)).await;
        Ok(DeleteAnswer { results })
    }

    async fn delete_one(&self, user: &UserId, item: DeleteItem) -> Result<Deleted, Refusal> {
        let target = self.endpoint.begin_delete(&self.context(user), &item)?;
        if let Some(upload_id) = target.named() {
            let aborted = self.abort(&target, upload_id).await;
            aborted.map_err(|error| self.unavailable("abort", &error))?;
        }
        self.remove(&target).await?;
        Ok(Deleted { deleted: true })
    }

    /// Gives up what is under way, and only then deletes what is there.
    pub(super) async fn remove(&self, target: &DeleteTarget<'_>) -> Result<(), Refusal> {
        self.abort_all(target).await.map_err(|error| self.unavailable("abort", &error))?;
        if let Some(request) = target.request() {
            let store = self.ports.store();
            let deleted = async {
                let response = store.send(&request.request(store.endpoint())?, &[]).await?;
                DeleteObject::parse(&response)
            };
            deleted.await.map_err(|error| self.unavailable("DELETE", &error))?;
        }
        Ok(())
    }

    /// Gives up every multipart upload of this key that S3 knows of.
    async fn abort_all(&self, target: &DeleteTarget<'_>) -> Result<(), Error> {
        let mut after = None;
        for _ in 0..MAX_PAGES {
            let Some(list) = target.list(after.as_ref()) else { return Ok(()) };
            let page = match self.listed(&list).await {
                Ok(page) => page,
                Err(error) if is_refusal(&error) => {
                    self.ports.note(&Note::UploadsNotListed { error: &error });
                    return Ok(());
                }
                Err(error) => return Err(error),
            };
            for upload in page.uploads.iter().filter(|upload| target.owns(upload)) {
                self.abort(target, &upload.upload_id).await?;
            }
            match page.next {
                Some(next) if !is_past(target, &page.uploads) => after = Some(next),
                _ => return Ok(()),
            }
        }
        self.ports.note(&Note::EndlessList { pages: MAX_PAGES });
        Ok(())
    }

    async fn listed(&self, list: &ListMultipartUploads<'_>) -> Result<ListMultipartUploadsOutput, Error> {
        let store = self.ports.store();
        ListMultipartUploads::parse(&store.send(&list.request(store.endpoint())?, &[]).await?)
    }

    /// An upload that S3 does not know, by whatever words it says so, is given up.
    async fn abort(&self, target: &DeleteTarget<'_>, upload_id: &str) -> Result<(), Error> {
        let store = self.ports.store();
        let request = target.abort(upload_id).request(store.endpoint())?;
        match AbortMultipartUpload::parse(&store.send(&request, &[]).await?) {
            Err(error) if is_unknown(&error) => Ok(()),
            parsed => parsed.map(drop),
        }
    }
}

/// Whether a page leads behind the key. S3 lists by key, those that begin with
/// it behind it; where a page is not in that order, nothing is known.
fn is_past(target: &DeleteTarget<'_>, page: &[ListedUpload]) -> bool {
    page.last().is_some_and(|last| !target.owns(last)) && page.is_sorted_by_key(|upload| &upload.key)
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
