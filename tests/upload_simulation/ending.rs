//! What must hold at the end.

use super::content::is_whole;
use super::making::PATIENT;
use super::world::World;
use sealift::ErrorKind;
use sealift::upload::{Instant, SavedUpload, State};
use std::collections::BTreeMap;

impl World {
    pub fn check_end(&mut self) {
        assert!(self.calm, "it stopped before the end");
        assert_eq!(self.page.sending, 0);
        let idle = self.page.uploader.total_progress(Instant::from_millis(self.now)).in_flight;
        assert_eq!(idle, 0);
        let mut kept = BTreeMap::new();
        let mut failed = Vec::new();
        for index in 0..self.files.len() {
            let (state, key) = self.outcome(index);
            self.check_outcome(index, state, key.as_deref());
            if state == State::Failed {
                failed.push(index as u32);
            } else {
                let saved = self.storage.kept.get(&index).map(|record| &record.upload);
                let waits = |it: &SavedUpload| it.aborting && self.left_behind.contains(&it.key);
                assert!(saved.is_none_or(waits), "an upload {state:?} is still saved");
            }
            if let Some(key) = key {
                kept.insert(key, index);
            }
        }
        for grant in &self.endpoint.grants {
            let key = &grant.key;
            if failed.contains(&grant.file) || self.left_behind.contains(key) || self.excused.contains(key) {
                continue;
            }
            let object = self.s3.objects.contains_key(key);
            assert!(!object || kept.contains_key(key), "{key} was left behind");
            let unfinished = self.s3.uploads.iter().filter(|(_, it)| it.key == *key);
            let unfinished = unfinished.filter(|(id, _)| !self.s3.twins.contains(*id)).count();
            assert_eq!(unfinished, 0, "an unfinished upload of {key} was left behind");
        }
        if self.harmless {
            assert!(
                self.left_behind.is_empty(),
                "left behind although the endpoint deletes all it is asked to"
            );
        }
        if self.plain {
            self.check_plain();
        }
    }

    /// How an upload ended, and what it left in the bucket.
    fn outcome(&self, index: usize) -> (State, Option<String>) {
        let file = &self.files[index];
        match (file.id, &file.closed) {
            (Some(id), _) => {
                let object = self.page.uploader.upload(id).expect("known").object();
                (self.state(id), object.map(|object| object.key.clone()))
            }
            (None, Some(closed)) => closed.clone(),
            (None, None) => panic!("a file was not opened again"),
        }
    }

    fn check_outcome(&mut self, index: usize, state: State, key: Option<&str>) {
        let file = &self.files[index];
        self.tally.add(state.name(), 1);
        match state {
            State::Done => {
                let tried = self.config.tries >= PATIENT && self.faults.user == 0;
                self.tally.add("done by patience", u64::from(tried));
                assert!(!self.is_unchecked(), "done although nothing shows what arrived");
                let object = self.s3.objects.get(key.expect("a key")).expect("the object");
                let whole = is_whole(&object.pieces, index as u32, file.version, file.description.size);
                assert!(whole, "the object is not the file (version {}): {:?}", file.version, object.pieces);
            }
            State::Failed => {
                let error = file.id.and_then(|id| self.page.uploader.upload(id)?.error());
                let error = error.expect("why it failed");
                let why = self.is_refused(index);
                assert!(why, "failed although nothing is wrong: {error:?}");
                assert_ne!(error.kind(), ErrorKind::FileChanged);
            }
            State::Aborted | State::Deleted | State::Deleting if file.closed.is_some() => {}
            State::Aborted | State::Deleted => {}
            other => panic!("it ended as {other:?}"),
        }
    }

    /// Where nothing is wrong, nothing is done twice.
    fn check_plain(&self) {
        let count = |what| self.tally.counts.get(what).copied().unwrap_or(0);
        let all: u64 = ["PUTs", "forms", "creations", "completions"].into_iter().map(count).sum();
        let parts: u64 = self.s3.objects.len() as u64;
        assert_eq!(all, parts + count("creations"), "one request for each, or creation and completion");
        let granted = self.endpoint.grants.iter().map(|grant| match grant.plan {
            sealift::upload::Plan::Multipart { parts, .. } => u64::from(parts),
            _ => 0,
        });
        assert_eq!(count("parts"), granted.sum::<u64>(), "every part once");
        assert_eq!(count("listings") + count("cancelled"), 0);
        let unused = self.endpoint.signatures.iter().filter(|it| !it.used).count();
        assert!(unused <= self.endpoint.signatures.len() / 50, "{unused} signatures that nobody used");
    }
}
