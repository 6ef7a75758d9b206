//! Parts under way to S3, and what it answers.

use super::{Flight, Ready};
use crate::upload::action::Action;
use crate::upload::chunks;
use crate::upload::error;
use crate::upload::event::Response;
use crate::upload::id::AttemptId;
use crate::upload::machine::{Context, Upload};
use crate::upload::notice::Feature;
use crate::upload::pace;
use crate::upload::phase::{Phase, Step, What, Why};
use crate::upload::plan::Plan;
use crate::upload::retry::{self, Verdict};
use crate::upload::snapshot::{Saved, SavedPart};
use crate::upload::tries::{self, Wait};

impl Upload {
    /// The queue has a connection. Whether a part was begun with it.
    pub(in crate::upload) fn begin_part(&mut self, cx: &mut Context) -> bool {
        let Some(parts) = self.parts.as_mut() else { return false };
        parts.measured(cx.measured);
        parts.drop_expired(cx.now);
        let Some(Ready { part, request, .. }) = parts.ready.pop_front() else { return false };
        self.attempts += 1;
        let (attempt, body) = (self.attempts, parts.range(part));
        let deadline = pace::deadline(Plan::Put, 0, body.end - body.start, cx.measured, cx.config, cx.now);
        if parts.flights.is_empty() {
            self.speed.start(cx.now);
        }
        parts.flights.push(Flight { attempt, part, sent: 0, deadline });
        self.turn = cx.turn;
        cx.actions.push_back(Action::Send {
            attempt: AttemptId { upload: self.id, number: attempt },
            request,
            body,
        });
        true
    }

    /// How many bytes more than before have left.
    pub(in crate::upload) fn part_sent(&mut self, attempt: u32, sent: u64, cx: &Context) -> u64 {
        let Some(parts) = self.parts.as_mut() else { return 0 };
        let Some(index) = parts.flights.iter().position(|flight| flight.attempt == attempt) else { return 0 };
        let length = parts.flights.get(index).map_or(0, |flight| parts.length(flight.part));
        let Some(flight) = parts.flights.get_mut(index) else { return 0 };
        let moved = sent.min(length).saturating_sub(flight.sent);
        if moved > 0 {
            flight.sent += moved;
            flight.deadline = pace::deadline(Plan::Put, flight.sent, length, cx.measured, cx.config, cx.now);
            parts.sent_bytes += moved;
            self.speed.add(moved, cx.now);
        }
        moved
    }

    /// S3 answered a part.
    pub(in crate::upload) fn part_response(&mut self, attempt: u32, response: Response, cx: &mut Context) {
        let Some(parts) = self.parts.as_mut() else { return };
        let Some(flight) = parts.take_flight(attempt) else { return };
        let part = flight.part;
        let verdict = retry::judge_response(&response);
        let retry_after_ms = response.retry_after_ms;
        if verdict == Verdict::Stored {
            return self.part_stored(part, attempt, response, cx);
        }
        let error = retry::s3_error(response);
        match verdict {
            _ if error.code() == error::NO_SUCH_UPLOAD => {
                parts.send_again(part);
                if let Some(granted) = self.leave_transfer(cx) {
                    let step = self.look_for(granted, Why::Gone, cx);
                    self.go_on_or_fail(step, error);
                }
            }
            Verdict::Retry => {
                parts.send_again(part);
                let asked = retry_after_ms.is_some();
                self.part_failed(attempt, error.with_retryable(true), retry_after_ms, asked, cx);
            }
            Verdict::Resign if !self.resigned || attempt <= parts.counted => {
                parts.send_again(part);
                parts.drop_ready();
                parts.counted = self.attempts;
                self.resigned = true;
            }
            Verdict::Renew => {
                parts.send_again(part);
                parts.drop_ready();
                parts.renew = true;
                self.part_failed(attempt, error, None, false, cx);
            }
            _ if cx.is_no_chunks(parts.integrity, &error) => {
                if let Some(granted) = self.leave_transfer(cx) {
                    self.without_chunks(granted, error, cx);
                }
            }
            // The request's own signature was good when the upload was created.
            _ if chunks::is_chunk_refused(parts.integrity, &error) => {
                parts.read_again(part);
                self.part_failed(attempt, error::chunk_differs(&error), None, false, cx);
            }
            _ if retry::is_wrong_content(&error) => {
                parts.read_again(part);
                self.part_failed(attempt, error, None, false, cx);
            }
            _ => {
                parts.send_again(part);
                self.fail_transfer(error, cx);
            }
        }
    }

    fn part_stored(&mut self, part: u16, attempt: u32, response: Response, cx: &mut Context) {
        let Some(parts) = self.parts.as_mut() else { return };
        let digest = parts.digest(part);
        if retry::checksum_differs(&response, &parts.signed(digest)) {
            parts.read_again(part);
            return self.part_failed(attempt, error::differs().with_retryable(true), None, false, cx);
        }
        let unchecked = response.checksum_sha256.is_none() && response.checksum_crc64nvme.is_none();
        let Some(etag) = response.etag else {
            parts.send_again(part);
            return self.fail_transfer(error::missing_etag(response.status), cx);
        };
        if parts.has_checksums() && unchecked {
            parts.unchecked = true;
        }
        let asks = parts.is_unchecked() && cx.server.keeps_crc != Some(true);
        if parts.unchecked && !parts.is_unchecked() {
            cx.lacks(Feature::PartChecksums);
        }
        if cx.config.snapshots {
            let saved = Saved::Part(SavedPart { number: part, etag: etag.clone(), digest });
            cx.actions.push_back(Action::Save { upload: self.id, saved });
        }
        cx.drop_chunks(self.id, parts.integrity, parts.range(part).start);
        parts.store(part, etag);
        parts.gate.take_if(|gate| !gate.asked);
        let (integrity, stored) = (parts.integrity, parts.stored as u64);
        self.resigned = false;
        self.is_stored_by(integrity, cx);
        self.reach(tries::PARTS + stored, cx);
        if asks && let Some(granted) = self.leave_transfer(cx) {
            // Its list says whether it keeps them, or CORS only hides them from the page.
            self.phase = Phase::Pending(Step::sign(granted, What::List { after: 0 }));
        }
        self.go_on();
    }

    /// A part came to no answer.
    pub(in crate::upload) fn part_lost(&mut self, attempt: u32, cx: &mut Context) {
        let Some(parts) = self.parts.as_mut() else { return };
        if let Some(flight) = parts.take_flight(attempt) {
            parts.send_again(flight.part);
            let (integrity, is_news) = (parts.integrity, attempt > parts.counted);
            let sent = flight.sent + parts.stored_bytes;
            cx.limit.lost(cx.now);
            if is_news
                && self.is_vain_in_chunks(integrity, sent, cx)
                && let Some(granted) = self.leave_transfer(cx)
            {
                let step = self.start_over(granted, cx);
                return self.try_again(step, error::network(), Wait::OWN, cx);
            }
            self.part_failed(attempt, error::network(), None, false, cx);
        }
    }
}
