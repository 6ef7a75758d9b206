use std::collections::BTreeMap;
use std::fs;
use std::sync::Arc;

use s3s::dto::ETagCondition;
use s3s::{S3Result, s3_error};

use super::files::{record_name, write_json};
use super::list::{Listing, Page, list};
use super::record::{Moment, ObjectHeaders, ObjectRecord, Segment};
use super::{Bucket, Ingested, Object, State};
use crate::checksum::etag;
use crate::errors::io_error;

/// What a conditional write demands of the object that is there:
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html>
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Precondition {
    None,
    /// `If-None-Match: *`
    Absent,
    /// `If-Match`
    Matches(ETagCondition),
}

impl Precondition {
    /// # Errors
    /// `NotImplemented` for `If-None-Match` with an ETag, as S3 answers.
    pub(crate) fn parse(
        if_match: Option<ETagCondition>,
        if_none_match: Option<&ETagCondition>,
    ) -> S3Result<Self> {
        match (if_match, if_none_match) {
            (None, None) => Ok(Self::None),
            (None, Some(ETagCondition::Any)) => Ok(Self::Absent),
            (Some(condition), None) => Ok(Self::Matches(condition)),
            _ => Err(s3_error!(
                NotImplemented,
                "A header you provided implies functionality that is not implemented"
            )),
        }
    }

    pub(super) fn check(&self, state: &State, key: &str) -> S3Result<()> {
        let current = state.objects.get(key);
        match (self, current) {
            (Self::None, _) | (Self::Absent, None) => Ok(()),
            (Self::Matches(condition), Some(object)) if matches_etag(condition, &object.record.etag) => {
                Ok(())
            }
            (Self::Matches(_), None) => Err(s3_error!(NoSuchKey)),
            (Self::Absent | Self::Matches(_), Some(_)) => Err(s3_error!(PreconditionFailed)),
        }
    }
}

/// Whether a condition of a request names this ETag.
pub(crate) fn matches_etag(condition: &ETagCondition, etag: &str) -> bool {
    match condition {
        ETagCondition::Any => true,
        ETagCondition::ETag(named) => named.value() == etag,
    }
}

impl Bucket {
    /// # Errors
    /// `NoSuchKey`.
    pub(crate) fn object(&self, key: &str) -> S3Result<Arc<Object>> {
        self.state().objects.get(key).cloned().ok_or_else(|| s3_error!(NoSuchKey))
    }

    /// Checks a condition before the body is read; [`Bucket::put`] checks it
    /// again when it counts.
    pub(crate) fn check(&self, key: &str, precondition: &Precondition) -> S3Result<()> {
        precondition.check(&*self.live()?, key)
    }

    /// Makes a body that was found good the object at `key`.
    pub(crate) fn put(
        &self,
        key: &str,
        body: Ingested,
        headers: ObjectHeaders,
        precondition: &Precondition,
    ) -> S3Result<Arc<Object>> {
        let record = ObjectRecord {
            key: key.to_owned(),
            size: body.size,
            etag: etag(&body.md5),
            last_modified: Moment::now(),
            checksum: body.checksum,
            segments: vec![Segment { file: body.file.name(), size: body.size }],
            multipart: false,
            headers,
        };
        let object = Arc::new(Object { record, data: vec![Arc::new(body.file)] });
        let mut state = self.live()?;
        precondition.check(&state, key)?;
        self.insert(&mut state, &object)?;
        Ok(object)
    }

    /// Writes the record, and only then lets the old content go.
    pub(super) fn insert(&self, state: &mut State, object: &Arc<Object>) -> S3Result<()> {
        let key = &object.record.key;
        write_json(&self.folder.join("objects").join(record_name(key)), &object.record).map_err(io_error)?;
        object.data.iter().for_each(|file| file.keep());
        if let Some(old) = state.objects.insert(key.clone(), Arc::clone(object)) {
            old.data.iter().for_each(|file| file.condemn());
        }
        Ok(())
    }

    /// Deletes an object; one that is not there is as good as deleted.
    pub(crate) fn delete(&self, key: &str, condition: Option<&ETagCondition>) -> S3Result<()> {
        let mut state = self.live()?;
        let Some(object) = state.objects.get(key) else {
            return if condition.is_some() { Err(s3_error!(NoSuchKey)) } else { Ok(()) };
        };
        if condition.is_some_and(|c| !matches_etag(c, &object.record.etag)) {
            return Err(s3_error!(PreconditionFailed));
        }
        fs::remove_file(self.folder.join("objects").join(record_name(key))).map_err(io_error)?;
        if let Some(old) = state.objects.remove(key) {
            old.data.iter().for_each(|file| file.condemn());
        }
        Ok(())
    }

    pub(crate) fn set_object_tags(&self, key: &str, tags: BTreeMap<String, String>) -> S3Result<()> {
        let mut state = self.live()?;
        let old = state.objects.get(key).ok_or_else(|| s3_error!(NoSuchKey))?;
        let mut record = old.record.clone();
        record.headers.tags = tags;
        let object = Arc::new(Object { record, data: old.data.clone() });
        write_json(&self.folder.join("objects").join(record_name(key)), &object.record).map_err(io_error)?;
        state.objects.insert(key.to_owned(), object);
        Ok(())
    }

    pub(crate) fn list(&self, listing: &Listing<'_>) -> Page<Arc<Object>> {
        list(&self.state().objects, listing)
    }
}
