//! Buckets in a folder: content files under random names, a JSON record for
//! each object, upload and part, and an index of them in memory.
//!
//! ```text
//! ROOT/BUCKET/bucket.json
//!            /data/RANDOM              content, never changed once written
//!            /objects/SHA256(key).json
//!            /uploads/ID/upload.json, parts/00001.json …
//! ```
//! A record's rename is what makes a change visible; content that no record
//! names is swept at the start.

mod buckets;
mod files;
mod ingest;
pub(crate) mod list;
mod objects;
pub(crate) mod read;
pub(crate) mod record;
mod uploads;

use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use s3s::{S3Result, s3_error};

use crate::checksum::Algorithm;
use files::{DataFile, read_json, read_json_folder};
pub(crate) use ingest::Ingested;
pub(crate) use objects::{Precondition, matches_etag};
use record::{BucketRecord, CorsRule, ObjectRecord, PartRecord, Segment, UploadRecord};
pub(crate) use uploads::{Completion, NamedPart};

/// All buckets.
#[derive(Debug)]
pub(crate) struct Store {
    root: PathBuf,
    buckets: RwLock<BTreeMap<String, Arc<Bucket>>>,
}

/// One bucket; every change happens under its lock.
#[derive(Debug)]
pub(crate) struct Bucket {
    pub(crate) name: String,
    folder: PathBuf,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    record: BucketRecord,
    /// Set once the bucket is gone: a request that still holds it must not
    /// write into its folder.
    deleted: bool,
    objects: BTreeMap<String, Arc<Object>>,
    /// By upload id, which begins with the time: the order S3 lists a key's in.
    uploads: BTreeMap<String, Upload>,
}

/// An object as it was at one moment.
#[derive(Debug)]
pub(crate) struct Object {
    pub(crate) record: ObjectRecord,
    data: Vec<Arc<DataFile>>,
}

#[derive(Debug)]
struct Upload {
    record: UploadRecord,
    parts: BTreeMap<u16, Part>,
}

#[derive(Debug)]
struct Part {
    record: PartRecord,
    data: Arc<DataFile>,
}

impl Store {
    /// Opens the folder, reading what an earlier run left.
    pub(crate) fn open(root: &Path) -> io::Result<Self> {
        fs::create_dir_all(root)?;
        let mut buckets = BTreeMap::new();
        for entry in fs::read_dir(root)? {
            let folder = entry?.path();
            let name = folder.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
            if folder.join("bucket.json").is_file() {
                buckets.insert(name.clone(), Arc::new(Bucket::open(name, folder)?));
            }
        }
        Ok(Self { root: root.to_owned(), buckets: RwLock::new(buckets) })
    }

    pub(crate) fn bucket(&self, name: &str) -> S3Result<Arc<Bucket>> {
        let buckets = self.buckets.read().unwrap_or_else(PoisonError::into_inner);
        buckets.get(name).cloned().ok_or_else(|| s3_error!(NoSuchBucket))
    }

    pub(crate) fn buckets(&self) -> Vec<Arc<Bucket>> {
        self.buckets.read().unwrap_or_else(PoisonError::into_inner).values().cloned().collect()
    }

    /// The CORS rules of a bucket; `None` when it does not exist or has none of
    /// its own.
    pub(crate) fn cors_rules(&self, bucket: &str) -> Option<Vec<CorsRule>> {
        self.bucket(bucket).ok().and_then(|b| b.state().record.cors.clone())
    }
}

impl Bucket {
    fn open(name: String, folder: PathBuf) -> io::Result<Self> {
        let data = folder.join("data");
        let mut referenced = HashSet::new();
        let mut existing = |segment: &Segment| {
            referenced.insert(segment.file.clone());
            Arc::new(DataFile::existing(data.join(&segment.file)))
        };

        let mut objects = BTreeMap::new();
        for record in read_json_folder::<ObjectRecord>(&folder.join("objects"))? {
            let data = record.segments.iter().map(&mut existing).collect();
            objects.insert(record.key.clone(), Arc::new(Object { record, data }));
        }

        let mut uploads = BTreeMap::new();
        for entry in fs::read_dir(folder.join("uploads"))? {
            let folder = entry?.path();
            let record_path = folder.join("upload.json");
            if !record_path.is_file() {
                fs::remove_dir_all(&folder)?;
                continue;
            }
            let record: UploadRecord = read_json(&record_path)?;
            let mut parts = BTreeMap::new();
            for record in read_json_folder::<PartRecord>(&folder.join("parts"))? {
                let data = existing(&record.segment);
                parts.insert(record.number, Part { record, data });
            }
            uploads.insert(record.upload_id.clone(), Upload { record, parts });
        }

        for entry in fs::read_dir(&data)? {
            let entry = entry?;
            if !referenced.contains(&*entry.file_name().to_string_lossy()) {
                fs::remove_file(entry.path())?;
            }
        }
        let record = read_json(&folder.join("bucket.json"))?;
        let state = Mutex::new(State { record, deleted: false, objects, uploads });
        Ok(Self { name, folder, state })
    }

    /// Streams a body to disk; nothing refers to it yet.
    pub(crate) async fn ingest(
        &self,
        body: Option<s3s::dto::StreamingBlob>,
        algorithm: Algorithm,
    ) -> S3Result<Ingested> {
        ingest::ingest(&self.folder.join("data"), body, algorithm).await
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The state for a change: not of a bucket that is gone.
    fn live(&self) -> S3Result<MutexGuard<'_, State>> {
        let state = self.state();
        if state.deleted { Err(s3_error!(NoSuchBucket)) } else { Ok(state) }
    }
}
