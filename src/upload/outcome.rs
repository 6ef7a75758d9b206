//! What a machine makes of the answers it gets. Each answer names what it
//! belongs to; if that is no longer under way, it is dropped.

use super::action::SignedRequest;
use super::digest::Digest;
use super::error;
use super::event::{Grant, Response, Signed, StoredObject};
use super::id::CallId;
use super::machine::{Context, Upload};
use super::notice::Notice;
use super::pace;
use super::phase::{Attempt, CallStep, Finish, Granted, Phase, Place, Ready, Step, Then, Why};
use super::retry::{self, CallVerdict, Verdict};
use super::time::Instant;
use crate::error::{Error, ErrorKind, Result};
use crate::s3::checksum;

/// How far an upload can get, for its budget of tries.
const HASHED: u64 = 1;
const GRANTED: u64 = 2;
const STORED: u64 = 3;

/// How long to wait before the next try.
#[derive(Clone, Copy)]
enum Wait {
    /// The upload's own backoff, or as long as S3 asked for.
    OwnBackoff { retry_after_ms: Option<u64> },
    /// What all uploads of a call wait for together.
    Exactly(u64),
}

const OWN: Wait = Wait::OwnBackoff { retry_after_ms: None };

impl Upload {
    pub(super) fn hashed(&mut self, number: u32, outcome: Result<Digest>, cx: &Context) {
        if !matches!(self.phase, Phase::Hashing { number: current } if current == number) {
            return;
        }
        self.phase = match outcome {
            Ok(digest) => {
                self.reach(HASHED, cx);
                Phase::Pending(Step::Call(CallStep::Grant { digest }))
            }
            Err(error) => Phase::Failed { step: Step::Hash, error },
        };
    }

    /// `asked`: when the call began.
    pub(super) fn granted(&mut self, call: CallId, asked: Instant, outcome: Result<Grant>, cx: &mut Context) {
        let Some(step) = self.take_call(call) else { return };
        match (step, outcome) {
            (CallStep::Grant { digest }, Ok(grant)) => {
                if let Err(error) = grant.plan.check_size(self.file.size) {
                    self.phase = Phase::Failed { step: Step::Call(CallStep::Grant { digest }), error };
                    return;
                }
                self.reach(GRANTED, cx);
                let (granted, requests) = Granted::new(grant, digest, asked);
                match requests.into_iter().next() {
                    Some(request) => self.arm(granted, request, asked, cx),
                    None => self.phase = Phase::Pending(Step::sign(granted)),
                }
            }
            (step, Ok(_)) => self.mismatch(step, cx),
            (step, Err(error)) => self.call_error(step, error, OWN, cx),
        }
    }

    /// As [`granted`](Self::granted).
    pub(super) fn signed(&mut self, call: CallId, asked: Instant, outcome: Result<Signed>, cx: &mut Context) {
        let Some(step) = self.take_call(call) else { return };
        match (step, outcome) {
            (CallStep::Sign { mut granted, renew }, Ok(Signed { requests, grant })) => {
                match (requests.into_iter().next(), grant, renew) {
                    (Some(request), None, false) => self.arm(*granted, request, asked, cx),
                    (Some(request), Some(renewal), true) => {
                        granted.token = renewal.token;
                        granted.expires = asked.after(renewal.lifetime_ms);
                        self.arm(*granted, request, asked, cx);
                    }
                    _ => self.mismatch(CallStep::Sign { granted, renew }, cx),
                }
            }
            (step, Ok(_)) => self.mismatch(step, cx),
            (step, Err(error)) => self.call_error(step, error, OWN, cx),
        }
    }

    pub(super) fn finished(&mut self, call: CallId, outcome: Result<StoredObject>, cx: &mut Context) {
        let Some(step) = self.take_call(call) else { return };
        match (step, outcome) {
            (CallStep::Finish(finish), Ok(object)) => {
                self.phase = if self.is_same(&finish.granted, &object) {
                    let settled = finish.granted.may_be_stored.unwrap_or_default();
                    Phase::Done { object: Box::new(object), settled }
                } else {
                    Phase::Failed { step: self.start_over(finish.granted, cx), error: error::differs() }
                };
            }
            (step, Ok(_)) => self.mismatch(step, cx),
            (step, Err(error)) => self.call_error(step, error, OWN, cx),
        }
    }

    pub(super) fn deleted(&mut self, call: CallId, outcome: Result<()>, cx: &mut Context) {
        let Some(step) = self.take_call(call) else { return };
        match (step, outcome) {
            (CallStep::Delete { then, .. }, Ok(())) => self.phase = self.after_delete(then, cx),
            (step, Ok(())) => self.mismatch(step, cx),
            (step, Err(error)) => self.call_error(step, error, OWN, cx),
        }
    }

    /// The call came to nothing; all of its uploads wait for `delay_ms`, so
    /// that they share their next call too.
    pub(super) fn call_failed(&mut self, call: CallId, error: Error, delay_ms: u64, cx: &mut Context) {
        if let Some(step) = self.take_call(call) {
            self.call_error(step, error, Wait::Exactly(delay_ms), cx);
        }
    }

    /// The call is to be made again, cut smaller. No try is taken.
    pub(super) fn call_undone(&mut self, call: CallId) {
        if let Some(step) = self.take_call(call) {
            self.phase = Phase::Pending(Step::Call(step));
        }
    }

    /// How many bytes more than before have left.
    pub(super) fn sent(&mut self, number: u32, sent: u64, cx: &Context) -> u64 {
        let size = self.file.size;
        let Phase::Sending(attempt) = &mut self.phase else { return 0 };
        let moved = sent.min(size).saturating_sub(attempt.sent);
        if attempt.number != number || moved == 0 {
            return 0;
        }
        attempt.sent += moved;
        attempt.deadline =
            pace::deadline(attempt.granted.plan, attempt.sent, size, cx.measured, cx.config, cx.now);
        self.speed.add(moved, cx.now);
        moved
    }

    pub(super) fn response(&mut self, number: u32, response: Response, cx: &mut Context) {
        let Some(Attempt { mut granted, .. }) = self.take_attempt(number) else { return };
        let verdict = retry::judge_response(&response);
        if !verdict.means_not_stored() {
            let late = if verdict == Verdict::Retry { cx.config.settle_ms } else { 0 };
            granted.stored_by(cx.now.after(late));
        }
        let status = response.status;
        let retry_after_ms = response.retry_after_ms;
        let s3_error = |response: Response| {
            let error = response.error.unwrap_or_else(|| error::bare_status(status));
            match response.request_id {
                Some(id) if error.request_id().is_none() => error.with_request_id(id),
                _ => error,
            }
        };
        match verdict {
            Verdict::Stored => self.stored(granted, response, cx),
            Verdict::MayBeStored => self.phase = Phase::Pending(Step::finish(granted, Why::Conflict)),
            Verdict::Retry => {
                let error = s3_error(response).with_retryable(true);
                self.try_again(Step::sign(granted), error, Wait::OwnBackoff { retry_after_ms }, cx);
            }
            Verdict::Resign if !self.resigned => {
                self.resigned = true;
                self.phase = Phase::Pending(Step::sign(granted));
            }
            Verdict::Renew => self.go_on_or_fail(Step::renew(granted), s3_error(response)),
            Verdict::Resign => {
                self.phase = Phase::Failed { step: Step::sign(granted), error: s3_error(response) }
            }
            Verdict::Refuse => {
                // Content that does not match its digest: the file may have
                // changed, so another try has to read it again.
                let changed = response.error.as_ref().is_some_and(|error| {
                    matches!(
                        error.code(),
                        "BadDigest" | "XAmzContentSHA256Mismatch" | "XAmzContentChecksumMismatch"
                    )
                });
                let step = if changed { self.start_over(granted, cx) } else { Step::sign(granted) };
                self.phase = Phase::Failed { step, error: s3_error(response) };
            }
        }
    }

    pub(super) fn network_error(&mut self, number: u32, cx: &mut Context) {
        if let Some(attempt) = self.take_attempt(number) {
            let step = self.after_loss(attempt, cx);
            self.try_again(step, error::network(), OWN, cx);
        }
    }

    /// The moment that it waited for has come.
    pub(super) fn timeout(&mut self, cx: &mut Context) {
        match self.take() {
            Phase::Later { step, until, .. } if until <= cx.now => self.phase = Phase::Pending(step),
            Phase::Sending(attempt) if attempt.deadline <= cx.now => {
                let step = self.throw_away(attempt, cx);
                self.try_again(step, error::stalled(), OWN, cx);
            }
            other => self.phase = other,
        }
    }

    /// The network is back: what waits because it had failed need not wait on.
    pub(super) fn network_is_back(&mut self) {
        let waits = matches!(&self.phase, Phase::Later { error: Some(error), .. } if error.kind() == ErrorKind::Network);
        if waits && let Phase::Later { step, .. } = self.take() {
            self.phase = Phase::Pending(step);
        }
    }

    fn stored(&mut self, granted: Granted, response: Response, cx: &Context) {
        let stored = response.checksum_sha256;
        self.phase = match (response.etag, &granted.digest.sha256) {
            (_, Some(digest)) if stored.is_some_and(|sum| sum != checksum::to_base64(digest)) => {
                Phase::Failed { step: self.start_over(granted, cx), error: error::differs() }
            }
            (None, _) => Phase::Failed {
                step: Step::finish(granted, Why::Lost),
                error: error::missing_etag(response.status),
            },
            (Some(etag), _) => {
                self.reach(STORED, cx);
                Phase::Pending(Step::finish(granted, Why::Stored { etag }))
            }
        };
    }

    /// A signed request came: it waits for a connection, if it is one that
    /// can be sent.
    fn arm(&mut self, granted: Granted, request: SignedRequest, asked: Instant, cx: &mut Context) {
        if !granted.plan.matches(&request.content) {
            return self.mismatch(CallStep::Sign { granted: Box::new(granted), renew: false }, cx);
        }
        let lifetime = request.lifetime_ms;
        let margin = cx.config.signature_margin_ms.min(lifetime / 2);
        let usable_until = asked.after(lifetime - margin);
        if cx.now >= usable_until {
            return self.try_again(Step::sign(granted), error::expired_on_arrival(), OWN, cx);
        }
        self.phase = Phase::Pending(Step::Send(Box::new(Ready { granted, request, usable_until })));
    }

    fn call_error(&mut self, step: CallStep, error: Error, wait: Wait, cx: &mut Context) {
        let missing = error.code() == error::NOT_UPLOADED;
        match (step, retry::judge_call(&error)) {
            (CallStep::Finish(it), _) if missing => self.not_uploaded(*it, error, cx),
            (CallStep::Delete { then, .. }, _) if missing => self.phase = self.after_delete(then, cx),
            (step, CallVerdict::Retry) => self.try_again(Step::Call(step), error, wait, cx),
            (CallStep::Sign { granted, renew: false }, CallVerdict::GrantExpired) => {
                self.go_on_or_fail(Step::renew(*granted), error);
            }
            // Too old to be renewed, or no longer within the rules of today.
            (CallStep::Sign { granted, renew: true }, CallVerdict::GrantExpired | CallVerdict::Refuse)
                if error.kind() != ErrorKind::Unauthenticated =>
            {
                self.grant_expired(*granted, error);
            }
            (CallStep::Finish(finish), CallVerdict::GrantExpired) => {
                // Nobody can say any more whether it is there: it is not to stay.
                let digest = finish.granted.digest;
                let step = finish.granted.delete(Then::StartOver { digest });
                self.go_on_or_fail(Step::Call(step), error);
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
        match why {
            Why::Lost => self.phase = Phase::Pending(Step::sign(granted)),
            Why::Expired => {
                let digest = granted.digest;
                self.phase = Phase::Pending(Step::Call(CallStep::Grant { digest }));
            }
            Why::Stored { .. } | Why::Conflict => self.try_again(Step::sign(granted), error, OWN, cx),
        }
    }

    /// The grant is no longer good, nor can it be renewed. If an attempt may have come through, that
    /// is looked at first, when it can no longer change; else a fresh one.
    fn grant_expired(&mut self, granted: Granted, error: Error) {
        let step = match granted.may_be_stored {
            Some(_) => CallStep::Finish(Box::new(Finish { granted, why: Why::Expired })),
            None => CallStep::Grant { digest: granted.digest },
        };
        self.go_on_or_fail(Step::Call(step), error);
    }

    /// Takes a try for something that can go on at once.
    fn go_on_or_fail(&mut self, step: Step, error: Error) {
        self.phase = if self.budget.spend() { Phase::Pending(step) } else { Phase::Failed { step, error } };
    }

    /// Takes a try and waits; fails when there is none left. Where the network
    /// is known to be away, its errors cost nothing and are waited out.
    fn try_again(&mut self, step: Step, error: Error, wait: Wait, cx: &mut Context) {
        if !cx.online && matches!(error.kind(), ErrorKind::Network | ErrorKind::Timeout) {
            self.phase = Phase::Pending(step);
        } else if self.budget.spend() {
            let wait_ms = match wait {
                Wait::OwnBackoff { retry_after_ms } => {
                    self.backoff.next(retry_after_ms, cx.config, cx.random)
                }
                Wait::Exactly(wait_ms) => wait_ms,
            };
            self.phase = Phase::Later { step, until: cx.now.after(wait_ms), error: Some(error) };
        } else {
            self.fail(step, error, cx);
        }
    }

    /// Nothing more is tried.
    fn fail(&mut self, step: Step, error: Error, cx: &mut Context) {
        self.phase = match step {
            Step::Call(CallStep::Delete {
                place,
                then: then @ (Then::Aborted | Then::StartOver { .. }),
                ..
            }) => {
                let Place { bucket, key, .. } = place;
                cx.notices.push_back(Notice::LeftBehind { upload: self.id, bucket, key });
                self.after_delete(then, cx)
            }
            step => Phase::Failed { step, error },
        };
    }

    /// An answer that does not fit what was asked.
    fn mismatch(&mut self, step: CallStep, cx: &mut Context) {
        self.fail(Step::Call(step), error::missing_item(), cx);
    }

    fn after_delete(&self, then: Then, cx: &Context) -> Phase {
        match then {
            Then::Aborted => Phase::Aborted,
            Then::Deleted => Phase::Deleted,
            Then::StartOver { digest } if digest.has(cx.config.integrity.algorithms()) => {
                Phase::Pending(Step::Call(CallStep::Grant { digest }))
            }
            Then::StartOver { .. } => Phase::Pending(self.first_step(cx)),
        }
    }

    /// From the very beginning, leaving nothing behind.
    fn start_over(&self, granted: Granted, cx: &Context) -> Step {
        match granted.may_be_stored {
            Some(_) => Step::Call(granted.delete(Then::StartOver { digest: Digest::default() })),
            None => self.first_step(cx),
        }
    }

    fn is_same(&self, granted: &Granted, object: &StoredObject) -> bool {
        let same_sha256 = match (&granted.digest.sha256, &object.sha256) {
            (Some(ours), Some(theirs)) => hex::encode(ours) == theirs.to_ascii_lowercase(),
            _ => true,
        };
        let same_crc = match (granted.digest.crc64nvme, object.crc64nvme) {
            (Some(ours), Some(theirs)) => ours == theirs,
            _ => true,
        };
        object.size == self.file.size
            && object.bucket == granted.bucket
            && object.key == granted.key
            && same_sha256
            && same_crc
    }

    fn reach(&mut self, milestone: u64, cx: &Context) {
        if self.budget.reach(milestone, cx.config.tries) {
            self.backoff = retry::Backoff::new();
        }
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

    fn take_attempt(&mut self, number: u32) -> Option<Attempt> {
        match self.take() {
            Phase::Sending(attempt) if attempt.number == number => Some(attempt),
            other => {
                self.phase = other;
                None
            }
        }
    }
}
