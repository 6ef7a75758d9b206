//! The parts of a file that travels as a multipart upload: what S3 has, and
//! where each of the others stands. Every part is in exactly one place:
//!
//! ```text
//! untouched → (reading → read) → signing → ready → in flight → stored
//!     └──────────── unread ←────────┴────────┴─────────┘
//! ```
//!
//! Nothing here looks at all parts when something happens to one of them.

mod listing;
mod sending;
mod supply;
mod table;
mod transfer;

use super::action::SignedRequest;
use super::concurrency::LITTLE;
use super::config::{Config, Integrity};
use super::digest::{Algorithms, Digest};
use super::id::CallId;
use super::machine::{Lane, Places};
use super::snapshot::SavedPart;
use super::time::Instant;
use crate::error::Error;
use std::collections::VecDeque;

pub(super) struct Parts {
    /// What S3 calls the upload, once it said so.
    pub(super) upload_id: Option<String>,
    pub(super) integrity: Integrity,
    algorithms: Algorithms,
    chunk_size: Option<u64>,
    size: u64,
    part_size: u64,
    /// By number, from 1.
    table: Vec<Part>,
    /// Parts that S3 has, and their bytes.
    stored: usize,
    stored_bytes: u64,
    /// Every part up to this one was begun with, so many behind it were not.
    fresh: u16,
    untouched: usize,
    /// To be begun with again, before those behind `fresh`.
    unread: VecDeque<u16>,
    /// Stored before the page was loaded, and not compared with the file yet.
    unverified: VecDeque<u16>,
    /// The page was loaded since the upload was begun, and not everything recorded was compared yet.
    restored: bool,
    /// Nothing more can be sent, since the grant ended (true), or S3 does not know
    /// the upload (false): what was recorded is only compared.
    ended: Option<bool>,
    reading: Vec<Reading>,
    /// Read, and waiting for a signature.
    read: VecDeque<u16>,
    signing: Option<Signing>,
    ready: VecDeque<Ready>,
    flights: Vec<Flight>,
    sent_bytes: u64,
    /// Nothing is begun before this ends.
    gate: Option<Gate>,
    /// What this attempt and those before it met with was counted as one failure.
    counted: u32,
    /// The next call renews the grant first.
    renew: bool,
    batches: u32,
    /// Of the signature that came last.
    lifetime_ms: u64,
    /// Parts that can be sent in half of that time.
    sendable: Option<usize>,
    /// The composite checksum that S3 is to tell when it has put them together.
    pub(super) composite: Option<String>,
    /// S3 took parts without telling their checksums.
    pub(super) unchecked: bool,
}

#[derive(Default)]
struct Part {
    /// S3 has it.
    etag: Option<Box<str>>,
    digest: Digest,
    /// S3's list named it.
    listed: bool,
}

struct Reading {
    number: u32,
    part: u16,
}

struct Signing {
    call: CallId,
    parts: Vec<u16>,
    renew: bool,
}

struct Ready {
    part: u16,
    request: SignedRequest,
    usable_until: Instant,
}

struct Flight {
    attempt: u32,
    part: u16,
    sent: u64,
    deadline: Instant,
}

/// What is known of a multipart upload when nothing more of it can be sent.
pub(super) enum Ending {
    /// What was sent was read since the page was loaded.
    Known,
    /// What was recorded before is to be compared with the file.
    Unverified,
    /// Nothing was recorded.
    Unknown,
}

struct Gate {
    until: Instant,
    error: Error,
    /// S3 asked for the wait: a part that is stored meanwhile does not end it.
    asked: bool,
}

impl Parts {
    pub(super) fn new(
        size: u64,
        part_size: u64,
        count: u16,
        integrity: Integrity,
        chunk_size: Option<u64>,
    ) -> Self {
        let mut parts = Self {
            upload_id: None,
            integrity,
            algorithms: integrity.algorithms(),
            chunk_size,
            size,
            part_size,
            table: Vec::new(),
            stored: 0,
            stored_bytes: 0,
            fresh: 0,
            untouched: 0,
            unread: VecDeque::new(),
            unverified: VecDeque::new(),
            restored: false,
            ended: None,
            reading: Vec::new(),
            read: VecDeque::new(),
            signing: None,
            ready: VecDeque::new(),
            flights: Vec::new(),
            sent_bytes: 0,
            gate: None,
            counted: 0,
            renew: false,
            batches: 0,
            lifetime_ms: 0,
            sendable: None,
            composite: None,
            unchecked: false,
        };
        parts.table.resize_with(usize::from(count), Part::default);
        parts.untouched = parts.table.len();
        parts
    }

    /// With what was kept of them; S3 is to be asked which of them it has.
    pub(super) fn restore(&mut self, upload_id: String, saved: Vec<SavedPart>) {
        self.upload_id = Some(upload_id);
        self.restored = true;
        let algorithms = self.algorithms;
        for SavedPart { number, etag, digest } in saved {
            if let Some(part) = self.part_mut(number)
                && digest.has(algorithms)
            {
                *part = Part { etag: Some(etag.into()), digest, listed: false };
                if self.algorithms.any() {
                    self.unverified.push_back(number);
                }
            }
        }
    }

    /// S3 has nothing any more: all parts from the beginning, under another
    /// upload id. They need not be read again.
    pub(super) fn reset(&mut self) {
        let table = std::mem::take(&mut self.table);
        let count = table.len() as u16;
        let counted = self.counted;
        *self = Self::new(self.size, self.part_size, count, self.integrity, self.chunk_size);
        self.counted = counted;
        for (part, number) in table.into_iter().zip(1..) {
            // The chunks of what was stored are not known any more.
            let known = part.etag.is_none() || self.chunk_size.is_none();
            let digest = if known { part.digest } else { Digest::default() };
            if self.algorithms.any() && digest.has(self.algorithms) {
                self.read.push_back(number);
            } else {
                self.unread.push_back(number);
            }
            if let Some(it) = self.part_mut(number) {
                it.digest = digest;
            }
        }
        self.fresh = count;
        self.untouched = 0;
    }

    /// Bytes that S3 has, and bytes on their way.
    pub(super) const fn progress(&self) -> (u64, u64) {
        (self.stored_bytes, self.sent_bytes)
    }

    pub(super) fn under_way(&self) -> usize {
        self.flights.len()
    }

    /// Those under way that have much left to send.
    pub(super) fn busy(&self) -> usize {
        self.flights.iter().filter(|flight| self.unsent(flight) > LITTLE).count()
    }

    /// Bytes that have not left yet of an attempt under way.
    pub(super) fn unsent_of(&self, attempt: u32) -> u64 {
        let flight = self.flights.iter().find(|flight| flight.attempt == attempt);
        flight.map_or(0, |flight| self.unsent(flight))
    }

    fn unsent(&self, flight: &Flight) -> u64 {
        self.length(flight.part).saturating_sub(flight.sent)
    }

    pub(super) fn readings(&self) -> usize {
        self.reading.len()
    }

    /// What it waits for after a failure.
    pub(super) fn error(&self) -> Option<&Error> {
        self.gate.as_ref().map(|gate| &gate.error)
    }

    /// Whether nothing is left but to compare parts with what was recorded.
    pub(super) fn only_verifies(&self) -> bool {
        self.stored == self.table.len() || self.ended.is_some()
    }

    /// Whether S3 has all (or can be sent no more), and all is as it was recorded.
    fn is_whole(&self) -> bool {
        (self.stored == self.table.len() || self.ended.is_some())
            && self.unverified.is_empty()
            && self.reading.is_empty()
    }

    /// Nothing more can be sent: what is to be done before the object is trusted.
    pub(super) fn end(&mut self, grant: bool) -> Ending {
        if !self.restored || !self.algorithms.any() {
            return Ending::Known;
        }
        if self.unverified.is_empty() {
            return Ending::Unknown;
        }
        self.ended = Some(grant);
        Ending::Unverified
    }

    /// What it waits for; `rank` makes a place among those that wait for the
    /// same: the lower, the earlier.
    pub(super) fn places(&self, config: &Config, rank: impl Fn(usize) -> u64) -> Places {
        let mut places = Places::default();
        self.reading_place(&mut places, config, &rank);
        if self.wants_signatures(config) {
            places.set(Lane::Sign, rank(0));
        }
        if self.gate.is_none() && self.ended.is_none() && !self.ready.is_empty() {
            places.set(Lane::Send, rank(self.flights.len()));
        }
        let deadlines = self.flights.iter().map(|flight| flight.deadline);
        if let Some(at) = deadlines.chain(self.gate.iter().map(|gate| gate.until)).min() {
            places.set(Lane::Timer, at.millis());
        }
        places
    }

    /// A place among those that wait for a reader, if it does.
    pub(super) fn reading_place(&self, places: &mut Places, config: &Config, rank: impl Fn(usize) -> u64) {
        if self.wants_reading(config) {
            places.set(Lane::ReadPart, rank(self.reading.len() + self.read.len() + self.ready.len()));
        }
    }

    /// Whether S3 did not tell the checksums that alone show that it got what was sent.
    pub(super) fn is_unchecked(&self) -> bool {
        self.unchecked && self.integrity == Integrity::Crc64Nvme
    }

    /// A part is to be sent (again): with its digest, if that is known.
    fn send_again(&mut self, number: u16) {
        if self.algorithms.any() && self.digest(number).has(self.algorithms) {
            self.read.push_front(number);
        } else {
            self.unread.push_front(number);
        }
    }

    /// As [`send_again`](Self::send_again), with a fresh digest.
    fn read_again(&mut self, number: u16) {
        if let Some(part) = self.part_mut(number) {
            part.digest = Digest::default();
        }
        self.send_again(number);
    }

    fn take_flight(&mut self, attempt: u32) -> Option<Flight> {
        let index = self.flights.iter().position(|flight| flight.attempt == attempt)?;
        let flight = self.flights.swap_remove(index);
        self.sent_bytes -= flight.sent;
        Some(flight)
    }

    fn take_signing(&mut self, call: CallId) -> Option<Signing> {
        self.signing.take_if(|signing| signing.call == call)
    }

    /// The call that was to sign these came to nothing.
    fn unsign(&mut self, signing: Signing) {
        for part in signing.parts.into_iter().rev() {
            self.send_again(part);
        }
    }
}
