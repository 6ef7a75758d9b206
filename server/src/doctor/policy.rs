//! What the bucket and its keys should be like, as JSON to paste.

use sealift::endpoint::{PendingStrategy, Rules, ServerSideEncryption};
use sealift::s3::CorsRule;
use serde_json::{Value, json};

/// Headers that pages read. AWS takes no wildcard here.
pub const EXPOSED: [&str; 7] = [
    "ETag",
    "Date",
    "Retry-After",
    "x-amz-request-id",
    "x-amz-version-id",
    "x-amz-checksum-sha256",
    "x-amz-checksum-crc64nvme",
];
/// How uploads are sent, and read.
pub const METHODS: [&str; 3] = ["GET", "PUT", "POST"];
/// The name of the rules that `--apply` adds.
pub const RULE_ID: &str = "sealift";
/// After how many days uploads that nobody completes are aborted: as long as
/// they can be resumed by default.
pub const ABORT_AFTER_DAYS: u32 = 7;

/// The rule for these origins.
#[must_use]
pub fn cors_rule(origins: &[String]) -> CorsRule {
    let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    CorsRule {
        id: Some(RULE_ID.to_owned()),
        allowed_origins: origins.to_vec(),
        allowed_methods: owned(&METHODS),
        allowed_headers: vec!["*".to_owned()],
        expose_headers: owned(&EXPOSED),
        max_age_seconds: Some(3000),
    }
}

/// In the JSON of AWS's command line.
#[must_use]
pub fn cors_json(origins: &[String]) -> Value {
    let rule = cors_rule(origins);
    json!({ "CORSRules": [{
        "ID": rule.id,
        "AllowedOrigins": rule.allowed_origins,
        "AllowedMethods": rule.allowed_methods,
        "AllowedHeaders": rule.allowed_headers,
        "ExposeHeaders": rule.expose_headers,
        "MaxAgeSeconds": rule.max_age_seconds,
    }] })
}

/// The rule for uploads that nobody completes.
#[must_use]
pub fn lifecycle_json(prefix: &str) -> Value {
    json!({ "Rules": [{
        "ID": RULE_ID,
        "Filter": { "Prefix": prefix },
        "Status": "Enabled",
        "AbortIncompleteMultipartUpload": { "DaysAfterInitiation": ABORT_AFTER_DAYS },
    }] })
}

/// The least that the server's key must be allowed. What `doctor` alone needs
/// stands in a statement of its own.
#[must_use]
pub fn iam(bucket: &str, prefixes: &[String], rules: &Rules) -> Value {
    let mut objects = vec![
        "s3:PutObject",
        "s3:GetObject",
        "s3:DeleteObject",
        "s3:AbortMultipartUpload",
        "s3:ListMultipartUploadParts",
    ];
    let store = &rules.store;
    let has_tags = rules.pending.as_ref().is_some_and(|pending| pending.strategy == PendingStrategy::Tags);
    if has_tags {
        objects.extend(["s3:PutObjectTagging", "s3:GetObjectTagging"]);
    } else if !store.tags.is_empty() {
        objects.push("s3:PutObjectTagging");
    }
    if store.acl.is_some() {
        objects.push("s3:PutObjectAcl");
    }
    if store.object_lock_mode.is_some() {
        objects.push("s3:PutObjectRetention");
    }
    if store.legal_hold {
        objects.push("s3:PutObjectLegalHold");
    }
    let bucket_arn = format!("arn:aws:s3:::{bucket}");
    let mut statements = vec![
        json!({
            "Sid": "SealiftObjects",
            "Effect": "Allow",
            "Action": objects,
            "Resource": prefixes.iter().map(|prefix| format!("{bucket_arn}/{prefix}*")).collect::<Vec<_>>(),
        }),
        // With it, S3 says of an object that is not there just that.
        json!({
            "Sid": "SealiftList",
            "Effect": "Allow",
            "Action": ["s3:ListBucket"],
            "Resource": bucket_arn,
            "Condition": { "StringLike": { "s3:prefix": prefixes.iter().map(|prefix| format!("{prefix}*")).collect::<Vec<_>>() } },
        }),
        json!({
            "Sid": "SealiftSweep",
            "Effect": "Allow",
            "Action": ["s3:ListBucketMultipartUploads"],
            "Resource": bucket_arn,
        }),
        json!({
            "Sid": "SealiftDoctor",
            "Effect": "Allow",
            "Action": [
                "s3:GetBucketLocation", "s3:GetBucketCORS", "s3:PutBucketCORS",
                "s3:GetLifecycleConfiguration", "s3:PutLifecycleConfiguration",
            ],
            "Resource": bucket_arn,
        }),
    ];
    if store.sse == Some(ServerSideEncryption::Kms) {
        statements.push(json!({
            "Sid": "SealiftKey",
            "Effect": "Allow",
            "Action": ["kms:GenerateDataKey", "kms:Decrypt"],
            "Resource": store.kms_key_id.as_deref().unwrap_or("*"),
        }));
    }
    json!({ "Version": "2012-10-17", "Statement": statements })
}
