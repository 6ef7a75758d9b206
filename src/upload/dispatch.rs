//! Which machine an event belongs to.

use super::batch::Call;
use super::error;
use super::event::Event;
use super::id::{CallId, UploadId};
use super::machine::{Context, Lane, Upload};
use super::retry::Backoff;
use super::time::Instant;
use super::uploader::Uploader;
use crate::error::{Error, ErrorKind, Result};

impl Uploader {
    pub(super) fn apply(&mut self, event: Event, now: Instant) {
        match event {
            Event::Hashed { hash, digest } => {
                self.with(hash.upload, now, |upload, cx| upload.hashed(hash.number, Ok(digest), cx));
            }
            Event::HashFailed { hash, error } => {
                self.with(hash.upload, now, |upload, cx| upload.hashed(hash.number, Err(error), cx));
            }
            Event::Granted { call, items } => {
                self.answer(call, items, now, |upload, asked, item, cx| {
                    upload.granted(call, asked, item, cx)
                });
            }
            Event::Signed { call, items } => {
                self.answer(call, items, now, |upload, asked, item, cx| upload.signed(call, asked, item, cx));
            }
            Event::Finished { call, items } => {
                self.answer(call, items, now, |upload, _, item, cx| upload.finished(call, item, cx));
            }
            Event::Deleted { call, items } => {
                self.answer(call, items, now, |upload, _, item, cx| upload.deleted(call, item, cx));
            }
            Event::CallFailed { call, error, retry_after_ms } => {
                if let Some(call) = self.batcher.take(call) {
                    if error.status().is_some() {
                        self.server.endpoint_heard = true;
                        self.heard(now);
                    }
                    self.call_failed(call, &error, retry_after_ms, now);
                }
            }
            Event::Progress { attempt, sent } => {
                let moved =
                    self.with(attempt.upload, now, |upload, cx| upload.sent(attempt.number, sent, cx));
                let moved = moved.unwrap_or(0);
                self.server.s3_heard |= moved > 0;
                self.moved_bytes(moved, now);
            }
            Event::Response { attempt, response } => {
                self.server.s3_heard = true;
                self.heard(now);
                let unsent =
                    self.uploads.get(&attempt.upload).map_or(0, |upload| upload.unsent_of(attempt.number));
                match response.status {
                    200..300 => {
                        self.moved_bytes(unsent, now);
                        self.limit.succeeded(now);
                    }
                    429 | 503 => self.limit.throttled(now),
                    _ => {}
                }
                self.with(attempt.upload, now, |upload, cx| upload.response(attempt.number, response, cx));
            }
            Event::NetworkError { attempt } => {
                self.with(attempt.upload, now, |upload, cx| upload.network_error(attempt.number, cx));
            }
            Event::Online => self.heard(now),
            Event::Offline => {
                if self.network.went_offline(now) {
                    for id in self.uploads.keys() {
                        self.touched.insert(*id);
                    }
                }
            }
        }
    }

    fn moved_bytes(&mut self, bytes: u64, now: Instant) {
        self.speed.add(bytes, now);
        self.limit.moved(bytes);
    }

    fn answer<T>(
        &mut self,
        call: CallId,
        items: Vec<Result<T>>,
        now: Instant,
        mut act: impl FnMut(&mut Upload, Instant, Result<T>, &mut Context),
    ) {
        let Some(call) = self.batcher.take(call) else { return };
        self.server.endpoint_heard = true;
        self.heard(now);
        self.call_backoff = Backoff::new();
        let mut items = items.into_iter();
        for id in call.uploads {
            let item = items.next().unwrap_or_else(|| Err(error::missing_item()));
            self.with(id, now, |upload, cx| act(upload, call.asked, item, cx));
        }
    }

    pub(super) fn call_failed(
        &mut self,
        call: Call,
        error: &Error,
        retry_after_ms: Option<u64>,
        now: Instant,
    ) {
        // Tried while there was no network, and failed only now: it says nothing.
        let was_away = error.kind() == ErrorKind::Network && self.network.was_away(call.asked);
        if was_away || (error.code() == error::TOO_MANY_FILES && self.ask_for_less(&call)) {
            for id in call.uploads {
                self.with(id, now, |upload, cx| upload.call_undone(call.id, cx));
            }
            return;
        }
        let wait = self.call_backoff.next(retry_after_ms, &self.config, &mut self.random);
        for id in call.uploads {
            self.with(id, now, |upload, cx| upload.call_failed(call.id, error.clone(), wait, cx));
        }
    }

    /// The endpoint takes fewer files, or fewer intents, in a call. Whether there
    /// are fewer to ask for.
    fn ask_for_less(&mut self, call: &Call) -> bool {
        let intents = &mut self.config.intents_per_call;
        if matches!(call.lane, Lane::Sign) && *intents > 2 {
            *intents /= 2;
            return true;
        }
        self.batcher.halve(call.uploads.len())
    }

    /// An answer came, or the browser says so: there is a network.
    fn heard(&mut self, now: Instant) {
        if !self.network.went_online(now) {
            return;
        }
        let all: Vec<UploadId> = self.uploads.keys().copied().collect();
        for id in all {
            self.with(id, now, |upload, _| upload.network_is_back());
        }
    }
}
