//! How many uploads do what.

use super::machine::Upload;

/// Tallies that save looking through thousands of uploads.
#[derive(Default)]
pub(super) struct Counts {
    pub(super) hashing: usize,
    /// Read or granted ahead of their turn, and their bytes.
    pub(super) ahead: usize,
    pub(super) ahead_bytes: u64,
    /// Those among them that wait for nothing but a connection or the
    /// endpoint's answer, and their bytes.
    pub(super) supplied: usize,
    pub(super) supplied_bytes: u64,
}

impl Counts {
    pub(super) fn add(&mut self, upload: &Upload) {
        self.hashing += usize::from(upload.is_hashing());
        if upload.is_ahead() {
            self.ahead += 1;
            self.ahead_bytes = self.ahead_bytes.wrapping_add(upload.file.size);
        }
        if upload.is_supplied() {
            self.supplied += 1;
            self.supplied_bytes = self.supplied_bytes.wrapping_add(upload.file.size);
        }
    }

    pub(super) fn take(&mut self, upload: &Upload) {
        self.hashing -= usize::from(upload.is_hashing());
        if upload.is_ahead() {
            self.ahead -= 1;
            self.ahead_bytes = self.ahead_bytes.wrapping_sub(upload.file.size);
        }
        if upload.is_supplied() {
            self.supplied -= 1;
            self.supplied_bytes = self.supplied_bytes.wrapping_sub(upload.file.size);
        }
    }
}
