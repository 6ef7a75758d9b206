//! Writing, copying, tagging and deleting objects.

use hyper::HeaderMap;
use hyper::header::{ETAG, HeaderValue, LOCATION};
use s3s::dto::*;
use s3s::{S3Request, S3Response, S3Result, s3_error};

use super::Operations;
use super::convert::{etag, object_headers, sent_checksums, set_checksum, tag_map, tag_set, url_encode};
use super::read::{check_copy, source_of};
use super::upload::Promise;
use crate::checksum::{Algorithm, Kind};
use crate::store::Precondition;
use crate::store::read::stream;

impl Operations {
    pub(super) async fn put_object(
        &self,
        req: S3Request<PutObjectInput>,
    ) -> S3Result<S3Response<PutObjectOutput>> {
        let input = req.input;
        let bucket = self.store.bucket(&input.bucket)?;
        let headers = object_headers!(input)?;
        let precondition = Precondition::parse(input.if_match, input.if_none_match.as_ref())?;
        let promise = Promise::parse(
            &req.headers,
            input.content_length,
            input.content_md5.as_deref(),
            sent_checksums!(input),
        )?;
        bucket.check(&input.key, &precondition)?;

        let algorithm = promise.algorithm().unwrap_or(Algorithm::Crc64Nvme);
        let body = bucket.ingest(input.body, algorithm).await?;
        promise.verify(&body, req.trailing_headers.as_ref())?;
        let object = bucket.put(&input.key, body, headers, &precondition)?;

        let mut output = PutObjectOutput {
            e_tag: Some(etag(&object.record.etag)),
            checksum_type: Some(ChecksumType::from_static(Kind::FullObject.name())),
            ..PutObjectOutput::default()
        };
        set_checksum!(output, &object.record.checksum);
        Ok(S3Response::new(output))
    }

    pub(super) async fn post_object(
        &self,
        req: S3Request<PostObjectInput>,
    ) -> S3Result<S3Response<PostObjectOutput>> {
        let input = &req.input;
        if input.key.is_empty() || input.key.len() > 1024 {
            return Err(match input.key.len() {
                0 => s3_error!(InvalidArgument, "User key must have a length greater than 0."),
                _ => s3_error!(KeyTooLongError, "Your key is too long"),
            });
        }
        check_unlisted_encryption(input)?;
        let (bucket, key) = (input.bucket.clone(), input.key.clone());
        let redirect = input.success_action_redirect.clone();
        let put = req.map_input(|input| PutObjectInput {
            body: input.body,
            bucket: input.bucket,
            key: input.key,
            cache_control: input.cache_control,
            checksum_crc32: input.checksum_crc32,
            checksum_crc32c: input.checksum_crc32c,
            checksum_crc64nvme: input.checksum_crc64nvme,
            checksum_sha1: input.checksum_sha1,
            checksum_sha256: input.checksum_sha256,
            content_disposition: input.content_disposition,
            content_encoding: input.content_encoding,
            content_language: input.content_language,
            content_length: input.content_length,
            content_md5: input.content_md5,
            content_type: input.content_type,
            expires: input.expires,
            if_match: input.if_match,
            if_none_match: input.if_none_match,
            metadata: input.metadata,
            storage_class: input.storage_class,
            tagging: input.tagging,
            website_redirect_location: input.website_redirect_location,
            ..PutObjectInput::default()
        });
        let stored = Operations::put_object(self, put).await?.output;

        // S3 answers a form with the object's ETag and address, and quotes the
        // ETag in a redirect; s3s adds status and document.
        let e_tag = stored.e_tag.as_ref().map(ETag::value).unwrap_or_default();
        let location = match redirect {
            Some(url) => {
                let separator = if url.contains('?') { '&' } else { '?' };
                let key = url_encode(&key).replace('/', "%2F");
                format!("{url}{separator}bucket={bucket}&key={key}&etag=%22{e_tag}%22")
            }
            None => format!("/{bucket}/{}", url_encode(&key)),
        };
        let mut headers = HeaderMap::new();
        for (name, value) in [(ETAG, format!("\"{e_tag}\"")), (LOCATION, location)] {
            headers.insert(name, HeaderValue::from_str(&value).map_err(|e| s3_error!(e, InvalidArgument))?);
        }
        let output = PostObjectOutput { e_tag: stored.e_tag, ..PostObjectOutput::default() };
        Ok(S3Response::with_headers(output, headers))
    }

    pub(super) async fn copy_object(
        &self,
        req: S3Request<CopyObjectInput>,
    ) -> S3Result<S3Response<CopyObjectOutput>> {
        let input = req.input;
        let source = source_of(&self.store, &input.copy_source)?;
        check_copy(
            &source.record,
            input.copy_source_if_match.as_ref(),
            input.copy_source_if_none_match.as_ref(),
            input.copy_source_if_modified_since.clone(),
            input.copy_source_if_unmodified_since.clone(),
        )?;
        let bucket = self.store.bucket(&input.bucket)?;
        let replace = |directive: Option<&str>| directive.is_some_and(|d| d == "REPLACE");
        let replace_metadata = replace(input.metadata_directive.as_ref().map(MetadataDirective::as_str));
        let replace_tags = replace(input.tagging_directive.as_ref().map(TaggingDirective::as_str));
        let mut headers = object_headers!(input)?;
        if !replace_metadata {
            let CopyObjectInput { storage_class, .. } = &input;
            let mut kept = source.record.headers.clone();
            kept.storage_class = storage_class.as_ref().map(|class| class.as_str().to_owned());
            kept.tags = headers.tags;
            headers = kept;
        }
        if !replace_tags {
            headers.tags = source.record.headers.tags.clone();
        }
        let precondition = Precondition::parse(input.if_match, input.if_none_match.as_ref())?;
        bucket.check(&input.key, &precondition)?;
        let algorithm = match &input.checksum_algorithm {
            Some(named) => Algorithm::from_name(named.as_str())
                .ok_or_else(|| s3_error!(InvalidRequest, "Checksum algorithm provided is unsupported."))?,
            None => source.record.checksum.algorithm,
        };
        let size = source.record.size;
        let body = bucket.ingest(Some(stream(source, 0..size)), algorithm).await?;
        let object = bucket.put(&input.key, body, headers, &precondition)?;
        let mut result = CopyObjectResult {
            e_tag: Some(etag(&object.record.etag)),
            last_modified: Some(object.record.last_modified.timestamp()),
            checksum_type: Some(ChecksumType::from_static(Kind::FullObject.name())),
            ..CopyObjectResult::default()
        };
        set_checksum!(result, &object.record.checksum);
        Ok(S3Response::new(CopyObjectOutput {
            copy_object_result: Some(result),
            ..CopyObjectOutput::default()
        }))
    }

    pub(super) async fn delete_object(
        &self,
        req: S3Request<DeleteObjectInput>,
    ) -> S3Result<S3Response<DeleteObjectOutput>> {
        self.store.bucket(&req.input.bucket)?.delete(&req.input.key, req.input.if_match.as_ref())?;
        Ok(S3Response::new(DeleteObjectOutput::default()))
    }

    pub(super) async fn delete_objects(
        &self,
        req: S3Request<DeleteObjectsInput>,
    ) -> S3Result<S3Response<DeleteObjectsOutput>> {
        let bucket = self.store.bucket(&req.input.bucket)?;
        let Delete { objects, quiet } = req.input.delete;
        if objects.is_empty() || objects.len() > 1000 {
            return Err(s3_error!(MalformedXML));
        }
        let (mut deleted, mut errors) = (Vec::new(), Vec::new());
        for object in objects {
            let condition = object.e_tag.map(ETagCondition::ETag);
            match bucket.delete(&object.key, condition.as_ref()) {
                Ok(()) => deleted.push(DeletedObject { key: Some(object.key), ..DeletedObject::default() }),
                Err(e) => errors.push(Error {
                    code: Some(e.code().as_str().to_owned()),
                    message: e.message().map(str::to_owned),
                    key: Some(object.key),
                    version_id: None,
                }),
            }
        }
        let deleted = (!quiet.unwrap_or(false)).then_some(deleted);
        let errors = (!errors.is_empty()).then_some(errors);
        Ok(S3Response::new(DeleteObjectsOutput { deleted, errors, request_charged: None }))
    }

    pub(super) async fn get_object_tagging(
        &self,
        req: S3Request<GetObjectTaggingInput>,
    ) -> S3Result<S3Response<GetObjectTaggingOutput>> {
        let object = self.store.bucket(&req.input.bucket)?.object(&req.input.key)?;
        let tag_set = tag_set(&object.record.headers.tags);
        Ok(S3Response::new(GetObjectTaggingOutput { tag_set, version_id: None }))
    }

    pub(super) async fn put_object_tagging(
        &self,
        req: S3Request<PutObjectTaggingInput>,
    ) -> S3Result<S3Response<PutObjectTaggingOutput>> {
        let tags = tag_map(req.input.tagging.tag_set)?;
        self.store.bucket(&req.input.bucket)?.set_object_tags(&req.input.key, tags)?;
        Ok(S3Response::new(PutObjectTaggingOutput::default()))
    }

    pub(super) async fn delete_object_tagging(
        &self,
        req: S3Request<DeleteObjectTaggingInput>,
    ) -> S3Result<S3Response<DeleteObjectTaggingOutput>> {
        self.store.bucket(&req.input.bucket)?.set_object_tags(&req.input.key, Default::default())?;
        Ok(S3Response::new(DeleteObjectTaggingOutput::default()))
    }
}

/// Refuses encryption fields that the policy does not list: s3s lets them pass
/// any policy, S3 does not.
fn check_unlisted_encryption(input: &PostObjectInput) -> S3Result<()> {
    use s3s::post_policy::PostPolicyCondition as Condition;
    let sent = [
        ("x-amz-server-side-encryption", input.server_side_encryption.is_some()),
        ("x-amz-server-side-encryption-aws-kms-key-id", input.ssekms_key_id.is_some()),
        ("x-amz-server-side-encryption-context", input.ssekms_encryption_context.is_some()),
        ("x-amz-server-side-encryption-customer-algorithm", input.sse_customer_algorithm.is_some()),
        ("x-amz-server-side-encryption-customer-key", input.sse_customer_key.is_some()),
        ("x-amz-server-side-encryption-customer-key-md5", input.sse_customer_key_md5.is_some()),
    ];
    let conditions = input.policy.as_ref().map(|p| p.conditions.as_slice()).unwrap_or_default();
    for (name, _) in sent.into_iter().filter(|(_, sent)| *sent) {
        let listed = conditions.iter().any(|condition| match condition {
            Condition::Eq { field, .. } | Condition::StartsWith { field, .. } => field == name,
            Condition::ContentLengthRange { .. } => false,
        });
        if !listed {
            return Err(s3_error!(AccessDenied, "Invalid according to Policy: Extra input fields: {name}"));
        }
    }
    Ok(())
}
