//! `POST /uploads/delete`: an upload, by its owner, whatever has become of it.

use crate::endpoint::protocol::{DeleteItem, Plan};
use crate::endpoint::sign_multipart::check_upload_id;
use crate::endpoint::{Context, Refusal, SigningEndpoint, misconfigured};
use crate::s3::{
    AbortMultipartUpload, Bucket, DeleteObject, ListMultipartUploads, ListedUpload, ObjectKey, UploadMarker,
};

/// Uploads of one page of a list. More are hardly ever there: each Create whose
/// answer was lost leaves one.
const UPLOADS_PER_PAGE: u16 = 100;

impl SigningEndpoint {
    /// Checks that an upload belongs to the caller. The server then gives up
    /// what is under way ([`DeleteTarget::abort`] of [`DeleteTarget::named`],
    /// and of all that [`DeleteTarget::list`] finds), and only then sends
    /// [`DeleteTarget::request`]: a Complete that was faster leaves an object.
    /// An expired grant will do, up to its greatest age; a receipt, up to its
    /// lifetime.
    ///
    /// At a guessable key other grants of the user may have made what is there,
    /// or be about to: a grant ends no more than the upload that is named, and
    /// only a receipt, which says whose object it is, deletes one.
    ///
    /// # Errors
    /// Those of grants and of receipts;
    /// [`Reason::MalformedRequest`](crate::endpoint::Reason::MalformedRequest)
    /// for an upload id that is none.
    pub fn begin_delete(
        &self,
        context: &Context<'_>,
        item: &DeleteItem,
    ) -> Result<DeleteTarget<'_>, Refusal> {
        let (key, named, uploads, object) = match item {
            DeleteItem::Token { token, upload_id } => {
                let claims = self.open_grant(context, token)?;
                let named = upload_id.as_deref().map(|id| check_upload_id(Some(id))).transpose()?;
                let alone = self.rules.key.is_unguessable();
                let uploads = alone && matches!(claims.plan, Plan::Multipart { .. });
                (claims.key, named.map(str::to_owned), uploads, alone)
            }
            DeleteItem::Receipt { receipt } => {
                (self.open_receipt_of(context, receipt)?.key, None, false, true)
            }
        };
        let key = ObjectKey::parse(&key).map_err(misconfigured)?;
        Ok(DeleteTarget { bucket: self.bucket(), key, named, uploads, object })
    }
}

/// An upload that may be deleted.
#[derive(Debug)]
pub struct DeleteTarget<'a> {
    bucket: &'a Bucket,
    key: ObjectKey,
    named: Option<String>,
    /// Whether every upload of the key is this grant's.
    uploads: bool,
    /// Whether the object is.
    object: bool,
}

impl<'a> DeleteTarget<'a> {
    /// All that there is of a key.
    pub(super) const fn whole(bucket: &'a Bucket, key: ObjectKey) -> Self {
        Self { bucket, key, named: None, uploads: true, object: true }
    }
}

impl DeleteTarget<'_> {
    /// Its bucket.
    #[must_use]
    pub const fn bucket(&self) -> &Bucket {
        self.bucket
    }

    /// Its key.
    #[must_use]
    pub const fn key(&self) -> &ObjectKey {
        &self.key
    }

    /// The multipart upload that the page knows of.
    #[must_use]
    pub fn named(&self) -> Option<&str> {
        self.named.as_deref()
    }

    /// The request that gives a multipart upload up.
    #[must_use]
    pub const fn abort<'b>(&'b self, upload_id: &'b str) -> AbortMultipartUpload<'b> {
        AbortMultipartUpload { bucket: self.bucket, key: &self.key, upload_id }
    }

    /// A page of the multipart uploads that there may be: the page may know
    /// none of them, if it crashed or the answer to its Create was lost. `None`
    /// if the grant was for one request, or the key is not its alone.
    #[must_use]
    pub fn list<'b>(&'b self, after: Option<&'b UploadMarker>) -> Option<ListMultipartUploads<'b>> {
        self.uploads.then_some(ListMultipartUploads {
            prefix: Some(self.key.as_str()),
            after,
            max_uploads: Some(UPLOADS_PER_PAGE),
            ..ListMultipartUploads::new(self.bucket)
        })
    }

    /// Whether a listed upload is of this very key: S3 lists all that begin with it.
    #[must_use]
    pub fn owns(&self, upload: &ListedUpload) -> bool {
        upload.key == self.key.as_str()
    }

    /// The DELETE to send at last; `None` if the object may be another grant's.
    #[must_use]
    pub fn request(&self) -> Option<DeleteObject<'_>> {
        self.object.then(|| DeleteObject::new(self.bucket, &self.key))
    }
}
