//! What an upload is doing, and what it will do next. Each variant holds what
//! that needs and nothing else: there is no signing without a grant, and a
//! signature is used up by sending it.

use super::action::{DeleteKey, FinishRequest, Intent, SignRequest, SignedRequest};
use super::digest::Digest;
use super::event::{Grant, StoredObject};
use super::id::{CallId, UploadId};
use super::machine::Lane;
use super::plan::Plan;
use super::snapshot::SavedUpload;
use super::state::State;
use super::time::Instant;
use crate::error::Error;

pub(super) enum Phase {
    /// Added, not started.
    Added,
    /// Added with what was kept of it, not started.
    Saved(Box<SavedUpload>),
    /// Wants to take a step as soon as the queue lets it.
    Pending(Step),
    /// Wants to take a step, but not before `until`: after a failure (its
    /// error), or to let an earlier attempt settle.
    Later { step: Step, until: Instant, error: Option<Error> },
    /// The driver reads the file.
    Hashing { number: u32 },
    /// The endpoint is asked.
    Calling { call: CallId, step: CallStep },
    /// The bytes are on their way.
    Sending(Attempt),
    /// Held by the caller.
    Paused(Step),
    /// Failed for good; `step` is where `retry` goes on.
    Failed { step: Step, error: Error },
    /// In the bucket.
    Done {
        object: Box<StoredObject>,
        /// See [`Place::settled`].
        settled: Instant,
    },
    /// Given up.
    Aborted,
    /// Deleted after it was done.
    Deleted,
}

/// What an upload can be about to do.
pub(super) enum Step {
    Hash,
    Call(CallStep),
    Send(Box<Ready>),
}

/// Steps that ask the endpoint; many uploads share one call.
pub(super) enum CallStep {
    Grant { digest: Digest },
    Sign { granted: Box<Granted>, renew: bool },
    Finish(Box<Finish>),
    Delete { key: DeleteKey, place: Place, then: Then },
}

/// What the endpoint granted, and what became of it.
#[derive(Clone)]
pub(super) struct Granted {
    pub(super) token: String,
    pub(super) bucket: String,
    pub(super) key: String,
    pub(super) plan: Plan,
    pub(super) expires: Instant,
    pub(super) digest: Digest,
    /// Whether an attempt under this grant may have been stored, and from
    /// when on none that was given up can still be.
    pub(super) may_be_stored: Option<Instant>,
}

/// A grant with a signature that was not used yet.
pub(super) struct Ready {
    pub(super) granted: Granted,
    pub(super) request: SignedRequest,
    pub(super) usable_until: Instant,
}

/// One request to S3 under way.
pub(super) struct Attempt {
    pub(super) granted: Granted,
    pub(super) number: u32,
    pub(super) sent: u64,
    pub(super) deadline: Instant,
}

/// The endpoint is to say whether the object is there and right.
pub(super) struct Finish {
    pub(super) granted: Granted,
    pub(super) why: Why,
}

pub(super) enum Why {
    /// S3 answered 2xx.
    Stored { etag: String },
    /// S3 answered 412: something is there.
    Conflict,
    /// The answer was lost, which already cost a try.
    Lost,
    /// The grant expired while the answer was lost.
    Expired,
}

/// What a deletion is to leave empty.
#[derive(Clone)]
pub(super) struct Place {
    pub(super) bucket: String,
    pub(super) key: String,
    /// Attempts that were given up can fill it again until then: earlier, a
    /// deletion would come too early.
    pub(super) settled: Instant,
}

/// What follows a deletion.
#[derive(Clone, Copy)]
pub(super) enum Then {
    /// The caller gave the upload up.
    Aborted,
    /// The caller deletes what was done.
    Deleted,
    /// The upload begins again under a fresh grant; with its digest, if the
    /// file need not be read again.
    StartOver { digest: Digest },
}

impl Granted {
    /// From an answer to a call that began at `asked`: lifetimes count from
    /// then, so however long the answer travelled, they are not overrated.
    pub(super) fn new(grant: Grant, digest: Digest, asked: Instant) -> (Self, Vec<SignedRequest>) {
        let Grant { token, bucket, key, plan, lifetime_ms, requests } = grant;
        let expires = asked.after(lifetime_ms);
        (Self { token, bucket, key, plan, expires, digest, may_be_stored: None }, requests)
    }

    /// From what was kept of it. Its lifetime is not known: it is renewed
    /// before anything is signed by it.
    pub(super) fn from_saved(saved: SavedUpload, now: Instant) -> Self {
        let SavedUpload { token, bucket, key, plan, digest, .. } = saved;
        Self { token, bucket, key, plan, expires: Instant::default(), digest, may_be_stored: Some(now) }
    }

    /// An attempt under this grant was given up, or answered: what it sent is
    /// stored by then, or never.
    pub(super) fn stored_by(&mut self, then: Instant) {
        self.may_be_stored = Some(self.may_be_stored.map_or(then, |earlier| earlier.max(then)));
    }

    /// Deletes what may be under this grant.
    pub(super) fn delete(self, then: Then) -> CallStep {
        let settled = self.may_be_stored.unwrap_or_default();
        let place = Place { bucket: self.bucket, key: self.key, settled };
        CallStep::Delete { key: DeleteKey::Token { token: self.token, upload_id: None }, place, then }
    }

    pub(super) fn sign_request(&self, upload: UploadId, renew: bool) -> SignRequest {
        let intent = match self.plan {
            Plan::Put => Intent::Put,
            Plan::Post => Intent::Post,
            Plan::Multipart { .. } => Intent::Create,
        };
        let intents = if renew { vec![Intent::Renew, intent] } else { vec![intent] };
        SignRequest { upload, token: self.token.clone(), upload_id: None, intents }
    }
}

impl Finish {
    pub(super) fn request(&self, upload: UploadId) -> FinishRequest {
        let etag = match &self.why {
            Why::Stored { etag } => Some(etag.clone()),
            Why::Conflict | Why::Lost | Why::Expired => None,
        };
        FinishRequest { upload, token: self.granted.token.clone(), etag }
    }

    /// S3 said that it has the bytes.
    pub(super) const fn is_confirmed(&self) -> bool {
        matches!(self.why, Why::Stored { .. })
    }
}

impl Step {
    /// Where an upload begins: with its digest, if one is wanted.
    pub(super) fn first(hashed: bool) -> Self {
        if hashed { Self::Hash } else { Self::Call(CallStep::Grant { digest: Digest::default() }) }
    }

    /// The grant that this step goes by, if it has one.
    pub(super) fn into_granted(self) -> Option<Granted> {
        match self {
            Self::Hash | Self::Call(CallStep::Grant { .. } | CallStep::Delete { .. }) => None,
            Self::Call(CallStep::Sign { granted, .. }) => Some(*granted),
            Self::Call(CallStep::Finish(finish)) => Some(finish.granted),
            Self::Send(ready) => Some(ready.granted),
        }
    }
}

impl Step {
    /// A fresh signature under the same grant.
    pub(super) fn sign(granted: Granted) -> Self {
        Self::Call(CallStep::Sign { granted: Box::new(granted), renew: false })
    }

    /// A fresh signature under a new grant for the same object.
    pub(super) fn renew(granted: Granted) -> Self {
        Self::Call(CallStep::Sign { granted: Box::new(granted), renew: true })
    }

    pub(super) fn finish(granted: Granted, why: Why) -> Self {
        Self::Call(CallStep::Finish(Box::new(Finish { granted, why })))
    }

    pub(super) const fn lane(&self) -> Lane {
        match self {
            Self::Hash => Lane::Hash,
            Self::Call(CallStep::Grant { .. }) => Lane::Grant,
            Self::Call(CallStep::Sign { .. }) => Lane::Sign,
            Self::Call(CallStep::Finish(_)) => Lane::Finish,
            Self::Call(CallStep::Delete { .. }) => Lane::Delete,
            Self::Send(_) => Lane::Send,
        }
    }

    pub(super) const fn can_pause(&self) -> bool {
        match self {
            Self::Call(step) => step.can_pause(),
            Self::Hash | Self::Send(_) => true,
        }
    }

    pub(super) const fn can_abort(&self) -> bool {
        match self {
            Self::Call(step) => step.can_abort(),
            Self::Hash | Self::Send(_) => true,
        }
    }
}

impl CallStep {
    pub(super) const fn state(&self) -> State {
        match self {
            Self::Grant { .. } | Self::Sign { .. } => State::Signing,
            Self::Finish(_) => State::Finishing,
            Self::Delete { .. } => State::Deleting,
        }
    }

    /// Deletes an object that is done.
    pub(super) fn delete_done(object: StoredObject, settled: Instant) -> Self {
        let StoredObject { receipt, bucket, key, .. } = object;
        let place = Place { bucket, key, settled };
        Self::Delete { key: DeleteKey::Receipt(receipt), place, then: Then::Deleted }
    }

    /// From when on the endpoint's answer is final: what is deleted, or is to
    /// be missing for good, must not come up again.
    pub(super) fn settled(&self) -> Option<Instant> {
        match self {
            Self::Delete { place, .. } => Some(place.settled),
            Self::Finish(finish) if matches!(finish.why, Why::Expired) => finish.granted.may_be_stored,
            Self::Grant { .. } | Self::Sign { .. } | Self::Finish(_) => None,
        }
    }

    /// Deletions that the caller asked for are not held.
    pub(super) const fn can_pause(&self) -> bool {
        !matches!(self, Self::Delete { then: Then::Aborted | Then::Deleted, .. })
    }

    /// What is done is deleted, not aborted; what is aborted already, is.
    pub(super) const fn can_abort(&self) -> bool {
        self.can_pause()
    }
}
