//! Multipart uploads of the model S3.

use super::super::content::{Piece, composite, crc_of_all};
use super::{Answer, Object, Order, S3, refusal, success, xml};
use sealift::upload::{Algorithms, CompletedPart, Digest, Integrity};
use std::collections::BTreeMap;

pub struct Multipart {
    pub key: String,
    pub integrity: Integrity,
    pub parts: BTreeMap<u16, Part>,
    /// What a part was before it was sent again.
    pub former: BTreeMap<u16, Part>,
}

#[derive(Clone)]
pub struct Part {
    pub piece: Piece,
    pub etag: String,
    pub digest: Digest,
}

impl S3 {
    pub fn create(&mut self, key: &str, integrity: Integrity) -> Answer {
        self.stored += 1;
        let upload_id = format!("upload.{}", self.stored);
        let body = xml::created(key, &upload_id);
        let upload =
            Multipart { key: key.into(), integrity, parts: BTreeMap::new(), former: BTreeMap::new() };
        self.uploads.insert(upload_id, upload);
        Answer { body, ..success() }
    }

    pub fn upload_part(
        &mut self,
        order: &Order,
        upload_id: &str,
        number: u16,
        came: Piece,
        signed: &Digest,
    ) -> Answer {
        if let Some(refused) = self.check_digest(order.integrity, &came, signed) {
            return refused;
        }
        let digest = self.kept_digest(order.integrity, signed);
        let etag = self.name(&came);
        let Some(upload) = self.uploads.get_mut(upload_id).filter(|it| it.key == order.key) else {
            return refusal(404, "NoSuchUpload");
        };
        let part = Part { piece: came, etag: etag.clone(), digest };
        if let Some(former) = upload.parts.insert(number, part) {
            upload.former.insert(number, former);
        }
        self.told.insert((upload_id.into(), number, etag.clone()));
        Answer { etag: Some(etag), digest, ..success() }
    }

    pub fn complete(
        &mut self,
        key: &str,
        upload_id: &str,
        listed: &[CompletedPart],
        crc64nvme: Option<u64>,
        size: u64,
    ) -> Answer {
        for (number, part) in (1..).zip(listed) {
            let told = self.told.contains(&(upload_id.into(), number, part.etag.clone()));
            assert!(told, "part {number} is completed with an ETag that S3 never answered for it");
        }
        let Some(upload) = self.uploads.get(upload_id).filter(|it| it.key == key) else {
            return match self.completed.get(upload_id) {
                Some(etag) if self.traits.repeats_complete && self.objects.contains_key(key) => {
                    Answer { body: xml::completed(key, etag), ..success() }
                }
                _ => refusal(404, "NoSuchUpload"),
            };
        };
        if self.traits.conditional && self.objects.contains_key(key) {
            return refusal(412, "PreconditionFailed");
        }
        let mut parts = Vec::with_capacity(listed.len());
        for (number, wanted) in (1..).zip(listed) {
            match upload.parts.get(&number) {
                Some(part) if part.etag == wanted.etag && self.agrees(part, wanted, upload.integrity) => {
                    parts.push(part.clone());
                }
                _ => return refusal(400, "InvalidPart"),
            }
        }
        if parts.iter().map(|part| part.piece.len()).sum::<u64>() != size {
            return refusal(400, "InvalidRequest");
        }
        let lengths = parts.iter().map(|part| part.piece.len());
        let sum = |sums: Option<Vec<u64>>| sums.map(|sums| crc_of_all(sums.into_iter().zip(lengths)));
        let digest =
            Digest { sha256: None, crc64nvme: sum(parts.iter().map(|part| part.digest.crc64nvme).collect()) };
        if crc64nvme.is_some() && digest.crc64nvme.is_some() && crc64nvme != digest.crc64nvme {
            return refusal(400, "BadDigest");
        }
        let digests: Option<Vec<[u8; 32]>> = parts.iter().map(|part| part.digest.sha256).collect();
        let composite_sha256 = digests.map(|digests| composite(digests.into_iter()));
        let etag = format!("\"{upload_id}-{}\"", parts.len());
        let pieces = joined(parts.into_iter().map(|part| part.piece));
        let object = Object { pieces, size, etag: etag.clone(), digest, composite_sha256 };
        self.objects.insert(key.into(), object);
        self.uploads.remove(upload_id);
        let body = xml::completed(key, &etag);
        self.completed.insert(upload_id.into(), etag);
        Answer { body, ..success() }
    }

    /// Whether a part is another now than it was at first.
    pub fn has_replaced(&self, upload_id: &str, number: u16) -> bool {
        let Some(upload) = self.uploads.get(upload_id) else { return false };
        match (upload.former.get(&number), upload.parts.get(&number)) {
            (Some(former), Some(part)) => former.etag != part.etag,
            _ => false,
        }
    }

    /// One of the parts stored is another from here on. Which.
    pub fn replace_a_part(&mut self, upload_id: &str, any: usize) -> Option<u16> {
        let upload = self.uploads.get_mut(upload_id).filter(|it| !it.parts.is_empty())?;
        let chosen = any % upload.parts.len();
        let (number, part) = upload.parts.iter_mut().nth(chosen)?;
        self.stored += 1;
        part.etag = format!("\"replaced-{}\"", self.stored);
        part.piece = part.piece.damaged();
        part.digest = part.piece.digest(Algorithms {
            sha256: part.digest.sha256.is_some(),
            crc64nvme: part.digest.crc64nvme.is_some(),
        });
        Some(*number)
    }

    /// Gives up every upload of the key, as the endpoint does after listing them.
    pub fn abort_all(&mut self, key: &str) {
        self.uploads.retain(|_, upload| upload.key != key);
    }

    /// Whether the checksums that the page lists are those stored. Composite
    /// ones must all be listed.
    fn agrees(&self, part: &Part, wanted: &CompletedPart, integrity: Integrity) -> bool {
        let same = |listed: bool, equal: bool| !listed || equal;
        let wanted = &wanted.digest;
        if !self.traits.checksums {
            return true;
        }
        (integrity != Integrity::Sha256 || wanted.sha256.is_some())
            && same(
                part.digest.sha256.is_some() && wanted.sha256.is_some(),
                wanted.sha256 == part.digest.sha256,
            )
            && same(wanted.crc64nvme.is_some(), wanted.crc64nvme == part.digest.crc64nvme)
    }
}

/// The pieces in order; those that continue one another are one.
fn joined(pieces: impl Iterator<Item = Piece>) -> Vec<Piece> {
    let mut all: Vec<Piece> = Vec::new();
    for piece in pieces {
        match all.last_mut() {
            Some(last) if (last.file, last.version, last.end) == (piece.file, piece.version, piece.start) => {
                last.end = piece.end;
            }
            _ => all.push(piece),
        }
    }
    all
}
