//! Multipart uploads.

use s3s::dto::*;
use s3s::{S3Request, S3Response, S3Result, s3_error};

use super::convert::{etag, object_headers, sent_checksums, set_checksum, signed, url_encode};
use super::listing::{Encoding, common_prefixes, page_size, some_nonempty};
use super::read::{check_copy, source_of};
use super::upload::Promise;
use super::{OWNER, Operations};
use crate::checksum::{Algorithm, Kind};
use crate::store::read::stream;
use crate::store::record::{Moment, UploadRecord};
use crate::store::{Completion, NamedPart, Precondition};

impl Operations {
    pub(super) async fn create_multipart_upload(
        &self,
        req: S3Request<CreateMultipartUploadInput>,
    ) -> S3Result<S3Response<CreateMultipartUploadOutput>> {
        let input = req.input;
        let bucket = self.store.bucket(&input.bucket)?;
        let headers = object_headers!(input)?;
        let algorithm = input.checksum_algorithm.as_ref().map(|a| parse_algorithm(a.as_str())).transpose()?;
        let kind = parse_kind(algorithm, input.checksum_type.as_ref())?;
        let record = bucket.create_upload(UploadRecord {
            key: input.key,
            upload_id: String::new(),
            initiated: Moment::now(),
            algorithm,
            kind,
            headers,
        })?;
        Ok(S3Response::new(CreateMultipartUploadOutput {
            bucket: Some(input.bucket),
            key: Some(record.key),
            upload_id: Some(record.upload_id),
            checksum_algorithm: algorithm.map(|a| ChecksumAlgorithm::from_static(a.name())),
            checksum_type: algorithm.map(|_| ChecksumType::from_static(kind.name())),
            ..CreateMultipartUploadOutput::default()
        }))
    }

    pub(super) async fn upload_part(
        &self,
        req: S3Request<UploadPartInput>,
    ) -> S3Result<S3Response<UploadPartOutput>> {
        let input = req.input;
        let number = part_number(input.part_number)?;
        let bucket = self.store.bucket(&input.bucket)?;
        let upload = bucket.upload(&input.key, &input.upload_id)?;
        let promise = Promise::parse(
            &req.headers,
            input.content_length,
            input.content_md5.as_deref(),
            sent_checksums!(input),
        )?;
        if let Some(sent) = promise.algorithm()
            && upload.algorithm != Some(sent)
        {
            return Err(s3_error!(
                InvalidRequest,
                "Checksum Type mismatch occurred, expected checksum Type: {}, actual checksum Type: {}",
                upload.algorithm.map_or_else(|| "null".to_owned(), |a| a.name().to_lowercase()),
                sent.name().to_lowercase()
            ));
        }
        let body = bucket.ingest(input.body, upload.effective_algorithm()).await?;
        promise.verify(&body, req.trailing_headers.as_ref())?;
        let part = bucket.put_part(&input.key, &input.upload_id, number, body)?;
        let mut output = UploadPartOutput { e_tag: Some(etag(&part.etag)), ..UploadPartOutput::default() };
        set_checksum!(output, &part.checksum);
        Ok(S3Response::new(output))
    }

    pub(super) async fn upload_part_copy(
        &self,
        req: S3Request<UploadPartCopyInput>,
    ) -> S3Result<S3Response<UploadPartCopyOutput>> {
        let input = req.input;
        let number = part_number(input.part_number)?;
        let bucket = self.store.bucket(&input.bucket)?;
        let upload = bucket.upload(&input.key, &input.upload_id)?;
        let source = source_of(&self.store, &input.copy_source)?;
        check_copy(
            &source.record,
            input.copy_source_if_match.as_ref(),
            input.copy_source_if_none_match.as_ref(),
            input.copy_source_if_modified_since,
            input.copy_source_if_unmodified_since,
        )?;
        let range = match input.copy_source_range.as_deref().map(Range::parse) {
            None => 0..source.record.size,
            Some(Ok(range)) => range.check(source.record.size)?,
            Some(Err(e)) => {
                return Err(s3_error!(e, InvalidArgument, "The x-amz-copy-source-range value is invalid"));
            }
        };
        let body = bucket.ingest(Some(stream(source, range)), upload.effective_algorithm()).await?;
        let part = bucket.put_part(&input.key, &input.upload_id, number, body)?;
        let mut result = CopyPartResult {
            e_tag: Some(etag(&part.etag)),
            last_modified: Some(part.last_modified.timestamp()),
            ..CopyPartResult::default()
        };
        set_checksum!(result, &part.checksum);
        Ok(S3Response::new(UploadPartCopyOutput { copy_part_result: Some(result), ..Default::default() }))
    }

    pub(super) async fn complete_multipart_upload(
        &self,
        req: S3Request<CompleteMultipartUploadInput>,
    ) -> S3Result<S3Response<CompleteMultipartUploadOutput>> {
        let input = req.input;
        let bucket = self.store.bucket(&input.bucket)?;
        let upload = bucket.upload(&input.key, &input.upload_id)?;
        let algorithm = upload.effective_algorithm();
        if let Some(kind) = &input.checksum_type
            && Kind::from_name(kind.as_str()) != Some(upload.kind)
        {
            return Err(s3_error!(
                InvalidRequest,
                "The upload was created using the {} checksum mode. The complete request must use the same \
                 checksum mode.",
                upload.kind.name()
            ));
        }
        let sent = sent_checksums!(input);
        let checksum = sent.iter().find(|(sent, _)| *sent == algorithm).map(|(_, value)| value.clone());
        if checksum.is_none() && !sent.is_empty() {
            return Err(s3_error!(
                InvalidRequest,
                "The checksum of the request is not of the algorithm that the upload was created with."
            ));
        }
        let named = input.multipart_upload.and_then(|upload| upload.parts).unwrap_or_default();
        let parts = named.into_iter().map(|part| named_part(part, algorithm)).collect::<S3Result<_>>()?;
        let completion = Completion {
            parts,
            checksum,
            size: input.mpu_object_size.and_then(|size| u64::try_from(size).ok()),
            precondition: Precondition::parse(input.if_match, input.if_none_match.as_ref())?,
            min_part_bytes: self.min_part_bytes,
        };
        let object = bucket.complete(&input.key, &input.upload_id, &completion)?;
        let mut output = CompleteMultipartUploadOutput {
            location: Some(format!("/{}/{}", input.bucket, url_encode(&input.key))),
            bucket: Some(input.bucket),
            key: Some(input.key),
            e_tag: Some(etag(&object.record.etag)),
            checksum_type: Some(ChecksumType::from_static(object.record.checksum.kind.name())),
            ..CompleteMultipartUploadOutput::default()
        };
        set_checksum!(output, &object.record.checksum);
        Ok(S3Response::new(output))
    }

    pub(super) async fn abort_multipart_upload(
        &self,
        req: S3Request<AbortMultipartUploadInput>,
    ) -> S3Result<S3Response<AbortMultipartUploadOutput>> {
        self.store.bucket(&req.input.bucket)?.abort(&req.input.key, &req.input.upload_id)?;
        Ok(S3Response::new(AbortMultipartUploadOutput::default()))
    }

    pub(super) async fn list_parts(
        &self,
        req: S3Request<ListPartsInput>,
    ) -> S3Result<S3Response<ListPartsOutput>> {
        let input = req.input;
        let bucket = self.store.bucket(&input.bucket)?;
        let upload = bucket.upload(&input.key, &input.upload_id)?;
        let max_parts = page_size(input.max_parts, "max-parts")?;
        let after = input.part_number_marker.unwrap_or(0);
        let marker = u16::try_from(after.max(0)).unwrap_or(u16::MAX);
        let max = usize::try_from(max_parts).unwrap_or(0);
        let (parts, more) = bucket.parts(&input.key, &input.upload_id, marker, max)?;
        let next = parts.last().map(|part| i32::from(part.number));
        let parts = parts.into_iter().map(|record| {
            let mut part = Part {
                part_number: Some(record.number.into()),
                size: Some(signed(record.segment.size)),
                e_tag: Some(etag(&record.etag)),
                last_modified: Some(record.last_modified.timestamp()),
                ..Part::default()
            };
            set_checksum!(part, &record.checksum);
            part
        });
        Ok(S3Response::new(ListPartsOutput {
            bucket: Some(input.bucket),
            key: Some(input.key),
            upload_id: Some(input.upload_id),
            part_number_marker: Some(after),
            next_part_number_marker: next.filter(|_| more),
            max_parts: Some(max_parts),
            is_truncated: Some(more),
            parts: Some(parts.collect()),
            checksum_algorithm: upload.algorithm.map(|a| ChecksumAlgorithm::from_static(a.name())),
            checksum_type: upload.algorithm.map(|_| ChecksumType::from_static(upload.kind.name())),
            storage_class: Some(StorageClass::from_static(StorageClass::STANDARD)),
            owner: Some(Owner { id: Some(OWNER.to_owned()), display_name: Some(OWNER.to_owned()) }),
            initiator: Some(Initiator { id: Some(OWNER.to_owned()), display_name: Some(OWNER.to_owned()) }),
            ..ListPartsOutput::default()
        }))
    }

    pub(super) async fn list_multipart_uploads(
        &self,
        req: S3Request<ListMultipartUploadsInput>,
    ) -> S3Result<S3Response<ListMultipartUploadsOutput>> {
        let input = req.input;
        let bucket = self.store.bucket(&input.bucket)?;
        let encode = Encoding::parse(input.encoding_type.as_ref())?;
        let (prefix, delimiter) = (input.prefix.unwrap_or_default(), input.delimiter.unwrap_or_default());
        let max_uploads = page_size(input.max_uploads, "max-uploads")?;
        let key_marker = input.key_marker.clone().and_then(some_nonempty);
        let id_marker = input.upload_id_marker.clone().and_then(some_nonempty);
        let page = bucket.uploads(
            &prefix,
            &delimiter,
            key_marker.as_deref().map(|key| (key, id_marker.as_deref())),
            usize::try_from(max_uploads).unwrap_or(0),
        );
        let uploads = page.uploads.into_iter().map(|upload| MultipartUpload {
            key: Some(encode.apply(&upload.key)),
            upload_id: Some(upload.upload_id),
            initiated: Some(upload.initiated.timestamp()),
            checksum_algorithm: upload.algorithm.map(|a| ChecksumAlgorithm::from_static(a.name())),
            checksum_type: upload.algorithm.map(|_| ChecksumType::from_static(upload.kind.name())),
            storage_class: Some(StorageClass::from_static(StorageClass::STANDARD)),
            ..MultipartUpload::default()
        });
        let (next_key, next_id) = page.next.unzip();
        Ok(S3Response::new(ListMultipartUploadsOutput {
            bucket: Some(input.bucket),
            prefix: Some(encode.apply(&prefix)),
            delimiter: some_nonempty(delimiter).map(|d| encode.apply(&d)),
            key_marker: Some(encode.apply(&input.key_marker.unwrap_or_default())),
            upload_id_marker: Some(input.upload_id_marker.unwrap_or_default()),
            is_truncated: Some(next_key.is_some()),
            next_key_marker: next_key.map(|key| encode.apply(&key)),
            next_upload_id_marker: next_id,
            max_uploads: Some(max_uploads),
            uploads: Some(uploads.collect()),
            common_prefixes: Some(common_prefixes(page.prefixes, encode)),
            encoding_type: input.encoding_type,
            ..ListMultipartUploadsOutput::default()
        }))
    }
}

fn part_number(number: i32) -> S3Result<u16> {
    u16::try_from(number).ok().filter(|number| (1..=10_000).contains(number)).ok_or_else(|| {
        s3_error!(InvalidArgument, "Part number must be an integer between 1 and 10000, inclusive")
    })
}

fn parse_algorithm(name: &str) -> S3Result<Algorithm> {
    Algorithm::from_name(name)
        .ok_or_else(|| s3_error!(InvalidRequest, "Checksum algorithm provided is unsupported."))
}

fn parse_kind(algorithm: Option<Algorithm>, asked: Option<&ChecksumType>) -> S3Result<Kind> {
    let effective = algorithm.unwrap_or(Algorithm::Crc64Nvme);
    let Some(asked) = asked else { return Ok(effective.default_kind()) };
    let kind = Kind::from_name(asked.as_str())
        .ok_or_else(|| s3_error!(InvalidRequest, "Value for x-amz-checksum-type header is invalid."))?;
    if algorithm.is_none() {
        return Err(s3_error!(
            InvalidRequest,
            "The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header."
        ));
    }
    if !effective.supports(kind) {
        return Err(s3_error!(
            InvalidRequest,
            "The {} checksum type cannot be used with the {} checksum algorithm.",
            kind.name(),
            effective.name().to_lowercase()
        ));
    }
    Ok(kind)
}

fn named_part(part: CompletedPart, algorithm: Algorithm) -> S3Result<NamedPart> {
    let sent = sent_checksums!(part);
    Ok(NamedPart {
        number: part_number(part.part_number.unwrap_or(0))?,
        etag: part.e_tag.as_ref().map(|e| e.value().to_owned()).ok_or_else(|| s3_error!(MalformedXML))?,
        checksum: sent.iter().find(|(sent, _)| *sent == algorithm).map(|(_, value)| value.clone()),
        foreign_checksum: sent.iter().any(|(sent, _)| *sent != algorithm),
    })
}
