//! What is different where each chunk is signed: a file is granted before it is
//! read, since the grant says how long its chunks are; the driver keeps their
//! SHA-256s until S3 has them; and S3 may not know how it is done.

use super::action::Action;
use super::config::Integrity;
use super::digest::{Algorithms, Digest};
use super::id::UploadId;
use super::machine::{Context, Upload};
use super::notice::Feature;
use super::phase::{CallStep, Granted, Phase, Step, What};
use super::plan::Transport;
use crate::error::Error;

/// So many chunks weigh as much in a call as a signature. With the usual 200 of
/// these it then has no more than the 50,000 chunks that an endpoint takes.
const CHUNKS_PER_INTENT: u64 = 250;

/// So many attempts of a file in chunks of which not a byte left, before any ever did, are
/// taken to mean that the bucket's rules do not let this page send them.
const VAIN_CHUNKS: u8 = 2;

/// What signing `bytes` weighs in a call, in intents; never more than one may have.
pub(super) fn weight(chunk_size: Option<u64>, bytes: u64, intents_per_call: usize) -> usize {
    let chunks = chunk_size.map_or(0, |size| bytes / size.max(1));
    let weight = 1 + (chunks / CHUNKS_PER_INTENT) as usize;
    // A renewal may go before it.
    weight.min(intents_per_call.saturating_sub(1)).max(1)
}

/// Whether S3 refuses a signature that may be a chunk's.
pub(super) fn is_chunk_refused(integrity: Integrity, error: &Error) -> bool {
    integrity == Integrity::Chunks && error.code() == "SignatureDoesNotMatch"
}

impl Granted {
    /// The digest of all the bytes; what was computed of chunks is none.
    pub(super) const fn file_digest(&self) -> Digest {
        match self.chunk_size {
            None => self.digest,
            Some(_) => Digest { sha256: None, crc64nvme: None },
        }
    }

    /// S3 refuses a signature, where that of the request is known to be good: so it is a
    /// chunk's, and its bytes are others than were read.
    pub(super) fn has_other_chunks(&self, error: &Error, cx: &Context) -> bool {
        cx.server.takes_chunks && is_chunk_refused(self.integrity, error)
    }

    /// Its bytes are still to be read for what it signs.
    pub(super) fn wants_chunks(&self) -> bool {
        self.chunk_size.is_some() && !self.digest.has(self.integrity.algorithms())
    }
}

impl Upload {
    /// How the bytes of the file, or of its parts, are to be bound: a form holds one digest of all.
    pub(super) fn integrity(&self, transport: Transport, cx: &Context) -> Integrity {
        let without = self.vain_chunks >= VAIN_CHUNKS
            || transport == Transport::Post
            || cx.server.lacks.contains(&Feature::ChunkSignatures);
        match cx.config.integrity {
            Integrity::Chunks if without => Integrity::Sha256,
            chosen => chosen,
        }
    }

    /// What the endpoint wants to know of all the file's bytes for a grant.
    pub(super) fn needed(&self, transport: Transport, cx: &Context) -> Algorithms {
        match self.integrity(transport, cx) {
            Integrity::Chunks => Algorithms::default(),
            _ if transport == Transport::Multipart => Algorithms::default(),
            integrity => integrity.algorithms(),
        }
    }

    /// An attempt got no answer, and nothing of it was `sent`. A bucket whose CORS rules do not
    /// allow `content-encoding` looks like that, and so does a network that is away. Whether the
    /// file is to go without chunks: what becomes of it then tells the two apart.
    pub(super) fn is_vain_in_chunks(&mut self, integrity: Integrity, sent: u64, cx: &Context) -> bool {
        if integrity != Integrity::Chunks {
            // The network, then.
            self.vain_chunks = 0;
            return false;
        }
        if sent > 0 || !cx.online || cx.server.takes_chunks || cx.server.lets_chunks_in {
            return false;
        }
        self.vain_chunks = self.vain_chunks.saturating_add(1);
        self.vain_chunks >= VAIN_CHUNKS
    }

    /// S3 stored the file, or a part of it.
    pub(super) fn is_stored_by(&self, integrity: Integrity, cx: &mut Context) {
        cx.server.lets_chunks_in |= integrity == Integrity::Chunks;
        if self.vain_chunks >= VAIN_CHUNKS && integrity == Integrity::Sha256 && !cx.server.lets_chunks_in {
            cx.lacks(Feature::ChunkSignatures);
        }
    }

    /// Whether its file is granted, and is read and signed before it can be sent.
    pub(super) const fn prepares_chunks(&self) -> bool {
        match &self.phase {
            Phase::Pending(Step::Hash { stored: Some(granted) })
            | Phase::Hashing { stored: Some(granted), .. }
            | Phase::Pending(Step::Call(CallStep::Sign { granted, what: What::Whole, .. })) => {
                granted.chunk_size.is_some()
            }
            _ => false,
        }
    }

    /// S3, or the endpoint, knows no signed chunks: from now on without.
    pub(super) fn without_chunks(&mut self, granted: Box<Granted>, error: Error, cx: &mut Context) {
        cx.lacks(Feature::ChunkSignatures);
        let step = self.start_over(granted, cx);
        self.go_on_or_fail(step, error);
    }

    /// The grant was refused for its chunks.
    pub(super) fn grant_without_chunks(&mut self, error: Error, cx: &mut Context) {
        cx.lacks(Feature::ChunkSignatures);
        let step = self.grant_step(Digest::default(), cx);
        self.go_on_or_fail(step, error);
    }
}

impl Context<'_> {
    /// Whether an error says that S3 knows no signed chunks: either outright, or
    /// in that it takes for the object what is only its wrapping.
    pub(super) fn is_no_chunks(&self, integrity: Integrity, error: &Error) -> bool {
        integrity == Integrity::Chunks
            && !self.server.takes_chunks
            && (error.status() == Some(501)
                || matches!(error.code(), "NotImplemented" | "XAmzContentSHA256Mismatch" | "object_differs"))
    }

    /// What was kept of chunks that S3 has is of no more use.
    pub(super) fn drop_chunks(&mut self, upload: UploadId, integrity: Integrity, start: u64) {
        if integrity == Integrity::Chunks {
            self.actions.push_back(Action::DropChunks { upload, start });
        }
    }
}
