//! Multipart uploads:
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html>

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use s3s::{S3Error, S3Result, s3_error};

use super::files::{random_hex, write_json};
use super::list::{Listing, Page, list};
use super::record::{Moment, ObjectRecord, PartRecord, Segment, UploadRecord};
use super::{Bucket, Ingested, Object, Part, Precondition, State, Upload};
use crate::checksum::{Checksum, etag, multipart_etag};
use crate::errors::io_error;

/// A part as CompleteMultipartUpload names it.
#[derive(Debug)]
pub(crate) struct NamedPart {
    pub(crate) number: u16,
    pub(crate) etag: String,
    /// The checksum of the upload's algorithm, when it was sent.
    pub(crate) checksum: Option<String>,
    /// Whether a checksum of another algorithm was sent.
    pub(crate) foreign_checksum: bool,
}

/// What CompleteMultipartUpload says.
#[derive(Debug)]
pub(crate) struct Completion {
    pub(crate) parts: Vec<NamedPart>,
    /// The whole object's checksum, when it was sent.
    pub(crate) checksum: Option<String>,
    /// `x-amz-mp-object-size`
    pub(crate) size: Option<u64>,
    pub(crate) precondition: Precondition,
    pub(crate) min_part_bytes: u64,
}

/// One page of uploads.
pub(crate) struct UploadPage {
    pub(crate) uploads: Vec<UploadRecord>,
    pub(crate) prefixes: Vec<String>,
    /// Key and id of the last one when more follow.
    pub(crate) next: Option<(String, String)>,
}

impl Bucket {
    pub(crate) fn create_upload(&self, mut record: UploadRecord) -> S3Result<UploadRecord> {
        record.upload_id = format!("{}{}", record.initiated.as_hex(), random_hex());
        let mut state = self.live()?;
        let folder = self.upload_folder(&record.upload_id);
        fs::create_dir_all(folder.join("parts")).map_err(io_error)?;
        write_json(&folder.join("upload.json"), &record).map_err(io_error)?;
        let upload = Upload { record: record.clone(), parts: BTreeMap::new() };
        state.uploads.insert(record.upload_id.clone(), upload);
        Ok(record)
    }

    pub(crate) fn upload(&self, key: &str, upload_id: &str) -> S3Result<UploadRecord> {
        Ok(upload(&*self.live()?, key, upload_id)?.record.clone())
    }

    /// Makes a body that was found good a part, in place of one of its number.
    pub(crate) fn put_part(
        &self,
        key: &str,
        upload_id: &str,
        number: u16,
        body: Ingested,
    ) -> S3Result<PartRecord> {
        let mut state = self.live()?;
        let upload = upload_mut(&mut state, key, upload_id)?;
        let record = PartRecord {
            number,
            segment: Segment { file: body.file.name(), size: body.size },
            etag: etag(&body.md5),
            last_modified: Moment::now(),
            checksum: body.checksum,
        };
        let path = self.upload_folder(upload_id).join("parts").join(format!("{number:05}.json"));
        write_json(&path, &record).map_err(io_error)?;
        body.file.keep();
        let part = Part { record: record.clone(), data: Arc::new(body.file) };
        if let Some(old) = upload.parts.insert(number, part) {
            old.data.condemn();
        }
        Ok(record)
    }

    /// The parts after number `after`, and whether more follow.
    pub(crate) fn parts(
        &self,
        key: &str,
        upload_id: &str,
        after: u16,
        max: usize,
    ) -> S3Result<(Vec<PartRecord>, bool)> {
        let state = self.live()?;
        let upload = upload(&state, key, upload_id)?;
        let mut following =
            upload.parts.range(after.saturating_add(1)..).map(|(_, part)| part.record.clone());
        let page = following.by_ref().take(max).collect();
        Ok((page, following.next().is_some()))
    }

    pub(crate) fn abort(&self, key: &str, upload_id: &str) -> S3Result<()> {
        let mut state = self.live()?;
        upload(&state, key, upload_id)?;
        fs::remove_dir_all(self.upload_folder(upload_id)).map_err(io_error)?;
        if let Some(upload) = state.uploads.remove(upload_id) {
            upload.parts.values().for_each(|part| part.data.condemn());
        }
        Ok(())
    }

    /// Makes the named parts an object: their files become its segments, so
    /// nothing is copied.
    pub(crate) fn complete(
        &self,
        key: &str,
        upload_id: &str,
        completion: &Completion,
    ) -> S3Result<Arc<Object>> {
        let mut state = self.live()?;
        let upload = upload(&state, key, upload_id)?;
        let parts = chosen_parts(upload, completion)?;
        let object = Arc::new(assemble(upload, &parts, completion)?);
        completion.precondition.check(&state, key)?;
        self.insert(&mut state, &object)?;

        // The object stands; parts that it does not use go with the upload.
        if let Some(upload) = state.uploads.remove(upload_id) {
            for part in upload.parts.values() {
                if !object.data.iter().any(|used| Arc::ptr_eq(used, &part.data)) {
                    part.data.condemn();
                }
            }
        }
        fs::remove_dir_all(self.upload_folder(upload_id)).map_err(io_error)?;
        Ok(object)
    }

    /// Uploads in order of key, then of their start, after the marker: all of
    /// its key unless it names one of them.
    pub(crate) fn uploads(
        &self,
        prefix: &str,
        delimiter: &str,
        after: Option<(&str, Option<&str>)>,
        max: usize,
    ) -> UploadPage {
        let state = self.state();
        // Key and id as one string sorts like the pair: no key holds U+0000.
        let by_key: BTreeMap<String, &UploadRecord> = state
            .uploads
            .values()
            .map(|u| (format!("{}\0{}", u.record.key, u.record.upload_id), &u.record))
            .collect();
        let marker = after.map(|(key, id)| match id {
            Some(id) => format!("{key}\0{id}"),
            // A marker that is a common prefix must stay one.
            None if !delimiter.is_empty() && key.ends_with(delimiter) => key.to_owned(),
            None => format!("{key}\0\u{10ffff}"),
        });
        let Page { items, prefixes, next } =
            list(&by_key, &Listing { prefix, delimiter, after: marker.as_deref(), max });
        let next = next.map(|last| match last.split_once('\0') {
            Some((key, id)) => (key.to_owned(), id.to_owned()),
            None => (last, String::new()),
        });
        UploadPage { uploads: items.into_iter().cloned().collect(), prefixes, next }
    }

    fn upload_folder(&self, upload_id: &str) -> PathBuf {
        self.folder.join("uploads").join(upload_id)
    }
}

fn upload<'a>(state: &'a State, key: &str, upload_id: &str) -> S3Result<&'a Upload> {
    state.uploads.get(upload_id).filter(|u| u.record.key == key).ok_or_else(no_such_upload)
}

fn upload_mut<'a>(state: &'a mut State, key: &str, upload_id: &str) -> S3Result<&'a mut Upload> {
    state.uploads.get_mut(upload_id).filter(|u| u.record.key == key).ok_or_else(no_such_upload)
}

fn no_such_upload() -> S3Error {
    s3_error!(
        NoSuchUpload,
        "The specified upload does not exist. The upload ID may be invalid, or the upload may have been \
         aborted or completed."
    )
}

/// The parts that Complete names, each checked as S3 checks it.
fn chosen_parts<'a>(upload: &'a Upload, completion: &Completion) -> S3Result<Vec<&'a Part>> {
    if completion.parts.is_empty() {
        return Err(s3_error!(
            MalformedXML,
            "The XML you provided was not well-formed or did not validate against our published schema"
        ));
    }
    let ascending = completion.parts.windows(2).all(|pair| match pair {
        [a, b] => a.number < b.number,
        _ => true,
    });
    if !ascending {
        return Err(s3_error!(
            InvalidPartOrder,
            "The list of parts was not in ascending order. Parts must be ordered by part number."
        ));
    }
    let mut chosen = Vec::with_capacity(completion.parts.len());
    for named in &completion.parts {
        let part = upload
            .parts
            .get(&named.number)
            .filter(|part| part.record.etag == named.etag && !named.foreign_checksum)
            .filter(|part| named.checksum.as_ref().is_none_or(|sum| *sum == part.record.checksum.value))
            .ok_or_else(invalid_part)?;
        // S3 wants those of composite uploads named, MinIO and VersityGW all.
        if let Some(algorithm) = upload.record.algorithm
            && named.checksum.is_none()
        {
            let name = algorithm.name().to_lowercase();
            return Err(s3_error!(
                InvalidRequest,
                "The upload was created using a {name} checksum. The complete request must include the \
                 checksum for each part. It was missing for part {} in the request.",
                named.number
            ));
        }
        chosen.push(part);
    }
    if upload.record.algorithm.is_some()
        && chosen.iter().zip(1..).any(|(part, expected)| part.record.number != expected)
    {
        return Err(s3_error!(
            InvalidPart,
            "Part numbers must run from 1 without a gap in an upload with checksums."
        ));
    }
    let too_small = chosen
        .split_last()
        .is_some_and(|(_, before)| before.iter().any(|p| p.record.segment.size < completion.min_part_bytes));
    if too_small {
        return Err(s3_error!(
            EntityTooSmall,
            "Your proposed upload is smaller than the minimum allowed object size."
        ));
    }
    Ok(chosen)
}

fn assemble(upload: &Upload, parts: &[&Part], completion: &Completion) -> S3Result<Object> {
    let algorithm = upload.record.effective_algorithm();
    let mut md5s = Vec::with_capacity(parts.len());
    let mut digests = Vec::with_capacity(parts.len());
    for part in parts {
        md5s.push(hex::decode(&part.record.etag).map_err(|e| s3_error!(e, InternalError))?);
        let digest = algorithm.decode(&part.record.checksum.value).ok_or_else(|| s3_error!(InternalError))?;
        digests.push((digest, part.record.segment.size));
    }
    let checksum = Checksum::of_parts(algorithm, upload.record.kind, &digests)
        .ok_or_else(|| s3_error!(InternalError))?;
    if completion.checksum.as_ref().is_some_and(|sent| *sent != checksum.value) {
        return Err(s3_error!(
            BadDigest,
            "The {} you specified did not match the calculated checksum.",
            algorithm.name()
        ));
    }
    let size = parts.iter().map(|part| part.record.segment.size).sum();
    if completion.size.is_some_and(|declared| declared != size) {
        return Err(s3_error!(
            InvalidRequest,
            "The provided 'x-amz-mp-object-size' header value does not match what was computed."
        ));
    }
    let record = ObjectRecord {
        key: upload.record.key.clone(),
        size,
        etag: multipart_etag(md5s.iter().map(Vec::as_slice)),
        last_modified: Moment::now(),
        checksum,
        segments: parts.iter().map(|part| part.record.segment.clone()).collect(),
        multipart: true,
        headers: upload.record.headers.clone(),
    };
    Ok(Object { record, data: parts.iter().map(|part| Arc::clone(&part.data)).collect() })
}

fn invalid_part() -> S3Error {
    s3_error!(
        InvalidPart,
        "One or more of the specified parts could not be found.  The part may not have been uploaded, or \
         the specified entity tag may not match the part's entity tag."
    )
}
