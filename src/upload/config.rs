//! The engine's settings.

use super::digest::Algorithms;

/// How a file's bytes are bound into the request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Integrity {
    /// SHA-256 of the file, computed before it is sent, signed into the request
    /// and compared at the end.
    #[default]
    Sha256,
    /// CRC-64/NVME of the file, sent with the request for S3 to check, and
    /// compared at the end. Quicker than SHA-256; no protection against malice.
    Crc64Nvme,
    /// SHA-256 is signed into the request, CRC-64/NVME is what S3 keeps.
    Both,
    /// SHA-256 of every chunk of a PUT or of a part, by which each chunk is signed: S3
    /// verifies them as they come, and keeps none. (A form goes as with
    /// [`Sha256`](Self::Sha256).) Where signed chunks turn out to be lacking
    /// ([`Feature::ChunkSignatures`](super::Feature::ChunkSignatures)), all goes so.
    Chunks,
    /// Nothing is computed; only endpoints whose rules allow it grant such uploads.
    None,
}

impl Integrity {
    /// What is computed for it.
    #[must_use]
    pub const fn algorithms(self) -> Algorithms {
        Algorithms {
            sha256: matches!(self, Self::Sha256 | Self::Both | Self::Chunks),
            crc64nvme: matches!(self, Self::Crc64Nvme | Self::Both),
        }
    }
}

/// Settings of an [`Uploader`](super::Uploader). Durations are milliseconds.
/// Values outside of their range are taken as the nearest within.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// Requests to S3 at once, over all files; 1 to 32, by default 6: as many as
    /// browsers give an HTTP/1.1 host.
    pub concurrency: usize,
    /// Files read for their digest at once; 1 to 8, by default 2.
    pub hashes: usize,
    /// Files in one call of the endpoint; 1 to 1,000, by default 100. Halved by
    /// itself when the endpoint answers `too_many_files`.
    pub files_per_call: usize,
    /// Requests to sign in one call of the endpoint; 1 to 1,000, by default 200.
    /// Halved by itself when the endpoint answers `too_many_files` to it.
    pub intents_per_call: usize,
    /// Files up to this size travel as a POST form, where the transport is
    /// [`Auto`](super::Transport::Auto); by default 1 MiB.
    pub post_up_to: u64,
    /// Larger files up to this size travel as one PUT, and those above it in
    /// parts; by default 16 MiB.
    pub put_up_to: u64,
    /// Whether uploads are saved ([`Action::Save`](super::Action::Save)), so that they outlive the page; not by default.
    pub snapshots: bool,
    /// Files are hashed and granted ahead of their turn until they come to this
    /// many bytes (and at least one file for each connection, at most
    /// `files_per_call`): by default 64 MiB. More would outlive its signatures.
    pub ahead_bytes: u64,
    /// How long a file waits for others to share its call; by default 5 ms.
    pub batch_wait_ms: u64,
    /// Digest or none.
    pub integrity: Integrity,
    /// Consecutive failures that an upload survives without getting any farther;
    /// 0 to 1,000, by default 8.
    pub tries: u32,
    /// Failures without any answer, of a server that answered before, end an upload
    /// only when there was none for so long; by default 120,000. One that never
    /// did may not let the page in: it has its `tries`.
    pub outage_ms: u64,
    /// The shortest wait before the next try; at least 1, by default 500.
    pub backoff_min_ms: u64,
    /// The longest wait that the engine chooses by itself; by default 20,000. A
    /// `Retry-After` may ask for more.
    pub backoff_max_ms: u64,
    /// An attempt that makes no progress for so long is cancelled; by default
    /// 30,000. Where the page cannot see the bytes leave (a POST form, or a PUT
    /// whose last byte has left), the time that a slow link needs is added.
    pub stall_ms: u64,
    /// A call of the endpoint that takes longer is cancelled; by default 60,000.
    pub call_timeout_ms: u64,
    /// A signature with less life left than this is not sent but replaced (at
    /// most half of its lifetime); by default 10,000.
    pub signature_margin_ms: u64,
    /// How long S3 may still take to store what a cancelled attempt sent, before
    /// an abort asks for its deletion; by default 2,000.
    pub settle_ms: u64,
    /// While the browser says that it is offline, one request tries at once
    /// whether that is true (some call a machine without a default route
    /// offline), and again after this long, doubled each time up to eight times;
    /// by default 10,000.
    pub offline_probe_ms: u64,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            concurrency: 6,
            hashes: 2,
            files_per_call: 100,
            intents_per_call: 200,
            post_up_to: 1 << 20,
            put_up_to: 16 << 20,
            snapshots: false,
            ahead_bytes: 64 << 20,
            batch_wait_ms: 5,
            integrity: Integrity::Sha256,
            tries: 8,
            outage_ms: 120_000,
            backoff_min_ms: 500,
            backoff_max_ms: 20_000,
            stall_ms: 30_000,
            call_timeout_ms: 60_000,
            signature_margin_ms: 10_000,
            settle_ms: 2_000,
            offline_probe_ms: 10_000,
        }
    }
}

impl Config {
    /// The same settings, each within its range.
    #[must_use]
    pub(super) fn clamped(mut self) -> Self {
        self.concurrency = self.concurrency.clamp(1, 32);
        self.hashes = self.hashes.clamp(1, 8);
        self.files_per_call = self.files_per_call.clamp(1, 1_000);
        self.intents_per_call = self.intents_per_call.clamp(1, 1_000);
        self.tries = self.tries.min(1_000);
        self.backoff_min_ms = self.backoff_min_ms.clamp(1, 3_600_000);
        self.backoff_max_ms = self.backoff_max_ms.clamp(self.backoff_min_ms, 3_600_000);
        self.stall_ms = self.stall_ms.max(1);
        self.call_timeout_ms = self.call_timeout_ms.max(1);
        self.offline_probe_ms = self.offline_probe_ms.max(1);
        self
    }
}
