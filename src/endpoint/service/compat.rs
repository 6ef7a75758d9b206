//! The calls of clients that exist already: their rules are those of
//! [`compat`](crate::endpoint::compat), what they need of S3 is asked here.

use super::{Cost, Ports, Service, Store};
use crate::endpoint::compat::{
    CompanionForm, CompanionPart, CompanionParts, CompanionUpload, CompatSignature, EvaporateCall,
    FineVersion, must_go,
};
use crate::endpoint::protocol::FinishedUpload;
use crate::endpoint::{Reason, Refusal, UserId};
use crate::error::{Error, Result as S3Result};
use crate::s3::{
    AbortMultipartUpload, CompleteMultipartUpload, CreateMultipartUpload, HeadObject, ListObjectsV2,
    ListParts, ListedObject, ListedPart, ObjectKey,
};

/// S3 has at most 10,000 parts, 1,000 a page; this ends a list that does not end.
const MAX_PAGES: usize = 100;

/// What a client says of an object that it has uploaded.
#[derive(Clone, Copy, Debug, Default)]
pub struct Arrived<'a> {
    /// The bucket, where it says so.
    pub bucket: Option<&'a str>,
    /// The key.
    pub key: &'a str,
    /// The file's name.
    pub name: Option<&'a str>,
    /// The ETag that S3 answered.
    pub etag: Option<&'a str>,
}

impl<P: Ports> Service<P> {
    /// What each of these calls costs a user whom a limiter counts: a call and a
    /// signature. Files are counted where they begin, bytes where parts are
    /// joined: nobody says them before.
    ///
    /// # Errors
    /// [`Reason::RateLimited`].
    pub async fn admit_compat(&self, user: &UserId) -> Result<(), Refusal> {
        self.ports.admit(user, &Cost { intents: 1, ..Cost::CALL }).await
    }

    /// A new key of this user for a file of this name.
    ///
    /// # Errors
    /// Those of [`SigningEndpoint::compat_key`](crate::endpoint::SigningEndpoint::compat_key).
    pub fn compat_key(&self, user: &UserId, name: &str) -> Result<String, Refusal> {
        self.with_random(|random| self.endpoint.compat_key(&self.context(user), name, random))
    }

    /// Fine Uploader's signature call; parts are counted before their Complete
    /// is handed out.
    ///
    /// # Errors
    /// What the rules refuse; [`Reason::S3Unavailable`].
    pub async fn fine_signature(
        &self,
        user: &UserId,
        version: FineVersion,
        body: &[u8],
    ) -> Result<CompatSignature, Refusal> {
        self.counted(user, self.endpoint.fine_signature(&self.context(user), version, body)?).await
    }

    /// EvaporateJS's signer URL; parts are counted before their Complete is
    /// handed out.
    ///
    /// # Errors
    /// What the rules refuse; [`Reason::S3Unavailable`].
    pub async fn evaporate_signature(
        &self,
        user: &UserId,
        call: EvaporateCall<'_>,
    ) -> Result<CompatSignature, Refusal> {
        self.counted(user, self.endpoint.evaporate_signature(&self.context(user), call)?).await
    }

    /// Looks at what a client says it has uploaded, and answers a receipt. What
    /// should not be there is deleted.
    ///
    /// # Errors
    /// What the rules refuse; [`Reason::S3Unavailable`].
    pub async fn arrived(&self, user: &UserId, said: Arrived<'_>) -> Result<FinishedUpload, Refusal> {
        let context = self.context(user);
        let arrival = self.endpoint.begin_arrival(&context, said.bucket, said.key, said.name, said.etag)?;
        let head = self.head(&arrival.head()).await?;
        let concluded = arrival.conclude(self.ports.now(), head.as_ref());
        if concluded.as_ref().is_err_and(|refusal| must_go(refusal.reason())) {
            self.compat_delete(user, said.bucket, said.key).await?;
        }
        let finished = concluded?;
        self.allow_finished(&finished).await?;
        Ok(finished)
    }

    /// Deletes one of the user's own objects, with what is under way at its key.
    ///
    /// # Errors
    /// What the rules refuse; [`Reason::S3Unavailable`].
    pub async fn compat_delete(&self, user: &UserId, bucket: Option<&str>, key: &str) -> Result<(), Refusal> {
        let target = self.endpoint.compat_delete(&self.context(user), bucket, key)?;
        self.remove(&target).await
    }

    /// What is there of a user's, the first thousand: each object with a link to
    /// look at it. What the app has moved away, to keep it, is not among them.
    ///
    /// # Errors
    /// [`Reason::S3Unavailable`].
    pub async fn session(&self, user: &UserId) -> Result<Vec<(ListedObject, String)>, Refusal> {
        let (store, context) = (self.ports.store(), self.context(user));
        let prefix = self.endpoint.compat_prefix(&context);
        let listed = async {
            let list = ListObjectsV2 { prefix: Some(&prefix), ..ListObjectsV2::new(self.endpoint.bucket()) };
            ListObjectsV2::parse(&store.send(&list.request(store.endpoint())?, &[]).await?)
        };
        let listed = listed.await.map_err(|error| self.unavailable("ListObjectsV2", &error))?;
        let viewed = listed.objects.into_iter().filter_map(|object| {
            let url = self.endpoint.compat_view(&context, &object.key).ok()?;
            Some((object, url))
        });
        Ok(viewed.collect())
    }

    /// Companion's `GET /s3/params`.
    ///
    /// # Errors
    /// What the rules refuse.
    pub async fn companion_form(
        &self,
        user: &UserId,
        upload: &CompanionUpload,
    ) -> Result<CompanionForm, Refusal> {
        self.ports.admit(user, &Cost { files: 1, ..Cost::default() }).await?;
        self.with_random(|random| self.endpoint.companion_form(&self.context(user), upload, random))
    }

    /// Companion's `POST /s3/multipart`: key and upload id.
    ///
    /// # Errors
    /// What the rules refuse; [`Reason::S3Unavailable`].
    pub async fn companion_create(
        &self,
        user: &UserId,
        upload: &CompanionUpload,
    ) -> Result<(String, String), Refusal> {
        self.ports.admit(user, &Cost { files: 1, ..Cost::default() }).await?;
        let store = self.ports.store();
        let (key, request) = self.with_random(|random| {
            self.endpoint.companion_create(&self.context(user), upload, store.endpoint(), random)
        })?;
        let created = async { CreateMultipartUpload::parse(&store.send(&request, &[]).await?) };
        let created = created.await.map_err(|error| self.unavailable("CreateMultipartUpload", &error))?;
        Ok((key, created.upload_id))
    }

    /// An upload that a client names, if it is one of this user's.
    ///
    /// # Errors
    /// What the rules refuse.
    pub fn companion_upload(
        &self,
        user: &UserId,
        key: &str,
        upload_id: &str,
    ) -> Result<CompanionParts, Refusal> {
        self.endpoint.companion_upload(&self.context(user), key, upload_id)
    }

    /// Companion's `GET /s3/multipart/{uploadId}/{partNumber}`: a presigned URL,
    /// and for how many seconds it can be used.
    ///
    /// # Errors
    /// [`Reason::PartRefused`].
    pub fn companion_part(&self, upload: &CompanionParts, number: u32) -> Result<(String, u32), Refusal> {
        self.endpoint.companion_part(self.ports.now(), upload, number)
    }

    /// Companion's `GET /s3/multipart/{uploadId}`: the parts that S3 has.
    ///
    /// # Errors
    /// [`Reason::NotUploaded`] for an upload that S3 does not know;
    /// [`Reason::S3Unavailable`].
    pub async fn companion_list(&self, upload: &CompanionParts) -> Result<Vec<ListedPart>, Refusal> {
        self.listed_parts(|after| self.endpoint.companion_list(upload, after)).await
    }

    /// Companion's `POST /s3/multipart/{uploadId}/complete`. What is too large
    /// is given up. Answers where the object is.
    ///
    /// # Errors
    /// What the rules refuse; [`Reason::S3Unavailable`].
    pub async fn companion_complete(
        &self,
        user: &UserId,
        upload: &CompanionParts,
        parts: &[CompanionPart],
    ) -> Result<String, Refusal> {
        let store = self.ports.store();
        let listed = self.companion_list(upload).await?;
        self.ports.admit(user, &Cost { bytes: total(&listed), ..Cost::default() }).await?;
        let (request, body) = match self.endpoint.companion_complete(upload, parts, &listed, store.endpoint())
        {
            Ok(complete) => complete,
            Err(refusal) => {
                if refusal.reason() == Reason::SizeRefused {
                    self.companion_abort(upload).await?;
                }
                return Err(refusal);
            }
        };
        let completed =
            async { CompleteMultipartUpload::parse_done(&store.send(&request, body.as_bytes()).await?) }
                .await;
        if let Err(error) = completed
            && !self.was_completed(upload, &error).await?
        {
            return Err(self.unavailable("CompleteMultipartUpload", &error));
        }
        self.endpoint.companion_location(upload)
    }

    /// Companion's `DELETE /s3/multipart/{uploadId}`.
    ///
    /// # Errors
    /// [`Reason::S3Unavailable`].
    pub async fn companion_abort(&self, upload: &CompanionParts) -> Result<(), Refusal> {
        let store = self.ports.store();
        let aborted = async {
            let request = self.endpoint.companion_abort(upload).request(store.endpoint())?;
            AbortMultipartUpload::parse(&store.send(&request, &[]).await?)
        };
        match aborted.await {
            Err(error) if error.status() == Some(404) => Ok(()),
            parsed => parsed.map(drop).map_err(|error| self.unavailable("abort", &error)),
        }
    }

    /// A first try may have joined the parts and its answer been lost; the key
    /// is this upload's alone.
    async fn was_completed(&self, upload: &CompanionParts, error: &Error) -> Result<bool, Refusal> {
        if !matches!(error.status(), Some(404 | 412)) {
            return Ok(false);
        }
        let Ok(key) = ObjectKey::parse(upload.key()) else { return Ok(false) };
        Ok(self.head(&HeadObject::new(self.endpoint.bucket(), &key)).await?.is_some())
    }

    async fn counted(&self, user: &UserId, signed: CompatSignature) -> Result<CompatSignature, Refusal> {
        if signed.begins() {
            self.ports.admit(user, &Cost { files: 1, ..Cost::default() }).await?;
        }
        if let Some(joined) = signed.counted() {
            let parts = self.listed_parts(|after| joined.list(self.endpoint.bucket(), after)).await?;
            let bytes = total(&parts);
            self.endpoint.check_total(bytes)?;
            self.ports.admit(user, &Cost { bytes, ..Cost::default() }).await?;
        }
        Ok(signed)
    }

    async fn listed_parts<'a>(
        &self,
        page: impl Fn(u16) -> ListParts<'a>,
    ) -> Result<Vec<ListedPart>, Refusal> {
        let store = self.ports.store();
        let mut parts = Vec::new();
        let mut after = 0;
        for _ in 0..MAX_PAGES {
            let listed: S3Result<_> = async {
                let request = page(after).request(store.endpoint())?;
                ListParts::parse(&store.send(&request, &[]).await?)
            }
            .await;
            let listed = listed.map_err(|error| match error.status() {
                Some(404) => Refusal::new(Reason::NotUploaded, "S3 knows no such upload: begin again"),
                _ => self.unavailable("ListParts", &error),
            })?;
            parts.extend(listed.parts);
            match listed.next {
                Some(next) if next > after => after = next,
                _ => break,
            }
        }
        Ok(parts)
    }
}

fn total(parts: &[ListedPart]) -> u64 {
    parts.iter().fold(0, |total: u64, part| total.saturating_add(part.size))
}
