//! What turned out about the server, and what is asked of it by that.

use super::machine::Context;
use super::notice::{Feature, Notice};

/// What turned out about the server.
#[derive(Default)]
pub(super) struct Known {
    pub(super) lacks: Vec<Feature>,
    /// It stored a POST form.
    pub(super) takes_forms: bool,
    /// It stored what went in signed chunks.
    pub(super) takes_chunks: bool,
    /// Something of what goes in signed chunks was sent: the bucket's CORS lets the page do that.
    pub(super) lets_chunks_in: bool,
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
}
