//! Which parts the engine knows to be stored: those it must not send again.

use sealift::upload::UploadId;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Default)]
pub struct Ledgers {
    known: BTreeMap<String, BTreeSet<u16>>,
    /// When S3 put an object under a key, and when the endpoint was last asked for it.
    pub stored: BTreeMap<String, u64>,
    pub asked: BTreeMap<String, u64>,
    /// What must be saved by the end of the step: file's upload, its upload id, the part and its ETag.
    pub to_save: Vec<(UploadId, String, u16, String)>,
}

impl Ledgers {
    pub fn is_known(&self, upload_id: &str, number: u16) -> bool {
        self.known.get(upload_id).is_some_and(|parts| parts.contains(&number))
    }

    pub fn knows_any(&self, upload_id: &str) -> bool {
        self.known.get(upload_id).is_some_and(|parts| !parts.is_empty())
    }

    /// S3 answered, and the engine heard it.
    pub fn learned(&mut self, upload_id: &str, number: u16) {
        self.known.entry(upload_id.into()).or_default().insert(number);
    }

    /// S3 says otherwise.
    pub fn doubted(&mut self, upload_id: &str, number: u16) {
        if let Some(parts) = self.known.get_mut(upload_id) {
            parts.remove(&number);
        }
    }

    /// Everything of an upload is in doubt.
    pub fn all_doubted(&mut self, upload_id: &str) {
        self.known.remove(upload_id);
    }

    /// The page is gone: what is known is what was saved.
    pub fn forget_all(&mut self) {
        self.known.clear();
        self.to_save.clear();
    }
}
