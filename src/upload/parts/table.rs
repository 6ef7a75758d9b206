//! What each part is: its bytes, its digest, and what S3 has of it.

use super::{Part, Parts};
use crate::digest::crc64nvme;
use crate::upload::action::CompletedPart;
use crate::upload::config::Integrity;
use crate::upload::digest::Digest;
use std::ops::Range;

impl Parts {
    /// All parts in order, to complete the upload; none if one is missing.
    pub(in crate::upload) fn completed(&self) -> Option<Vec<CompletedPart>> {
        let completed = |part: &Part| {
            Some(CompletedPart { etag: part.etag.as_deref()?.to_owned(), digest: self.kept(part.digest) })
        };
        self.table.iter().map(completed).collect()
    }

    /// CRC-64/NVME of the whole file, where every part's is known.
    pub(in crate::upload) fn crc64nvme(&self) -> Option<u64> {
        let mut numbers = 1..;
        let mut whole = None;
        for part in &self.table {
            let crc = part.digest.crc64nvme?;
            let range = self.range(numbers.next()?);
            let length = range.end - range.start;
            whole = Some(whole.map_or(crc, |so_far| crc64nvme::combine(so_far, crc, length)));
        }
        whole
    }

    /// The digest that S3 keeps of a part: of both, the CRC; of chunks none.
    pub(super) fn kept(&self, digest: Digest) -> Digest {
        match self.integrity {
            Integrity::Both | Integrity::Chunks => Digest { sha256: None, ..digest },
            _ => digest,
        }
    }

    /// The digest that a part is signed with.
    pub(super) const fn signed(&self, digest: Digest) -> Digest {
        match self.chunk_size {
            Some(_) => Digest { sha256: None, ..digest },
            None => digest,
        }
    }

    /// Whether S3 is to keep a checksum of every part.
    pub(super) const fn has_checksums(&self) -> bool {
        self.algorithms.any() && self.chunk_size.is_none()
    }

    /// The bytes of a part.
    pub(super) fn range(&self, number: u16) -> Range<u64> {
        let end = u64::from(number).saturating_mul(self.part_size).min(self.size);
        u64::from(number.saturating_sub(1)).saturating_mul(self.part_size).min(end)..end
    }

    pub(super) fn length(&self, number: u16) -> u64 {
        let range = self.range(number);
        range.end - range.start
    }

    pub(super) fn part(&self, number: u16) -> Option<&Part> {
        self.table.get(usize::from(number).checked_sub(1)?)
    }

    pub(super) fn part_mut(&mut self, number: u16) -> Option<&mut Part> {
        self.table.get_mut(usize::from(number).checked_sub(1)?)
    }

    pub(super) fn is_stored(&self, number: u16) -> bool {
        self.part(number).is_some_and(|part| part.etag.is_some())
    }

    pub(super) fn digest(&self, number: u16) -> Digest {
        self.part(number).map(|part| part.digest).unwrap_or_default()
    }

    /// S3 has a part. Whether it was news.
    pub(super) fn store(&mut self, number: u16, etag: String) {
        let length = self.length(number);
        if let Some(part) = self.part_mut(number)
            && part.etag.replace(etag.into()).is_none()
        {
            self.stored += 1;
            self.stored_bytes += length;
        }
    }
}
