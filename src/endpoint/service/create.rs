//! `POST /uploads` and `POST /forms`: grants, if the app agrees where it is asked.

use super::{Ports, Service};
use crate::endpoint::protocol::{
    CreateForms, CreateFormsAnswer, CreateUploads, CreateUploadsAnswer, Outcome, RequestedUpload,
};
use crate::endpoint::{Refusal, UserId};

/// The event of the webhook.
const REQUESTED: &str = "upload.requested";

impl<P: Ports> Service<P> {
    /// Answers `POST /uploads`.
    ///
    /// # Errors
    /// Those of [`SigningEndpoint::create_uploads`](crate::endpoint::SigningEndpoint::create_uploads);
    /// what is wrong with one file, or the app has against it, stands in its place.
    pub async fn create_uploads(
        &self,
        user: &UserId,
        call: CreateUploads,
    ) -> Result<CreateUploadsAnswer, Refusal> {
        let wanted = self.wanted(&call.files, |file| RequestedUpload {
            name: file.name.clone(),
            size: file.size,
            content_type: file.content_type.clone(),
            metadata: file.metadata.clone(),
        });
        let mut answer =
            self.with_random(|random| self.endpoint.create_uploads(&self.context(user), call, random))?;
        self.ask_about_wanted(user, wanted, &mut answer.uploads).await;
        Ok(answer)
    }

    /// Answers `POST /forms`.
    ///
    /// # Errors
    /// Those of [`SigningEndpoint::create_forms`](crate::endpoint::SigningEndpoint::create_forms);
    /// what is wrong with one form, or the app has against it, stands in its place.
    pub async fn create_forms(&self, user: &UserId, call: CreateForms) -> Result<CreateFormsAnswer, Refusal> {
        let rules = self.endpoint.rules();
        let most = rules.max_size.min(rules.max_post_size);
        let wanted = self.wanted(&call.forms, |form| RequestedUpload {
            name: form.name.clone().unwrap_or_else(|| "file".to_owned()),
            size: form.size.map_or(most, |size| size.max),
            content_type: form.content_type.clone(),
            metadata: form.metadata.clone(),
        });
        let mut answer =
            self.with_random(|random| self.endpoint.create_forms(&self.context(user), call, random))?;
        self.ask_about_wanted(user, wanted, &mut answer.forms).await;
        Ok(answer)
    }

    /// What the app is to be asked about; nothing if it is not asked.
    fn wanted<T>(&self, items: &[T], describe: impl Fn(&T) -> RequestedUpload) -> Vec<RequestedUpload> {
        match &self.hooks {
            Some(hooks) if hooks.on_grant => items.iter().map(describe).collect(),
            _ => Vec::new(),
        }
    }

    /// Takes out what the app refuses of all that the rules allow.
    async fn ask_about_wanted<T>(
        &self,
        user: &UserId,
        wanted: Vec<RequestedUpload>,
        outcomes: &mut [Outcome<T>],
    ) {
        let Some(hooks) = &self.hooks else { return };
        let allowed = wanted.into_iter().zip(outcomes.iter()).enumerate();
        let allowed = allowed.filter(|(_, (_, outcome))| matches!(outcome, Outcome::Done(_)));
        let allowed = allowed.map(|(number, (wanted, _))| (number, wanted)).collect();
        for (number, refusal) in self.ask_app(hooks, REQUESTED, user.as_str(), allowed).await {
            if let Some(outcome) = outcomes.get_mut(number) {
                *outcome = Outcome::Refused { error: refusal.into() };
            }
        }
    }
}
