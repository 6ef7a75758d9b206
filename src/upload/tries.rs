//! How often something is tried, and how long it waits in between.

use super::error;
use super::machine::{Context, Upload};
use super::notice::Notice;
use super::phase::{CallStep, Phase, Place, Step, Then};
use super::retry::{self, Backoff};
use crate::error::{Error, ErrorKind};

/// How far an upload can get, for its budget of tries.
pub(super) const HASHED: u64 = 1;
pub(super) const GRANTED: u64 = 2;
/// The multipart upload is begun.
pub(super) const CREATED: u64 = 3;
/// And so many parts more are stored.
pub(super) const PARTS: u64 = 4;
pub(super) const STORED: u64 = 1 << 32;

/// How long to wait before the next try.
#[derive(Clone, Copy)]
pub(super) enum Wait {
    /// The upload's own backoff, or as long as S3 asked for.
    OwnBackoff { retry_after_ms: Option<u64> },
    /// What all uploads of a call of the endpoint wait for together.
    Exactly(u64),
}

impl Wait {
    pub(super) const OWN: Self = Self::OwnBackoff { retry_after_ms: None };
}

impl Upload {
    /// Takes a try for something that can go on at once.
    pub(super) fn go_on_or_fail(&mut self, step: Step, error: Error) {
        self.phase = if self.budget.spend() { Phase::next(step) } else { Phase::Failed { step, error } };
    }

    /// Takes a try and waits; fails when there is none left. Where the network
    /// is known to be away, its errors cost nothing and are waited out.
    pub(super) fn try_again(&mut self, step: Step, error: Error, wait: Wait, cx: &mut Context) {
        if !cx.online && is_silence(&error) {
            self.phase = Phase::next(step);
        } else if self.take_try(&error, wait, cx) {
            let until = cx.now.after(self.wait_ms(wait, cx));
            self.phase = Phase::Later { step, until, error: Some(error) };
        } else if matches!(&step, Step::Call(CallStep::Delete { then: Then::Recreate { .. }, .. })) {
            // To go on without the deletion would begin again for ever.
            self.phase = Phase::Failed { step, error };
        } else {
            self.fail(step, error, cx);
        }
    }

    /// Silence of somebody who answered before is an outage, and over sooner or
    /// later; of somebody who never did, it may be rules that keep this page out.
    pub(super) fn take_try(&mut self, error: &Error, wait: Wait, cx: &Context) -> bool {
        let heard = match wait {
            Wait::Exactly(_) => cx.server.endpoint_heard,
            Wait::OwnBackoff { .. } => cx.server.s3_heard,
        };
        if heard && is_silence(error) {
            self.budget.spend_in_silence(cx.now, cx.config.outage_ms)
        } else {
            self.budget.spend()
        }
    }

    pub(super) fn wait_ms(&mut self, wait: Wait, cx: &mut Context) -> u64 {
        match wait {
            Wait::OwnBackoff { retry_after_ms } => self.backoff.next(retry_after_ms, cx.config, cx.random),
            Wait::Exactly(wait_ms) => wait_ms,
        }
    }

    /// Nothing more is tried.
    pub(super) fn fail(&mut self, step: Step, error: Error, cx: &mut Context) {
        match step {
            Step::Call(CallStep::Delete { place, then, .. }) if !matches!(then, Then::Deleted) => {
                let Place { bucket, key, .. } = place;
                cx.notices.push_back(Notice::LeftBehind { upload: self.id, bucket, key });
                // What is saved of an abort stays, for a later page to be luckier.
                if matches!(then, Then::Aborted) && !retry::is_final(&error) {
                    self.parts = None;
                    self.phase = Phase::Aborted;
                } else {
                    self.after_delete(then, cx);
                }
            }
            step => self.phase = Phase::Failed { step, error },
        }
    }

    pub(super) fn reach(&mut self, milestone: u64, cx: &Context) {
        if self.budget.reach(milestone, cx.config.tries) {
            self.backoff = Backoff::new();
        }
    }

    /// The moment that it waited for has come.
    pub(super) fn timeout(&mut self, cx: &mut Context) {
        match self.take() {
            Phase::Later { step, until, .. } if until <= cx.now => self.phase = Phase::next(step),
            Phase::Sending(attempt) if attempt.deadline <= cx.now => {
                cx.limit.lost(cx.now);
                let step = self.throw_away(attempt, cx);
                self.try_again(step, error::stalled(), Wait::OWN, cx);
            }
            other => {
                let transfers = matches!(other, Phase::Transfer(_));
                self.phase = other;
                if transfers {
                    self.transfer_timeout(cx);
                }
            }
        }
    }

    /// The network is back: what waits because it had failed need not wait on.
    pub(super) fn network_is_back(&mut self) {
        if self.error().is_none_or(|error| error.kind() != ErrorKind::Network) {
            return;
        }
        match self.take() {
            Phase::Later { step, .. } => self.phase = Phase::next(step),
            other => {
                self.open_gate();
                self.phase = other;
            }
        }
    }
}

/// Whether nobody answered.
pub(super) fn is_silence(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::Network | ErrorKind::Timeout)
}
