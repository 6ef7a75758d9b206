//! Comparing S3's list of parts with what was recorded.

use super::{Part, Parts};
use crate::s3::{ETag, ListPartsOutput};
use crate::upload::digest::Digest;

impl Parts {
    /// A page of S3's list. The first (`after` is 0) begins the comparison
    /// anew; `next` of the last is `None`.
    ///
    /// A part stays stored if S3 has one of that number with its exact size,
    /// ETag, and checksum (where S3 lists it). Parts that nobody recorded are
    /// sent again: nobody knows what is in them.
    pub(in crate::upload) fn compare(&mut self, after: u16, page: &ListPartsOutput) {
        if after == 0 {
            self.unchecked = false;
            self.table.iter_mut().for_each(|part| part.listed = false);
        }
        let (has_checksums, chunked) = (self.has_checksums(), self.chunk_size.is_some());
        for listed in &page.parts {
            let length = self.length(listed.number);
            let Some(part) = self.part_mut(listed.number) else { continue };
            let Some(etag) = &part.etag else { continue };
            let kept = ETag::parse(etag).is_ok_and(|etag| etag == listed.etag);
            let digest = if chunked { Digest::default() } else { part.digest };
            let agree = listed.sha256.is_none_or(|theirs| digest.sha256.is_none_or(|ours| ours == theirs))
                && listed.crc64nvme.is_none_or(|theirs| digest.crc64nvme.is_none_or(|ours| ours == theirs));
            part.listed = listed.size == length && kept && agree;
            if has_checksums && listed.sha256.is_none() && listed.crc64nvme.is_none() {
                self.unchecked = true;
            }
        }
        if page.next.is_none() {
            self.compared();
        }
    }

    /// The comparison is over: what S3 does not have is to be read and sent.
    fn compared(&mut self) {
        (self.stored, self.stored_bytes, self.fresh) = (0, 0, 0);
        self.unread.clear();
        self.read.clear();
        self.ready.clear();
        for number in 1..=self.table.len() as u16 {
            let length = self.length(number);
            let Some(part) = self.part_mut(number) else { continue };
            if part.etag.is_some() && part.listed {
                self.stored += 1;
                self.stored_bytes += length;
            } else {
                *part = Part::default();
            }
        }
        self.untouched = self.table.len() - self.stored;
        let mut unverified = std::mem::take(&mut self.unverified);
        unverified.retain(|number| self.is_stored(*number));
        self.unverified = unverified;
    }
}
