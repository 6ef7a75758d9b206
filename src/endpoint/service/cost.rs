//! What a call costs, for a limiter.

use crate::endpoint::protocol::{CreateFormsAnswer, CreateUploadsAnswer, Outcome, SignRequests};

/// How much of everything that a limiter may count. What was refused costs
/// nothing but its call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    /// Calls of the protocol.
    pub calls: u64,
    /// Signatures: one for each grant, each intent of `/sign` and each form.
    pub intents: u64,
    /// Files granted; a form is one.
    pub files: u64,
    /// Bytes granted; those that a form takes at most.
    pub bytes: u64,
}

impl Cost {
    /// Any call.
    pub(super) const CALL: Self = Self { calls: 1, intents: 0, files: 0, bytes: 0 };

    /// Whether there is nothing to count.
    #[must_use]
    pub const fn is_nothing(&self) -> bool {
        self.calls == 0 && self.intents == 0 && self.files == 0 && self.bytes == 0
    }

    pub(super) fn of_uploads(answer: &CreateUploadsAnswer) -> Self {
        answer.uploads.iter().fold(Self::default(), |cost, upload| match upload {
            Outcome::Done(created) => cost.with_file(created.grant.size, created.requests.len()),
            Outcome::Refused { .. } => cost,
        })
    }

    pub(super) fn of_signing(call: &SignRequests) -> Self {
        let intents = call.requests.iter().map(|request| request.intents.len() as u64).sum();
        Self { intents, ..Self::default() }
    }

    /// `most` is what each form says of its greatest size, `whole` what the rules say.
    pub(super) fn of_forms(answer: &CreateFormsAnswer, most: &[Option<u64>], whole: u64) -> Self {
        answer.forms.iter().zip(most).fold(Self::default(), |cost, (form, most)| match form {
            Outcome::Done(_) => cost.with_file(most.unwrap_or(whole), 1),
            Outcome::Refused { .. } => cost,
        })
    }

    const fn with_file(self, bytes: u64, intents: usize) -> Self {
        Self {
            calls: self.calls,
            intents: self.intents.saturating_add(intents as u64),
            files: self.files.saturating_add(1),
            bytes: self.bytes.saturating_add(bytes),
        }
    }
}
