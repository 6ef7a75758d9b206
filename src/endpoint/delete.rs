//! `POST /uploads/delete`: an upload, by its owner.

use crate::endpoint::protocol::DeleteItem;
use crate::endpoint::{Context, Refusal, SigningEndpoint, misconfigured};
use crate::s3::{Bucket, DeleteObject, ObjectKey};

impl SigningEndpoint {
    /// Checks that an upload belongs to the caller; the server then sends
    /// [`DeleteTarget::request`]. An expired grant will do, up to its greatest
    /// age; a receipt, up to its lifetime.
    ///
    /// # Errors
    /// Those of grants and of receipts.
    pub fn begin_delete(
        &self,
        context: &Context<'_>,
        item: &DeleteItem,
    ) -> Result<DeleteTarget<'_>, Refusal> {
        let key = match item {
            DeleteItem::Token { token, .. } => self.open_grant(context, token)?.key,
            DeleteItem::Receipt { receipt } => self.open_receipt_of(context, receipt)?.key,
        };
        Ok(DeleteTarget { bucket: self.bucket(), key: ObjectKey::parse(&key).map_err(misconfigured)? })
    }
}

/// An object that may be deleted.
#[derive(Debug)]
pub struct DeleteTarget<'a> {
    bucket: &'a Bucket,
    key: ObjectKey,
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

    /// The DELETE to send.
    #[must_use]
    pub const fn request(&self) -> DeleteObject<'_> {
        DeleteObject::new(self.bucket, &self.key)
    }
}
