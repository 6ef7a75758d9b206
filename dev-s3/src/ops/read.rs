//! Reading objects: ranges, parts and conditions.

use std::ops::Range as ByteRange;
use std::sync::Arc;

use hyper::header::{ETAG, HeaderMap, LAST_MODIFIED};
use s3s::dto::*;
use s3s::{S3Error, S3Request, S3Response, S3Result, s3_error};

use super::Operations;
use super::convert::{etag, set_checksum, signed};
use crate::store::read::stream;
use crate::store::record::ObjectRecord;
use crate::store::{Object, Store, matches_etag};

/// What GET and HEAD answer alike, of which s3s has a type each: the conditions
/// checked, then the output without a body, and the bytes that it is of.
macro_rules! described {
    ($Output:ident, $record:expr, $input:expr) => {{
        let (record, input): (&ObjectRecord, _) = ($record, $input);
        check_version(input.version_id.as_deref())?;
        check_read(
            record,
            input.if_match.as_ref(),
            input.if_none_match.as_ref(),
            input.if_modified_since,
            input.if_unmodified_since,
        )?;
        let selected = select(record, input.range, input.part_number)?;
        let mut output = $Output {
            accept_ranges: Some("bytes".to_owned()),
            content_length: Some(signed(selected.bytes.end - selected.bytes.start)),
            content_range: selected.content_range,
            parts_count: selected.parts_count,
            e_tag: Some(etag(&record.etag)),
            last_modified: Some(record.last_modified.timestamp()),
            content_type: Some(content_type(record)),
            content_disposition: record.headers.content_disposition.clone(),
            content_encoding: record.headers.content_encoding.clone(),
            content_language: record.headers.content_language.clone(),
            cache_control: record.headers.cache_control.clone(),
            expires: record.headers.expires.clone(),
            website_redirect_location: record.headers.website_redirect_location.clone(),
            storage_class: record.headers.storage_class.clone().map(StorageClass::from),
            metadata: Some(record.headers.metadata.clone().into_iter().collect()),
            tag_count: tag_count(record),
            ..$Output::default()
        };
        // A range's bytes are not what the checksum is of.
        if wants_checksum(input.checksum_mode.as_ref()) && output.content_range.is_none() {
            set_checksum!(output, &record.checksum);
            output.checksum_type = Some(ChecksumType::from_static(record.checksum.kind.name()));
        }
        (output, selected.bytes)
    }};
}

impl Operations {
    pub(super) async fn get_object(
        &self,
        req: S3Request<GetObjectInput>,
    ) -> S3Result<S3Response<GetObjectOutput>> {
        let object = self.store.bucket(&req.input.bucket)?.object(&req.input.key)?;
        let (mut output, bytes) = described!(GetObjectOutput, &object.record, req.input);
        output.body = Some(stream(Arc::clone(&object), bytes));
        Ok(S3Response::new(output))
    }

    pub(super) async fn head_object(
        &self,
        req: S3Request<HeadObjectInput>,
    ) -> S3Result<S3Response<HeadObjectOutput>> {
        let object = self.store.bucket(&req.input.bucket)?.object(&req.input.key)?;
        let (output, _) = described!(HeadObjectOutput, &object.record, req.input);
        let partial = output.content_range.is_some();
        let mut response = S3Response::new(output);
        response.status = partial.then_some(hyper::StatusCode::PARTIAL_CONTENT);
        Ok(response)
    }
}

/// The object that a copy starts from.
pub(super) fn source_of(store: &Store, source: &CopySource) -> S3Result<Arc<Object>> {
    match source {
        CopySource::Bucket { bucket, key, version_id } => {
            check_version(version_id.as_deref())?;
            store.bucket(bucket)?.object(key)
        }
        _ => Err(s3_error!(NotImplemented, "Only a bucket and a key can be copied from.")),
    }
}

/// The conditions of a GET or HEAD in the order of RFC 9110, section 13.2.2.
pub(super) fn check_read(
    record: &ObjectRecord,
    if_match: Option<&ETagCondition>,
    if_none_match: Option<&ETagCondition>,
    if_modified_since: Option<Timestamp>,
    if_unmodified_since: Option<Timestamp>,
) -> S3Result<()> {
    let modified = seconds(record.last_modified.timestamp());
    match (if_match, if_unmodified_since) {
        (Some(condition), _) if !matches_etag(condition, &record.etag) => {
            return Err(s3_error!(PreconditionFailed));
        }
        (None, Some(since)) if modified > seconds(since.clone()) => {
            return Err(s3_error!(PreconditionFailed));
        }
        _ => {}
    }
    match (if_none_match, if_modified_since) {
        (Some(condition), _) if matches_etag(condition, &record.etag) => Err(not_modified(record)),
        (None, Some(since)) if modified <= seconds(since.clone()) => Err(not_modified(record)),
        _ => Ok(()),
    }
}

/// Those of a copy's source: every failure is `PreconditionFailed`.
pub(super) fn check_copy(
    record: &ObjectRecord,
    if_match: Option<&ETagCondition>,
    if_none_match: Option<&ETagCondition>,
    if_modified_since: Option<Timestamp>,
    if_unmodified_since: Option<Timestamp>,
) -> S3Result<()> {
    check_read(record, if_match, if_none_match, if_modified_since, if_unmodified_since)
        .map_err(|_| s3_error!(PreconditionFailed))
}

/// The bytes that a GET answers.
struct Selected {
    bytes: ByteRange<u64>,
    /// Set when they are not the whole object.
    content_range: Option<String>,
    parts_count: Option<i32>,
}

fn select(record: &ObjectRecord, range: Option<Range>, part: Option<i32>) -> S3Result<Selected> {
    let size = record.size;
    let (bytes, parts_count) = match (range, part) {
        (None, None) => return Ok(Selected { bytes: 0..size, content_range: None, parts_count: None }),
        (Some(_), Some(_)) => {
            return Err(s3_error!(
                InvalidRequest,
                "Cannot specify both Range header and partNumber query parameter"
            ));
        }
        (Some(range), None) => (range.check(size)?, None),
        (None, Some(number)) => {
            let index = usize::try_from(number).ok().and_then(|n| n.checked_sub(1));
            let index = index.filter(|index| *index < record.segments.len()).ok_or_else(|| {
                crate::errors::custom(
                    "InvalidPartNumber",
                    hyper::StatusCode::RANGE_NOT_SATISFIABLE,
                    "The requested partnumber is not satisfiable",
                )
            })?;
            let start: u64 = record.segments.iter().take(index).map(|s| s.size).sum();
            let length = record.segments.get(index).map_or(0, |s| s.size);
            let count = record.multipart.then_some(i32::try_from(record.segments.len()).unwrap_or(i32::MAX));
            (start..start + length, count)
        }
    };
    let content_range = match bytes.end.checked_sub(1) {
        Some(last) if bytes.start <= last => Some(format!("bytes {}-{last}/{size}", bytes.start)),
        _ => None,
    };
    Ok(Selected { bytes, content_range, parts_count })
}

fn check_version(version: Option<&str>) -> S3Result<()> {
    match version {
        None | Some("null") => Ok(()),
        Some(_) => Err(s3_error!(NoSuchVersion, "The specified version does not exist.")),
    }
}

fn not_modified(record: &ObjectRecord) -> S3Error {
    let mut headers = HeaderMap::new();
    if let Ok(value) = etag(&record.etag).to_http_header() {
        headers.insert(ETAG, value);
    }
    let mut date = Vec::new();
    if record.last_modified.timestamp().format(TimestampFormat::HttpDate, &mut date).is_ok()
        && let Ok(value) = hyper::header::HeaderValue::from_bytes(&date)
    {
        headers.insert(LAST_MODIFIED, value);
    }
    let mut error = s3_error!(NotModified);
    error.set_headers(headers);
    error
}

/// Without fractions, which HTTP dates do not have.
fn seconds(time: Timestamp) -> i64 {
    let mut text = Vec::new();
    let formatted = time.format(TimestampFormat::EpochSeconds, &mut text).is_ok();
    let text = String::from_utf8(text).unwrap_or_default();
    let whole = text.split('.').next().unwrap_or_default();
    if formatted { whole.parse().unwrap_or(0) } else { 0 }
}

fn wants_checksum(mode: Option<&ChecksumMode>) -> bool {
    mode.is_some_and(|mode| mode.as_str().eq_ignore_ascii_case("ENABLED"))
}

fn content_type(record: &ObjectRecord) -> String {
    record.headers.content_type.clone().unwrap_or_else(|| "binary/octet-stream".to_owned())
}

fn tag_count(record: &ObjectRecord) -> Option<i32> {
    i32::try_from(record.headers.tags.len()).ok().filter(|count| *count > 0)
}
