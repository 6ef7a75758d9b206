//! Parts on their way: read, signed and sent, several at once.

use super::{Flight, Gate, Parts, Reading, Ready, Signing};
use crate::error::{Error, ErrorKind, Result};
use crate::upload::action::{Action, Intent, RequestContent, SignRequest};
use crate::upload::digest::Digest;
use crate::upload::error;
use crate::upload::event::Signed;
use crate::upload::id::{AttemptId, CallId, HashId, UploadId};
use crate::upload::machine::{Context, Upload};
use crate::upload::pace;
use crate::upload::phase::{Granted, Phase, Step, What, Why};
use crate::upload::retry::{self};
use crate::upload::time::Instant;
use crate::upload::tries::{self, Wait};

impl Upload {
    /// The queue has a reader for what is granted.
    pub(in crate::upload) fn begin_reading(&mut self, cx: &mut Context) {
        if matches!(self.phase, Phase::Pending(_)) {
            return self.begin_hash(cx);
        }
        let number = self.next_reading();
        let Some(parts) = self.parts.as_mut() else { return };
        let next = if parts.ended.is_some() { None } else { parts.next_to_send() };
        let Some(part) = next.or_else(|| parts.unverified.pop_front()) else { return };
        parts.reading.push(Reading { number, part });
        cx.actions.push_back(Action::Hash {
            hash: HashId { upload: self.id, number },
            upload: self.id,
            range: parts.range(part),
            algorithms: parts.algorithms,
            chunk_size: parts.chunk_size,
        });
    }

    /// A part was read. Whether that reading was under way.
    pub(in crate::upload) fn part_read(&mut self, number: u32, outcome: Result<Digest>, cx: &mut Context) {
        let Some(parts) = self.parts.as_mut() else { return };
        let Some(index) = parts.reading.iter().position(|reading| reading.number == number) else { return };
        let part = parts.reading.swap_remove(index).part;
        match outcome {
            Err(error) => {
                parts.put_back(part);
                self.fail_reading(error, cx);
            }
            Ok(digest) if !parts.is_stored(part) => {
                if let Some(it) = parts.part_mut(part) {
                    it.digest = digest;
                }
                parts.read.push_back(part);
            }
            Ok(digest) if digest == parts.digest(part) => {
                cx.drop_chunks(self.id, parts.integrity, parts.range(part).start);
                self.go_on();
            }
            Ok(_) => {
                let Some(granted) = self.leave_transfer(cx) else { return };
                let step = self.start_over(granted, cx);
                self.phase = Phase::Failed { step, error: error::file_changed() };
            }
        }
    }

    /// The queue has a place in a call, for so many signatures. What is asked for, and
    /// as how many that counts.
    pub(in crate::upload) fn begin_signing(
        &mut self,
        call: CallId,
        room: usize,
        cx: &Context,
    ) -> Option<(SignRequest, usize)> {
        let Phase::Transfer(granted) = &self.phase else { return None };
        let parts = self.parts.as_mut()?;
        let renew = parts.renew || granted.ends <= cx.now;
        let weight = parts.weight(cx.config);
        let room = room.saturating_sub(usize::from(renew)) / weight;
        let numbers = parts.take_for_signing(room, cx.config);
        if numbers.is_empty() {
            return None;
        }
        let renewal = renew.then_some(Intent::Renew);
        let chunks = |number| parts.chunk_size.map(|_| parts.range(number).start);
        let part = |number: &u16| {
            let digest = parts.signed(parts.digest(*number));
            Intent::Part { number: *number, digest, chunks: chunks(*number) }
        };
        let intents = renewal.into_iter().chain(numbers.iter().map(part)).collect();
        let weight = weight * numbers.len() + usize::from(renew);
        parts.batches += 1;
        parts.signing = Some(Signing { call, parts: numbers, renew });
        let (upload_id, token) = (parts.upload_id.clone(), granted.token.clone());
        Some((SignRequest { upload: self.id, token, upload_id, intents }, weight))
    }

    /// The signatures of a call came, or not.
    pub(in crate::upload) fn parts_signed(
        &mut self,
        call: CallId,
        asked: Instant,
        outcome: Result<Signed>,
        cx: &mut Context,
    ) {
        let (Phase::Transfer(granted), Some(parts)) = (&mut self.phase, self.parts.as_mut()) else { return };
        let Some(signing) = parts.take_signing(call) else { return };
        let Signed { requests, grant } = match outcome {
            Ok(signed) => signed,
            Err(error) => {
                let renew = signing.renew;
                parts.unsign(signing);
                return self.transfer_call_error(error, renew, Wait::OWN, cx);
            }
        };
        let fits = requests.len() == signing.parts.len()
            && grant.is_some() == signing.renew
            && requests.iter().all(|request| matches!(request.content, RequestContent::Put { .. }));
        if !fits {
            parts.unsign(signing);
            return self.fail_transfer(error::missing_item(), cx);
        }
        let renewed = grant.is_some();
        if let Some(renewal) = grant {
            granted.renew(renewal, asked, cx.config);
            parts.renew = false;
        }
        for (request, part) in requests.into_iter().zip(signing.parts) {
            parts.lifetime_ms = request.lifetime_ms;
            let usable_until = pace::usable_until(request.lifetime_ms, asked, cx.config);
            parts.ready.push_back(Ready { part, request, usable_until });
        }
        let came = parts.ready.len();
        parts.drop_expired(cx.now);
        let late = came > 0 && parts.ready.is_empty();
        if renewed {
            self.save_transfer(cx);
        }
        if late {
            self.transfer_trouble(error::expired_on_arrival(), Wait::OWN, cx);
        }
    }

    /// The call for signatures failed.
    pub(in crate::upload) fn part_call_failed(
        &mut self,
        call: CallId,
        error: Option<Error>,
        wait: Wait,
        cx: &mut Context,
    ) {
        let Some(parts) = self.parts.as_mut() else { return };
        let Some(signing) = parts.take_signing(call) else { return };
        let renew = signing.renew;
        parts.unsign(signing);
        if let Some(error) = error {
            self.transfer_call_error(error, renew, wait, cx);
        }
    }

    fn transfer_call_error(&mut self, error: Error, renewed: bool, wait: Wait, cx: &mut Context) {
        match retry::judge_call(&error) {
            retry::CallVerdict::Retry => self.transfer_trouble(error, wait, cx),
            _ if error.kind() == ErrorKind::Unauthenticated => self.fail_transfer(error, cx),
            // Too old to be renewed, or no longer within the rules of today.
            _ if renewed => {
                if let Some(granted) = self.leave_transfer(cx) {
                    self.grant_expired(granted, error, cx);
                }
            }
            verdict => {
                let expired = verdict == retry::CallVerdict::GrantExpired;
                if let Some(parts) = self.parts.as_mut() {
                    parts.renew |= expired;
                }
                if !expired || !self.budget.spend() {
                    self.fail_transfer(error, cx);
                }
            }
        }
    }

    /// The moment that it waited for has come.
    pub(in crate::upload) fn transfer_timeout(&mut self, cx: &mut Context) {
        let Some(parts) = self.parts.as_mut() else { return };
        parts.gate.take_if(|gate| gate.until <= cx.now);
        let stalled = |flight: &&Flight| flight.deadline <= cx.now;
        let Some(attempt) = parts.flights.iter().find(stalled).map(|flight| flight.attempt) else { return };
        if let Some(flight) = parts.take_flight(attempt) {
            parts.send_again(flight.part);
            cx.actions.push_back(Action::Cancel { attempt: AttemptId { upload: self.id, number: attempt } });
            cx.limit.lost(cx.now);
            self.part_failed(attempt, error::stalled(), None, false, cx);
        }
    }

    /// An attempt failed. Those that failed together take one try, and one
    /// wait for all parts; what is in flight goes on.
    pub(super) fn part_failed(
        &mut self,
        attempt: u32,
        error: Error,
        retry_after_ms: Option<u64>,
        asked: bool,
        cx: &mut Context,
    ) {
        let Some(parts) = self.parts.as_mut() else { return };
        let news = attempt > parts.counted;
        if news {
            parts.counted = self.attempts;
            self.transfer_trouble(error, Wait::OwnBackoff { retry_after_ms }, cx);
        }
        if let Some(gate) = self.parts.as_mut().and_then(|parts| parts.gate.as_mut()) {
            gate.asked |= asked;
        }
    }

    /// Takes a try and waits; fails when there is none left. Where the network
    /// is known to be away, its errors cost nothing.
    fn transfer_trouble(&mut self, error: Error, wait: Wait, cx: &mut Context) {
        if !cx.online && tries::is_silence(&error) {
            return;
        }
        if !self.take_try(&error, wait, cx) {
            return self.fail_transfer(error, cx);
        }
        let until = cx.now.after(self.wait_ms(wait, cx));
        if let Some(parts) = self.parts.as_mut() {
            parts.gate = Some(Gate { until, error, asked: false });
        }
    }

    /// Completes the upload when S3 has all parts.
    pub(in crate::upload) fn go_on(&mut self) {
        let Some(parts) = self.parts.as_mut().filter(|parts| parts.is_whole()) else { return };
        parts.restored = false;
        let ended = parts.ended.take();
        self.phase = match (self.take(), ended) {
            (Phase::Transfer(granted), None) => Phase::Pending(Step::sign(granted, What::Complete)),
            (Phase::Transfer(granted), Some(grant)) => {
                let why = if grant { Why::Ended } else { Why::Gone };
                Phase::Pending(Step::finish(granted, why))
            }
            (other, _) => other,
        };
    }

    /// Ends the waiting after a failure.
    pub(in crate::upload) fn open_gate(&mut self) -> bool {
        self.parts.as_mut().is_some_and(|parts| parts.gate.take().is_some())
    }

    /// The file cannot be read, which may turn out before it is known what S3
    /// calls the upload.
    fn fail_reading(&mut self, error: Error, cx: &mut Context) {
        match self.take() {
            Phase::Sending(attempt) => {
                let step = self.throw_away(attempt, cx);
                self.phase = Phase::Failed { step, error };
            }
            other => {
                self.phase = other;
                self.fail_transfer(error, cx);
            }
        }
    }

    /// Parts are read from the moment on that the upload is created at S3, so that
    /// the first can be signed when it is.
    pub(in crate::upload) const fn reads_parts(&self) -> bool {
        match &self.phase {
            Phase::Sending(attempt) => matches!(attempt.what, What::Create),
            Phase::Transfer(_) => true,
            _ => false,
        }
    }

    pub(in crate::upload) fn stop_reading(&mut self, cx: &mut Context) {
        if let Some(parts) = self.parts.as_mut() {
            parts.stop_reading(self.id, cx);
        }
    }

    pub(super) fn fail_transfer(&mut self, error: Error, cx: &mut Context) {
        if let Some(granted) = self.leave_transfer(cx) {
            self.phase = Phase::Failed { step: Step::Transfer(granted), error };
        }
    }

    /// Cancels what is under way and takes the phase out; whoever calls this
    /// puts one in. What S3 has, it keeps.
    pub(in crate::upload) fn leave_transfer(&mut self, cx: &mut Context) -> Option<Box<Granted>> {
        let mut granted = match self.take() {
            Phase::Transfer(granted) => granted,
            other => {
                self.phase = other;
                return None;
            }
        };
        if let Some(parts) = self.parts.as_mut() {
            parts.cancel(self.id, &mut granted, cx);
        }
        Some(granted)
    }
}

impl Parts {
    fn cancel(&mut self, upload: UploadId, granted: &mut Granted, cx: &mut Context) {
        if !self.flights.is_empty() {
            granted.stored_by(cx.now.after(cx.config.settle_ms));
        }
        while let Some(Flight { attempt, part, .. }) = self.flights.pop() {
            cx.actions.push_back(Action::Cancel { attempt: AttemptId { upload, number: attempt } });
            self.send_again(part);
        }
        self.sent_bytes = 0;
        self.stop_reading(upload, cx);
        if let Some(signing) = self.signing.take() {
            self.unsign(signing);
        }
        self.gate = None;
    }

    fn stop_reading(&mut self, upload: UploadId, cx: &mut Context) {
        while let Some(Reading { number, part }) = self.reading.pop() {
            cx.actions.push_back(Action::CancelHash { hash: HashId { upload, number } });
            self.put_back(part);
        }
    }

    /// A part was not read after all.
    fn put_back(&mut self, part: u16) {
        if self.is_stored(part) {
            self.unverified.push_front(part);
        } else {
            self.unread.push_front(part);
        }
    }
}
