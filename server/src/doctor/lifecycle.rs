//! Multipart uploads that nobody completes: they cost, and no list of objects
//! shows them.

use sealift::s3::{self, BucketLifecycle};

use super::Doctor;
use super::policy::{ABORT_AFTER_DAYS, RULE_ID};

impl Doctor {
    pub(super) async fn lifecycle(&mut self, apply: bool) {
        let (endpoint, bucket) = (self.endpoint.clone(), self.bucket.clone());
        let prefix = self.key_prefix.clone();
        let Ok(request) = BucketLifecycle::get(&endpoint, &bucket) else { return };
        let answer = match self.wire.send(&request, []).await {
            Ok(answer) => answer,
            Err(why) => {
                return self
                    .report
                    .warning("lifecycle", format!("The lifecycle rules could not be read: {why}."));
            }
        };
        let lifecycle = match BucketLifecycle::parse(&answer) {
            Ok(lifecycle) => lifecycle,
            Err(error) => return self.lifecycle_refused(error.code(), answer.status),
        };
        if lifecycle.aborts_uploads_below(&prefix) {
            return self
                .report
                .well("lifecycle", "Multipart uploads that nobody completes are aborted by a rule.");
        }
        if self.is_minio() {
            return self.minio_lifecycle();
        }
        if !apply {
            return self.report.problem(
                "lifecycle",
                "No rule aborts multipart uploads that nobody completes: their parts stay, cost, and are in no list of \
                 objects. Add the rule below (--apply does), or run `sealift-server sweep` regularly.",
            );
        }
        let lifecycle = lifecycle.with_abort_rule(RULE_ID, &prefix, ABORT_AFTER_DAYS);
        let Ok((request, body)) = lifecycle.put(&endpoint, &bucket) else { return };
        match self.put_document(request, body).await {
            Ok(()) => {
                self.report.applied.push(format!(
                    "A lifecycle rule was added: uploads below {prefix:?} that nobody completes are aborted after \
                     {ABORT_AFTER_DAYS} days."
                ));
                self.report.well(
                    "lifecycle",
                    "Multipart uploads that nobody completes are aborted by the rule just added.",
                );
            }
            Err(code) => self
                .report
                .problem("lifecycle", format!("The lifecycle rule could not be set: S3 answered {code}.")),
        }
    }

    fn lifecycle_refused(&mut self, code: &str, status: u16) {
        match code {
            "AccessDenied" => self.report.warning(
                "lifecycle",
                "The keys may not read the lifecycle rules (s3:GetLifecycleConfiguration), so whether one aborts uploads \
                 that nobody completes is not known.",
            ),
            _ if self.is_minio() => self.minio_lifecycle(),
            _ => self.report.note(
                "lifecycle",
                format!(
                    "This server has no lifecycle rules (it answered {status} {code}): run `sealift-server sweep` \
                     regularly, it aborts uploads that nobody completes."
                ),
            ),
        }
    }

    fn minio_lifecycle(&mut self) {
        self.report.note(
            "lifecycle",
            "MinIO takes no such rule, and aborts uploads by itself 24 hours after they began \
             (MINIO_API_STALE_UPLOADS_EXPIRY): uploads that are resumed later begin anew.",
        );
    }

    /// Sends a configuration. The error is S3's code.
    pub(super) async fn put_document(
        &mut self,
        request: sealift::sigv4::Request,
        body: String,
    ) -> Result<(), String> {
        let answer = self.wire.send(&request, body).await?;
        if answer.success().is_ok() { Ok(()) } else { Err(s3::error::parse(&answer).code().to_owned()) }
    }
}
