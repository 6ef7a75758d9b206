use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use s3s::{S3Result, s3_error};

use super::files::write_json;
use super::record::{BucketRecord, CorsRule, LifecycleRecord, Moment};
use super::{Bucket, State, Store};
use crate::errors::io_error;

impl Store {
    /// # Errors
    /// `BucketAlreadyOwnedByYou` when it is there.
    pub(crate) fn create_bucket(&self, name: &str) -> S3Result<()> {
        let mut buckets = self.buckets.write().unwrap_or_else(PoisonError::into_inner);
        if buckets.contains_key(name) {
            return Err(s3_error!(
                BucketAlreadyOwnedByYou,
                "Your previous request to create the named bucket succeeded and you already own it."
            ));
        }
        let folder = self.root.join(name);
        let record =
            BucketRecord { created: Moment::now(), cors: None, tags: BTreeMap::new(), lifecycle: Vec::new() };
        for part in ["data", "objects", "uploads"] {
            fs::create_dir_all(folder.join(part)).map_err(io_error)?;
        }
        write_json(&folder.join("bucket.json"), &record).map_err(io_error)?;
        buckets.insert(name.to_owned(), Arc::new(Bucket::empty(name, folder, record)));
        Ok(())
    }

    /// # Errors
    /// `NoSuchBucket`; `BucketNotEmpty` while it holds objects. Uploads under
    /// way do not hold it.
    pub(crate) fn delete_bucket(&self, name: &str) -> S3Result<()> {
        let mut buckets = self.buckets.write().unwrap_or_else(PoisonError::into_inner);
        let bucket = buckets.get(name).ok_or_else(|| s3_error!(NoSuchBucket))?;
        let mut state = bucket.live()?;
        if !state.objects.is_empty() {
            return Err(s3_error!(BucketNotEmpty));
        }
        state.deleted = true;
        fs::remove_dir_all(&bucket.folder).map_err(io_error)?;
        drop(state);
        buckets.remove(name);
        Ok(())
    }
}

impl Bucket {
    fn empty(name: &str, folder: PathBuf, record: BucketRecord) -> Self {
        let state = State { record, deleted: false, objects: BTreeMap::new(), uploads: BTreeMap::new() };
        Self { name: name.to_owned(), folder, state: Mutex::new(state) }
    }

    pub(crate) fn created(&self) -> Moment {
        self.state().record.created
    }

    /// The bucket's own rules: `None` when the default ones apply.
    pub(crate) fn cors(&self) -> Option<Vec<CorsRule>> {
        self.state().record.cors.clone()
    }

    pub(crate) fn set_cors(&self, rules: Vec<CorsRule>) -> S3Result<()> {
        self.change(|record| record.cors = Some(rules))
    }

    pub(crate) fn tags(&self) -> BTreeMap<String, String> {
        self.state().record.tags.clone()
    }

    pub(crate) fn set_tags(&self, tags: BTreeMap<String, String>) -> S3Result<()> {
        self.change(|record| record.tags = tags)
    }

    pub(crate) fn lifecycle(&self) -> Vec<LifecycleRecord> {
        self.state().record.lifecycle.clone()
    }

    pub(crate) fn set_lifecycle(&self, rules: Vec<LifecycleRecord>) -> S3Result<()> {
        self.change(|record| record.lifecycle = rules)
    }

    fn change(&self, change: impl FnOnce(&mut BucketRecord)) -> S3Result<()> {
        let mut state = self.live()?;
        let mut record = state.record.clone();
        change(&mut record);
        write_json(&self.folder.join("bucket.json"), &record).map_err(io_error)?;
        state.record = record;
        Ok(())
    }
}
