//! What may end an upload, however often it is tried again; all else must not.

use super::endpoint::uploads_of;
use super::making::PATIENT;
use super::s3::Chunks;
use super::world::World;
use sealift::upload::{Integrity, Transport};
use sealift::{Error, ErrorKind};
use std::collections::{BTreeMap, BTreeSet};

/// Something that happened to a file's upload, after which it may fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cause {
    /// The page could not read the file.
    Unreadable,
    /// The endpoint does not know who it is.
    Unauthenticated,
    /// Somebody else was logged in for a while.
    Stranger,
    /// An item was missing from the endpoint's answer.
    CutAnswer,
    /// Other bytes arrived than were signed for.
    Damaged,
    /// Somebody else wrote over the object.
    Overwritten,
}

#[derive(Default)]
pub struct Blames {
    met: BTreeSet<(usize, Cause)>,
    /// Why S3 refused signatures of a file since it last got something of it.
    denials: BTreeMap<usize, BTreeSet<u64>>,
}

impl Blames {
    pub fn blame(&mut self, file: usize, cause: Cause) {
        self.met.insert((file, cause));
    }

    pub fn blame_all(&mut self, files: usize, cause: Cause) {
        (0..files).for_each(|file| self.blame(file, cause));
    }

    /// Whether it happened to anybody.
    pub fn has_met(&self, cause: Cause) -> bool {
        self.met.iter().any(|(_, it)| *it == cause)
    }

    /// S3 refused a signature, for that reason.
    pub fn denied(&mut self, file: usize, reason: u64) {
        self.denials.entry(file).or_default().insert(reason);
    }

    /// S3 got something.
    pub fn progressed(&mut self, file: usize) {
        self.denials.remove(&file);
    }
}

impl World {
    /// All whose files a call names.
    pub fn blame_all(&mut self, call: usize, cause: Cause) {
        if self.calls[call].page == self.page.number {
            for upload in uploads_of(&self.calls[call].action) {
                self.blames.blame(self.file_of(upload), cause);
            }
        }
    }

    /// An upload failed: where there were tries enough, not without need.
    pub fn check_failure(&mut self, file: usize, error: &Error) {
        let long = self.endpoint.rules.signature_ms.min(self.endpoint.rules.grant_ms) >= 20_000;
        let enough = if self.harmless && long { 8 } else { PATIENT };
        if self.config.tries < enough {
            return;
        }
        self.tally.add("failed for a cause", 1);
        let met = |cause| self.blames.met.contains(&(file, cause));
        let denials = self.blames.denials.get(&file).map_or(0, BTreeSet::len);
        let needed = match error.kind() {
            ErrorKind::UnreadableFile => met(Cause::Unreadable),
            ErrorKind::Unauthenticated => met(Cause::Unauthenticated),
            ErrorKind::InvalidResponse => met(Cause::CutAnswer),
            ErrorKind::FileChanged => self.files[file].version > 0,
            ErrorKind::MissingCorsHeader => !self.s3.traits.shows_etag,
            ErrorKind::IntegrityMismatch => {
                met(Cause::Overwritten)
                    || met(Cause::Damaged)
                    || self.is_unchecked()
                    || self.s3.traits.chunks == Chunks::Stored
            }
            ErrorKind::Refused => met(Cause::Stranger) || self.is_refused(file),
            _ => match error.code() {
                "AccessDenied" | "RequestTimeTooSkewed" => denials > 1,
                "SignatureDoesNotMatch" | "XAmzContentSHA256Mismatch" | "BadDigest" => met(Cause::Damaged),
                _ => self.is_refused(file),
            },
        };
        assert!(needed, "failed without need: {error:?}");
    }

    /// Whether there is no way for this file in this world.
    pub fn is_refused(&self, file: usize) -> bool {
        let file = &self.files[file];
        let unshown = self.endpoint.rules.wants_integrity
            && !self.s3.traits.checksums
            && self.config.integrity != Integrity::None;
        let no_forms = !self.s3.traits.forms || self.endpoint.rules.no_forms || unshown;
        file.refused
            || self.faults.no_bucket
            || self.faults.broken
            || (no_forms && file.description.transport == Transport::Post)
            || self.is_unchecked()
    }

    /// Where nothing but S3's checksum shows that it got the bytes, it must have one.
    pub fn is_unchecked(&self) -> bool {
        self.config.integrity == Integrity::Crc64Nvme && !self.s3.traits.checksums
    }
}
