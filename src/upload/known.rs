//! What turned out about the server, and what is asked of it by that.

use super::config::Integrity;
use super::digest::Algorithms;
use super::machine::Context;
use super::notice::{Feature, Notice};
use super::plan::Transport;

/// What turned out about the server.
#[derive(Default)]
pub(super) struct Known {
    pub(super) lacks: Vec<Feature>,
    /// It stored a POST form.
    pub(super) takes_forms: bool,
    /// It stored what went in signed chunks.
    pub(super) takes_chunks: bool,
    /// Whether it keeps a CRC-64/NVME, where that alone shows what it got.
    pub(super) keeps_crc: Option<bool>,
    /// S3 answered, or took bytes from this page; and the endpoint did.
    pub(super) s3_heard: bool,
    pub(super) endpoint_heard: bool,
}

impl Context<'_> {
    /// The server lacks something; told once.
    pub(super) fn lacks(&mut self, feature: Feature) {
        if !self.server.lacks.contains(&feature) {
            self.server.lacks.push(feature);
            self.notices.push_back(Notice::Lacks { feature });
        }
    }

    /// How the bytes of another file, or of its parts, are bound: a form holds one digest of all.
    pub(super) fn integrity(&self, transport: Transport) -> Integrity {
        match self.config.integrity {
            Integrity::Chunks
                if transport == Transport::Post || self.server.lacks.contains(&Feature::ChunkSignatures) =>
            {
                Integrity::Sha256
            }
            chosen => chosen,
        }
    }

    /// What the endpoint wants to know of all the file's bytes for a grant.
    pub(super) fn needed(&self, transport: Transport) -> Algorithms {
        match self.integrity(transport) {
            Integrity::Chunks => Algorithms::default(),
            _ if transport == Transport::Multipart => Algorithms::default(),
            integrity => integrity.algorithms(),
        }
    }
}
