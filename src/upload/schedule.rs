//! Who gets a connection, a reader or a place in a call, and when.

use super::action::Action;
use super::batch::{CALL_LANES, Call};
use super::id::UploadId;
use super::machine::{Lane, Requests, Upload};
use super::time::Instant;
use super::uploader::Uploader;

impl Uploader {
    pub(super) fn schedule(&mut self, now: Instant) {
        self.send(now);
        for lane in CALL_LANES {
            while self.network.may_begin() && self.is_due(lane, now) {
                self.call(lane, now);
            }
        }
        // Last, for a call that was made leaves room to read ahead.
        self.hash(now);
    }

    /// When time alone lets something more begin.
    pub(super) fn next_call_timeout(&self) -> Option<Instant> {
        let lanes = CALL_LANES.into_iter().filter(|lane| self.network.may_begin() && self.is_wanted(*lane));
        let gathered = lanes.filter_map(|lane| self.gathered_at(lane)).min();
        let overdue = self.batcher.overdue_at(self.config.call_timeout_ms);
        [gathered, overdue].into_iter().flatten().min()
    }

    /// Whether anything waits for the network.
    pub(super) fn wants_network(&self) -> bool {
        CALL_LANES.into_iter().chain([Lane::Send]).any(|lane| self.batcher.count(lane) > 0)
    }

    pub(super) fn first_of(&self, lane: Lane) -> Option<(u64, UploadId)> {
        let first = (lane, 0, UploadId(0));
        self.order.range(first..).next().filter(|(it, ..)| *it == lane).map(|(_, at, id)| (*at, *id))
    }

    fn send(&mut self, now: Instant) {
        while self.network.may_begin() && self.limit.has_room(self.counts.flights, self.counts.busy) {
            let Some((_, id)) = self.first_of(Lane::Send) else { break };
            self.turn += 1;
            if self.with(id, now, Upload::begin_send) == Some(true) {
                self.network.began();
                self.limit.began(self.counts.flights);
            }
        }
    }

    fn hash(&mut self, now: Instant) {
        while self.counts.readings < self.config.hashes {
            let whole = self.first_of(Lane::Hash).filter(|_| self.has_room_ahead());
            let part = self.first_of(Lane::ReadPart);
            // Files and parts by turns, unless one is more urgent.
            let urgency = |it: Option<(u64, UploadId)>| it.map_or(u64::MAX, |(rank, _)| rank >> 56);
            let (of_whole, of_part) = (urgency(whole), urgency(part));
            let read_a_part = of_part < of_whole || (of_part == of_whole && !self.read_a_part);
            match (whole, part) {
                (_, Some((_, id))) if read_a_part => self.with(id, now, Upload::begin_reading),
                (Some((_, id)), _) => self.with(id, now, Upload::begin_hash),
                _ => break,
            };
            self.read_a_part = read_a_part;
        }
    }

    /// Files are read ahead of need, but not so far that their signatures
    /// would grow old.
    fn has_room_ahead(&self) -> bool {
        let counts = &self.counts;
        counts.ahead + self.sending.len() < self.config.concurrency + self.config.hashes
            || (counts.ahead < 2 * self.batcher.files_per_call()
                && counts.ahead_bytes < self.config.ahead_bytes)
    }

    fn gathered_at(&self, lane: Lane) -> Option<Instant> {
        self.batcher.gathered_at(lane, self.counts.supplied > self.config.concurrency)
    }

    fn is_due(&self, lane: Lane, now: Instant) -> bool {
        let gathered = self.gathered_at(lane).is_some_and(|at| at <= now);
        match lane {
            Lane::Grant => {
                let room = self.counts.supplied < self.batcher.files_per_call()
                    && self.counts.supplied_bytes < self.config.ahead_bytes;
                (gathered && self.is_hungry()) || (self.batcher.is_full(lane) && room)
            }
            Lane::GrantParts => gathered && self.free_transfers() > 0,
            // Nothing is on its way that could come with it.
            Lane::Finish if self.counts.flights == 0 && self.batcher.count(lane) > 0 => true,
            _ => gathered || self.batcher.is_full(lane),
        }
    }

    fn is_wanted(&self, lane: Lane) -> bool {
        match lane {
            Lane::Grant => self.is_hungry(),
            Lane::GrantParts => self.free_transfers() > 0,
            _ => true,
        }
    }

    /// How many more multipart uploads may be begun: as many as there are
    /// connections, not counting those that are less urgent.
    fn free_transfers(&self) -> usize {
        let Some((rank, _)) = self.first_of(Lane::GrantParts) else { return 0 };
        let urgent = self.counts.transfers.iter().take((rank >> 56) as usize + 1).sum();
        self.config.concurrency.saturating_sub(urgent)
    }

    /// Whether the connections would soon stand idle without another grant.
    fn is_hungry(&self) -> bool {
        let (sending, counts) = (self.sending.len(), &self.counts);
        if sending + counts.supplied < self.config.concurrency {
            return true;
        }
        let unsent: u64 = self
            .sending
            .iter()
            .filter_map(|id| self.uploads.get(id))
            .map(|upload| upload.unsent())
            .fold(0, u64::saturating_add);
        counts.supplied < 2 * self.config.concurrency
            && unsent.saturating_add(counts.supplied_bytes) < self.config.ahead_bytes
    }

    /// Makes one call for the first in a lane.
    fn call(&mut self, lane: Lane, now: Instant) {
        let waiting: Vec<UploadId> = self.first_for_call(lane);
        let id = self.batcher.next_id();
        let mut requests = Requests::default();
        let mut uploads = Vec::with_capacity(waiting.len());
        for upload in waiting {
            if self.with(upload, now, |it, cx| it.begin_call(id, &mut requests, cx)) == Some(true) {
                uploads.push(upload);
            }
        }
        if uploads.is_empty() {
            return;
        }
        self.network.began();
        self.batcher.made(Call { id, lane, asked: now, uploads });
        self.actions.push_back(match lane {
            Lane::Grant | Lane::GrantParts => Action::CreateGrants { call: id, files: requests.grant },
            Lane::Finish => Action::Finish { call: id, items: requests.finish },
            Lane::Delete => Action::Delete { call: id, items: requests.delete },
            _ => Action::Sign { call: id, items: requests.sign },
        });
    }

    /// As many as fit; of large files not more than are soon to be sent.
    fn first_for_call(&self, lane: Lane) -> Vec<UploadId> {
        let first = (lane, 0, UploadId(0));
        let in_lane = self.order.range(first..).take_while(|(it, ..)| *it == lane).map(|(.., id)| *id);
        let most = if lane == Lane::GrantParts { self.free_transfers() } else { usize::MAX };
        let in_lane = in_lane.take(self.batcher.files_per_call().min(most));
        if lane != Lane::Grant {
            return in_lane.collect();
        }
        let needed = self.config.concurrency.saturating_sub(self.sending.len() + self.counts.supplied).max(1);
        let mut bytes = self.counts.supplied_bytes;
        let mut chosen = Vec::new();
        for id in in_lane {
            if chosen.len() >= needed && bytes >= self.config.ahead_bytes {
                break;
            }
            bytes = bytes.saturating_add(self.uploads.get(&id).map_or(0, |upload| upload.file.size));
            chosen.push(id);
        }
        chosen
    }
}
