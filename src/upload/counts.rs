//! How many uploads do what.

use super::machine::Upload;
use super::progress::Progress;
use super::state::State;

/// Tallies that save looking through thousands of uploads.
#[derive(Default)]
pub(super) struct Counts {
    /// Readings under way.
    pub(super) readings: usize,
    /// Requests to S3 under way.
    pub(super) flights: usize,
    /// Those of them that have much left to send.
    pub(super) busy: usize,
    /// Read or granted ahead of their turn, and their bytes.
    pub(super) ahead: usize,
    pub(super) ahead_bytes: u64,
    /// Those among them that wait for nothing but a connection or the
    /// endpoint's answer, and their bytes.
    pub(super) supplied: usize,
    pub(super) supplied_bytes: u64,
    /// Multipart uploads between grant and completion, by priority.
    pub(super) transfers: [usize; 3],
    /// Of all uploads but those aborted and deleted.
    total: u64,
    confirmed: u64,
    in_flight: u64,
    unfinished: usize,
}

impl Counts {
    pub(super) fn add(&mut self, upload: &Upload) {
        self.count(upload, usize::wrapping_add, u64::wrapping_add);
    }

    pub(super) fn take(&mut self, upload: &Upload) {
        self.count(upload, usize::wrapping_sub, u64::wrapping_sub);
    }

    fn count(&mut self, upload: &Upload, by: fn(usize, usize) -> usize, bytes: fn(u64, u64) -> u64) {
        let size = upload.file.size;
        self.readings = by(self.readings, upload.readings());
        self.flights = by(self.flights, upload.flights());
        self.busy = by(self.busy, upload.busy());
        if upload.is_ahead() {
            self.ahead = by(self.ahead, 1);
            self.ahead_bytes = bytes(self.ahead_bytes, size);
        }
        if upload.is_supplied() {
            self.supplied = by(self.supplied, 1);
            self.supplied_bytes = bytes(self.supplied_bytes, size);
        }
        if upload.is_transferring()
            && let Some(transfers) = self.transfers.get_mut(upload.file.priority as usize)
        {
            *transfers = by(*transfers, 1);
        }
        if !matches!(upload.state(true), State::Aborted | State::Deleted) {
            let (confirmed, in_flight, finished) = upload.loaded();
            self.total = bytes(self.total, size);
            self.confirmed = bytes(self.confirmed, confirmed);
            self.in_flight = bytes(self.in_flight, in_flight);
            self.unfinished = by(self.unfinished, usize::from(!finished));
        }
    }

    pub(super) const fn progress(&self, speed: f64) -> Progress {
        let finished = self.unfinished == 0;
        Progress { total: self.total, confirmed: self.confirmed, in_flight: self.in_flight, finished, speed }
    }
}
