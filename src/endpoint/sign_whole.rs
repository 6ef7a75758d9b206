//! The one request of a file that goes whole: a PUT or a POST form.

use crate::endpoint::claims::{GrantClaims, moment};
use crate::endpoint::create::pairs;
use crate::endpoint::integrity::Digests;
use crate::endpoint::protocol::{AnsweredIntent, SignedRequest};
use crate::endpoint::sign_chunks::ChunkHashes;
use crate::endpoint::{Refusal, SigningEndpoint, misconfigured};
use crate::error::Result;
use crate::s3::limits::SIGNATURE_WINDOW_SECONDS;
use crate::s3::{ObjectKey, PostObject, PostSuccess, PutObject};
use crate::sigv4::{PayloadHash, Request};
use crate::time::Timestamp;

impl SigningEndpoint {
    pub(super) fn sign_put(&self, now: Timestamp, claims: &GrantClaims) -> Result<SignedRequest> {
        let (intent, request) = self.put(now, claims)?;
        self.sign_request(now, claims, intent, &request)
    }

    pub(super) fn sign_put_chunks(
        &self,
        now: Timestamp,
        claims: &GrantClaims,
        hashes: &ChunkHashes,
    ) -> Result<SignedRequest, Refusal> {
        let (intent, request) = self.put(now, claims).map_err(misconfigured)?;
        self.sign_chunked(now, claims, intent, (request, claims.size), hashes)
    }

    fn put(&self, now: Timestamp, claims: &GrantClaims) -> Result<(AnsweredIntent, Request)> {
        let stored = self.stored(&claims.content_type, Some(&claims.name))?;
        let key = ObjectKey::parse(&claims.key)?;
        let digests = claims.digests();
        let checksums = self.rules.rules.checksums;
        let request = PutObject {
            content_type: Some(&stored.content_type),
            content_disposition: Some(&stored.disposition),
            metadata: &pairs(&claims.metadata),
            options: Some(&self.object_options(now)),
            sha256: digests.sha256.filter(|_| checksums),
            crc64nvme: digests.crc64nvme.filter(|_| checksums),
            if_none_match: self.rules.rules.conditional_writes,
            ..PutObject::new(&self.rules.bucket, &key, claims.size)
        }
        .request(&self.s3)?
        .payload(digests.sha256.map_or(PayloadHash::Unsigned, PayloadHash::Sha256));
        let intent = AnsweredIntent::Put {
            sha256: digests.sha256_hex(),
            crc64nvme: digests.crc64nvme_base64().filter(|_| checksums),
        };
        Ok((intent, request))
    }

    pub(super) fn sign_post(&self, now: Timestamp, claims: &GrantClaims) -> Result<SignedRequest> {
        let stored = self.stored(&claims.content_type, Some(&claims.name))?;
        let key = ObjectKey::parse(&claims.key)?;
        let expiration = moment(claims.expires).min(now.plus_seconds(SIGNATURE_WINDOW_SECONDS));
        // A form has no payload hash and S3 takes one checksum: the stronger one.
        let digests = claims.digests();
        let sha256 = digests.sha256.filter(|_| self.rules.rules.checksums);
        let crc64nvme = digests.crc64nvme.filter(|_| self.rules.rules.checksums && sha256.is_none());
        let policy = PostObject {
            bucket: &self.rules.bucket,
            key: &key,
            content_length: (claims.size, claims.size),
            content_type: &stored.content_type,
            content_disposition: &stored.disposition,
            metadata: &pairs(&claims.metadata),
            options: Some(&self.object_options(now)),
            sha256,
            crc64nvme,
            success: PostSuccess::Created,
            expiration,
        }
        .policy()?;
        let credentials = self.credentials.current();
        let form = self.signer(&credentials).sign_post_policy(&policy, &self.options(now)?)?;
        let bound = Digests { sha256, crc64nvme };
        Ok(SignedRequest {
            intent: AnsweredIntent::Post { sha256: bound.sha256_hex(), crc64nvme: bound.crc64nvme_base64() },
            method: "POST".to_owned(),
            url: self.s3.bucket_url(&self.rules.bucket)?,
            headers: Vec::new(),
            fields: form.fields,
            body: None,
            chunks: None,
            expires: expiration.iso8601(),
        })
    }
}
