//! One file's machine: what is seen of it. What it begins is in `begin`, what
//! its owner asks in `command`, what the outside answers in `outcome`, and all
//! that several parts at once make of these in `parts`.

use super::action::{Action, DeleteRequest, FileDescription, FinishRequest, GrantRequest, SignRequest};
use super::concurrency::{Concurrency, LITTLE};
use super::config::Config;
use super::event::StoredObject;
use super::id::UploadId;
use super::known::Known;
use super::notice::Notice;
use super::parts::Parts;
use super::phase::{CallStep, Phase, Step, What};
use super::plan::Transport;
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
    /// Of a multipart upload, from its grant on.
    pub(super) parts: Option<Box<Parts>>,
    pub(super) budget: Budget,
    pub(super) backoff: Backoff,
    /// A fresh signature was already asked for after a 403.
    pub(super) resigned: bool,
    /// Forms of it that came to nothing; see `begin`.
    pub(super) vain_forms: u8,
    /// Attempts in signed chunks that came to nothing; see `chunks`.
    pub(super) vain_chunks: u8,
    /// Something of it was saved.
    pub(super) saved: bool,
    pub(super) speed: Speedometer,
    /// The queue's count when it last got a connection, or began to wait for one.
    pub(super) turn: u64,
    /// Where the queue has it.
    pub(super) places: Places,
    pub(super) attempts: u32,
    hashes: u32,
}

/// What a machine may use while it handles something.
pub(super) struct Context<'a> {
    pub(super) now: Instant,
    pub(super) config: &'a Config,
    pub(super) random: &'a mut Random,
    pub(super) online: bool,
    /// Bytes a second of all uploads together.
    pub(super) measured: f64,
    /// How many requests to S3 were begun.
    pub(super) turn: u64,
    pub(super) limit: &'a mut Concurrency,
    pub(super) server: &'a mut Known,
    pub(super) actions: &'a mut VecDeque<Action>,
    pub(super) notices: &'a mut VecDeque<Notice>,
}

/// What the uploads that share a call ask for; one of these lists is filled.
#[derive(Default)]
pub(super) struct Requests {
    pub(super) grant: Vec<GrantRequest>,
    pub(super) sign: Vec<SignRequest>,
    /// Of all in `sign`.
    pub(super) intents: usize,
    pub(super) finish: Vec<FinishRequest>,
    pub(super) delete: Vec<DeleteRequest>,
}

/// What an upload can wait for in the queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Lane {
    /// A reader for the whole file.
    Hash,
    /// A reader for a part, or for a file that is granted.
    ReadPart,
    Grant,
    /// A grant for a multipart upload.
    GrantParts,
    Sign,
    Finish,
    Delete,
    Send,
    /// A moment.
    Timer,
}

impl Lane {
    pub(super) const ALL: [Self; 9] = [
        Self::Hash,
        Self::ReadPart,
        Self::Grant,
        Self::GrantParts,
        Self::Sign,
        Self::Finish,
        Self::Delete,
        Self::Send,
        Self::Timer,
    ];
}

/// What an upload waits for, and its rank among those that wait for the same.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Places([Option<u64>; 9]);

impl Places {
    pub(super) fn set(&mut self, lane: Lane, rank: u64) {
        if let Some(place) = self.0.get_mut(lane as usize) {
            *place = Some(rank);
        }
    }

    pub(super) fn get(&self, lane: Lane) -> Option<u64> {
        self.0.get(lane as usize).copied().flatten()
    }
}

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
    pub fn error(&self) -> Option<&Error> {
        match &self.phase {
            Phase::Transfer(_) => self.parts.as_ref()?.error(),
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

    pub(super) fn new(id: UploadId, file: FileDescription, phase: Phase, config: &Config) -> Self {
        Self {
            id,
            file,
            phase,
            parts: None,
            budget: Budget::new(config.tries),
            backoff: Backoff::new(),
            resigned: false,
            vain_forms: 0,
            vain_chunks: 0,
            saved: false,
            speed: Speedometer::new(),
            turn: 0,
            places: Places::default(),
            attempts: 0,
            hashes: 0,
        }
    }

    pub(super) fn state(&self, online: bool) -> State {
        match &self.phase {
            Phase::Added | Phase::Saved(_) => State::Queued,
            Phase::Pending(step) => match step {
                Step::Hash { .. } => State::Queued,
                Step::Call(CallStep::Delete { .. }) => State::Deleting,
                _ if !online => State::Waiting,
                Step::Send(ready) if ready.what == What::Complete => State::Finishing,
                Step::Send(_) | Step::Transfer(_) => State::Queued,
                Step::Call(step) => step.state(),
            },
            Phase::Later { step: Step::Call(CallStep::Delete { .. }), .. } => State::Deleting,
            Phase::Later { step: Step::Call(step), error: None, .. } => step.state(),
            Phase::Later { .. } if !online => State::Waiting,
            Phase::Later { .. } => State::Retrying,
            Phase::Hashing { .. } => State::Hashing,
            Phase::Calling { step, .. } => step.state(),
            Phase::Sending(attempt) => match attempt.what {
                What::Whole => State::Uploading,
                What::Create | What::List { .. } => State::Signing,
                What::Complete => State::Finishing,
            },
            Phase::Transfer(_) => match &self.parts {
                Some(parts) if parts.under_way() > 0 => State::Uploading,
                _ if !online => State::Waiting,
                Some(parts) if parts.error().is_some() => State::Retrying,
                Some(parts) if parts.only_verifies() => State::Hashing,
                _ => State::Uploading,
            },
            Phase::Paused(_) => State::Paused,
            Phase::Failed { .. } => State::Failed,
            Phase::Done { .. } => State::Done,
            Phase::Aborted => State::Aborted,
            Phase::Deleted => State::Deleted,
        }
    }

    pub(super) fn progress(&self, now: Instant) -> Progress {
        let (confirmed, in_flight, finished) = self.loaded();
        let speed = if self.flights() > 0 { self.speed.rate(now) } else { 0.0 };
        Progress { total: self.file.size, confirmed, in_flight, finished, speed }
    }

    /// Bytes confirmed and in flight, and whether it is finished.
    pub(super) fn loaded(&self) -> (u64, u64, bool) {
        let size = self.file.size;
        match (&self.phase, &self.parts) {
            (Phase::Done { .. }, _) => (size, 0, true),
            (_, Some(parts)) => {
                let (confirmed, in_flight) = parts.progress();
                (confirmed, in_flight, false)
            }
            (Phase::Sending(attempt), _) => (0, attempt.sent, false),
            _ if self.is_confirmed() => (size, 0, false),
            _ => (0, 0, false),
        }
    }

    /// What it waits for.
    pub(super) fn wanted_places(&self, config: &Config) -> Places {
        let urgency = (self.file.priority as u64) << 56;
        // Before others goes what is more urgent, then what holds fewer of the
        // same, then what has waited longest.
        let rank = |held: usize, turn: u64| urgency | (held as u64) << 40 | turn;
        let mut places = Places::default();
        match &self.phase {
            Phase::Pending(Step::Send(ready)) => {
                let turn = if ready.what == What::Whole { self.turn } else { 0 };
                places.set(Lane::Send, rank(0, turn));
            }
            Phase::Pending(step) => places.set(step.lane(), urgency),
            Phase::Later { until, .. } => places.set(Lane::Timer, until.millis()),
            Phase::Sending(attempt) => {
                places.set(Lane::Timer, attempt.deadline.millis());
                if let Some(parts) = self.parts.as_ref().filter(|_| self.reads_parts()) {
                    parts.reading_place(&mut places, config, |held| rank(held, self.turn));
                }
            }
            Phase::Transfer(_) => {
                if let Some(parts) = &self.parts {
                    return parts.places(config, |held| rank(held, self.turn));
                }
            }
            _ => {}
        }
        places
    }

    pub(super) const fn is_unstarted(&self) -> bool {
        matches!(self.phase, Phase::Added | Phase::Saved(_))
    }

    /// Its readings under way.
    pub(super) fn readings(&self) -> usize {
        match (&self.phase, &self.parts) {
            (Phase::Hashing { .. }, _) => 1,
            (_, Some(parts)) => parts.readings(),
            _ => 0,
        }
    }

    /// Its requests to S3 under way.
    pub(super) fn flights(&self) -> usize {
        match (&self.phase, &self.parts) {
            (Phase::Sending(_), _) => 1,
            (Phase::Transfer(_), Some(parts)) => parts.under_way(),
            _ => 0,
        }
    }

    /// Those of them that have much left to send.
    pub(super) fn busy(&self) -> usize {
        match (&self.phase, &self.parts) {
            (Phase::Sending(_), _) => usize::from(self.unsent() > LITTLE),
            (Phase::Transfer(_), Some(parts)) => parts.busy(),
            _ => 0,
        }
    }

    /// Whether all of it is being sent.
    pub(super) const fn is_sending(&self) -> bool {
        matches!(&self.phase, Phase::Sending(attempt) if matches!(attempt.what, What::Whole))
    }

    /// Whether its parts are, or soon will be, on their way.
    pub(super) const fn is_transferring(&self) -> bool {
        match &self.phase {
            Phase::Pending(step) | Phase::Later { step, .. } => step.is_of_parts(),
            Phase::Calling { step: CallStep::Grant { transport, .. }, .. } => {
                matches!(transport, Transport::Multipart)
            }
            Phase::Calling { step, .. } => step.is_of_parts(),
            Phase::Sending(attempt) => matches!(attempt.what, What::Create | What::List { .. }),
            Phase::Transfer(_) => true,
            _ => false,
        }
    }

    /// Whether it was read or granted ahead of its turn.
    pub(super) const fn is_ahead(&self) -> bool {
        match &self.phase {
            Phase::Hashing { .. } => true,
            // Nothing was read of it, nor granted.
            Phase::Pending(Step::Call(CallStep::Grant { digest, .. })) => digest.is_some(),
            Phase::Pending(step) => match step {
                Step::Call(step) => step.is_of_whole(),
                Step::Send(ready) => matches!(ready.what, What::Whole),
                _ => false,
            },
            Phase::Calling { step, .. } => step.is_of_whole(),
            _ => false,
        }
    }

    /// Whether it has, or has asked for, what a connection needs.
    pub(super) const fn is_supplied(&self) -> bool {
        match &self.phase {
            Phase::Pending(Step::Send(ready)) => matches!(ready.what, What::Whole),
            Phase::Calling { step, .. } => step.is_of_whole(),
            _ => self.prepares_chunks(),
        }
    }

    /// Bytes of the attempt under way with all of the file that have not left yet.
    pub(super) const fn unsent(&self) -> u64 {
        match &self.phase {
            Phase::Sending(attempt) if self.is_sending() => self.file.size.saturating_sub(attempt.sent),
            _ => 0,
        }
    }

    /// Bytes that have not left yet of the attempt of that number.
    pub(super) fn unsent_of(&self, number: u32) -> u64 {
        match (&self.phase, &self.parts) {
            (Phase::Sending(attempt), _) if attempt.number == number => self.unsent(),
            (Phase::Transfer(_), Some(parts)) => parts.unsent_of(number),
            _ => 0,
        }
    }

    /// The number of a new reading.
    pub(super) const fn next_reading(&mut self) -> u32 {
        self.hashes += 1;
        self.hashes
    }

    /// Takes the phase out; whoever takes it puts one in.
    pub(super) const fn take(&mut self) -> Phase {
        std::mem::replace(&mut self.phase, Phase::Aborted)
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
