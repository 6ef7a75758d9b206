//! `POST /attachments/keep`: what the app attached stays, whatever is swept.

use super::each::each;
use super::{Ports, Service, Store};
use crate::endpoint::keep::{KeepTarget, differs, expired, without_pending};
use crate::endpoint::pending::PendingStrategy;
use crate::endpoint::protocol::{KeepAnswer, KeepAttachments, KeepItem, KeptAttachment};
use crate::endpoint::{Refusal, misconfigured};
use crate::error::{Error, Result as S3Result};
use crate::s3::{CopyObject, GetObjectTagging, HeadObject, HeadObjectOutput, PutObjectTagging};
use crate::time::Timestamp;

impl<P: Ports> Service<P> {
    /// Keeps what the app attached. Asked again, it answers the same.
    ///
    /// # Errors
    /// A whole call's refusal; what is wrong with one attachment stands in its place.
    pub async fn keep(&self, call: KeepAttachments) -> Result<KeepAnswer, Refusal> {
        self.endpoint.check_count(call.attachments.len())?;
        let user = call.user.as_deref();
        let results = each(call.attachments, |item| self.keep_one(user, item)).await;
        Ok(KeepAnswer { results })
    }

    async fn keep_one(&self, user: Option<&str>, item: KeepItem) -> Result<KeptAttachment, Refusal> {
        let target = self.endpoint.begin_keep(self.ports.now(), user, &item)?;
        match target.strategy() {
            None => self.keep_as_it_is(&target).await,
            Some(PendingStrategy::Copy) => self.keep_copy(&target).await,
            Some(PendingStrategy::Tags) => self.keep_untagged(&target).await,
        }
    }

    /// Nothing is ever pending: what is there stays.
    async fn keep_as_it_is(&self, target: &KeepTarget<'_>) -> Result<KeptAttachment, Refusal> {
        let head = self.head(&target.head(&target.upload)).await?.ok_or_else(expired)?;
        target.check_upload(&head)?;
        Ok(target.answer(&target.upload, head))
    }

    async fn keep_copy(&self, target: &KeepTarget<'_>) -> Result<KeptAttachment, Refusal> {
        if let Some(kept) = self.kept(target).await? {
            return Ok(kept);
        }
        let Some(stored) = self.stored(&target.head(&target.upload)).await? else {
            // Another call may have kept it, and a sweep may have come, since it was looked for.
            return self.kept(target).await?.ok_or_else(expired);
        };
        target.check_upload(&stored.head)?;
        let copied = match self.copy_size() {
            Some(most) if stored.head.size > most => self.copy_in_parts(target, &stored, most).await,
            _ => self.copy(target, &stored).await,
        };
        match copied {
            Ok(()) => self.kept(target).await?.ok_or_else(expired),
            Err(error) if error.status() == Some(404) => Err(expired()),
            // Changed since it was looked at; or another call was faster.
            Err(error) if error.status() == Some(412) => self.kept(target).await?.ok_or_else(differs),
            Err(error) => Err(self.unavailable("COPY", &error)),
        }
    }

    /// What is kept already.
    async fn kept(&self, target: &KeepTarget<'_>) -> Result<Option<KeptAttachment>, Refusal> {
        let Some(head) = self.head(&target.head(&target.kept)).await? else { return Ok(None) };
        target.check_kept(&head)?;
        Ok(Some(target.answer(&target.kept, head)))
    }

    async fn copy(&self, target: &KeepTarget<'_>, stored: &Stored) -> S3Result<()> {
        let options = self.endpoint.kept_options(self.ports.now());
        let copy = CopyObject {
            bucket: self.endpoint.bucket(),
            key: &target.kept,
            source: target.source(&stored.head.etag),
            options: Some(&options),
            // Whoever copies at the same time copies the same.
            if_none_match: false,
        };
        let store = self.ports.store();
        CopyObject::parse(&store.send(&copy.request(store.endpoint())?, &[]).await?).map(drop)
    }

    async fn keep_untagged(&self, target: &KeepTarget<'_>) -> Result<KeptAttachment, Refusal> {
        let Stored { head, last_modified, .. } =
            self.stored(&target.head(&target.upload)).await?.ok_or_else(expired)?;
        target.check_upload(&head)?;
        let failed = |error: Error| match error.status() {
            Some(404) => expired(),
            _ => self.unavailable("tagging", &error),
        };
        if let Some(rest) = without_pending(&self.tags(target).await.map_err(failed)?) {
            target.check_age(self.ports.now(), last_modified)?;
            let put = PutObjectTagging {
                bucket: self.endpoint.bucket(),
                key: &target.upload,
                version_id: head.version_id.as_deref(),
                tags: &rest,
            };
            let store = self.ports.store();
            let (request, body) = put.request(store.endpoint()).map_err(misconfigured)?;
            let answer = store.send(&request, body.as_bytes()).await;
            answer.and_then(|answer| PutObjectTagging::parse(&answer)).map_err(failed)?;
        }
        Ok(target.answer(&target.upload, head))
    }

    async fn tags(&self, target: &KeepTarget<'_>) -> S3Result<Vec<(String, String)>> {
        let get = GetObjectTagging { bucket: self.endpoint.bucket(), key: &target.upload, version_id: None };
        let store = self.ports.store();
        GetObjectTagging::parse(&store.send(&get.request(store.endpoint())?, &[]).await?)
    }

    fn copy_size(&self) -> Option<u64> {
        self.endpoint.rules().pending.as_ref().map(|pending| pending.copy_size)
    }

    /// What S3 knows of an object, with what a finish does not ask for.
    async fn stored(&self, operation: &HeadObject<'_>) -> Result<Option<Stored>, Refusal> {
        let store = self.ports.store();
        let answered = async {
            let response = store.send(&operation.request(store.endpoint())?, &[]).await?;
            let last_modified = response.header("last-modified");
            let last_modified = last_modified.and_then(|date| Timestamp::parse_http_date(date).ok());
            let disposition = response.header("content-disposition").map(str::to_owned);
            Ok(HeadObject::parse(&response)?.map(|head| Stored { head, last_modified, disposition }))
        };
        answered.await.map_err(|error| self.unavailable("HEAD", &error))
    }
}

/// An upload as S3 has it.
pub(super) struct Stored {
    pub head: HeadObjectOutput,
    pub last_modified: Option<Timestamp>,
    pub disposition: Option<String>,
}
