//! `POST /uploads/finish`: what arrived is looked at, and answered with a
//! receipt.

use super::each::each;
use super::{Ports, Service, Store};
use crate::endpoint::protocol::{FinishAnswer, FinishItem, FinishUploads, FinishedUpload};
use crate::endpoint::{Refusal, UserId};
use crate::s3::{HeadObject, HeadObjectOutput};

impl<P: Ports> Service<P> {
    /// Receipts for uploads that arrived as granted.
    ///
    /// # Errors
    /// A whole call's refusal; what is wrong with one upload stands in its place.
    pub async fn finish(&self, user: &UserId, call: FinishUploads) -> Result<FinishAnswer, Refusal> {
        self.endpoint.check_count(call.uploads.len())?;
        let results = each(call.uploads, |item| self.finish_one(user, item)).await;
        Ok(FinishAnswer { now: self.ports.now().iso8601(), results })
    }

    /// One upload: the rules say what to look at, S3 says what is there, the
    /// rules compare.
    async fn finish_one(&self, user: &UserId, item: FinishItem) -> Result<FinishedUpload, Refusal> {
        let check = self.endpoint.begin_finish(&self.context(user), &item)?;
        let found = self.head(&check.head()).await?;
        check.conclude(self.ports.now(), found.as_ref())
    }

    /// Asks S3 for an object; `None` when there is none.
    pub(super) async fn head(&self, operation: &HeadObject<'_>) -> Result<Option<HeadObjectOutput>, Refusal> {
        let store = self.ports.store();
        let answered = async {
            let response = store.send(&operation.request(store.endpoint())?, &[]).await?;
            HeadObject::parse(&response)
        };
        answered.await.map_err(|error| self.unavailable("HEAD", &error))
    }
}
