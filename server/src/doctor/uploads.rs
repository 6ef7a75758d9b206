//! What the server really verifies: small test objects, below a prefix of
//! their own, some of them wrong on purpose.

use sealift::digest::sha256;
use sealift::s3::checksum::{self, SHA256_HEADER};
use sealift::s3::{self, AbortMultipartUpload, DeleteObject, HeadObject, ObjectKey, Response};
use sealift::sigv4::{PayloadHash, presign};

use super::Doctor;

pub(super) const BODY: &[u8] = b"A test of sealift-server doctor.\n";
pub(super) const OTHER: &[u8] = b"A TEST OF SEALIFT-SERVER DOCTOR.\n";

/// An answer, or why none came.
pub(super) type Answered = Result<Response, String>;

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
    pub(super) fn key(&mut self, name: &str) -> Option<ObjectKey> {
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

pub(super) fn is_taken(answer: &Answered) -> bool {
    answer.as_ref().is_ok_and(|answer| (200..300).contains(&answer.status))
}

/// Status and code; S3's own sentence may repeat what was sent.
pub(super) fn told(answer: &Answered) -> String {
    match answer {
        Ok(answer) => format!("{} {}", answer.status, s3::error::parse(answer).code()),
        Err(why) => why.clone(),
    }
}
