//! What a machine makes of the endpoint's answers. Each answer names what it
//! belongs to; if that is no longer under way, it is dropped.

use super::action::SignedRequest;
use super::config::Integrity;
use super::digest::Digest;
use super::error;
use super::event::{Grant, Signed, StoredObject};
use super::id::CallId;
use super::machine::{Context, Upload};
use super::notice::Feature;
use super::pace;
use super::parts::{Ending, Parts};
use super::phase::{CallStep, Finish, Granted, Phase, Ready, Step, Then, What, Why};
use super::plan::{Plan, Transport};
use super::retry::{self, CallVerdict};
use super::time::Instant;
use super::tries::{self, Wait};
use crate::error::{Error, ErrorKind, Result};

impl Upload {
    pub(super) fn hashed(&mut self, number: u32, outcome: Result<Digest>, cx: &mut Context) {
        let stored = match self.take() {
            Phase::Hashing { number: current, stored } if current == number => stored,
            other => {
                self.phase = other;
                return self.part_read(number, outcome, cx);
            }
        };
        self.phase = match (outcome, stored) {
            (Ok(digest), None) => {
                self.reach(tries::HASHED, cx);
                Phase::Pending(self.grant_step(digest, cx))
            }
            (Ok(digest), Some(mut granted)) if granted.wants_chunks() => {
                granted.digest = digest;
                self.save(&granted, cx);
                Phase::Pending(Step::sign(granted, What::Whole))
            }
            (Ok(digest), Some(granted)) if digest == granted.digest => {
                Phase::Pending(Step::finish(granted, Why::Lost))
            }
            (Ok(digest), Some(granted)) => {
                // What was computed of chunks says nothing about all the bytes.
                let digest = if granted.chunk_size.is_some() { Digest::default() } else { digest };
                let step = Step::Call(granted.delete(None, Then::StartOver { digest }));
                Phase::Failed { step, error: error::file_changed() }
            }
            (Err(error), stored) => Phase::Failed { step: Step::Hash { stored }, error },
        };
    }

    /// `asked`: when the call began.
    pub(super) fn granted(&mut self, call: CallId, asked: Instant, outcome: Result<Grant>, cx: &mut Context) {
        let Some(step) = self.take_call(call) else { return };
        match (step, outcome) {
            (CallStep::Grant { transport, digest }, Ok(grant)) => {
                let parts = match grant.plan {
                    Plan::Multipart { part_size, parts } => Some((part_size, parts)),
                    Plan::Put | Plan::Post => None,
                };
                let step = CallStep::Grant { transport, digest };
                if let Err(error) = grant.plan.check_size(self.file.size) {
                    self.phase = Phase::Failed { step: Step::Call(step), error };
                    return;
                }
                if parts.is_some() != (transport == Transport::Multipart) {
                    return self.mismatch(step, cx);
                }
                self.reach(tries::GRANTED, cx);
                let integrity = match cx.config.integrity {
                    Integrity::Chunks if grant.chunk_size.is_none() => Integrity::Sha256,
                    integrity => integrity,
                };
                let chunk_size = grant.chunk_size;
                let (granted, requests) = Granted::new(grant, integrity, digest, asked, cx.config);
                self.parts = parts.map(|(part_size, count)| {
                    Parts::new(self.file.size, part_size, count, integrity, chunk_size).into()
                });
                self.forget(cx);
                self.save(&granted, cx);
                let what = if self.parts.is_some() { What::Create } else { What::Whole };
                match requests.into_iter().next() {
                    Some(request) => self.arm(granted, what, request, asked, cx),
                    None if what == What::Whole && granted.wants_chunks() => {
                        self.phase = Phase::Pending(Step::Hash { stored: Some(granted) });
                    }
                    None => self.phase = Phase::Pending(Step::sign(granted, what)),
                }
            }
            (step, Ok(_)) => self.mismatch(step, cx),
            (step, Err(error)) => self.call_error(step, error, Wait::OWN, cx),
        }
    }

    /// As [`granted`](Self::granted).
    pub(super) fn signed(&mut self, call: CallId, asked: Instant, outcome: Result<Signed>, cx: &mut Context) {
        let Some(step) = self.take_call(call) else {
            return self.parts_signed(call, asked, outcome, cx);
        };
        match (step, outcome) {
            (CallStep::Sign { mut granted, renew, what }, Ok(Signed { requests, grant })) => {
                match (requests.into_iter().next(), grant, renew) {
                    (Some(request), None, false) => self.arm(granted, what, request, asked, cx),
                    (Some(request), Some(renewal), true) => {
                        granted.renew(renewal, asked, cx.config);
                        self.save(&granted, cx);
                        self.arm(granted, what, request, asked, cx);
                    }
                    _ => self.mismatch(CallStep::Sign { granted, renew, what }, cx),
                }
            }
            (step, Ok(_)) => self.mismatch(step, cx),
            (step, Err(error)) => self.call_error(step, error, Wait::OWN, cx),
        }
    }

    pub(super) fn finished(&mut self, call: CallId, outcome: Result<StoredObject>, cx: &mut Context) {
        let Some(step) = self.take_call(call) else { return };
        match (step, outcome) {
            (CallStep::Finish(finish), Ok(object)) => {
                let granted = finish.granted;
                if self.is_unchecked(&granted, &object) {
                    return self.refuse_unchecked(&granted, cx);
                }
                let wrong = self.what_is_wrong(&granted, &object);
                self.phase = match wrong {
                    None => {
                        self.forget(cx);
                        cx.server.takes_chunks |= granted.chunk_size.is_some();
                        if self.parts.is_none() {
                            cx.drop_chunks(self.id, granted.integrity, 0);
                        }
                        let settled = granted.may_be_stored.unwrap_or_default();
                        Phase::Done { object: Box::new(object), settled }
                    }
                    Some(error) => Phase::Failed { step: self.start_over(granted, cx), error },
                };
            }
            (step, Ok(_)) => self.mismatch(step, cx),
            (step, Err(error)) => self.call_error(step, error, Wait::OWN, cx),
        }
    }

    pub(super) fn deleted(&mut self, call: CallId, outcome: Result<()>, cx: &mut Context) {
        let Some(step) = self.take_call(call) else { return };
        match (step, outcome) {
            (CallStep::Delete { then, .. }, Ok(())) => self.after_delete(then, cx),
            (step, Ok(())) => self.mismatch(step, cx),
            (step, Err(error)) => self.call_error(step, error, Wait::OWN, cx),
        }
    }

    /// The call came to nothing; all of its uploads wait for `delay_ms`, so
    /// that they share their next call too.
    pub(super) fn call_failed(&mut self, call: CallId, error: Error, delay_ms: u64, cx: &mut Context) {
        let wait = Wait::Exactly(delay_ms);
        match self.take_call(call) {
            Some(step) => self.call_error(step, error, wait, cx),
            None => self.part_call_failed(call, Some(error), wait, cx),
        }
    }

    /// The call is to be made again, cut smaller. No try is taken.
    pub(super) fn call_undone(&mut self, call: CallId, cx: &mut Context) {
        match self.take_call(call) {
            Some(step) => self.phase = Phase::Pending(Step::Call(step)),
            None => self.part_call_failed(call, None, Wait::OWN, cx),
        }
    }

    /// A signed request came: it waits for a connection, if it is one that
    /// can be sent.
    fn arm(
        &mut self,
        granted: Box<Granted>,
        what: What,
        request: SignedRequest,
        asked: Instant,
        cx: &mut Context,
    ) {
        if !granted.plan.matches(&request.content) {
            return self.mismatch(CallStep::Sign { granted, renew: false, what }, cx);
        }
        let usable_until = pace::usable_until(request.lifetime_ms, asked, cx.config);
        if cx.now >= usable_until {
            return self.try_again(Step::sign(granted, what), error::expired_on_arrival(), Wait::OWN, cx);
        }
        self.turn = cx.turn;
        self.phase = Phase::Pending(Step::Send(Box::new(Ready { granted, what, request, usable_until })));
    }

    fn call_error(&mut self, step: CallStep, error: Error, wait: Wait, cx: &mut Context) {
        let missing = error.code() == error::NOT_UPLOADED;
        let verdict = retry::judge_call(&error);
        match (step, verdict) {
            (CallStep::Finish(it), _) if missing => self.not_uploaded(*it, error, cx),
            (CallStep::Delete { then, .. }, _) if missing => self.after_delete(then, cx),
            (CallStep::Grant { transport: Transport::Post, digest }, CallVerdict::Refuse)
                if error.code() == error::TRANSPORT_REFUSED && self.file.transport == Transport::Auto =>
            {
                cx.lacks(Feature::PostForms);
                self.phase = Phase::Pending(self.grant_step(digest, cx));
            }
            (CallStep::Grant { .. }, CallVerdict::Refuse) if error.code() == error::INTEGRITY_REFUSED => {
                self.grant_without_chunks(error, cx);
            }
            (step, CallVerdict::Retry) => self.try_again(Step::Call(step), error, wait, cx),
            (CallStep::Sign { granted, renew: false, what }, CallVerdict::GrantExpired) => {
                self.go_on_or_fail(Step::renew(granted, what), error);
            }
            // Too old to be renewed, or no longer within the rules of today.
            (
                CallStep::Sign { granted, renew: true, .. },
                CallVerdict::GrantExpired | CallVerdict::Refuse,
            ) if error.kind() != ErrorKind::Unauthenticated => {
                self.grant_expired(granted, error, cx);
            }
            // Nobody can say any more whether it is there: it is not to stay.
            (CallStep::Finish(finish), _)
                if verdict == CallVerdict::GrantExpired || error::is_foreign_grant(&error) =>
            {
                let step = self.delete_and_start_over(&finish.granted, cx);
                self.go_on_or_fail(step, error);
            }
            (CallStep::Finish(finish), CallVerdict::Refuse)
                if error.code() == error::UNVERIFIED && finish.granted.integrity == Integrity::Crc64Nvme =>
            {
                self.refuse_unchecked(&finish.granted, cx);
            }
            // A server that keeps no checksum of forms: of PUTs the payload hash is signed.
            (CallStep::Finish(finish), CallVerdict::Refuse)
                if error.code() == error::UNVERIFIED
                    && finish.granted.plan == Plan::Post
                    && self.file.transport == Transport::Auto =>
            {
                cx.lacks(Feature::PostForms);
                let step = self.delete_and_start_over(&finish.granted, cx);
                self.go_on_or_fail(step, error);
            }
            (CallStep::Finish(finish), CallVerdict::Refuse)
                if finish.is_confirmed() && cx.is_no_chunks(finish.granted.integrity, &error) =>
            {
                self.without_chunks(finish.granted, error, cx);
            }
            (CallStep::Finish(finish), CallVerdict::Refuse)
                if error.kind() == ErrorKind::IntegrityMismatch =>
            {
                self.phase = Phase::Failed { step: self.start_over(finish.granted, cx), error };
            }
            (step, CallVerdict::GrantExpired | CallVerdict::Refuse) => self.fail(Step::Call(step), error, cx),
        }
    }

    fn not_uploaded(&mut self, it: Finish, error: Error, cx: &mut Context) {
        let Finish { granted, why } = it;
        let what = granted.last_request();
        if matches!(why, Why::Lost | Why::Conflict) && self.is_vain_form(&granted, cx) {
            let step = self.delete_and_start_over(&granted, cx);
            return self.go_on_or_fail(step, error);
        }
        match why {
            Why::Lost => self.phase = Phase::Pending(Step::sign(granted, what)),
            Why::Ended if what == What::Complete => {
                self.phase = Phase::Pending(self.delete_and_start_over(&granted, cx));
            }
            Why::Ended => self.phase = Phase::Pending(self.grant_step(granted.file_digest(), cx)),
            Why::Gone => self.create_again(granted, cx),
            Why::Stored { .. } | Why::Conflict => {
                self.try_again(Step::sign(granted, what), error, Wait::OWN, cx);
            }
        }
    }

    /// The grant is no longer good, nor can it be renewed. If an attempt may have come through, that
    /// is looked at first, when it can no longer change; else a fresh one.
    pub(super) fn grant_expired(&mut self, granted: Box<Granted>, error: Error, cx: &Context) {
        let step = match granted.may_be_stored {
            Some(_) => self.look_for(granted, Why::Ended, cx),
            None => self.grant_step(granted.file_digest(), cx),
        };
        self.go_on_or_fail(step, error);
    }

    /// Whether it is there, although nothing more can be sent. Parts that were
    /// stored before the page was loaded are compared with the file first: what
    /// is there may be another file than what is here.
    pub(super) fn look_for(&mut self, granted: Box<Granted>, why: Why, cx: &Context) -> Step {
        match self.parts.as_mut().map(|parts| parts.end(matches!(why, Why::Ended))) {
            None | Some(Ending::Known) => Step::finish(granted, why),
            Some(Ending::Unverified) => Step::Transfer(granted),
            Some(Ending::Unknown) => self.delete_and_start_over(&granted, cx),
        }
    }

    /// Under a fresh grant, with what was read, leaving nothing of the old one.
    pub(super) fn delete_and_start_over(&mut self, granted: &Granted, cx: &Context) -> Step {
        let digest = granted.file_digest();
        let upload_id = self.upload_id();
        self.parts = None;
        match granted.may_be_stored {
            Some(_) => Step::Call(granted.delete(upload_id, Then::StartOver { digest })),
            None => self.grant_step(digest, cx),
        }
    }

    /// A multipart upload again from its beginning, under the same grant.
    fn create_again(&mut self, granted: Box<Granted>, cx: &mut Context) {
        if let Some(parts) = self.parts.as_mut() {
            parts.reset();
        }
        self.forget(cx);
        self.save(&granted, cx);
        self.phase = Phase::Pending(Step::sign(granted, What::Create));
    }

    pub(super) fn after_delete(&mut self, then: Then, cx: &mut Context) {
        match then {
            Then::Aborted => {
                self.forget(cx);
                self.parts = None;
                self.phase = Phase::Aborted;
            }
            Then::Deleted => self.phase = Phase::Deleted,
            Then::StartOver { digest } => {
                self.forget(cx);
                self.phase = Phase::Pending(self.grant_step(digest, cx));
            }
            Then::Recreate { granted } => self.create_again(granted, cx),
        }
    }

    /// An answer that does not fit what was asked.
    fn mismatch(&mut self, step: CallStep, cx: &mut Context) {
        self.fail(Step::Call(step), error::missing_item(), cx);
    }

    /// Whether the object is what was sent, as far as the endpoint and S3 tell.
    fn what_is_wrong(&self, granted: &Granted, object: &StoredObject) -> Option<Error> {
        let parts = self.parts.as_deref();
        let sha256 = granted.file_digest().sha256.map(hex::encode);
        let composite = parts.and_then(|parts| parts.composite.clone());
        let crc64nvme = match parts {
            Some(parts) => parts.crc64nvme(),
            None => granted.digest.crc64nvme,
        };
        let same = object.size == self.file.size
            && object.bucket == granted.bucket
            && object.key == granted.key
            && agree(sha256, object.sha256.as_ref().map(|sum| sum.to_ascii_lowercase()))
            && agree(composite, object.composite_sha256.clone())
            && agree(crc64nvme, object.crc64nvme);
        (!same).then(error::differs)
    }

    /// Whether nothing shows that S3 got what was sent, though that was wanted.
    fn is_unchecked(&self, granted: &Granted, object: &StoredObject) -> bool {
        granted.integrity == Integrity::Crc64Nvme
            && object.crc64nvme.is_none()
            && self.parts.as_ref().is_none_or(|parts| parts.is_unchecked())
    }

    /// It is not to stay. A form is sent in another way; else the server keeps
    /// no checksums, and no other file is sent to it (see `begin_call`).
    pub(super) fn refuse_unchecked(&mut self, granted: &Granted, cx: &mut Context) {
        if granted.plan == Plan::Post && self.file.transport == Transport::Auto {
            cx.lacks(Feature::PostForms);
        } else {
            cx.server.keeps_crc = Some(false);
        }
        self.phase = Phase::Pending(self.delete_and_start_over(granted, cx));
    }

    fn take_call(&mut self, call: CallId) -> Option<CallStep> {
        match self.take() {
            Phase::Calling { call: current, step } if current == call => Some(step),
            other => {
                self.phase = other;
                None
            }
        }
    }
}

/// Whether two digests are the same, where both are known.
fn agree<T: PartialEq>(ours: Option<T>, theirs: Option<T>) -> bool {
    ours.is_none() || theirs.is_none() || ours == theirs
}
