//! How many signatures of parts are asked for at a time, and when.

use super::Parts;
use crate::upload::config::Config;
use crate::upload::time::Instant;

/// Parts in a batch, once the first two are on their way; see [`Parts::batch`].
const BATCH: std::ops::RangeInclusive<usize> = 12..=100;
/// The first batch is as small as the connections are many, within this.
const FIRST: std::ops::RangeInclusive<usize> = 4..=8;

impl Parts {
    /// How many parts the next call is to carry, where they are read first. The
    /// first batch decides when the first byte leaves. The second is three times as
    /// large: reading is faster than sending, so it is there in time. Then two
    /// more for what is left, or batches of a hundred.
    pub(super) fn batch(&self, config: &Config) -> usize {
        let first = config.concurrency.clamp(*FIRST.start(), *FIRST.end());
        let wanted = match self.batches {
            0 => first,
            1 => 3 * first,
            _ => {
                let rest = self.table.len().saturating_sub(4 * first).div_ceil(2);
                rest.clamp(*BATCH.start(), *BATCH.end())
            }
        };
        wanted.min(self.most_at_once(config))
    }

    /// Never more than can be sent in half of a signature's lifetime, at the
    /// speed measured last; nor, before anything was measured, much more than
    /// there are connections.
    fn most_at_once(&self, config: &Config) -> usize {
        let limit = match self.sendable {
            Some(parts) => parts.max(config.concurrency),
            None => 4 * config.concurrency,
        };
        limit.min(config.intents_per_call)
    }

    /// The speed of all uploads together, in bytes a second.
    pub(super) fn measured(&mut self, speed: f64) {
        if speed >= 1.0 && self.lifetime_ms > 0 {
            let bytes = speed * self.lifetime_ms as f64 / 2000.0;
            self.sendable = Some((bytes / self.part_size as f64) as usize);
        }
    }

    /// Whether signatures are to be asked for: the connections will soon have
    /// nothing to send, and a whole batch was read, or all there is.
    pub(super) fn wants_signatures(&self, config: &Config) -> bool {
        if self.ended.is_some()
            || self.signing.is_some()
            || self.gate.is_some()
            || self.ready.len() >= config.concurrency
        {
            return false;
        }
        let unread = self.unread.len() + self.untouched;
        if !self.algorithms.any() {
            return self.read.len() + unread > 0;
        }
        self.read.len() >= self.batch(config) || (!self.read.is_empty() && unread + self.reading.len() == 0)
    }

    /// Whether a part is to be read: to be sent, as far ahead as the next batch;
    /// or, when none is left, to be compared with what was recorded.
    pub(super) fn wants_reading(&self, config: &Config) -> bool {
        if !self.algorithms.any() {
            return false;
        }
        if self.ended.is_some() || (self.unread.is_empty() && self.untouched == 0) {
            return !self.unverified.is_empty();
        }
        self.read.len() + self.reading.len() < self.batch(config)
    }

    /// The parts of the next call, at most `room`.
    pub(super) fn take_for_signing(&mut self, room: usize, config: &Config) -> Vec<u16> {
        let most = self.most_at_once(config).min(room);
        let mut chosen = Vec::new();
        while chosen.len() < most {
            let next = match self.read.pop_front() {
                None if !self.algorithms.any() => self.next_to_send(),
                next => next,
            };
            match next {
                Some(part) => chosen.push(part),
                None => break,
            }
        }
        chosen
    }

    /// The first part that has neither been read nor sent.
    pub(super) fn next_to_send(&mut self) -> Option<u16> {
        if let Some(part) = self.unread.pop_front() {
            return Some(part);
        }
        while usize::from(self.fresh) < self.table.len() {
            self.fresh += 1;
            if !self.is_stored(self.fresh) {
                self.untouched = self.untouched.saturating_sub(1);
                return Some(self.fresh);
            }
        }
        None
    }

    /// Signatures that came too late to be used: their parts need new ones.
    pub(super) fn drop_expired(&mut self, now: Instant) {
        while let Some(ready) = self.ready.pop_front_if(|ready| now >= ready.usable_until) {
            self.send_again(ready.part);
        }
    }
}
