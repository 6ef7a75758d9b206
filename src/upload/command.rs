//! What the owner of an upload can ask of its machine. Each command says
//! whether it fitted what the upload was doing.

use super::action::Action;
use super::digest::Digest;
use super::id::HashId;
use super::machine::{Context, Upload};
use super::parts::Parts;
use super::phase::{CallStep, Granted, Phase, Step, Then, What, Why};
use super::plan::Plan;
use super::retry::Backoff;
use super::snapshot::{SavedPart, SavedUpload};

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
        self.phase = Phase::next(step);
        true
    }

    /// Where an upload goes on that was under way when the page went.
    fn saved_step(&mut self, (saved, stored): (SavedUpload, Vec<SavedPart>), cx: &Context) -> Step {
        self.saved = true;
        let (plan, integrity, aborting) = (saved.plan, saved.integrity, saved.aborting);
        let chunk_size = saved.chunk_size;
        let upload_id = saved.upload_id.clone();
        // What the page sent last may still arrive.
        let granted = Granted::from_saved(saved, cx.now.after(cx.config.settle_ms));
        if aborting {
            return Step::Call(granted.delete(upload_id, Then::Aborted));
        }
        let Plan::Multipart { part_size, parts: count } = plan else {
            let digests = granted.digest.has(integrity.algorithms()) && integrity.algorithms().any();
            // What was not read yet was not sent either.
            return if digests || granted.wants_chunks() {
                Step::Hash { stored: Some(granted) }
            } else {
                Step::finish(granted, Why::Lost)
            };
        };
        if plan.check_size(self.file.size).is_err() {
            return Step::Call(granted.delete(upload_id, Then::StartOver { digest: Digest::default() }));
        }
        let mut parts = Parts::new(self.file.size, part_size, count, integrity, chunk_size);
        let known = upload_id.is_some();
        if let Some(upload_id) = upload_id {
            parts.restore(upload_id, stored);
        }
        self.parts = Some(parts.into());
        if known { Step::renew(granted, What::List { after: 0 }) } else { self.recreate(granted) }
    }

    pub(super) fn pause(&mut self, cx: &mut Context) -> bool {
        let step = match self.take() {
            Phase::Added => self.first_step(cx),
            Phase::Saved(saved) => self.saved_step(*saved, cx),
            Phase::Pending(step) | Phase::Later { step, .. } if step.can_pause() => step,
            Phase::Calling { step, .. } if step.can_pause() => Step::Call(step),
            Phase::Hashing { number, stored } => {
                cx.actions.push_back(Action::CancelHash { hash: HashId { upload: self.id, number } });
                Step::Hash { stored }
            }
            Phase::Sending(attempt) => self.throw_away(attempt, cx),
            other => {
                self.phase = other;
                match self.leave_transfer(cx) {
                    Some(granted) => Step::Transfer(granted),
                    None => return false,
                }
            }
        };
        self.phase = Phase::Paused(step);
        true
    }

    pub(super) fn resume(&mut self) -> bool {
        match self.take() {
            Phase::Paused(step) => {
                self.phase = Phase::next(step);
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
    pub(super) fn retry(&mut self, cx: &mut Context) -> bool {
        match self.take() {
            Phase::Failed { step, .. } => {
                self.renew(cx);
                // It may be another server by now, or be set up otherwise.
                cx.server.keeps_crc.take_if(|keeps| !*keeps);
                self.phase = Phase::next(step);
                true
            }
            Phase::Later { step, error: Some(_), .. } => {
                self.phase = Phase::next(step);
                true
            }
            other => {
                let transfers = matches!(other, Phase::Transfer(_));
                self.phase = other;
                transfers && self.open_gate()
            }
        }
    }

    pub(super) fn abort(&mut self, cx: &mut Context) -> bool {
        let step = match self.take() {
            Phase::Added => Step::HASH,
            Phase::Saved(saved) => self.saved_step(*saved, cx),
            Phase::Hashing { number, stored } => {
                cx.actions.push_back(Action::CancelHash { hash: HashId { upload: self.id, number } });
                Step::Hash { stored }
            }
            Phase::Sending(attempt) => self.throw_away(attempt, cx),
            // What is being deleted to begin again is deleted all the same.
            Phase::Calling { call, step: CallStep::Delete { key, place, then } }
                if then.is_to_begin_again() =>
            {
                self.renew(cx);
                self.save_abort(&key, &place, cx);
                let step = CallStep::Delete { key, place, then: Then::Aborted };
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
                match self.leave_transfer(cx) {
                    Some(granted) => Step::Transfer(granted),
                    None => return false,
                }
            }
        };
        self.renew(cx);
        let deletion = match step {
            Step::Call(CallStep::Delete { key, place, .. }) => Some((key, place)),
            other => {
                let granted = other.into_granted().filter(|granted| granted.may_be_stored.is_some());
                granted.map(|granted| granted.delete_key(self.upload_id()))
            }
        };
        match deletion {
            Some((key, place)) => {
                self.save_abort(&key, &place, cx);
                self.phase = Phase::Pending(Step::Call(CallStep::Delete { key, place, then: Then::Aborted }));
            }
            None => self.after_delete(Then::Aborted, cx),
        }
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
