//! The other ways that bytes come by: in signed chunks, as a form, in parts.

use sealift::s3::{
    CompleteMultipartUpload, CompletedPart, CreateMultipartUpload, ETag, ListMultipartUploads, ObjectKey,
};
use sealift::sigv4::chunked::{ChunkEncoder, ChunkFormat, ChunkPlan, ChunkSize};
use sealift::sigv4::{PayloadHash, PostPolicy, Request, Signer, sign_post_policy};

use super::Doctor;
use super::uploads::{Answered, BODY, OTHER, is_taken, told};

impl Doctor {
    pub(super) async fn chunks(&mut self) {
        let (Some(key), Some(wrong)) = (self.key("chunks"), self.key("chunks-wrong")) else { return };
        let right = self.put_chunks(&key, BODY).await;
        let refuses = !is_taken(&self.put_chunks(&wrong, OTHER).await);
        let verified = is_taken(&right) && refuses;
        match (verified, self.rules.chunk_signatures) {
            (true, true) => self.report.well("chunk-signatures", "The signatures of chunks are verified."),
            (true, false) => self.report.note(
                "chunk-signatures",
                "The signatures of chunks are verified here: `rules.chunk_signatures` could be true.",
            ),
            (false, true) if is_taken(&right) => self.report.problem(
                "chunk-signatures",
                "Chunks are taken whose signatures are of other bytes: set `rules.chunk_signatures = false`.",
            ),
            (false, true) => self.report.problem(
                "chunk-signatures",
                format!(
                    "Bodies in signed chunks are refused ({}): set `rules.chunk_signatures = false`.",
                    told(&right)
                ),
            ),
            (false, false) => self.report.note(
                "chunk-signatures",
                "The signatures of chunks are not verified here, and not asked for.",
            ),
        }
    }

    /// Signed for `BODY`, with other bytes sent perhaps.
    async fn put_chunks(&self, key: &ObjectKey, sent: &[u8]) -> Answered {
        let text = |error: sealift::Error| error.to_string();
        let plan =
            ChunkPlan::new(ChunkFormat::Signed, ChunkSize::new(8192).map_err(text)?, BODY.len() as u64)
                .map_err(text)?;
        let request = plan
            .prepare(self.endpoint.object_request("PUT", &self.bucket, key).map_err(text)?)
            .map_err(text)?;
        let (signed, options) = (self.wire.sign(&request)?, self.wire.options()?);
        let chain = Signer::new(&self.wire.credentials).chunk_chain(&options, signed.signature);
        let mut encoder = ChunkEncoder::new(plan, Some(chain)).map_err(text)?;
        let mut body = Vec::new();
        encoder.update(BODY, &mut body).map_err(text)?;
        encoder.finish(None, &mut body).map_err(text)?;
        if let Some(at) = body.windows(BODY.len()).position(|bytes| bytes == BODY)
            && let Some(place) = body.get_mut(at..at + sent.len())
        {
            place.copy_from_slice(sent);
        }
        self.wire.send_plain("PUT", &signed.url, &signed.headers, body).await
    }

    pub(super) async fn forms(&mut self) {
        if self.rules.max_post_size == 0 {
            return self
                .report
                .note("post-forms", "POST forms are switched off (`rules.max_post_size = 0`).");
        }
        let (Some(key), Some(long)) = (self.key("form"), self.key("form-long")) else { return };
        let right = self.post(&key, BODY).await;
        if !is_taken(&right) {
            return self.report.problem(
                "post-forms",
                format!("Signed POST forms are refused ({}): set `rules.max_post_size = 0`.", told(&right)),
            );
        }
        let longer = [BODY, BODY].concat();
        if is_taken(&self.post(&long, &longer).await) {
            self.report.problem(
                "post-forms",
                "A form longer than its policy allows is taken: set `rules.max_post_size = 0`.",
            );
        } else {
            self.report.well("post-forms", "POST forms work, and their policies are held to.");
        }
    }

    /// A form whose policy allows just the length of `BODY`.
    async fn post(&self, key: &ObjectKey, file: &[u8]) -> Answered {
        let text = |error: sealift::Error| error.to_string();
        let length = BODY.len() as u64;
        let policy = PostPolicy::new(self.wire.clock.now().plus_seconds(300))
            .eq("bucket", self.bucket.as_str())
            .and_then(|policy| policy.eq("key", key.as_str()))
            .and_then(|policy| policy.content_length_range(length, length))
            .map_err(text)?;
        let form = sign_post_policy(&policy, &self.wire.credentials, &self.wire.options()?).map_err(text)?;
        let boundary = "sealift-doctor-form";
        let mut body = Vec::new();
        for (name, value) in &form.fields {
            let field =
                format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
            body.extend_from_slice(field.as_bytes());
        }
        let head = format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"file\"\r\nContent-Type: text/plain\r\n\r\n"
        );
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(file);
        body.extend_from_slice(format!("\r\n--{boundary}--\r\n").as_bytes());
        let headers = [("content-type".to_owned(), format!("multipart/form-data; boundary={boundary}"))];
        let url = self.endpoint.bucket_url(&self.bucket).map_err(text)?;
        self.wire.send_plain("POST", &url, &headers, body).await
    }

    pub(super) async fn multipart(&mut self) {
        let Some(key) = self.key("multipart") else { return };
        let created = match CreateMultipartUpload::new(&self.bucket, &key).request(&self.endpoint) {
            Ok(request) => self.wire.send(&request, []).await,
            Err(error) => Err(error.to_string()),
        };
        let parsed = created.as_ref().ok().and_then(|answer| CreateMultipartUpload::parse(answer).ok());
        let Some(upload_id) = parsed.map(|created| created.upload_id) else {
            return self
                .report
                .problem("multipart", format!("Uploads in parts cannot begin: {}.", told(&created)));
        };
        self.open_uploads.push((key.clone(), upload_id.clone()));
        let part = |number: &str| -> Option<Request> {
            let request = self.endpoint.object_request("PUT", &self.bucket, &key).ok()?;
            Some(
                request
                    .query("partNumber", number)
                    .query("uploadId", &upload_id)
                    .payload(PayloadHash::of(BODY)),
            )
        };
        let (Some(right), Some(wrong)) = (part("1"), part("2")) else { return };
        let wrong = self.wire.send(&wrong, OTHER).await;
        let right = self.wire.send(&right, BODY).await;
        let etag = right.as_ref().ok().filter(|_| is_taken(&right)).and_then(|answer| answer.header("etag"));
        let Some(etag) = etag.and_then(|etag| ETag::parse(etag).ok()) else {
            return self.report.problem("multipart", format!("A part could not be sent: {}.", told(&right)));
        };
        if is_taken(&wrong) {
            self.report.problem("multipart", "A part with other bytes than were signed for is taken.");
        }
        self.list_uploads(&key, &upload_id).await;
        let parts = [CompletedPart { etag, sha256: None, crc64nvme: None }];
        let complete =
            CompleteMultipartUpload::new(&self.bucket, &key, &upload_id, &parts).request(&self.endpoint);
        let completed = match complete {
            Ok((request, body)) => self.wire.send(&request, body).await,
            Err(error) => Err(error.to_string()),
        };
        match completed.as_ref().map(CompleteMultipartUpload::parse_done) {
            Ok(Ok(())) => {
                self.open_uploads.clear();
                if !is_taken(&wrong) {
                    self.report
                        .well("multipart", "Uploads in parts work, and parts are held to their hashes.");
                }
            }
            _ => self.report.problem(
                "multipart",
                format!("An upload in parts could not be completed: {}.", told(&completed)),
            ),
        }
    }

    async fn list_uploads(&mut self, key: &ObjectKey, upload_id: &str) {
        let list =
            ListMultipartUploads { prefix: Some(key.as_str()), ..ListMultipartUploads::new(&self.bucket) };
        let answer = match list.request(&self.endpoint) {
            Ok(request) => self.wire.send(&request, []).await,
            Err(error) => Err(error.to_string()),
        };
        let listed = answer.as_ref().ok().and_then(|answer| ListMultipartUploads::parse(answer).ok());
        if listed.is_some_and(|list| list.uploads.iter().any(|upload| upload.upload_id == upload_id)) {
            self.report.well(
                "list-uploads",
                "Uploads under way are listed, so `sealift-server sweep` can find those that were left.",
            );
        } else {
            self.report.warning(
                "list-uploads",
                format!("Uploads under way are not listed ({}): `sealift-server sweep` cannot abort those that were left.", told(&answer)),
            );
        }
    }
}
