//! What the owner of an upload can ask of its machine. Each command says
//! whether it fitted what the upload was doing.

use super::action::Action;
use super::digest::Digest;
use super::id::HashId;
use super::machine::{Context, Upload};
use super::phase::{CallStep, Granted, Phase, Step, Then, Why};
use super::plan::Plan;
use super::retry::Backoff;
use super::snapshot::SavedUpload;

impl Upload {
    pub(super) fn start(&mut self, cx: &Context) -> bool {
        let step = match self.take() {
            Phase::Added => self.first_step(cx),
            Phase::Saved(saved) => self.saved_step(*saved, cx),
            other => {
                self.phase = other;
                return false;
            }
        };
        self.phase = Phase::Pending(step);
        true
    }

    /// Where an upload goes on that was under way when the page went.
    fn saved_step(&self, saved: SavedUpload, cx: &Context) -> Step {
        let (aborting, multipart) = (saved.aborting, matches!(saved.plan, Plan::Multipart { .. }));
        let granted = Granted::from_saved(saved, cx.now);
        if aborting {
            Step::Call(granted.delete(Then::Aborted))
        } else if multipart {
            Step::Call(granted.delete(Then::StartOver { digest: Digest::default() }))
        } else {
            Step::finish(granted, Why::Lost)
        }
    }

    pub(super) fn pause(&mut self, cx: &mut Context) -> bool {
        let step = match self.take() {
            Phase::Added => self.first_step(cx),
            Phase::Saved(saved) => self.saved_step(*saved, cx),
            Phase::Pending(step) | Phase::Later { step, .. } if step.can_pause() => step,
            Phase::Calling { step, .. } if step.can_pause() => Step::Call(step),
            Phase::Hashing { number } => {
                cx.actions.push_back(Action::CancelHash { hash: HashId { upload: self.id, number } });
                Step::Hash
            }
            Phase::Sending(attempt) => self.throw_away(attempt, cx),
            other => {
                self.phase = other;
                return false;
            }
        };
        self.phase = Phase::Paused(step);
        true
    }

    pub(super) fn resume(&mut self) -> bool {
        match self.take() {
            Phase::Paused(step) => {
                self.phase = Phase::Pending(step);
                true
            }
            other => {
                self.phase = other;
                false
            }
        }
    }

    /// From failed, with all tries again; and while it waits for its next try,
    /// which is then made now.
    pub(super) fn retry(&mut self, cx: &Context) -> bool {
        match self.take() {
            Phase::Failed { step, .. } => {
                self.renew(cx);
                self.phase = Phase::Pending(step);
                true
            }
            Phase::Later { step, error: Some(_), .. } => {
                self.phase = Phase::Pending(step);
                true
            }
            other => {
                self.phase = other;
                false
            }
        }
    }

    pub(super) fn abort(&mut self, cx: &mut Context) -> bool {
        let step = match self.take() {
            Phase::Added => Step::Hash,
            Phase::Saved(saved) => self.saved_step(*saved, cx),
            Phase::Hashing { number } => {
                cx.actions.push_back(Action::CancelHash { hash: HashId { upload: self.id, number } });
                Step::Hash
            }
            Phase::Sending(attempt) => self.throw_away(attempt, cx),
            // What is being deleted to start over is deleted all the same.
            Phase::Calling { call, step: CallStep::Delete { key, place, then: Then::StartOver { .. } } } => {
                let step = CallStep::Delete { key, place, then: Then::Aborted };
                self.renew(cx);
                self.phase = Phase::Calling { call, step };
                return true;
            }
            Phase::Calling { step, .. } if step.can_abort() => Step::Call(step),
            Phase::Pending(step)
            | Phase::Later { step, .. }
            | Phase::Paused(step)
            | Phase::Failed { step, .. }
                if step.can_abort() =>
            {
                step
            }
            other => {
                self.phase = other;
                return false;
            }
        };
        self.renew(cx);
        self.phase = match step {
            Step::Call(CallStep::Delete { key, place, .. }) => {
                Phase::Pending(Step::Call(CallStep::Delete { key, place, then: Then::Aborted }))
            }
            other => match other.into_granted() {
                Some(granted) if granted.may_be_stored.is_some() => {
                    Phase::Pending(Step::Call(granted.delete(Then::Aborted)))
                }
                _ => Phase::Aborted,
            },
        };
        true
    }

    pub(super) fn delete(&mut self, cx: &Context) -> bool {
        match self.take() {
            Phase::Done { object, settled } => {
                self.renew(cx);
                self.phase = Phase::Pending(Step::Call(CallStep::delete_done(*object, settled)));
                true
            }
            other => {
                self.phase = other;
                false
            }
        }
    }

    fn renew(&mut self, cx: &Context) {
        self.budget.refill(cx.config.tries);
        self.backoff = Backoff::new();
        self.resigned = false;
    }
}
