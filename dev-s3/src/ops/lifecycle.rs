//! Lifecycle rules: kept and answered, so that what sets them can be tried.
//! Nothing is deleted by them.

use s3s::dto::*;
use s3s::{S3Request, S3Response, S3Result, s3_error};

use super::Operations;
use crate::store::record::LifecycleRecord;

impl Operations {
    pub(super) async fn get_bucket_lifecycle_configuration(
        &self,
        req: S3Request<GetBucketLifecycleConfigurationInput>,
    ) -> S3Result<S3Response<GetBucketLifecycleConfigurationOutput>> {
        let rules = self.store.bucket(&req.input.bucket)?.lifecycle();
        if rules.is_empty() {
            return Err(s3_error!(
                NoSuchLifecycleConfiguration,
                "The lifecycle configuration does not exist"
            ));
        }
        Ok(S3Response::new(GetBucketLifecycleConfigurationOutput {
            rules: Some(rules.into_iter().map(to_dto).collect()),
            ..Default::default()
        }))
    }

    pub(super) async fn put_bucket_lifecycle_configuration(
        &self,
        req: S3Request<PutBucketLifecycleConfigurationInput>,
    ) -> S3Result<S3Response<PutBucketLifecycleConfigurationOutput>> {
        let bucket = self.store.bucket(&req.input.bucket)?;
        let rules =
            req.input.lifecycle_configuration.map(|configuration| configuration.rules).unwrap_or_default();
        if rules.is_empty() || rules.len() > 1000 {
            return Err(s3_error!(MalformedXML));
        }
        bucket.set_lifecycle(rules.into_iter().map(from_dto).collect::<S3Result<_>>()?)?;
        Ok(S3Response::new(PutBucketLifecycleConfigurationOutput::default()))
    }

    pub(super) async fn delete_bucket_lifecycle(
        &self,
        req: S3Request<DeleteBucketLifecycleInput>,
    ) -> S3Result<S3Response<DeleteBucketLifecycleOutput>> {
        self.store.bucket(&req.input.bucket)?.set_lifecycle(Vec::new())?;
        Ok(S3Response::with_status(DeleteBucketLifecycleOutput::default(), hyper::StatusCode::NO_CONTENT))
    }
}

fn from_dto(rule: LifecycleRule) -> S3Result<LifecycleRecord> {
    let filter = rule.filter.unwrap_or_default();
    let both = filter.and.unwrap_or_default();
    let tag = filter.tag.or_else(|| both.tags.and_then(|tags| tags.into_iter().next()));
    let abort_after_days =
        rule.abort_incomplete_multipart_upload.and_then(|abort| abort.days_after_initiation);
    let expire_after_days = rule.expiration.and_then(|expiration| expiration.days);
    // S3 cannot tell the tags of an upload that was not completed.
    if tag.is_some() && abort_after_days.is_some() {
        return Err(s3_error!(
            InvalidRequest,
            "AbortIncompleteMultipartUpload cannot be specified with Tags."
        ));
    }
    if abort_after_days.is_none() && expire_after_days.is_none() {
        return Err(s3_error!(InvalidRequest, "At least one action needs to be specified in a rule."));
    }
    Ok(LifecycleRecord {
        id: rule.id,
        enabled: rule.status.as_str() == ExpirationStatus::ENABLED,
        prefix: filter.prefix.or(both.prefix),
        tag: tag.and_then(|tag| tag.key.zip(tag.value)),
        expire_after_days,
        abort_after_days,
    })
}

fn to_dto(record: LifecycleRecord) -> LifecycleRule {
    let tag = record.tag.map(|(key, value)| Tag { key: Some(key), value: Some(value) });
    let filter = match (record.prefix, tag) {
        (prefix @ Some(_), Some(tag)) => LifecycleRuleFilter {
            and: Some(LifecycleRuleAndOperator { prefix, tags: Some(vec![tag]), ..Default::default() }),
            ..Default::default()
        },
        (prefix, tag) => LifecycleRuleFilter { prefix, tag, ..Default::default() },
    };
    let status = if record.enabled { ExpirationStatus::ENABLED } else { ExpirationStatus::DISABLED };
    LifecycleRule {
        id: record.id,
        filter: Some(filter),
        status: ExpirationStatus::from_static(status),
        expiration: record
            .expire_after_days
            .map(|days| LifecycleExpiration { days: Some(days), ..Default::default() }),
        abort_incomplete_multipart_upload: record
            .abort_after_days
            .map(|days| AbortIncompleteMultipartUpload { days_after_initiation: Some(days) }),
        noncurrent_version_expiration: None,
        noncurrent_version_transitions: None,
        prefix: None,
        transitions: None,
    }
}
