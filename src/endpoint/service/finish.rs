//! `POST /uploads/finish`: what arrived is looked at, and answered with a
//! receipt.

use super::each::each;
use super::{Ports, Service, Store};
use crate::endpoint::protocol::{
    FinishAnswer, FinishItem, FinishUploads, FinishedAttachment, FinishedUpload, Outcome,
};
use crate::endpoint::{Reason, Refusal, UserId};
use crate::s3::{DeleteObject, HeadObject, HeadObjectOutput, ObjectKey};

/// The event of the webhook.
const FINISHED: &str = "upload.finished";

impl<P: Ports> Service<P> {
    /// Receipts for uploads that arrived as granted.
    ///
    /// # Errors
    /// A whole call's refusal; what is wrong with one upload stands in its place.
    pub async fn finish(&self, user: &UserId, call: FinishUploads) -> Result<FinishAnswer, Refusal> {
        self.endpoint.check_count(call.uploads.len())?;
        let mut results = each(call.uploads, |item| self.finish_one(user, item)).await;
        self.ask_about_finished(user, &mut results).await;
        Ok(FinishAnswer { now: self.ports.now().iso8601(), results })
    }

    /// One upload: the rules say what to look at, S3 says what is there, the
    /// rules compare.
    async fn finish_one(&self, user: &UserId, item: FinishItem) -> Result<FinishedUpload, Refusal> {
        let check = self.endpoint.begin_finish(&self.context(user), &item)?;
        let found = self.head(&check.head()).await?;
        check.conclude(self.ports.now(), found.as_ref())
    }

    /// Takes out what the app refuses.
    async fn ask_about_finished(&self, user: &UserId, results: &mut [Outcome<FinishedUpload>]) {
        let Some(hooks) = self.hooks.as_ref().filter(|hooks| hooks.on_finish) else { return };
        let finished = results.iter().enumerate().filter_map(|(number, outcome)| match outcome {
            Outcome::Done(upload) => Some((number, self.attachment(upload)?)),
            Outcome::Refused { .. } => None,
        });
        let refused = self.ask_app(hooks, FINISHED, user.as_str(), finished.collect()).await;
        for (number, refusal) in refused {
            let Some(outcome) = results.get_mut(number) else { continue };
            let refusal = match outcome {
                Outcome::Done(upload) => self.delete_refused(upload, refusal).await,
                Outcome::Refused { .. } => continue,
            };
            *outcome = Outcome::Refused { error: refusal.into() };
        }
    }

    /// The same for the upload of a plain form.
    pub(super) async fn allow_finished(&self, upload: &FinishedUpload) -> Result<(), Refusal> {
        let Some(hooks) = self.hooks.as_ref().filter(|hooks| hooks.on_finish) else { return Ok(()) };
        let Some(attachment) = self.attachment(upload) else { return Ok(()) };
        let user = attachment.object.user.clone();
        match self.ask_app(hooks, FINISHED, &user, vec![(0, attachment)]).await.pop() {
            Some((_, refusal)) => Err(self.delete_refused(upload, refusal).await),
            None => Ok(()),
        }
    }

    fn attachment(&self, upload: &FinishedUpload) -> Option<FinishedAttachment> {
        let object = self.endpoint.verify_receipt(self.ports.now(), &upload.receipt).ok()?;
        Some(FinishedAttachment { object, receipt: upload.receipt.clone() })
    }

    /// What the app does not take is deleted before the page is told. An app that
    /// could not be asked has refused nothing.
    async fn delete_refused(&self, upload: &FinishedUpload, refusal: Refusal) -> Refusal {
        if refusal.reason() != Reason::AppRefused {
            return refusal;
        }
        let store = self.ports.store();
        let deleted = async {
            let key = ObjectKey::parse(&upload.key)?;
            let request = DeleteObject::new(self.endpoint.bucket(), &key).request(store.endpoint())?;
            DeleteObject::parse(&store.send(&request, &[]).await?)
        };
        match deleted.await {
            Ok(()) => refusal,
            // The page finishes again, and the app is asked again.
            Err(error) => self.unavailable("DELETE", &error),
        }
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
