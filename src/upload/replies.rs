//! What a machine makes of S3's answers to a request that goes alone: all of
//! the file, or what begins, lists and completes a multipart upload. (Parts:
//! see `parts`.)

use super::config::Integrity;
use super::error;
use super::event::Response;
use super::machine::{Context, Upload};
use super::notice::Feature;
use super::pace;
use super::phase::{Attempt, Granted, Phase, Step, What, Why};
use super::plan::{Plan, Transport};
use super::retry::{self, Verdict};
use super::tries::{self, Wait};
use crate::error::Error;
use crate::s3::{self, CompleteMultipartUpload, CreateMultipartUpload, ListParts};

impl Upload {
    /// How many bytes more than before have left.
    pub(super) fn sent(&mut self, number: u32, sent: u64, cx: &mut Context) -> u64 {
        let size = self.file.size;
        let attempt = match &mut self.phase {
            Phase::Sending(attempt) if attempt.what == What::Whole => attempt,
            Phase::Transfer(granted) => {
                let integrity = granted.integrity;
                let moved = self.part_sent(number, sent, cx);
                cx.server.lets_chunks_in |= moved > 0 && integrity == Integrity::Chunks;
                return moved;
            }
            _ => return 0,
        };
        let moved = sent.min(size).saturating_sub(attempt.sent);
        if attempt.number != number || moved == 0 {
            return 0;
        }
        attempt.sent += moved;
        cx.server.lets_chunks_in |= attempt.granted.integrity == Integrity::Chunks;
        attempt.deadline =
            pace::deadline(attempt.granted.plan, attempt.sent, size, cx.measured, cx.config, cx.now);
        self.speed.add(moved, cx.now);
        moved
    }

    pub(super) fn network_error(&mut self, number: u32, cx: &mut Context) {
        match self.take_attempt(number) {
            Some(mut attempt) => {
                cx.limit.lost(cx.now);
                let is_vain = attempt.what == What::Whole
                    && self.is_vain_in_chunks(attempt.granted.integrity, attempt.sent, cx);
                let step = if is_vain {
                    // Of an empty file all that there is may have left.
                    attempt.granted.stored_by(cx.now.after(cx.config.settle_ms));
                    self.start_over(attempt.granted, cx)
                } else {
                    self.after_loss(attempt, cx)
                };
                self.try_again(step, error::network(), Wait::OWN, cx);
            }
            None if matches!(self.phase, Phase::Transfer(_)) => self.part_lost(number, cx),
            None => {}
        }
    }

    pub(super) fn response(&mut self, number: u32, response: Response, cx: &mut Context) {
        let Some(Attempt { mut granted, what, .. }) = self.take_attempt(number) else {
            if matches!(self.phase, Phase::Transfer(_)) {
                self.part_response(number, response, cx);
            }
            return;
        };
        let verdict = retry::judge_response(&response);
        if !verdict.means_not_stored() && !matches!(what, What::List { .. }) {
            let late = if verdict == Verdict::Retry { cx.config.settle_ms } else { 0 };
            granted.stored_by(cx.now.after(late));
        }
        if verdict == Verdict::Stored {
            return match what {
                What::Whole => self.stored(granted, response, cx),
                What::Create => self.created(granted, response, cx),
                What::List { after } => self.listed(granted, after, response, cx),
                What::Complete => self.completed(granted, response, cx),
            };
        }
        if what == What::Create {
            self.stop_reading(cx);
        }
        let retry_after_ms = response.retry_after_ms;
        let error = retry::s3_error(response);
        self.refused(granted, what, verdict, error, Wait::OwnBackoff { retry_after_ms }, cx);
    }

    /// S3 answered with an error.
    fn refused(
        &mut self,
        granted: Box<Granted>,
        what: What,
        verdict: Verdict,
        error: Error,
        wait: Wait,
        cx: &mut Context,
    ) {
        match (error.code(), what) {
            (error::NO_SUCH_UPLOAD, What::List { .. } | What::Complete) => {
                let step = self.look_for(granted, Why::Gone, cx);
                return self.go_on_or_fail(step, error);
            }
            ("ConditionalRequestConflict", What::Complete) => {
                let step = self.look_for(granted, Why::Ended, cx);
                return self.go_on_or_fail(step, error);
            }
            ("InvalidPart" | "InvalidPartOrder", What::Complete) => {
                return self.go_on_or_fail(Step::sign(granted, What::List { after: 0 }), error);
            }
            _ => {}
        }
        match verdict {
            Verdict::MayBeStored if matches!(what, What::Whole | What::Complete) => {
                self.phase = Phase::Pending(Step::finish(granted, Why::Conflict));
            }
            Verdict::Retry => {
                let throttled = retry::is_throttling(&error);
                let step = match what {
                    What::Create if !throttled => self.recreate(granted),
                    What::Complete if !throttled => Step::finish(granted, Why::Lost),
                    _ => Step::sign(granted, what),
                };
                self.try_again(step, error.with_retryable(true), wait, cx);
            }
            Verdict::Resign if self.is_vain_form(&granted, cx) => {
                let step = self.delete_and_start_over(&granted, cx);
                self.go_on_or_fail(step, error);
            }
            // The first might have been too old, or a clock wrong.
            Verdict::Resign if self.resigned && granted.has_other_chunks(&error, cx) => {
                let error = error::chunk_differs(&error);
                self.phase = Phase::Failed { step: self.start_over(granted, cx), error };
            }
            Verdict::Resign if !self.resigned => {
                self.resigned = true;
                self.phase = Phase::Pending(Step::sign(granted, what));
            }
            Verdict::Renew => self.go_on_or_fail(Step::renew(granted, what), error),
            Verdict::Refuse
                if granted.plan == Plan::Post
                    && self.file.transport == Transport::Auto
                    && retry::is_no_form(&error) =>
            {
                cx.lacks(Feature::PostForms);
                self.phase = Phase::Pending(self.grant_step(granted.digest, cx));
            }
            Verdict::Refuse if what == What::Whole && cx.is_no_chunks(granted.integrity, &error) => {
                self.without_chunks(granted, error, cx);
            }
            // The file may have changed, so another try has to read it again.
            Verdict::Refuse if retry::is_wrong_content(&error) => {
                self.phase = Phase::Failed { step: self.start_over(granted, cx), error };
            }
            _ => self.phase = Phase::Failed { step: Step::sign(granted, what), error },
        }
    }

    fn stored(&mut self, granted: Box<Granted>, response: Response, cx: &mut Context) {
        match granted.plan {
            Plan::Post => cx.server.takes_forms = true,
            // By this way it came at once.
            _ if self.vain_forms > 1 && !cx.server.takes_forms => cx.lacks(Feature::PostForms),
            _ => {}
        }
        self.is_stored_by(granted.integrity, cx);
        self.phase = if retry::checksum_differs(&response, &granted.file_digest()) {
            Phase::Failed { step: self.start_over(granted, cx), error: error::differs() }
        } else if let Some(etag) = response.etag {
            self.reach(tries::STORED, cx);
            Phase::Pending(Step::finish(granted, Why::Stored { etag }))
        } else {
            let step = Step::finish(granted, Why::Lost);
            Phase::Failed { step, error: error::missing_etag(response.status) }
        };
    }

    fn created(&mut self, granted: Box<Granted>, response: Response, cx: &mut Context) {
        match CreateMultipartUpload::parse(&document(response)) {
            Ok(created) => {
                if let Some(parts) = self.parts.as_mut() {
                    parts.upload_id = Some(created.upload_id);
                }
                self.resigned = false;
                self.reach(tries::CREATED, cx);
                self.save(&granted, cx);
                self.phase = Phase::Transfer(granted);
            }
            Err(error) => {
                let step = self.recreate(granted);
                self.try_again(step, error, Wait::OWN, cx);
            }
        }
    }

    fn listed(&mut self, granted: Box<Granted>, after: u16, response: Response, cx: &mut Context) {
        let page = ListParts::parse(&document(response));
        let (page, parts) = match (page, self.parts.as_mut()) {
            (Ok(page), Some(parts)) if page.next.is_none_or(|next| next > after) => (page, parts),
            (page, _) => {
                let error = page.err().unwrap_or_else(error::missing_item);
                let step = Step::sign(granted, What::List { after });
                return self.try_again(step, error, Wait::OWN, cx);
            }
        };
        parts.compare(after, &page);
        let unchecked = parts.unchecked;
        if parts.is_unchecked() {
            cx.lacks(Feature::PartChecksums);
            return self.refuse_unchecked(&granted, cx);
        }
        if page.parts.iter().any(|part| part.crc64nvme.is_some()) {
            cx.server.keeps_crc = Some(true);
        }
        self.phase = match page.next {
            Some(after) => Phase::Pending(Step::sign(granted, What::List { after })),
            None => Phase::Transfer(granted),
        };
        if unchecked {
            cx.lacks(Feature::PartChecksums);
        }
        self.go_on();
    }

    /// S3 answered 200 to the completion, which may still hold an error.
    fn completed(&mut self, granted: Box<Granted>, response: Response, cx: &mut Context) {
        let (status, retry_after_ms) = (response.status, response.retry_after_ms);
        match CompleteMultipartUpload::parse(&document(response)) {
            Ok(output) => {
                self.reach(tries::STORED, cx);
                let etag = output.etag.quoted();
                self.phase = Phase::Pending(Step::finish(granted, Why::Stored { etag }));
            }
            Err(error) => {
                let verdict = retry::judge_late_error(status, &error);
                self.refused(
                    granted,
                    What::Complete,
                    verdict,
                    error,
                    Wait::OwnBackoff { retry_after_ms },
                    cx,
                );
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

fn document(response: Response) -> s3::Response {
    s3::Response { status: response.status, headers: Vec::new(), body: response.body.into_bytes() }
}
