//! A model of the signing endpoint. It acts at one moment, on its own clock;
//! its answers say lifetimes as the driver would work them out.

use super::random::Random;
use super::s3::{Bucket, Object};
use sealift::upload::{
    Action, CallId, DeleteKey, Digest, Event, Grant, GrantRequest, Integrity, Intent, Plan, Renewal,
    RequestContent, SignRequest, Signed, SignedRequest, StoredObject, Transport, item_error,
};
use sealift::{Error, Result};
use std::collections::BTreeMap;

pub struct Endpoint {
    pub rules: Rules,
    pub grants: BTreeMap<String, Issued>,
    pub signatures: BTreeMap<String, Signature>,
}

pub struct Rules {
    pub files_per_call: usize,
    pub grant_ms: u64,
    pub signature_ms: u64,
    /// Grants come with a first signature.
    pub first_signatures: bool,
    /// Until this age a grant can be renewed, finished and deleted.
    pub greatest_age_ms: u64,
    /// Percentage of items that fail for a while.
    pub item_faults: u64,
}

#[derive(Clone)]
pub struct Issued {
    pub upload: u32,
    pub key: String,
    pub size: u64,
    pub plan: Plan,
    pub digest: Option<[u8; 32]>,
    pub expires: u64,
    pub greatest_age: u64,
}

pub struct Signature {
    pub token: String,
    pub expires: u64,
    pub used: bool,
}

pub fn digest_of(upload: u32) -> [u8; 32] {
    let mut digest = [0x5e; 32];
    digest[..4].copy_from_slice(&upload.to_be_bytes());
    digest
}

/// Files of this name are refused.
pub const REFUSED: &str = "refused.exe";

impl Endpoint {
    pub fn act(&mut self, action: &Action, bucket: &mut Bucket, random: &mut Random, now: u64) -> Event {
        match action {
            Action::CreateGrants { call, files } if files.len() > self.rules.files_per_call => {
                let error = item_error("too_many_files", "too many".into(), Some(413), false);
                Event::CallFailed { call: *call, error, retry_after_ms: None }
            }
            Action::CreateGrants { call, files } => {
                let items = files.iter().map(|file| self.create(file, random, now)).collect();
                Event::Granted { call: *call, items }
            }
            Action::Sign { call, items } => {
                let sign = |item| self.sign(item, random, now);
                Event::Signed { call: *call, items: items.iter().map(sign).collect() }
            }
            Action::Finish { call, items } => {
                let finish =
                    |item: &sealift::upload::FinishRequest| self.finish(&item.token, bucket, random, now);
                Event::Finished { call: *call, items: items.iter().map(finish).collect() }
            }
            Action::Delete { call, items } => {
                let mut delete = |key: &DeleteKey| {
                    self.fault(random)?;
                    let key = match key {
                        DeleteKey::Token { token, .. } => &self.known(token, now)?.key,
                        DeleteKey::Receipt(receipt) => {
                            receipt.strip_prefix("receipt for ").expect("a receipt")
                        }
                    };
                    bucket.objects.remove(key);
                    Ok(())
                };
                Event::Deleted { call: *call, items: items.iter().map(|item| delete(&item.key)).collect() }
            }
            other => panic!("not for the endpoint: {other:?}"),
        }
    }

    fn create(&mut self, request: &GrantRequest, random: &mut Random, now: u64) -> Result<Grant> {
        if request.file.name == REFUSED {
            return Err(item_error("type_refused", "not such files".into(), Some(415), false));
        }
        self.fault(random)?;
        let plan = match request.file.transport {
            Transport::Put => Plan::Put,
            Transport::Post => Plan::Post,
            Transport::Auto if request.file.size < 1 << 20 => Plan::Post,
            Transport::Auto => Plan::Put,
            Transport::Multipart => panic!("not yet"),
        };
        let upload = request.upload.number();
        let number = self.grants.len();
        let (token, key) = (format!("token {number}"), format!("{upload}/{number}"));
        let expires = now + self.rules.grant_ms;
        let (size, digest) = (request.file.size, request.digest.sha256);
        let greatest_age = now + self.rules.greatest_age_ms;
        self.grants.insert(
            token.clone(),
            Issued { upload, key: key.clone(), size, plan, digest, expires, greatest_age },
        );
        let requests =
            if self.rules.first_signatures { vec![self.signature(&token, now)] } else { Vec::new() };
        Ok(Grant { token, bucket: "b".into(), key, plan, lifetime_ms: self.rules.grant_ms, requests })
    }

    fn sign(&mut self, item: &SignRequest, random: &mut Random, now: u64) -> Result<Signed> {
        self.fault(random)?;
        if item.intents.first() != Some(&Intent::Renew) {
            self.granted(&item.token, now)?;
            return Ok(Signed { requests: vec![self.signature(&item.token, now)], grant: None });
        }
        let old = self.grants.get(&item.token).expect("a token of this endpoint");
        if now >= old.greatest_age {
            return Err(item_error("grant_expired", "too old".into(), Some(410), false));
        }
        let token = format!("token {}", self.grants.len());
        let renewed = Issued { expires: now + self.rules.grant_ms, ..old.clone() };
        self.grants.insert(token.clone(), renewed);
        let grant = Some(Renewal { token: token.clone(), lifetime_ms: self.rules.grant_ms });
        Ok(Signed { requests: vec![self.signature(&token, now)], grant })
    }

    fn signature(&mut self, token: &str, now: u64) -> SignedRequest {
        let url = format!("https://s3.test/{}", self.signatures.len());
        // A signature does not outlive its grant.
        let lifetime_ms = self.rules.signature_ms.min(self.grants[token].expires.saturating_sub(now));
        let signature = Signature { token: token.into(), expires: now + lifetime_ms, used: false };
        self.signatures.insert(url.clone(), signature);
        let content = match self.grants[token].plan {
            Plan::Put => RequestContent::Put { headers: Vec::new() },
            Plan::Post => RequestContent::Post { fields: Vec::new() },
            Plan::Multipart { .. } => panic!("not yet"),
        };
        SignedRequest { url, content, lifetime_ms, composite_sha256: None }
    }

    fn finish(&self, token: &str, bucket: &Bucket, random: &mut Random, now: u64) -> Result<StoredObject> {
        self.fault(random)?;
        let grant = self.known(token, now)?;
        let missing = || item_error("not_uploaded", "not there".into(), Some(404), true);
        let object = bucket.objects.get(&grant.key).ok_or_else(missing)?;
        if *object != (Object { content: u64::from(grant.upload), size: grant.size }) {
            return Err(item_error("object_differs", "another object".into(), Some(409), false));
        }
        Ok(StoredObject {
            bucket: "b".into(),
            key: grant.key.clone(),
            size: object.size,
            content_type: String::new(),
            etag: "\"etag\"".into(),
            version_id: None,
            sha256: grant.digest.map(hex::encode),
            crc64nvme: None,
            composite_sha256: None,
            url: "https://s3.test/read".into(),
            url_lifetime_ms: 60_000,
            receipt: format!("receipt for {}", grant.key),
        })
    }

    fn granted(&self, token: &str, now: u64) -> Result<&Issued> {
        let grant = self.grants.get(token).expect("a token of this endpoint");
        let expired = || item_error("grant_expired", "expired".into(), Some(410), false);
        (now < grant.expires).then_some(grant).ok_or_else(expired)
    }

    fn known(&self, token: &str, now: u64) -> Result<&Issued> {
        let grant = &self.grants[token];
        if now < grant.greatest_age { Ok(grant) } else { self.granted(token, now) }
    }

    fn fault(&self, random: &mut Random) -> Result<()> {
        let unavailable = || item_error("s3_unavailable", "not now".into(), Some(503), true);
        (!random.chance(self.rules.item_faults)).then_some(()).ok_or_else(unavailable)
    }
}

pub fn call_of(action: &Action) -> CallId {
    match action {
        Action::CreateGrants { call, .. }
        | Action::Sign { call, .. }
        | Action::Finish { call, .. }
        | Action::Delete { call, .. } => *call,
        other => panic!("not a call: {other:?}"),
    }
}

/// How many files a call names, and whose.
pub fn uploads_of(action: &Action) -> Vec<u32> {
    let number = |id: &sealift::upload::UploadId| id.number();
    match action {
        Action::CreateGrants { files, .. } => files.iter().map(|file| number(&file.upload)).collect(),
        Action::Sign { items, .. } => items.iter().map(|item| number(&item.upload)).collect(),
        Action::Finish { items, .. } => items.iter().map(|item| number(&item.upload)).collect(),
        Action::Delete { items, .. } => items.iter().map(|item| number(&item.upload)).collect(),
        other => panic!("not a call: {other:?}"),
    }
}

/// What a failed call is reported as.
pub fn failed(call: CallId, error: Error, retry_after_ms: Option<u64>) -> Event {
    Event::CallFailed { call, error, retry_after_ms }
}

pub fn sha256(digest: [u8; 32]) -> Digest {
    Digest { sha256: Some(digest), crc64nvme: None }
}

pub fn expects_digest(integrity: Integrity) -> bool {
    integrity == Integrity::Sha256
}
