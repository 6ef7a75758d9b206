//! What an upload is doing, and what it will do next. Each variant holds what
//! that needs and nothing else: there is no signing without a grant, and a
//! signature is used up by sending it.

use super::action::{DeleteKey, FinishRequest, SignedRequest};
use super::chunks;
use super::config::{Config, Integrity};
use super::digest::Digest;
use super::event::{Grant, Renewal, StoredObject};
use super::id::{CallId, UploadId};
use super::machine::{Context, Lane};
use super::pace;
use super::plan::{Plan, Transport};
use super::snapshot::{SavedPart, SavedUpload};
use super::state::State;
use super::time::Instant;
use crate::error::Error;

pub(super) enum Phase {
    /// Added, not started.
    Added,
    /// Added with what was kept of it, not started.
    Saved(Box<(SavedUpload, Vec<SavedPart>)>),
    /// Wants to take a step as soon as the queue lets it.
    Pending(Step),
    /// Wants to take a step, but not before `until`: after a failure (its
    /// error), or to let an earlier attempt settle.
    Later { step: Step, until: Instant, error: Option<Error> },
    /// The driver reads the file.
    Hashing { number: u32, stored: Option<Box<Granted>> },
    /// The endpoint is asked.
    Calling { call: CallId, step: CallStep },
    /// One request is on its way.
    Sending(Attempt),
    /// Parts are read, signed and sent, several at once (`parts`).
    Transfer(Box<Granted>),
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
    /// To read all of the file: for a grant, or, of one that may have been
    /// stored before the page was loaded, to see that it is still the same.
    Hash {
        stored: Option<Box<Granted>>,
    },
    Call(CallStep),
    Send(Box<Ready>),
    Transfer(Box<Granted>),
}

/// What a signed request is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum What {
    /// All of the file.
    Whole,
    /// To begin a multipart upload.
    Create,
    /// To ask which parts S3 has, from the one after this on.
    List { after: u16 },
    /// To put the parts together.
    Complete,
}

/// Steps that ask the endpoint; many uploads share one call.
pub(super) enum CallStep {
    Grant { transport: Transport, digest: Digest },
    Sign { granted: Box<Granted>, renew: bool, what: What },
    Finish(Box<Finish>),
    Delete { key: DeleteKey, place: Place, then: Then },
}

/// What the endpoint granted, and what became of it.
pub(super) struct Granted {
    pub(super) token: String,
    pub(super) bucket: String,
    pub(super) key: String,
    pub(super) plan: Plan,
    pub(super) integrity: Integrity,
    /// Its bytes go in signed chunks of this size.
    pub(super) chunk_size: Option<u64>,
    /// From then on its rest is too short for a signature, which never outlives
    /// it: it is renewed before anything is signed.
    pub(super) ends: Instant,
    pub(super) digest: Digest,
    /// Whether an attempt under this grant may have left anything at S3, and
    /// from when on none that was given up still can.
    pub(super) may_be_stored: Option<Instant>,
}

/// A grant with a signature that was not used yet.
pub(super) struct Ready {
    pub(super) granted: Box<Granted>,
    pub(super) what: What,
    pub(super) request: SignedRequest,
    pub(super) usable_until: Instant,
}

/// One request to S3 under way.
pub(super) struct Attempt {
    pub(super) granted: Box<Granted>,
    pub(super) what: What,
    pub(super) number: u32,
    pub(super) sent: u64,
    pub(super) deadline: Instant,
}

/// The endpoint is to say whether the object is there and right.
pub(super) struct Finish {
    pub(super) granted: Box<Granted>,
    pub(super) why: Why,
}

pub(super) enum Why {
    /// S3 answered 2xx.
    Stored { etag: String },
    /// S3 answered 412: something is there.
    Conflict,
    /// The answer was lost, which already cost a try.
    Lost,
    /// Nothing more can be sent under the grant, or of this multipart upload. If
    /// it is not there, all begins again under another grant.
    Ended,
    /// S3 does not know the multipart upload: it is done, or gone. If it is
    /// not there, it is begun again.
    Gone,
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
pub(super) enum Then {
    /// The caller gave the upload up.
    Aborted,
    /// The caller deletes what was done.
    Deleted,
    /// The upload begins again under a fresh grant; with its digest, if the
    /// file need not be read again.
    StartOver { digest: Digest },
    /// The multipart upload is begun again, under the same grant.
    Recreate { granted: Box<Granted> },
}

impl Phase {
    /// On to a step, as soon as the queue lets it.
    pub(super) fn next(step: Step) -> Self {
        match step {
            Step::Transfer(granted) => Self::Transfer(granted),
            step => Self::Pending(step),
        }
    }
}

impl Then {
    /// Whether the upload goes on after it.
    pub(super) const fn is_to_begin_again(&self) -> bool {
        matches!(self, Self::StartOver { .. } | Self::Recreate { .. })
    }
}

impl Granted {
    /// From an answer to a call that began at `asked`: lifetimes count from
    /// then, so however long the answer travelled, they are not overrated.
    pub(super) fn new(
        grant: Grant,
        integrity: Integrity,
        digest: Digest,
        asked: Instant,
        config: &Config,
    ) -> (Box<Self>, Vec<SignedRequest>) {
        let Grant { token, bucket, key, plan, chunk_size, lifetime_ms, requests } = grant;
        let ends = pace::usable_until(lifetime_ms, asked, config);
        let may_be_stored = None;
        let granted = Self { token, bucket, key, plan, integrity, chunk_size, ends, digest, may_be_stored };
        (Box::new(granted), requests)
    }

    /// From what was kept of it. Its lifetime is not known: it is renewed
    /// before anything is signed by it.
    pub(super) fn from_saved(saved: SavedUpload, settled: Instant) -> Box<Self> {
        let SavedUpload { token, bucket, key, plan, integrity, chunk_size, digest, .. } = saved;
        let (ends, may_be_stored) = (Instant::default(), Some(settled));
        Box::new(Self { token, bucket, key, plan, integrity, chunk_size, ends, digest, may_be_stored })
    }

    /// An attempt under this grant was given up, or answered: what it sent is
    /// stored by then, or never.
    pub(super) fn stored_by(&mut self, then: Instant) {
        self.may_be_stored = Some(self.may_be_stored.map_or(then, |earlier| earlier.max(then)));
    }

    /// A new token for the same object, from an answer to a call that began at `asked`.
    pub(super) fn renew(&mut self, renewal: Renewal, asked: Instant, config: &Config) {
        self.token = renewal.token;
        self.ends = pace::usable_until(renewal.lifetime_ms, asked, config);
    }

    /// Deletes what may be under this grant, and the multipart upload of that id.
    pub(super) fn delete(&self, upload_id: Option<String>, then: Then) -> CallStep {
        let (key, place) = self.delete_key(upload_id);
        CallStep::Delete { key, place, then }
    }

    pub(super) fn delete_key(&self, upload_id: Option<String>) -> (DeleteKey, Place) {
        let settled = self.may_be_stored.unwrap_or_default();
        let place = Place { bucket: self.bucket.clone(), key: self.key.clone(), settled };
        (DeleteKey::Token { token: self.token.clone(), upload_id }, place)
    }

    /// What the request is for that brings the object about.
    pub(super) const fn last_request(&self) -> What {
        match self.plan {
            Plan::Put | Plan::Post => What::Whole,
            Plan::Multipart { .. } => What::Complete,
        }
    }
}

impl Finish {
    pub(super) fn request(&self, upload: UploadId) -> FinishRequest {
        let etag = match &self.why {
            Why::Stored { etag } => Some(etag.clone()),
            Why::Conflict | Why::Lost | Why::Ended | Why::Gone => None,
        };
        FinishRequest { upload, token: self.granted.token.clone(), etag }
    }

    /// S3 said that it has the bytes.
    pub(super) const fn is_confirmed(&self) -> bool {
        matches!(self.why, Why::Stored { .. })
    }
}

impl Step {
    pub(super) const HASH: Self = Self::Hash { stored: None };

    /// The grant that this step goes by, if it has one.
    pub(super) fn into_granted(self) -> Option<Box<Granted>> {
        match self {
            Self::Hash { stored } => stored,
            Self::Call(CallStep::Grant { .. } | CallStep::Delete { .. }) => None,
            Self::Call(CallStep::Sign { granted, .. }) => Some(granted),
            Self::Call(CallStep::Finish(finish)) => Some(finish.granted),
            Self::Send(ready) => Some(ready.granted),
            Self::Transfer(granted) => Some(granted),
        }
    }

    /// A fresh signature under the same grant.
    pub(super) fn sign(granted: Box<Granted>, what: What) -> Self {
        Self::Call(CallStep::Sign { granted, renew: false, what })
    }

    /// A fresh signature under a new grant for the same object.
    pub(super) fn renew(granted: Box<Granted>, what: What) -> Self {
        Self::Call(CallStep::Sign { granted, renew: true, what })
    }

    pub(super) fn finish(granted: Box<Granted>, why: Why) -> Self {
        Self::Call(CallStep::Finish(Box::new(Finish { granted, why })))
    }

    pub(super) const fn lane(&self) -> Lane {
        match self {
            // Files that are not granted yet wait for this one to be out of their way.
            Self::Hash { stored: Some(granted) } if granted.chunk_size.is_some() => Lane::ReadPart,
            Self::Hash { .. } => Lane::Hash,
            Self::Call(CallStep::Grant { transport: Transport::Multipart, .. }) => Lane::GrantParts,
            Self::Call(CallStep::Grant { .. }) => Lane::Grant,
            Self::Call(CallStep::Sign { .. }) => Lane::Sign,
            Self::Call(CallStep::Finish(_)) => Lane::Finish,
            Self::Call(CallStep::Delete { .. }) => Lane::Delete,
            Self::Send(_) | Self::Transfer(_) => Lane::Send,
        }
    }

    /// Whether it is a step of a multipart upload before its parts are put together.
    pub(super) const fn is_of_parts(&self) -> bool {
        match self {
            Self::Call(step) => step.is_of_parts(),
            Self::Send(ready) => matches!(ready.what, What::Create | What::List { .. }),
            Self::Transfer(_) => true,
            Self::Hash { .. } => false,
        }
    }

    pub(super) const fn can_pause(&self) -> bool {
        match self {
            Self::Call(step) => step.can_pause(),
            Self::Hash { .. } | Self::Send(_) | Self::Transfer(_) => true,
        }
    }

    pub(super) const fn can_abort(&self) -> bool {
        match self {
            Self::Call(step) => step.can_abort(),
            Self::Hash { .. } | Self::Send(_) | Self::Transfer(_) => true,
        }
    }
}

impl CallStep {
    pub(super) const fn state(&self) -> State {
        match self {
            Self::Sign { what: What::Complete, .. } => State::Finishing,
            Self::Grant { .. } | Self::Sign { .. } => State::Signing,
            Self::Finish(_) => State::Finishing,
            Self::Delete { .. } => State::Deleting,
        }
    }

    /// How many signatures it asks for, renewals among them, of a file of `size` bytes.
    pub(super) fn intents(&self, size: u64, cx: &Context) -> usize {
        match self {
            Self::Sign { granted, renew, what } => {
                let size = if matches!(what, What::Whole) { size } else { 0 };
                chunks::weight(granted.chunk_size, size, cx.config.intents_per_call)
                    + usize::from(*renew || granted.ends <= cx.now)
            }
            _ => 0,
        }
    }

    /// Whether it brings what a file needs that is sent as one.
    pub(super) const fn is_of_whole(&self) -> bool {
        match self {
            Self::Grant { transport, .. } => !matches!(transport, Transport::Multipart),
            Self::Sign { what, .. } => matches!(what, What::Whole),
            _ => false,
        }
    }

    /// As [`Step::is_of_parts`].
    pub(super) const fn is_of_parts(&self) -> bool {
        matches!(self, Self::Sign { what: What::Create | What::List { .. }, .. })
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
            Self::Finish(finish) if matches!(finish.why, Why::Ended | Why::Gone) => {
                finish.granted.may_be_stored
            }
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
