//! The requests of a multipart upload, each from the grant's plan. What S3
//! calls the upload comes from the page: S3 takes it for the granted key alone.

use crate::endpoint::claims::GrantClaims;
use crate::endpoint::create::pairs;
use crate::endpoint::integrity::{Digests, parse_crc64nvme};
use crate::endpoint::protocol::{
    AnsweredIntent, CompleteIntent, ListIntent, PartIntegrity, PartIntent, SignedRequest, UploadedPart,
};
use crate::endpoint::sign_chunks::{ChunkHashes, missing, unexpected};
use crate::endpoint::{Reason, Refusal, SigningEndpoint, misconfigured};
use crate::error::Result;
use crate::s3::checksum::composite_sha256;
use crate::s3::limits::MAX_PARTS;
use crate::s3::{
    CompleteMultipartUpload, CompletedPart, CreateMultipartUpload, ETag, ListParts, MultipartChecksum,
    ObjectKey, PartPlan, UploadPart,
};
use crate::sigv4::PayloadHash;
use crate::time::Timestamp;

/// Longest name that an S3 gives an upload, in bytes; more is no name.
const MAX_UPLOAD_ID_BYTES: usize = 1024;
/// Parts of one page of a list, the most that S3 has there.
const PARTS_PER_PAGE: u16 = 1_000;

impl SigningEndpoint {
    pub(super) fn sign_create(&self, now: Timestamp, claims: &GrantClaims) -> Result<SignedRequest> {
        let stored = self.stored(&claims.content_type, Some(&claims.name))?;
        let key = ObjectKey::parse(&claims.key)?;
        let request = CreateMultipartUpload {
            content_type: Some(&stored.content_type),
            content_disposition: Some(&stored.disposition),
            metadata: &pairs(&claims.metadata),
            options: Some(&self.object_options(now)),
            checksum: self.kept(claims),
            ..CreateMultipartUpload::new(self.bucket(), &key)
        }
        .request(&self.s3)?;
        self.sign_request(now, claims, AnsweredIntent::Create, &request)
    }

    /// What S3 is told to keep of the parts.
    fn kept(&self, claims: &GrantClaims) -> Option<MultipartChecksum> {
        let kept = match claims.integrity? {
            PartIntegrity::Sha256 => MultipartChecksum::Sha256,
            PartIntegrity::Crc64Nvme | PartIntegrity::Both | PartIntegrity::ChunksCrc64Nvme => {
                MultipartChecksum::Crc64Nvme
            }
            PartIntegrity::Chunks | PartIntegrity::None => return None,
        };
        self.rules.rules.checksums.then_some(kept)
    }
}

/// An upload that S3 has named, under a grant that has not expired.
pub(super) struct Multipart<'a> {
    endpoint: &'a SigningEndpoint,
    now: Timestamp,
    claims: &'a GrantClaims,
    key: ObjectKey,
    plan: PartPlan,
    upload_id: &'a str,
}

impl<'a> Multipart<'a> {
    pub(super) fn new(
        endpoint: &'a SigningEndpoint,
        now: Timestamp,
        claims: &'a GrantClaims,
        part_size: u64,
        upload_id: Option<&'a str>,
    ) -> Result<Self, Refusal> {
        Ok(Self {
            endpoint,
            now,
            claims,
            key: ObjectKey::parse(&claims.key).map_err(misconfigured)?,
            plan: PartPlan::of_parts(claims.size, part_size).map_err(misconfigured)?,
            upload_id: check_upload_id(upload_id)?,
        })
    }

    pub(super) fn sign_part(&self, part: &PartIntent) -> Result<SignedRequest, Refusal> {
        let parts = self.plan.parts();
        let number = u16::try_from(part.number).ok().filter(|number| (1..=parts).contains(number));
        let number = number.ok_or_else(|| {
            Refusal::new(
                Reason::PartRefused,
                format!("this upload has the parts 1 to {parts}, and no part {}", part.number),
            )
        })?;
        let digests = Digests::parse(part.sha256.as_deref(), part.crc64nvme.as_deref())?;
        self.check_digests(digests, Wanted::AllOfThem)?;
        let hashes = part.chunk_hashes.as_deref().map(ChunkHashes::parse).transpose()?;
        match (&hashes, self.integrity().has_chunks()) {
            (Some(_), false) => return Err(unexpected("hashes of chunks")),
            (None, true) => return Err(missing("the hashes of the chunks")),
            _ => {}
        }
        let checksums = self.endpoint.rules.rules.checksums;
        let bytes = self.plan.part(number);
        let length = bytes.end.saturating_sub(bytes.start);
        let intent = AnsweredIntent::Part {
            number: part.number,
            sha256: digests.sha256_hex(),
            crc64nvme: digests.crc64nvme_base64().filter(|_| checksums),
        };
        let upload = UploadPart {
            sha256: digests.sha256.filter(|_| checksums),
            crc64nvme: digests.crc64nvme.filter(|_| checksums),
            ..UploadPart::new(self.endpoint.bucket(), &self.key, self.upload_id, number, length)
        };
        if let Some(hashes) = &hashes {
            let request = upload.request(&self.endpoint.s3).map_err(misconfigured)?;
            return self.endpoint.sign_chunked(self.now, self.claims, intent, (request, length), hashes);
        }
        let signed = upload.request(&self.endpoint.s3).and_then(|request| {
            let payload = digests.sha256.map_or(PayloadHash::Unsigned, PayloadHash::Sha256);
            self.endpoint.sign_request(self.now, self.claims, intent, &request.payload(payload))
        });
        signed.map_err(misconfigured)
    }

    pub(super) fn sign_complete(&self, complete: &CompleteIntent) -> Result<SignedRequest, Refusal> {
        let count = self.plan.parts();
        if complete.parts.len() != usize::from(count) {
            return Err(Refusal::new(
                Reason::PartRefused,
                format!("this upload has {count} parts; the list has {}", complete.parts.len()),
            ));
        }
        let whole = complete.crc64nvme.as_deref().map(parse_crc64nvme).transpose()?;
        self.check_crc64nvme(whole.is_some())?;
        let parts: Vec<_> =
            complete.parts.iter().map(|part| self.read_part(part)).collect::<Result<_, _>>()?;
        let kept = self.endpoint.kept(self.claims);
        let composite = (kept == Some(MultipartChecksum::Sha256))
            .then(|| parts.iter().map(|(_, digests)| digests.sha256).collect::<Option<Vec<_>>>())
            .flatten();
        let parts: Vec<_> = parts
            .into_iter()
            .map(|(etag, digests)| CompletedPart {
                etag,
                sha256: digests.sha256.filter(|_| kept == Some(MultipartChecksum::Sha256)),
                crc64nvme: digests.crc64nvme.filter(|_| kept == Some(MultipartChecksum::Crc64Nvme)),
            })
            .collect();
        let upload = CompleteMultipartUpload {
            crc64nvme: whole.filter(|_| kept == Some(MultipartChecksum::Crc64Nvme)),
            object_size: Some(self.plan.size()),
            if_none_match: self.endpoint.rules.rules.conditional_writes,
            ..CompleteMultipartUpload::new(self.endpoint.bucket(), &self.key, self.upload_id, &parts)
        };
        let intent = AnsweredIntent::Complete { sha256: composite.as_deref().map(composite_sha256) };
        let signed = upload.request(&self.endpoint.s3).and_then(|(request, body)| {
            let signed = self.endpoint.sign_request(self.now, self.claims, intent, &request)?;
            Ok(SignedRequest { body: Some(body), ..signed })
        });
        signed.map_err(misconfigured)
    }

    pub(super) fn sign_list(&self, list: ListIntent) -> Result<SignedRequest, Refusal> {
        let after = u16::try_from(list.after).ok().filter(|after| *after <= MAX_PARTS);
        let after = after.ok_or_else(|| {
            Refusal::new(Reason::PartRefused, "a list of parts begins after a number of 0 to 10,000")
        })?;
        let request = ListParts {
            after,
            max_parts: Some(PARTS_PER_PAGE),
            ..ListParts::new(self.endpoint.bucket(), &self.key, self.upload_id)
        };
        let intent = AnsweredIntent::List { after: list.after };
        let signed = request
            .request(&self.endpoint.s3)
            .and_then(|request| self.endpoint.sign_request(self.now, self.claims, intent, &request));
        signed.map_err(misconfigured)
    }

    fn read_part(&self, part: &UploadedPart) -> Result<(ETag, Digests), Refusal> {
        let etag = ETag::parse(&part.etag)
            .map_err(|error| Refusal::new(Reason::MalformedRequest, error.message().to_owned()))?;
        let digests = Digests::parse(part.sha256.as_deref(), part.crc64nvme.as_deref())?;
        self.check_digests(digests, Wanted::WhatS3Keeps)?;
        Ok((etag, digests))
    }

    /// A part has the digests that the grant names, and no other: what is not
    /// bound must not look as if it were.
    fn check_digests(&self, digests: Digests, wanted: Wanted) -> Result<(), Refusal> {
        let integrity = self.integrity();
        let may_miss_sha256 = integrity == PartIntegrity::Both && wanted == Wanted::WhatS3Keeps;
        match (digests.sha256.is_some(), integrity.has_sha256()) {
            (true, false) => return Err(unexpected("SHA-256")),
            (false, true) if !may_miss_sha256 => return Err(missing("a SHA-256")),
            _ => {}
        }
        self.check_crc64nvme(digests.crc64nvme.is_some())
    }

    fn check_crc64nvme(&self, given: bool) -> Result<(), Refusal> {
        match (given, self.integrity().has_crc64nvme()) {
            (true, false) => Err(unexpected("CRC64NVME")),
            (false, true) => Err(missing("a CRC64NVME")),
            _ => Ok(()),
        }
    }

    fn integrity(&self) -> PartIntegrity {
        self.claims.integrity.unwrap_or(PartIntegrity::None)
    }
}

/// Which digests of a part an intent must have.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wanted {
    AllOfThem,
    /// To complete: of both, S3 keeps the CRC64NVME.
    WhatS3Keeps,
}

/// The name that S3 gave the upload, which is all it is good for. Some servers
/// make a path of it: none that leads elsewhere is passed on to them.
pub(super) fn check_upload_id(upload_id: Option<&str>) -> Result<&str, Refusal> {
    let refuse = |message: &'static str| Err(Refusal::new(Reason::MalformedRequest, message));
    let Some(id) = upload_id else {
        return refuse("parts, lists and completions name the \"uploadId\" that S3 gave");
    };
    let plain = (1..=MAX_UPLOAD_ID_BYTES).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_graphic());
    if !plain || id.split(['/', '\\']).any(|segment| matches!(segment, "." | "..")) {
        return refuse("an \"uploadId\" has 1 to 1,024 printable ASCII characters and no segment . or ..");
    }
    Ok(id)
}
