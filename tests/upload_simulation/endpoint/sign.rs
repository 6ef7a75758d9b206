//! What the model endpoint signs.

use super::super::content::composite;
use super::super::page::Listed;
use super::super::s3::{Order, What};
use super::{Endpoint, Issued, Moment, Signature, token_of};
use sealift::upload::{
    Digest, Integrity, Intent, Plan, Renewal, RequestContent, SignRequest, Signed, SignedRequest, item_error,
};
use sealift::{Error, Result};
use std::ops::Range;

impl Endpoint {
    pub fn sign(&mut self, item: &SignRequest, at: &mut Moment) -> Result<Signed> {
        self.fault(at.random)?;
        let mut intents = item.intents.as_slice();
        let (grant, renewal) = if let Some((Intent::Renew, rest)) = intents.split_first() {
            intents = rest;
            let number = self.renew(&item.token, at.now)?;
            let lifetime_ms = self.rules.grant_ms;
            (number, Some(Renewal { token: token_of(number), lifetime_ms }))
        } else {
            (self.granted(&item.token, at.now)?.0, None)
        };
        let upload_id = item.upload_id.as_deref();
        let listed = |intent: &Intent| match intent {
            Intent::Put { chunks } | Intent::Part { chunks, .. } => {
                chunks.map(|start| at.lists[&(item.upload, start)])
            }
            _ => None,
        };
        let requests = intents.iter();
        let requests = requests.map(|intent| self.request(grant, upload_id, intent, listed(intent), at.now));
        let requests = requests.collect();
        Ok(Signed { requests, grant: renewal })
    }

    /// What a fresh grant can begin with.
    pub fn first(&mut self, grant: usize, now: u64) -> SignedRequest {
        let intent = match self.grants[grant].plan {
            Plan::Put => Intent::Put { chunks: None },
            Plan::Post => Intent::Post,
            Plan::Multipart { .. } => Intent::Create,
        };
        self.request(grant, None, &intent, None, now)
    }

    /// A new grant for the same object.
    fn renew(&mut self, token: &str, now: u64) -> Result<usize> {
        let old = self.owned(token)?.1;
        if now >= old.greatest_age {
            return Err(too_old());
        }
        let renewed = Issued { expires: now + self.rules.grant_ms, ..old.clone() };
        self.grants.push(renewed);
        Ok(self.grants.len() - 1)
    }

    fn request(
        &mut self,
        grant: usize,
        upload_id: Option<&str>,
        intent: &Intent,
        listed: Option<Listed>,
        now: u64,
    ) -> SignedRequest {
        let issued = &self.grants[grant];
        let what = what(issued, upload_id, intent, listed);
        let put = || RequestContent::Put { headers: Vec::new() };
        let control = |method, body| RequestContent::Control { method, headers: Vec::new(), body };
        let (content, composite_sha256) = match &what {
            What::Put { .. } | What::Part { .. } => (put(), None),
            What::Post { .. } => (RequestContent::Post { fields: Vec::new() }, None),
            What::Create => (control("POST", String::new()), None),
            What::List { .. } => (control("GET", String::new()), None),
            What::Complete { parts, .. } => {
                let digests: Option<Vec<[u8; 32]>> = parts.iter().map(|part| part.digest.sha256).collect();
                let composite = digests
                    .filter(|_| issued.integrity == Integrity::Sha256)
                    .map(|it| composite(it.into_iter()));
                let etags: Vec<&str> = parts.iter().map(|part| part.etag.as_str()).collect();
                (control("POST", etags.join(" ")), composite)
            }
        };
        let body = match &content {
            RequestContent::Control { body, .. } => body.clone(),
            _ => String::new(),
        };
        let order = Order { key: issued.key.clone(), integrity: issued.integrity, what };
        // A signature does not outlive its grant.
        let lifetime_ms = self.rules.signature_ms.min(issued.expires.saturating_sub(now));
        let url = format!("https://s3.test/{}", self.signatures.len());
        self.signatures.push(Signature {
            grant,
            order,
            expires: now - self.ahead + lifetime_ms,
            ahead: self.ahead,
            lifetime_ms,
            dated: now as i64 + self.known_skew,
            used: false,
            body,
        });
        SignedRequest { url, content, lifetime_ms, composite_sha256, chunks: None }
    }
}

/// The request that an intent stands for. Wrong ones are the engine's fault.
fn what(issued: &Issued, upload_id: Option<&str>, intent: &Intent, listed: Option<Listed>) -> What {
    let Issued { size, digest, plan, .. } = *issued;
    match (intent, plan) {
        (Intent::Put { .. }, Plan::Put) => {
            What::Put { size, digest: of_chunks(issued, listed, 0..size).unwrap_or(digest) }
        }
        (Intent::Post, Plan::Post) => What::Post { size, digest },
        (Intent::Create, Plan::Multipart { .. }) => What::Create,
        (Intent::Part { number, digest, .. }, Plan::Multipart { part_size, parts }) => {
            assert!((1..=parts).contains(number), "part {number} of {parts}");
            let start = (u64::from(*number) - 1) * part_size;
            let end = size.min(start + part_size);
            let digest = of_chunks(issued, listed, start..end).unwrap_or(*digest);
            assert_digests(issued.integrity, &digest);
            What::Part { upload_id: known(upload_id), number: *number, start, end, digest }
        }
        (Intent::Complete { parts, crc64nvme }, Plan::Multipart { parts: count, .. }) => {
            assert_eq!(parts.len(), usize::from(count), "every part is listed once");
            let (parts, crc64nvme) = (parts.clone(), *crc64nvme);
            What::Complete { upload_id: known(upload_id), parts, crc64nvme, size }
        }
        (Intent::List { after }, Plan::Multipart { .. }) => {
            What::List { upload_id: known(upload_id), after: *after }
        }
        (intent, plan) => panic!("{intent:?} for {plan:?}"),
    }
}

/// What stands for the chunks' signatures: the digest of the bytes that were listed.
fn of_chunks(issued: &Issued, listed: Option<Listed>, range: Range<u64>) -> Option<Digest> {
    assert_eq!(issued.chunk_size.is_some(), listed.is_some(), "the hashes of chunks where they are granted");
    let Listed { piece, size } = listed?;
    assert_eq!(Some(size), issued.chunk_size, "hashed in chunks of the granted size");
    assert_eq!(piece.start..piece.end, range, "the hashes of that range");
    Some(piece.digest(issued.integrity.algorithms()))
}

fn known(upload_id: Option<&str>) -> String {
    upload_id.expect("its upload id").into()
}

fn assert_digests(integrity: Integrity, digest: &Digest) {
    let wanted = integrity.algorithms();
    let given = (digest.sha256.is_some(), digest.crc64nvme.is_some());
    assert_eq!(given, (wanted.sha256, wanted.crc64nvme), "the digests of {integrity:?}");
}

fn too_old() -> Error {
    item_error("grant_expired", "too old".into(), Some(410), false)
}
