//! One file's machine: what is seen of it, and what the queue gives it. What
//! its owner asks is in `command`, what the outside answers in `outcome`.

use super::action::{Action, DeleteRequest, FileDescription, FinishRequest, GrantRequest, SignRequest};
use super::config::Config;
use super::event::StoredObject;
use super::id::{AttemptId, CallId, HashId, UploadId};
use super::notice::Notice;
use super::pace;
use super::phase::{Attempt, CallStep, Phase, Step, Why};
use super::plan::Plan;
use super::progress::{Progress, Speedometer};
use super::retry::{Backoff, Budget, Random};
use super::state::State;
use super::time::Instant;
use crate::error::Error;
use std::collections::VecDeque;

/// One upload, as its owner sees it; asked of [`Uploader::upload`](super::Uploader::upload).
pub struct Upload {
    pub(super) id: UploadId,
    pub(super) file: FileDescription,
    pub(super) phase: Phase,
    pub(super) budget: Budget,
    pub(super) backoff: Backoff,
    /// A fresh signature was already asked for after a 403.
    pub(super) resigned: bool,
    pub(super) speed: Speedometer,
    hashes: u32,
    attempts: u32,
}

/// What a machine may use while it handles something.
pub(super) struct Context<'a> {
    pub(super) now: Instant,
    pub(super) config: &'a Config,
    pub(super) random: &'a mut Random,
    pub(super) online: bool,
    /// Bytes a second of all uploads together.
    pub(super) measured: f64,
    pub(super) actions: &'a mut VecDeque<Action>,
    pub(super) notices: &'a mut VecDeque<Notice>,
}

/// What the uploads that share a call ask for; one of these lists is filled.
#[derive(Default)]
pub(super) struct Requests {
    pub(super) grant: Vec<GrantRequest>,
    pub(super) sign: Vec<SignRequest>,
    pub(super) finish: Vec<FinishRequest>,
    pub(super) delete: Vec<DeleteRequest>,
}

/// Where the queue keeps an upload.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Lane {
    Hash,
    Grant,
    Sign,
    Finish,
    Delete,
    Send,
    /// Waits for a moment.
    Timer,
}

/// A lost attempt whose reported bytes come closer to the end than this may
/// have been received whole: progress is reported every 50 ms only.
const PROGRESS_LAG: u64 = 16 << 20;

impl Upload {
    /// Its id.
    #[must_use]
    pub const fn id(&self) -> UploadId {
        self.id
    }

    /// The file, as it was added.
    #[must_use]
    pub const fn file(&self) -> &FileDescription {
        &self.file
    }

    /// How many requests to S3 were begun for it.
    #[must_use]
    pub const fn attempts(&self) -> u32 {
        self.attempts
    }

    /// Why it failed; or, while it waits for the next try, what went wrong last.
    #[must_use]
    pub const fn error(&self) -> Option<&Error> {
        match &self.phase {
            Phase::Failed { error, .. } => Some(error),
            Phase::Later { error, .. } => error.as_ref(),
            _ => None,
        }
    }

    /// The object, once it is [`Done`](State::Done).
    #[must_use]
    pub fn object(&self) -> Option<&StoredObject> {
        match &self.phase {
            Phase::Done { object, .. } => Some(object),
            _ => None,
        }
    }

    pub(super) const fn new(id: UploadId, file: FileDescription, phase: Phase, config: &Config) -> Self {
        Self {
            id,
            file,
            phase,
            budget: Budget::new(config.tries),
            backoff: Backoff::new(),
            resigned: false,
            speed: Speedometer::new(),
            hashes: 0,
            attempts: 0,
        }
    }

    pub(super) const fn state(&self, online: bool) -> State {
        match &self.phase {
            Phase::Added | Phase::Saved(_) => State::Queued,
            Phase::Pending(step) => match step {
                Step::Hash => State::Queued,
                Step::Call(CallStep::Delete { .. }) => State::Deleting,
                _ if !online => State::Waiting,
                Step::Send(_) => State::Queued,
                Step::Call(step) => step.state(),
            },
            Phase::Later { step: Step::Call(CallStep::Delete { .. }), .. } => State::Deleting,
            Phase::Later { step: Step::Call(step), error: None, .. } => step.state(),
            Phase::Later { .. } if !online => State::Waiting,
            Phase::Later { .. } => State::Retrying,
            Phase::Hashing { .. } => State::Hashing,
            Phase::Calling { step, .. } => step.state(),
            Phase::Sending(_) => State::Uploading,
            Phase::Paused(_) => State::Paused,
            Phase::Failed { .. } => State::Failed,
            Phase::Done { .. } => State::Done,
            Phase::Aborted => State::Aborted,
            Phase::Deleted => State::Deleted,
        }
    }

    pub(super) fn progress(&self, now: Instant) -> Progress {
        let total = self.file.size;
        let finished = matches!(self.phase, Phase::Done { .. });
        let (confirmed, in_flight, speed) = match &self.phase {
            Phase::Done { .. } => (total, 0, 0.0),
            Phase::Sending(attempt) => (0, attempt.sent, self.speed.rate(now)),
            _ if self.is_confirmed() => (total, 0, 0.0),
            _ => (0, 0, 0.0),
        };
        Progress { total, confirmed, in_flight, finished, speed }
    }

    pub(super) const fn place(&self) -> Option<(Lane, u64)> {
        match &self.phase {
            Phase::Pending(step) => Some((step.lane(), self.file.priority as u64)),
            Phase::Later { until, .. } => Some((Lane::Timer, until.millis())),
            Phase::Sending(attempt) => Some((Lane::Timer, attempt.deadline.millis())),
            _ => None,
        }
    }

    /// Bytes that its progress shows.
    pub(super) const fn loaded(&self) -> (u64, bool) {
        let finished = matches!(self.phase, Phase::Done { .. });
        match &self.phase {
            Phase::Sending(attempt) => (attempt.sent, finished),
            _ if finished || self.is_confirmed() => (self.file.size, finished),
            _ => (0, finished),
        }
    }

    pub(super) const fn is_unstarted(&self) -> bool {
        matches!(self.phase, Phase::Added | Phase::Saved(_))
    }

    pub(super) const fn is_hashing(&self) -> bool {
        matches!(self.phase, Phase::Hashing { .. })
    }

    pub(super) const fn is_sending(&self) -> bool {
        matches!(self.phase, Phase::Sending(_))
    }

    /// Whether it was read or granted ahead of its turn.
    pub(super) const fn is_ahead(&self) -> bool {
        match &self.phase {
            Phase::Hashing { .. } => true,
            Phase::Pending(step) => {
                matches!(step, Step::Call(CallStep::Grant { .. } | CallStep::Sign { .. }) | Step::Send(_))
            }
            Phase::Calling { step, .. } => matches!(step, CallStep::Grant { .. } | CallStep::Sign { .. }),
            _ => false,
        }
    }

    /// Whether it has, or has asked for, what a connection needs.
    pub(super) const fn is_supplied(&self) -> bool {
        match &self.phase {
            Phase::Pending(step) => matches!(step, Step::Send(_)),
            Phase::Calling { step, .. } => matches!(step, CallStep::Grant { .. } | CallStep::Sign { .. }),
            _ => false,
        }
    }

    /// Bytes of the attempt under way that have not left yet.
    pub(super) const fn unsent(&self) -> u64 {
        match &self.phase {
            Phase::Sending(attempt) => self.file.size.saturating_sub(attempt.sent),
            _ => 0,
        }
    }

    /// As [`unsent`](Self::unsent), if the attempt under way is that one.
    pub(super) const fn unsent_of(&self, number: u32) -> u64 {
        match &self.phase {
            Phase::Sending(attempt) if attempt.number == number => self.unsent(),
            _ => 0,
        }
    }

    /// The queue has room for a reading.
    pub(super) fn begin_hash(&mut self, cx: &mut Context) {
        self.hashes += 1;
        let number = self.hashes;
        self.phase = Phase::Hashing { number };
        cx.actions.push_back(Action::Hash {
            hash: HashId { upload: self.id, number },
            upload: self.id,
            range: 0..self.file.size,
            algorithms: cx.config.integrity.algorithms(),
        });
    }

    /// The queue has a connection. Whether a request was begun with it: a
    /// signature that is too old is replaced instead.
    pub(super) fn begin_send(&mut self, cx: &mut Context) -> bool {
        let ready = match self.take() {
            Phase::Pending(Step::Send(ready)) => ready,
            other => {
                self.phase = other;
                return false;
            }
        };
        if cx.now >= ready.usable_until {
            self.phase = Phase::Pending(Step::sign(ready.granted));
            return false;
        }
        self.attempts += 1;
        let (number, size) = (self.attempts, self.file.size);
        let deadline = pace::deadline(ready.granted.plan, 0, size, cx.measured, cx.config, cx.now);
        self.speed.start(cx.now);
        self.phase = Phase::Sending(Attempt { granted: ready.granted, number, sent: 0, deadline });
        cx.actions.push_back(Action::Send {
            attempt: AttemptId { upload: self.id, number },
            request: ready.request,
            body: 0..size,
        });
        true
    }

    /// The queue has a place in a call. Whether it was taken.
    pub(super) fn begin_call(&mut self, call: CallId, requests: &mut Requests, cx: &mut Context) -> bool {
        let mut step = match self.take() {
            Phase::Pending(Step::Call(step)) => step,
            other => {
                self.phase = other;
                return false;
            }
        };
        if let Some(until) = step.settled()
            && until > cx.now
        {
            self.phase = Phase::Later { step: Step::Call(step), until, error: None };
            return false;
        }
        let upload = self.id;
        match &mut step {
            CallStep::Grant { digest } => {
                requests.grant.push(GrantRequest {
                    upload,
                    file: self.file.clone(),
                    transport: self.file.transport,
                    integrity: cx.config.integrity,
                    digest: *digest,
                });
            }
            CallStep::Sign { granted, renew } => {
                *renew |= granted.expires <= cx.now;
                requests.sign.push(granted.sign_request(upload, *renew));
            }
            CallStep::Finish(finish) => requests.finish.push(finish.request(upload)),
            CallStep::Delete { key, .. } => requests.delete.push(DeleteRequest { upload, key: key.clone() }),
        }
        self.phase = Phase::Calling { call, step };
        true
    }

    pub(super) fn first_step(&self, cx: &Context) -> Step {
        Step::first(cx.config.integrity.algorithms().any())
    }

    /// Takes the phase out; whoever takes it puts one in.
    pub(super) const fn take(&mut self) -> Phase {
        std::mem::replace(&mut self.phase, Phase::Aborted)
    }

    /// Cancels an attempt, and says where the upload goes on from there.
    pub(super) fn throw_away(&self, attempt: Attempt, cx: &mut Context) -> Step {
        let id = AttemptId { upload: self.id, number: attempt.number };
        cx.actions.push_back(Action::Cancel { attempt: id });
        self.after_loss(attempt, cx)
    }

    /// Where an upload goes on whose answer will never come: if S3 may have
    /// got everything, it is asked before anything is sent again.
    pub(super) fn after_loss(&self, attempt: Attempt, cx: &Context) -> Step {
        let Attempt { mut granted, sent, .. } = attempt;
        let size = self.file.size;
        granted.stored_by(cx.now.after(cx.config.settle_ms));
        let may_be_whole = granted.plan == Plan::Post
            || size == 0
            || (sent > 0 && sent.saturating_add(PROGRESS_LAG) >= size);
        if may_be_whole { Step::finish(granted, Why::Lost) } else { Step::sign(granted) }
    }

    const fn is_confirmed(&self) -> bool {
        match &self.phase {
            Phase::Calling { step: CallStep::Finish(finish), .. }
            | Phase::Pending(Step::Call(CallStep::Finish(finish)))
            | Phase::Later { step: Step::Call(CallStep::Finish(finish)), .. }
            | Phase::Paused(Step::Call(CallStep::Finish(finish)))
            | Phase::Failed { step: Step::Call(CallStep::Finish(finish)), .. } => finish.is_confirmed(),
            _ => false,
        }
    }
}
