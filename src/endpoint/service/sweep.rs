//! `sealift-server sweep`: what nobody kept is deleted, what was given up in
//! parts is aborted.
//!
//! Nothing is remembered from one step to the next but what S3 itself says, so
//! a sweep can be stopped anywhere, started again and run beside another one.

use super::each::each_of;
use super::{Note, Ports, Service, Store};
use crate::endpoint::keep::without_pending;
use crate::endpoint::key_template::KeyTemplate;
use crate::endpoint::pending::{PendingRules, PendingStrategy};
use crate::error::{Error, Result};
use crate::s3::{
    AbortMultipartUpload, DeleteObject, GetObjectTagging, ListMultipartUploads, ListObjectsV2, ListedObject,
    ListedUpload, ObjectKey,
};
use crate::time::Timestamp;

/// What a sweep has done so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SweepReport {
    /// Objects and uploads in parts that were looked at.
    pub looked_at: u64,
    /// Pending objects that were deleted; of a dry run, that would be.
    pub deleted: u64,
    /// Their bytes.
    pub deleted_bytes: u64,
    /// Uploads in parts that were aborted; of a dry run, that would be.
    pub aborted: u64,
    /// What S3 refused to delete or abort; the next sweep tries again.
    pub failed: u64,
}

/// A step of a sweep.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SweepStep<'a> {
    /// A page of a list was worked off.
    Page,
    /// A pending object was deleted, or would be.
    Deleted {
        /// Its key.
        key: &'a str,
        /// Its bytes.
        size: u64,
    },
    /// An upload in parts was aborted, or would be.
    Aborted {
        /// Its key.
        key: &'a str,
    },
}

impl<P: Ports> Service<P> {
    /// Deletes pending objects past [`max_age`](PendingRules::max_age) and
    /// aborts uploads in parts that no grant can go on with. Touches only keys
    /// that the rules' template makes. `watch` is told of each step; with
    /// `dry_run` that is all.
    ///
    /// # Errors
    /// What S3 says if it lists nothing. What it says of a single object is
    /// noted and counted, and the sweep goes on.
    pub async fn sweep(
        &self,
        dry_run: bool,
        mut watch: impl FnMut(SweepStep<'_>, &SweepReport),
    ) -> Result<SweepReport> {
        let mut report = SweepReport::default();
        let rules = &self.endpoint.rules;
        if let Some(pending) = self.endpoint.pending() {
            self.sweep_objects(pending, dry_run, &mut report, &mut watch).await?;
        }
        self.sweep_uploads(&rules.key, dry_run, &mut report, &mut watch).await?;
        if rules.kept != rules.key {
            // Copies of what was too large for one request, whose call was killed.
            self.sweep_uploads(&rules.kept, dry_run, &mut report, &mut watch).await?;
        }
        Ok(report)
    }

    async fn sweep_objects(
        &self,
        pending: &PendingRules,
        dry_run: bool,
        report: &mut SweepReport,
        watch: &mut impl FnMut(SweepStep<'_>, &SweepReport),
    ) -> Result<()> {
        let template = &self.endpoint.rules.key;
        let prefix = template.literal_prefix();
        let mut next: Option<String> = None;
        loop {
            let list = ListObjectsV2 {
                prefix: Some(&prefix),
                continuation_token: next.as_deref(),
                ..ListObjectsV2::new(self.endpoint.bucket())
            };
            let store = self.ports.store();
            let page = ListObjectsV2::parse(&store.send(&list.request(store.endpoint())?, &[]).await?)?;
            report.looked_at += page.objects.len() as u64;
            let now = self.ports.now();
            let old = |object: &ListedObject| {
                is_past(now, object.last_modified, i64::from(pending.max_age))
                    && template.read(&object.key).is_some()
            };
            let unused: Vec<_> = page.objects.iter().filter(|object| old(object)).collect();
            let done = each_of(unused, |object| async move {
                (object, self.sweep_object(pending, object, dry_run).await)
            });
            for (object, done) in done.await {
                match done {
                    Ok(true) => {
                        report.deleted += 1;
                        report.deleted_bytes += object.size;
                        watch(SweepStep::Deleted { key: &object.key, size: object.size }, report);
                    }
                    Ok(false) => {}
                    Err(error) => self.not_swept(&error, report),
                }
            }
            watch(SweepStep::Page, report);
            match page.next {
                Some(token) => next = Some(token),
                None => return Ok(()),
            }
        }
    }

    /// Whether an old object was pending, and is deleted.
    async fn sweep_object(
        &self,
        pending: &PendingRules,
        object: &ListedObject,
        dry_run: bool,
    ) -> Result<bool> {
        let (store, bucket) = (self.ports.store(), self.endpoint.bucket());
        let key = ObjectKey::parse(&object.key)?;
        if pending.strategy == PendingStrategy::Tags {
            let get = GetObjectTagging { bucket, key: &key, version_id: None };
            let answer = store.send(&get.request(store.endpoint())?, &[]).await?;
            match GetObjectTagging::parse(&answer) {
                Ok(tags) if without_pending(&tags).is_none() => return Ok(false),
                Ok(_) => {}
                // Another sweep was faster, or its owner.
                Err(error) if error.status() == Some(404) => return Ok(false),
                Err(error) => return Err(error),
            }
        }
        if !dry_run {
            let delete = DeleteObject::new(bucket, &key).request(store.endpoint())?;
            DeleteObject::parse(&store.send(&delete, &[]).await?)?;
        }
        Ok(true)
    }

    async fn sweep_uploads(
        &self,
        template: &KeyTemplate,
        dry_run: bool,
        report: &mut SweepReport,
        watch: &mut impl FnMut(SweepStep<'_>, &SweepReport),
    ) -> Result<()> {
        let prefix = template.literal_prefix();
        let mut prefix = Some(prefix.as_str());
        let mut after = None;
        loop {
            let list = ListMultipartUploads {
                prefix,
                after: after.as_ref(),
                ..ListMultipartUploads::new(self.endpoint.bucket())
            };
            let store = self.ports.store();
            let answer = store.send(&list.request(store.endpoint())?, &[]).await?;
            let page = match ListMultipartUploads::parse(&answer) {
                // Whoever may only list below the prefix has done so.
                Err(_) if prefix.is_none() => return Ok(()),
                page => page?,
            };
            if page.uploads.is_empty() && after.is_none() && prefix.is_some() {
                // MinIO lists uploads in parts of exactly one key, or of all: the template tells whose they are.
                prefix = None;
                continue;
            }
            report.looked_at += page.uploads.len() as u64;
            let (now, age) = (self.ports.now(), self.endpoint.abandoned_after());
            let old = |upload: &ListedUpload| {
                is_past(now, upload.initiated, age) && template.read(&upload.key).is_some()
            };
            let abandoned: Vec<_> = page.uploads.iter().filter(|upload| old(upload)).collect();
            let done =
                each_of(
                    abandoned,
                    |upload| async move { (upload, self.sweep_upload(upload, dry_run).await) },
                );
            for (upload, done) in done.await {
                match done {
                    Ok(()) => {
                        report.aborted += 1;
                        watch(SweepStep::Aborted { key: &upload.key }, report);
                    }
                    Err(error) => self.not_swept(&error, report),
                }
            }
            watch(SweepStep::Page, report);
            match page.next {
                Some(next) if Some(&next) != after.as_ref() => after = Some(next),
                _ => return Ok(()),
            }
        }
    }

    async fn sweep_upload(&self, upload: &ListedUpload, dry_run: bool) -> Result<()> {
        if dry_run {
            return Ok(());
        }
        let store = self.ports.store();
        let key = ObjectKey::parse(&upload.key)?;
        let abort =
            AbortMultipartUpload { bucket: self.endpoint.bucket(), key: &key, upload_id: &upload.upload_id };
        match AbortMultipartUpload::parse(&store.send(&abort.request(store.endpoint())?, &[]).await?) {
            // Another sweep was faster.
            Err(error) if error.status() == Some(404) => Ok(()),
            parsed => parsed.map(drop),
        }
    }

    fn not_swept(&self, error: &Error, report: &mut SweepReport) {
        report.failed += 1;
        self.ports.note(&Note::S3Failed { operation: "sweep", error });
    }
}

/// Whether something is so many seconds old; what has no date never is.
fn is_past(now: Timestamp, since: Option<Timestamp>, age: i64) -> bool {
    since.is_some_and(|since| now.seconds_since(since) >= age)
}
