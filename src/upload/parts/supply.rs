//! How many signatures of parts are asked for at a time, and when.

use super::Parts;
use crate::upload::chunks;
use crate::upload::config::Config;
use crate::upload::time::Instant;

/// The fewest parts that are worth a call, for the first call, the second, and
/// so on. The first decides when the first byte leaves; each of the others should be
/// read while those before it are sent, and where reading is hardly faster than
/// that (a disk, a network and a server of the same machine), batches may grow
/// no faster than this. 64 parts take four calls, 1,000 no more than 14.
const FEWEST: [usize; 6] = [4, 10, 19, 31, 60, 100];
/// With fewer signatures than this the next are asked for: they are there before
/// the requests under way have ended.
const FEW_READY: usize = 2;

impl Parts {
    /// How many parts the next call carries at least, where they are read first.
    fn fewest(&self, config: &Config) -> usize {
        let calls = (self.batches as usize).min(FEWEST.len() - 1);
        FEWEST.get(calls).copied().unwrap_or(1).min(self.most_at_once(config))
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
    /// nothing to send, and enough was read, or all there is.
    pub(super) fn wants_signatures(&self, config: &Config) -> bool {
        if self.ended.is_some() || self.signing.is_some() || self.gate.is_some() {
            return false;
        }
        let unread = self.unread.len() + self.untouched;
        if !self.algorithms.any() {
            return self.ready.len() < config.concurrency && self.read.len() + unread > 0;
        }
        // The later, the more go at once.
        let enough = self.read.len() >= self.fewest(config) && self.ready.len() < FEW_READY;
        enough
            || (!self.read.is_empty()
                && self.ready.len() < config.concurrency
                && unread + self.reading.len() == 0)
    }

    /// Whether a part is to be read: to be sent, ahead of the next call as far as
    /// it may be useful; or, when none is left, to be compared with what was
    /// recorded.
    pub(super) fn wants_reading(&self, config: &Config) -> bool {
        if !self.algorithms.any() {
            return false;
        }
        if self.ended.is_some() || (self.unread.is_empty() && self.untouched == 0) {
            return !self.unverified.is_empty();
        }
        let ahead = (2 * self.fewest(config)).min(self.most_at_once(config));
        self.read.len() + self.reading.len() < ahead
    }

    /// What a part weighs in a call.
    pub(super) fn weight(&self, config: &Config) -> usize {
        chunks::weight(self.chunk_size, self.part_size, config.intents_per_call)
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

    /// What was signed with one that S3 refuses is refused as well: by the same
    /// clock, with the same credentials.
    pub(super) fn drop_ready(&mut self) {
        while let Some(ready) = self.ready.pop_back() {
            self.send_again(ready.part);
        }
    }

    /// Signatures that came too late to be used: their parts need new ones.
    pub(super) fn drop_expired(&mut self, now: Instant) {
        while let Some(ready) = self.ready.pop_front_if(|ready| now >= ready.usable_until) {
            self.send_again(ready.part);
        }
    }
}
