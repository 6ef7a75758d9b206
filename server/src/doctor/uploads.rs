//! What the server really verifies: small test objects, below a prefix of
//! their own, some of them wrong on purpose.

use sealift::digest::sha256;
use sealift::s3::checksum::{self, SHA256_HEADER};
use sealift::s3::{
    self, AbortMultipartUpload, CompleteMultipartUpload, CompletedPart, CreateMultipartUpload, DeleteObject,
    ETag, HeadObject, ListMultipartUploads, ObjectKey, Response,
};
use sealift::sigv4::chunked::{ChunkEncoder, ChunkFormat, ChunkPlan, ChunkSize};
use sealift::sigv4::{PayloadHash, PostPolicy, Request, Signer, presign, sign_post_policy};

use super::Doctor;

const BODY: &[u8] = b"A test of sealift-server doctor.\n";
const OTHER: &[u8] = b"A TEST OF SEALIFT-SERVER DOCTOR.\n";

/// An answer, or why none came.
type Answered = Result<Response, String>;

impl Doctor {
    /// The object that further checks may read; none if nothing can be written.
    pub(super) async fn uploads(&mut self) -> Option<ObjectKey> {
        let key = self.key("plain")?;
        let answer = self.put(&key, &[], PayloadHash::of(BODY), BODY).await;
        if !is_taken(&answer) {
            let said = told(&answer);
            self.report.problem(
                "put",
                format!("A small object could not be written below {}: {said}. The policy below says what the keys need.", self.test_prefix),
            );
            return None;
        }
        self.report.well("put", "Objects can be written.");
        self.read(&key).await;
        self.payload_hash().await;
        self.length().await;
        self.checksums().await;
        self.conditional(&key).await;
        self.chunks().await;
        self.forms().await;
        self.multipart().await;
        Some(key)
    }

    async fn read(&mut self, key: &ObjectKey) {
        let head = match HeadObject::new(&self.bucket, key).request(&self.endpoint) {
            Ok(request) => self.wire.send(&request, []).await,
            Err(error) => Err(error.to_string()),
        };
        let size = head
            .as_ref()
            .ok()
            .and_then(|answer| HeadObject::parse(answer).ok().flatten())
            .map(|head| head.size);
        if size != Some(BODY.len() as u64) {
            return self.report.problem(
                "read",
                format!("HEAD of what was written fails ({}): no upload could be finished.", told(&head)),
            );
        }
        let url = self.public_endpoint.object_request("GET", &self.bucket, key).ok().and_then(|request| {
            presign(&request, &self.wire.credentials, &self.wire.options().ok()?, 60).ok()
        });
        let answer = match url {
            Some(signed) => self.wire.send_plain("GET", &signed.url, &signed.headers, Vec::new()).await,
            None => Err("no link could be made".to_owned()),
        };
        match &answer {
            Ok(got) if got.body == BODY => {
                self.report.well("read", "What was written can be read, by a signed link too.")
            }
            _ => self.report.problem(
                "read",
                format!(
                    "A signed link to what was written does not work at the address that browsers call: {}.",
                    told(&answer)
                ),
            ),
        }
    }

    async fn payload_hash(&mut self) {
        let Some(key) = self.key("payload-hash") else { return };
        let answer = self.put(&key, &[], PayloadHash::of(BODY), OTHER).await;
        if is_taken(&answer) {
            self.report.problem(
                "payload-hash",
                "Other bytes than those that were signed for are taken: this server does not verify x-amz-content-sha256.",
            );
        } else {
            self.report.well("payload-hash", "Bytes other than those that were signed for are refused.");
        }
    }

    async fn length(&mut self) {
        let Some(key) = self.key("length") else { return };
        let short = [("content-length", "5")];
        let answer = self.put(&key, &short, PayloadHash::Unsigned, BODY).await;
        if is_taken(&answer) {
            self.report.problem("length", "A body longer than the signed content-length is taken: anybody with a grant may send any size.");
        } else {
            self.report.well("length", "A body longer than was signed for is refused.");
        }
    }

    async fn checksums(&mut self) {
        let (Some(key), Some(wrong)) = (self.key("checksum"), self.key("checksum-wrong")) else { return };
        let sum = checksum::to_base64(&sha256(BODY));
        let header = [(SHA256_HEADER, sum.as_str())];
        let right = self.put(&key, &header, PayloadHash::Unsigned, BODY).await;
        let refuses = !is_taken(&self.put(&wrong, &header, PayloadHash::Unsigned, OTHER).await);
        let kept = match HeadObject::new(&self.bucket, &key).request(&self.endpoint) {
            Ok(request) => self.wire.send(&request, []).await.ok(),
            Err(_) => None,
        };
        let kept = kept
            .and_then(|answer| HeadObject::parse(&answer).ok().flatten())
            .is_some_and(|head| head.sha256.is_some());
        let configured = self.checksums_wanted;
        match (is_taken(&right), refuses, kept) {
            (true, true, true) if configured => self.report.well("checksums", "SHA-256 checksums are verified and kept."),
            (true, true, true) => self.report.note(
                "checksums",
                "SHA-256 checksums are verified and kept here, but `s3.checksums = false`: it could be true.",
            ),
            (true, true, false) => self.report.warning(
                "checksums",
                "SHA-256 checksums are verified but not kept: a finished upload shows none (the signed hash still holds).",
            ),
            (true, false, _) if configured => self.report.warning(
                "checksums",
                "x-amz-checksum-sha256 is not verified here (the signed hash is): `s3.checksums = false` says so.",
            ),
            (true, false, _) => self.report.note("checksums", "x-amz-checksum-sha256 is not verified here, and not asked for."),
            (false, ..) if configured => self.report.problem(
                "checksums",
                format!("Objects with x-amz-checksum-sha256 are refused ({}): set `s3.checksums = false`.", told(&right)),
            ),
            (false, ..) => self.report.note("checksums", "This server takes no checksums, and none are asked for."),
        }
    }

    async fn conditional(&mut self, there: &ObjectKey) {
        let header = [("if-none-match", "*")];
        let answer = self.put(there, &header, PayloadHash::of(BODY), BODY).await;
        let honoured = answer.as_ref().is_ok_and(|answer| answer.status == 412);
        match (honoured, self.conditional_wanted) {
            (true, true) => self.report.well("conditional-writes", "No upload can overwrite an object (`If-None-Match: *`)."),
            (true, false) => self.report.note("conditional-writes", "`If-None-Match: *` works here: `s3.conditional_writes` could be true."),
            (false, true) => self.report.problem(
                "conditional-writes",
                format!("`If-None-Match: *` does not keep an object from being overwritten ({}): set `s3.conditional_writes = false`.", told(&answer)),
            ),
            (false, false) => self.report.note("conditional-writes", "This server has no conditional writes, and none are asked for."),
        }
    }

    async fn chunks(&mut self) {
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

    async fn forms(&mut self) {
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

    async fn multipart(&mut self) {
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
        match completed.as_ref().map(CompleteMultipartUpload::parse) {
            Ok(Ok(_)) => {
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

    /// Signs for a hash and perhaps a length, and sends a body.
    async fn put(
        &self,
        key: &ObjectKey,
        headers: &[(&str, &str)],
        payload: PayloadHash,
        body: &[u8],
    ) -> Answered {
        let text = |error: sealift::Error| error.to_string();
        let mut request =
            self.endpoint.object_request("PUT", &self.bucket, key).map_err(text)?.payload(payload);
        for (name, value) in headers {
            request.add_header(name, value).map_err(text)?;
        }
        self.wire.send(&request, body).await
    }

    /// A key of this run, to be deleted at its end.
    fn key(&mut self, name: &str) -> Option<ObjectKey> {
        let key = ObjectKey::parse(&format!("{}{name}", self.test_prefix)).ok()?;
        self.keys.push(key.clone());
        Some(key)
    }

    /// Leaves nothing behind, and says so if it could not.
    pub(super) async fn clean_up(&mut self) {
        let mut left = Vec::new();
        for (key, upload_id) in std::mem::take(&mut self.open_uploads) {
            let abort = AbortMultipartUpload { bucket: &self.bucket, key: &key, upload_id: &upload_id };
            if let Ok(request) = abort.request(&self.endpoint)
                && !is_taken(&self.wire.send(&request, []).await)
            {
                left.push(key.as_str().to_owned());
            }
        }
        for key in std::mem::take(&mut self.keys) {
            let Ok(request) = DeleteObject::new(&self.bucket, &key).request(&self.endpoint) else { continue };
            match self.wire.send(&request, []).await {
                Ok(answer) if DeleteObject::parse(&answer).is_ok() => {}
                _ => left.push(key.as_str().to_owned()),
            }
        }
        if left.is_empty() {
            self.report.well("delete", "Objects can be deleted, and the tests have left nothing behind.");
        } else {
            self.report.problem(
                "delete",
                format!("What the tests wrote could not be deleted: {}.", left.join(", ")),
            );
        }
    }
}

fn is_taken(answer: &Answered) -> bool {
    answer.as_ref().is_ok_and(|answer| (200..300).contains(&answer.status))
}

/// Status and code; S3's own sentence may repeat what was sent.
fn told(answer: &Answered) -> String {
    match answer {
        Ok(answer) => format!("{} {}", answer.status, s3::error::parse(answer).code()),
        Err(why) => why.clone(),
    }
}
