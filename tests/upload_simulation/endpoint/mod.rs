//! A model of the signing endpoint. It acts at one moment, on its own clock;
//! its answers say lifetimes as the driver would work them out.

mod finish;
mod sign;

use super::page::Listed;
use super::random::Random;
use super::s3::{Order, S3};
use sealift::upload::{
    Action, CallId, Digest, Event, Grant, GrantRequest, Integrity, Plan, Transport, UploadId, item_error,
};
use sealift::{Error, Result};
use std::collections::BTreeMap;

pub struct Endpoint {
    pub rules: Rules,
    pub grants: Vec<Issued>,
    pub signatures: Vec<Signature>,
    /// How far S3's clock is ahead of this one, as far as it knows.
    pub known_skew: i64,
    /// Who is logged in: 0, or somebody who may not upload.
    pub user: u32,
    /// How far this clock, and S3's, went on while the page's stood still.
    pub ahead: u64,
}

pub struct Rules {
    pub files_per_call: usize,
    pub intents_per_call: usize,
    pub grant_ms: u64,
    pub signature_ms: u64,
    /// Grants come with a first signature.
    pub first_signatures: bool,
    /// Until this age a grant can be renewed, finished and deleted.
    pub greatest_age_ms: u64,
    /// Percentage of items that fail for a while.
    pub item_faults: u64,
    /// Forms are not signed here.
    pub no_forms: bool,
    /// Nor signed chunks, whose size would be this.
    pub no_chunks: bool,
    pub chunk_size: u64,
    pub part_size: u64,
    /// An object that nothing shows to be what was sent is not finished.
    pub wants_integrity: bool,
}

#[derive(Clone)]
pub struct Issued {
    pub file: u32,
    pub key: String,
    pub size: u64,
    pub plan: Plan,
    pub integrity: Integrity,
    pub chunk_size: Option<u64>,
    pub digest: Digest,
    pub expires: u64,
    pub greatest_age: u64,
    pub user: u32,
}

pub struct Signature {
    /// The number of its grant's token.
    pub grant: usize,
    pub order: Order,
    /// As far as the page can know, on its clock.
    pub expires: u64,
    /// How far that was behind when it was made.
    pub ahead: u64,
    pub lifetime_ms: u64,
    /// What S3's clock should have shown when it was made.
    pub dated: i64,
    pub used: bool,
    /// What is to be sent along, by the letter.
    pub body: String,
}

/// The moment of an answer, and whom it may ask.
pub struct Moment<'a> {
    pub now: u64,
    pub s3: &'a mut S3,
    pub random: &'a mut Random,
    pub lists: &'a BTreeMap<(UploadId, u64), Listed>,
}

/// Files of this name are refused.
pub const REFUSED: &str = "refused";

/// Whose file it is that a page describes.
pub fn number_in(name: &str) -> u32 {
    name.rsplit(' ').next().expect("a name").parse().expect("a number")
}

impl Endpoint {
    pub fn act(&mut self, action: &Action, mut at: Moment) -> Event {
        let too_many = |call: CallId| {
            let error = item_error("too_many_files", "too many".into(), Some(413), false);
            Event::CallFailed { call, error, retry_after_ms: None }
        };
        match action {
            Action::CreateGrants { call, files } if files.len() > self.rules.files_per_call => {
                too_many(*call)
            }
            Action::CreateGrants { call, files } => {
                let items = files.iter().map(|file| self.create(file, &mut at)).collect();
                Event::Granted { call: *call, items }
            }
            Action::Sign { call, items }
                if items.iter().map(|item| item.intents.len()).sum::<usize>()
                    > self.rules.intents_per_call =>
            {
                too_many(*call)
            }
            Action::Sign { call, items } => {
                let items = items.iter().map(|item| self.sign(item, &mut at)).collect();
                Event::Signed { call: *call, items }
            }
            Action::Finish { call, items } => {
                let items = items.iter().map(|item| self.finish(item, &mut at)).collect();
                Event::Finished { call: *call, items }
            }
            Action::Delete { call, items } => {
                let items = items.iter().map(|item| self.delete(&item.key, &mut at)).collect();
                Event::Deleted { call: *call, items }
            }
            other => panic!("not for the endpoint: {other:?}"),
        }
    }

    /// Nothing fails any more, and everything lives long.
    pub fn calm_down(&mut self, skew: i64) {
        self.rules.item_faults = 0;
        self.rules.grant_ms = 3_600_000;
        self.rules.signature_ms = 900_000;
        self.known_skew = skew;
        self.user = 0;
    }

    fn create(&mut self, request: &GrantRequest, at: &mut Moment) -> Result<Grant> {
        let (file, size) = (number_in(&request.file.name), request.file.size);
        if request.file.name.starts_with(REFUSED) {
            return Err(item_error("type_refused", "not such files".into(), Some(415), false));
        }
        if request.transport == Transport::Post && self.rules.no_forms {
            return Err(item_error("transport_refused", "no forms".into(), Some(422), false));
        }
        if self.user != 0 {
            return Err(item_error("type_refused", "they may not".into(), Some(403), false));
        }
        let in_chunks = request.integrity == Integrity::Chunks;
        if in_chunks && self.rules.no_chunks {
            return Err(item_error("integrity_refused", "no chunks".into(), Some(422), false));
        }
        self.fault(at.random)?;
        let part_size = self.rules.part_size.max(size.div_ceil(10_000));
        let plan = match request.transport {
            Transport::Put => Plan::Put,
            Transport::Post => Plan::Post,
            Transport::Multipart => {
                let parts = size.div_ceil(part_size).max(1);
                Plan::Multipart { part_size, parts: parts.try_into().expect("at most 10,000") }
            }
            Transport::Auto => panic!("the engine decides before it asks"),
        };
        let wanted = request.integrity.algorithms();
        assert!(!in_chunks || plan != Plan::Post, "a form has no chunks");
        let wanted = if plan_has_digest(plan) && !in_chunks {
            (wanted.sha256, wanted.crc64nvme)
        } else {
            (false, false)
        };
        let digest = &request.digest;
        assert_eq!(
            (digest.sha256.is_some(), digest.crc64nvme.is_some()),
            wanted,
            "digests of the whole file"
        );
        let chunk_size = in_chunks.then_some(self.rules.chunk_size);
        let token = self.grants.len();
        let key = format!("{file}/{token}");
        self.grants.push(Issued {
            file,
            key: key.clone(),
            size,
            plan,
            integrity: request.integrity,
            chunk_size,
            digest: request.digest,
            expires: at.now + self.rules.grant_ms,
            greatest_age: at.now + self.rules.greatest_age_ms,
            user: self.user,
        });
        let first = self.rules.first_signatures && !(in_chunks && plan == Plan::Put);
        let requests = if first { vec![self.first(token, at.now)] } else { Vec::new() };
        let lifetime_ms = self.rules.grant_ms;
        Ok(Grant { token: token_of(token), bucket: "b".into(), key, plan, chunk_size, lifetime_ms, requests })
    }

    pub fn key_of(&self, token: &str) -> &str {
        &self.grants[number_in(token) as usize].key
    }

    /// A grant that is within its lifetime.
    fn granted(&self, token: &str, now: u64) -> Result<(usize, &Issued)> {
        let (number, grant) = self.owned(token)?;
        if now < grant.expires { Ok((number, grant)) } else { Err(expired()) }
    }

    /// A grant that is not too old to be renewed, finished and deleted.
    fn known(&self, token: &str, now: u64) -> Result<(usize, &Issued)> {
        let (number, grant) = self.owned(token)?;
        if now < grant.greatest_age.max(grant.expires) { Ok((number, grant)) } else { Err(expired()) }
    }

    fn owned(&self, token: &str) -> Result<(usize, &Issued)> {
        let number = token.strip_prefix("token ").and_then(|number| number.parse().ok());
        let number: usize = number.expect("a token of this endpoint");
        let grant = &self.grants[number];
        let other = || item_error("grant_of_another_user", "not yours".into(), Some(403), false);
        (grant.user == self.user).then_some((number, grant)).ok_or_else(other)
    }

    fn fault(&self, random: &mut Random) -> Result<()> {
        let unavailable = || item_error("s3_unavailable", "not now".into(), Some(503), true);
        (!random.chance(self.rules.item_faults)).then_some(()).ok_or_else(unavailable)
    }
}

pub fn token_of(number: usize) -> String {
    format!("token {number}")
}

fn expired() -> Error {
    item_error("grant_expired", "expired".into(), Some(410), false)
}

fn plan_has_digest(plan: Plan) -> bool {
    !matches!(plan, Plan::Multipart { .. })
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

/// Whose files a call names.
pub fn uploads_of(action: &Action) -> Vec<UploadId> {
    match action {
        Action::CreateGrants { files, .. } => files.iter().map(|file| file.upload).collect(),
        Action::Sign { items, .. } => items.iter().map(|item| item.upload).collect(),
        Action::Finish { items, .. } => items.iter().map(|item| item.upload).collect(),
        Action::Delete { items, .. } => items.iter().map(|item| item.upload).collect(),
        other => panic!("not a call: {other:?}"),
    }
}
