//! What outlives the page: what the engine gave out to be saved. A write is in
//! it for sure only after the moment in which it was asked for.

use super::random::Random;
use sealift::upload::{Saved, SavedPart, SavedUpload};
use std::collections::BTreeMap;

#[derive(Default)]
pub struct Storage {
    /// As it is once all is written.
    pub kept: BTreeMap<usize, Record>,
    durable: BTreeMap<usize, Record>,
    /// What is not written for sure, with its moment and file.
    log: Vec<(u64, usize, Write)>,
}

#[derive(Clone)]
pub struct Record {
    pub upload: SavedUpload,
    pub parts: BTreeMap<u16, SavedPart>,
}

#[derive(Clone)]
pub enum Write {
    Save(Saved),
    Forget,
}

impl Storage {
    pub fn write(&mut self, now: u64, file: usize, write: Write) {
        self.flush(now);
        apply(&mut self.kept, file, write.clone());
        self.log.push((now, file, write));
    }

    /// The page is gone: of this moment's writes, only the first ones came through.
    pub fn crash(&mut self, now: u64, random: &mut Random) {
        self.flush(now);
        let kept = random.between(0, self.log.len() as u64) as usize;
        for (_, file, write) in self.log.drain(..).take(kept) {
            apply(&mut self.durable, file, write);
        }
        self.kept = self.durable.clone();
    }

    fn flush(&mut self, now: u64) {
        if self.log.first().is_some_and(|(at, ..)| *at < now) {
            for (_, file, write) in self.log.drain(..) {
                apply(&mut self.durable, file, write);
            }
        }
    }
}

fn apply(records: &mut BTreeMap<usize, Record>, file: usize, write: Write) {
    match write {
        Write::Forget => drop(records.remove(&file)),
        Write::Save(Saved::Upload(upload)) => {
            let parts = match records.remove(&file) {
                Some(record) if record.upload.upload_id == upload.upload_id => record.parts,
                _ => BTreeMap::new(),
            };
            records.insert(file, Record { upload, parts });
        }
        Write::Save(Saved::Part(part)) => {
            let record = records.get_mut(&file).expect("an upload is saved before its parts");
            record.parts.insert(part.number, part);
        }
    }
}
