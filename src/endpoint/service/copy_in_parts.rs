//! Copies of what is too large for one request.

use super::each::each_of;
use super::keep::Stored;
use super::{Ports, Service, Store};
use crate::endpoint::keep::KeepTarget;
use crate::error::{Error, ErrorKind, Result};
use crate::s3::limits::{MAX_PARTS, MIN_PART_SIZE};
use crate::s3::{
    AbortMultipartUpload, CompleteMultipartUpload, CompletedPart, ContentType, CreateMultipartUpload,
    MultipartChecksum, PartPlan, UploadPartCopy,
};

impl<P: Ports> Service<P> {
    /// Copies by UploadPartCopy, parts of at most `most` bytes side by side, with
    /// a CRC64NVME of the whole where S3 makes one.
    pub(super) async fn copy_in_parts(
        &self,
        target: &KeepTarget<'_>,
        stored: &Stored,
        most: u64,
    ) -> Result<()> {
        let checksum = self.endpoint.rules().checksums.then_some(MultipartChecksum::Crc64Nvme);
        match self.copy_once(target, stored, most, checksum).await {
            // MinIO wants the checksum of every part, and computes none of those that it copies.
            Err(error)
                if checksum.is_some() && matches!(error.status(), Some(400 | 501)) && !error.retryable() =>
            {
                self.copy_once(target, stored, most, None).await
            }
            done => done,
        }
    }

    /// If it fails the copy is given up; if it is killed, the sweep finds it.
    async fn copy_once(
        &self,
        target: &KeepTarget<'_>,
        stored: &Stored,
        most: u64,
        checksum: Option<MultipartChecksum>,
    ) -> Result<()> {
        let upload_id = self.begin_copy(target, stored, checksum).await?;
        let crc64nvme = stored.head.crc64nvme.filter(|_| checksum.is_some());
        let copied = self.copy_parts(target, stored, most, (&upload_id, crc64nvme)).await;
        if copied.is_err() {
            let abort = AbortMultipartUpload {
                bucket: self.endpoint.bucket(),
                key: &target.kept,
                upload_id: &upload_id,
            };
            let store = self.ports.store();
            let _ = store.send(&abort.request(store.endpoint())?, &[]).await;
        }
        copied
    }

    /// An upload in parts copies nothing of its own accord, so all is said anew.
    async fn begin_copy(
        &self,
        target: &KeepTarget<'_>,
        stored: &Stored,
        checksum: Option<MultipartChecksum>,
    ) -> Result<String> {
        let content_type = stored.head.content_type.as_deref().map(ContentType::parse).transpose()?;
        let options = self.endpoint.kept_options(self.ports.now());
        let create = CreateMultipartUpload {
            content_type: content_type.as_ref(),
            content_disposition: stored.disposition.as_deref(),
            metadata: &stored.head.metadata,
            options: Some(&options),
            checksum,
            ..CreateMultipartUpload::new(self.endpoint.bucket(), &target.kept)
        };
        let store = self.ports.store();
        let answer = store.send(&create.request(store.endpoint())?, &[]).await?;
        Ok(CreateMultipartUpload::parse(&answer)?.upload_id)
    }

    async fn copy_parts(
        &self,
        target: &KeepTarget<'_>,
        stored: &Stored,
        most: u64,
        (upload_id, crc64nvme): (&str, Option<u64>),
    ) -> Result<()> {
        let size = stored.head.size;
        let needed = size.div_ceil(u64::from(MAX_PARTS));
        let plan = PartPlan::of_parts(size, most.max(needed).max(MIN_PART_SIZE))?;
        let numbers: Vec<u16> = (1..=plan.parts()).collect();
        let copied = each_of(numbers, |number| async move {
            let part = UploadPartCopy {
                bucket: self.endpoint.bucket(),
                key: &target.kept,
                upload_id,
                number,
                source: target.source(&stored.head.etag),
                bytes: plan.part(number),
            };
            let store = self.ports.store();
            UploadPartCopy::parse(&store.send(&part.request(store.endpoint())?, &[]).await?)
        })
        .await;
        let mut parts = Vec::with_capacity(copied.len());
        for part in copied {
            let part = part?;
            parts.push(CompletedPart { etag: part.etag, sha256: None, crc64nvme: part.crc64nvme });
        }
        let complete = CompleteMultipartUpload {
            crc64nvme,
            object_size: Some(size),
            if_none_match: self.endpoint.rules().conditional_writes,
            ..CompleteMultipartUpload::new(self.endpoint.bucket(), &target.kept, upload_id, &parts)
        };
        let store = self.ports.store();
        let (request, body) = complete.request(store.endpoint())?;
        CompleteMultipartUpload::parse_done(&store.send(&request, body.as_bytes()).await?).map_err(|error| {
            // The upload is gone, not the object: somebody else's sweep or abort. Worth another try.
            if error.status() == Some(404) {
                Error::new(ErrorKind::S3, "the copy was given up").with_retryable(true)
            } else {
                error
            }
        })
    }
}
