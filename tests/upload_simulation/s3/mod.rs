//! A model of S3: a bucket with objects and multipart uploads. It does at one
//! moment what it is asked to, and answers; what goes wrong around that is the
//! network's (`network`).

mod list;
mod multipart;
pub mod xml;

use super::content::Piece;
use super::random::Random;
pub use list::Lie;
pub use multipart::{Multipart, Part};
use sealift::upload::{Algorithms, CompletedPart, Digest, Integrity};
use std::collections::{BTreeMap, BTreeSet};

/// What an S3 makes of signed chunks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chunks {
    Verified,
    /// It answers that it knows none.
    Refused,
    /// It takes what stands between them for the file's own, or refuses, if in parts.
    Stored,
}

/// What kind of S3 it is.
pub struct Traits {
    /// Writes over what is there are refused.
    pub conditional: bool,
    /// It takes POST forms.
    pub forms: bool,
    /// It keeps checksums, and compares.
    pub checksums: bool,
    /// CORS shows them in its answers.
    pub shows_checksums: bool,
    /// Every part stored has an ETag of its own (as with SSE-KMS), even if the bytes are the same.
    pub own_etags: bool,
    /// A second Complete is answered as the first was.
    pub repeats_complete: bool,
    /// What becomes of signed chunks.
    pub chunks: Chunks,
    /// CORS shows the ETag.
    pub shows_etag: bool,
    /// Parts on a page of ListParts.
    pub page: usize,
}

pub struct S3 {
    pub traits: Traits,
    pub objects: BTreeMap<String, Object>,
    pub uploads: BTreeMap<String, Multipart>,
    /// The ETags of what was completed, by upload id.
    completed: BTreeMap<String, String>,
    /// Every ETag that it ever told of a part.
    told: BTreeSet<(String, u16, String)>,
    stored: u64,
    /// Created by a request that somebody on the way sent twice: nobody knows of them.
    pub twins: BTreeSet<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Object {
    /// Neighbours of one version are one piece.
    pub pieces: Vec<Piece>,
    pub size: u64,
    pub etag: String,
    pub digest: Digest,
    pub composite_sha256: Option<String>,
}

/// A request, as far as it is signed.
#[derive(Clone, Debug)]
pub struct Order {
    pub key: String,
    pub integrity: Integrity,
    pub what: What,
}

#[derive(Clone, Debug)]
pub enum What {
    Put { size: u64, digest: Digest },
    Post { size: u64, digest: Digest },
    Create,
    Part { upload_id: String, number: u16, start: u64, end: u64, digest: Digest },
    Complete { upload_id: String, parts: Vec<CompletedPart>, crc64nvme: Option<u64>, size: u64 },
    List { upload_id: String, after: u16 },
}

/// What S3 answers; without a code it is a success.
#[derive(Clone, Debug, Default)]
pub struct Answer {
    pub status: u16,
    pub code: &'static str,
    pub etag: Option<String>,
    pub digest: Digest,
    pub body: String,
    /// Parts that a listing hides, or shows as they were.
    pub hidden: Vec<u16>,
}

impl Answer {
    /// Not every error has a code.
    pub fn is_good(&self) -> bool {
        self.status == 200 && self.code.is_empty()
    }
}

pub fn refusal(status: u16, code: &'static str) -> Answer {
    Answer { status, code, ..Answer::default() }
}

pub fn success() -> Answer {
    Answer { status: 200, ..Answer::default() }
}

impl S3 {
    pub fn new(traits: Traits) -> Self {
        Self {
            traits,
            objects: BTreeMap::new(),
            uploads: BTreeMap::new(),
            completed: BTreeMap::new(),
            told: BTreeSet::new(),
            stored: 0,
            twins: BTreeSet::new(),
        }
    }

    /// Does what is ordered, with the bytes that came.
    pub fn act(&mut self, order: &Order, came: Option<Piece>, lie: Lie, random: &mut Random) -> Answer {
        let key = &order.key;
        let in_chunks = order.integrity == Integrity::Chunks;
        let no_chunks = || refusal(501, "NotImplemented");
        match &order.what {
            What::Post { .. } if !self.traits.forms => refusal(405, "MethodNotAllowed"),
            What::Put { .. } if in_chunks && self.traits.chunks == Chunks::Refused => no_chunks(),
            What::Part { .. } if in_chunks && self.traits.chunks != Chunks::Verified => no_chunks(),
            What::Put { size, digest } | What::Post { size, digest } => {
                self.put(order, came.expect("a body"), *size, digest)
            }
            What::Create => self.create(key, order.integrity),
            What::Part { upload_id, number, start, end, digest } => {
                let came = came.expect("a body");
                assert_eq!((came.start, came.end), (*start, *end), "the signed length, and from its place");
                self.upload_part(order, upload_id, *number, came, digest)
            }
            What::Complete { upload_id, parts, crc64nvme, size } => {
                self.complete(key, upload_id, parts, *crc64nvme, *size)
            }
            What::List { upload_id, after } => self.list(key, upload_id, *after, lie, random),
        }
    }

    /// One PUT, or a form.
    fn put(&mut self, order: &Order, came: Piece, size: u64, signed: &Digest) -> Answer {
        assert_eq!(came.len(), size, "the signed length");
        let wrapped = order.integrity == Integrity::Chunks && self.traits.chunks == Chunks::Stored;
        if let Some(refused) = self.check_digest(order.integrity, &came, signed) {
            return refused;
        }
        if self.traits.conditional && self.objects.contains_key(&order.key) {
            return refusal(412, "PreconditionFailed");
        }
        let digest = self.kept_digest(order.integrity, signed);
        let etag = self.name(&came);
        let object = Object {
            pieces: vec![came],
            size: size + 100 * u64::from(wrapped),
            etag: etag.clone(),
            digest,
            composite_sha256: None,
        };
        self.objects.insert(order.key.clone(), object);
        Answer { etag: Some(etag), digest, ..success() }
    }

    /// Bytes other than those signed for are refused: by their payload hash, or
    /// by the checksum where S3 knows such.
    fn check_digest(&self, integrity: Integrity, came: &Piece, signed: &Digest) -> Option<Answer> {
        assert_eq!(
            (signed.sha256.is_some(), signed.crc64nvme.is_some()),
            (integrity.algorithms().sha256, integrity.algorithms().crc64nvme),
            "signed with the digests of its integrity"
        );
        let came = came.digest(Algorithms { sha256: true, crc64nvme: true });
        if integrity == Integrity::Chunks {
            let verified = self.traits.chunks == Chunks::Verified;
            return (verified && signed.sha256 != came.sha256).then(|| refusal(403, "SignatureDoesNotMatch"));
        }
        if signed.sha256.is_some_and(|signed| Some(signed) != came.sha256) {
            return Some(refusal(400, "XAmzContentSHA256Mismatch"));
        }
        let differs = self.traits.checksums && signed.crc64nvme.is_some_and(|it| Some(it) != came.crc64nvme);
        differs.then(|| refusal(400, "BadDigest"))
    }

    /// Of both digests, S3 keeps the CRC; the SHA-256 only signs.
    fn kept_digest(&self, integrity: Integrity, signed: &Digest) -> Digest {
        match integrity {
            _ if !self.traits.checksums => Digest::default(),
            Integrity::Both | Integrity::Chunks => Digest { sha256: None, ..*signed },
            _ => *signed,
        }
    }

    fn name(&mut self, piece: &Piece) -> String {
        self.stored += 1;
        if self.traits.own_etags { format!("\"stored-{}\"", self.stored) } else { piece.etag() }
    }
}
