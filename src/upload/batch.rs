//! Which uploads share a call of the endpoint, and when it is made.

use super::config::Config;
use super::id::{CallId, UploadId};
use super::machine::Lane;
use super::time::Instant;

/// A call under way.
pub(super) struct Call {
    pub(super) id: CallId,
    pub(super) lane: Lane,
    pub(super) asked: Instant,
    pub(super) uploads: Vec<UploadId>,
}

/// Counts who waits for which kind of call, and since when.
pub(super) struct Batcher {
    waiting: [Waiting; 8],
    calls: Vec<Call>,
    next_call: u32,
    files_per_call: usize,
    wait_ms: u64,
}

#[derive(Clone, Copy, Default)]
struct Waiting {
    count: usize,
    since: Instant,
}

/// While a call is under way, those that come after it gather for the next (as
/// Nagle's algorithm has it, RFC 896), but no longer than this.
const LONGEST_GATHERING_MS: u64 = 1_000;

/// What is stored waits so long for others, while many are still to be sent.
const CROWD_GATHERING_MS: u64 = 250;

/// The lanes that are served by calls, the most urgent first.
pub(super) const CALL_LANES: [Lane; 5] =
    [Lane::Finish, Lane::Sign, Lane::Grant, Lane::GrantParts, Lane::Delete];

impl Batcher {
    pub(super) fn new(config: &Config) -> Self {
        Self {
            waiting: [Waiting::default(); 8],
            calls: Vec::new(),
            next_call: 0,
            files_per_call: config.files_per_call,
            wait_ms: config.batch_wait_ms,
        }
    }

    pub(super) const fn files_per_call(&self) -> usize {
        self.files_per_call
    }

    pub(super) fn entered(&mut self, lane: Lane, now: Instant) {
        if let Some(waiting) = self.waiting.get_mut(lane as usize) {
            if waiting.count == 0 {
                waiting.since = now;
            }
            waiting.count += 1;
        }
    }

    pub(super) fn left(&mut self, lane: Lane) {
        if let Some(waiting) = self.waiting.get_mut(lane as usize) {
            waiting.count = waiting.count.saturating_sub(1);
        }
    }

    pub(super) fn count(&self, lane: Lane) -> usize {
        self.waiting.get(lane as usize).map_or(0, |waiting| waiting.count)
    }

    /// Whether one more than fits waits.
    pub(super) fn is_full(&self, lane: Lane) -> bool {
        self.count(lane) >= self.files_per_call
    }

    /// From when on those that wait in a lane need not wait for company; `crowd`:
    /// there will be more of it soon.
    pub(super) fn gathered_at(&self, lane: Lane, crowd: bool) -> Option<Instant> {
        let waiting = self.waiting.get(lane as usize).filter(|waiting| waiting.count > 0)?;
        let under_way = self.calls.iter().any(|call| call.lane == lane);
        let wait = match (under_way, lane) {
            (true, _) => self.wait_ms.max(LONGEST_GATHERING_MS),
            (false, Lane::Finish) if crowd => self.wait_ms.max(CROWD_GATHERING_MS),
            _ => self.wait_ms,
        };
        Some(waiting.since.after(wait))
    }

    pub(super) const fn next_id(&mut self) -> CallId {
        self.next_call += 1;
        CallId(self.next_call)
    }

    /// A call was made; those that are left begin to gather anew.
    pub(super) fn made(&mut self, call: Call) {
        if let Some(waiting) = self.waiting.get_mut(call.lane as usize) {
            waiting.since = call.asked;
        }
        self.calls.push(call);
    }

    /// Takes a call out that was answered; none if it is not under way.
    pub(super) fn take(&mut self, id: CallId) -> Option<Call> {
        let index = self.calls.iter().position(|call| call.id == id)?;
        Some(self.calls.swap_remove(index))
    }

    /// Takes a call out that began more than `timeout_ms` ago.
    pub(super) fn take_overdue(&mut self, now: Instant, timeout_ms: u64) -> Option<Call> {
        let index = self.calls.iter().position(|call| now >= call.asked.after(timeout_ms))?;
        Some(self.calls.swap_remove(index))
    }

    /// When the next call is overdue.
    pub(super) fn overdue_at(&self, timeout_ms: u64) -> Option<Instant> {
        self.calls.iter().map(|call| call.asked.after(timeout_ms)).min()
    }

    /// The endpoint does not take so many files at once. Whether fewer can be asked for.
    pub(super) fn halve(&mut self, files: usize) -> bool {
        if files < 2 {
            return false;
        }
        self.files_per_call = self.files_per_call.min(files / 2);
        true
    }
}
