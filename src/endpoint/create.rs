//! `POST /uploads`: grants, with their first signatures.

use std::collections::BTreeMap;

use crate::endpoint::claims::{Crc64, Digest, GrantClaims, moment, seconds};
use crate::endpoint::integrity::Digests;
use crate::endpoint::key_template::KeyParts;
use crate::endpoint::protocol::{
    CreateUploads, CreateUploadsAnswer, CreatedUpload, Grant, NewFile, PartIntegrity, Plan, Transport,
};
use crate::endpoint::secrets::Purpose;
use crate::endpoint::{Context, Integrity, Random, Reason, Refusal, SigningEndpoint, token, unsealable};
use crate::error::Error;
use crate::s3::limits::MAX_SINGLE_REQUEST_SIZE;
use crate::s3::{FILENAME_VARIABLE, PartPlan, metadata};

/// Longest file name that is taken, in bytes.
const MAX_NAME_BYTES: usize = 1024;

impl SigningEndpoint {
    /// Answers `POST /uploads`. A file that breaks a rule is refused in its
    /// place; the others are granted.
    ///
    /// # Errors
    /// [`Reason::TooManyFiles`], of the call as a whole.
    pub fn create_uploads(
        &self,
        context: &Context<'_>,
        call: CreateUploads,
        random: Random<'_>,
    ) -> Result<CreateUploadsAnswer, Refusal> {
        self.rules.check_count(call.files.len())?;
        let uploads =
            call.files.into_iter().map(|file| self.create_upload(context, file, random).into()).collect();
        Ok(CreateUploadsAnswer { now: context.now.iso8601(), uploads })
    }

    fn create_upload(
        &self,
        context: &Context<'_>,
        file: NewFile,
        random: Random<'_>,
    ) -> Result<CreatedUpload, Refusal> {
        self.rules.check_size(file.size)?;
        let content_type = self.rules.check_type(&file.content_type)?;
        let plan = self.plan(file.transport, file.size)?;
        let digests = check_digests(&file)?;
        self.check_integrity(digests, file.integrity)?;
        check_metadata(&file.metadata)?;
        let chunk_size = match file.integrity {
            Some(integrity) if integrity.has_chunks() => Some(self.chunk_size(plan, file.size)?),
            _ => None,
        };
        let key = self.new_key(context, &file.name, random)?;
        let expires = context.now.plus_seconds(i64::from(self.rules.rules.grant_lifetime));
        let claims = GrantClaims {
            user: context.user.as_str().to_owned(),
            environment: self.environment.clone(),
            bucket: self.rules.bucket.as_str().to_owned(),
            key,
            name: file.name,
            size: file.size,
            content_type: content_type.as_str().to_owned(),
            plan,
            sha256: digests.sha256.map(Digest),
            crc64nvme: digests.crc64nvme.map(Crc64),
            integrity: file.integrity,
            chunk_size,
            metadata: file.metadata,
            issued: seconds(context.now),
            expires: seconds(expires),
        };
        // A PUT in chunks is signed when their hashes are there.
        let requests = match (plan, chunk_size) {
            (Plan::Put, Some(_)) => Vec::new(),
            _ => vec![self.sign_first(context.now, &claims)?],
        };
        Ok(CreatedUpload { grant: self.grant(&claims)?, requests })
    }

    /// The grant as the page sees it, its token with it.
    pub(super) fn grant(&self, claims: &GrantClaims) -> Result<Grant, Refusal> {
        Ok(Grant {
            token: token::seal(&self.secrets, Purpose::Grant, claims).ok_or_else(unsealable)?,
            bucket: claims.bucket.clone(),
            key: claims.key.clone(),
            size: claims.size,
            content_type: claims.content_type.clone(),
            expires: moment(claims.expires).iso8601(),
            plan: claims.plan,
            chunk_size: claims.chunk_size,
        })
    }

    fn chunk_size(&self, plan: Plan, size: u64) -> Result<u64, Refusal> {
        let longest = match plan {
            Plan::Put | Plan::Post => size,
            Plan::Multipart { part_size, .. } => part_size.min(size),
        };
        Ok(self.chunk_size_for(longest)?.bytes())
    }

    /// A new key for a file of this name.
    pub(super) fn new_key(
        &self,
        context: &Context<'_>,
        name: &str,
        random: Random<'_>,
    ) -> Result<String, Refusal> {
        if name.is_empty() || name.len() > MAX_NAME_BYTES {
            return Err(Refusal::new(Reason::KeyRefused, "a file name has 1 to 1,024 bytes"));
        }
        if name.contains(FILENAME_VARIABLE) {
            return Err(Refusal::new(Reason::KeyRefused, "S3 would replace ${filename} in the name"));
        }
        let uuid = uuid_v4(random);
        let parts = KeyParts { user: context.user, uuid: &uuid, filename: name, now: context.now };
        let key = self.rules.key.expand(parts);
        key.map(|key| key.as_str().to_owned())
            .map_err(|error| Refusal::new(Reason::KeyRefused, error.message().to_owned()))
    }

    /// How a file of this size goes, if it may go as the page wants.
    fn plan(&self, wanted: Option<Transport>, size: u64) -> Result<Plan, Refusal> {
        let plan = match wanted {
            None | Some(Transport::Put) => Plan::Put,
            Some(Transport::Post) => Plan::Post,
            Some(Transport::Multipart) => {
                let plan = PartPlan::for_size(size, self.rules.rules.part_size).map_err(transport_refused)?;
                Plan::Multipart { part_size: plan.part_size(), parts: plan.parts() }
            }
        };
        self.check_plan(plan, size)?;
        Ok(plan)
    }

    /// Whether a file of this size may go so, under the rules of today.
    pub(super) fn check_plan(&self, plan: Plan, size: u64) -> Result<(), Refusal> {
        match plan {
            Plan::Put if size > MAX_SINGLE_REQUEST_SIZE => Err(Refusal::new(
                Reason::TransportRefused,
                "one PUT carries at most 5 GiB: send this file as a multipart upload",
            )),
            Plan::Put | Plan::Multipart { .. } => Ok(()),
            Plan::Post => self.check_form(size),
        }
    }

    fn check_form(&self, size: u64) -> Result<(), Refusal> {
        self.check_post_is_open()?;
        let rules = &self.rules.rules;
        if !rules.checksums && rules.integrity == Integrity::Required {
            return Err(Refusal::new(
                Reason::TransportRefused,
                "the S3 of this server keeps no checksums, so a form proves nothing: send this file by PUT",
            ));
        }
        let limit = rules.max_post_size;
        if size > limit {
            return Err(Refusal::new(
                Reason::TransportRefused,
                format!("a form takes at most {limit} bytes here: send this file by PUT"),
            ));
        }
        Ok(())
    }

    /// POST forms have no `If-None-Match`, so nothing but a key that nobody
    /// guesses keeps them from overwriting.
    pub(super) fn check_post_is_open(&self) -> Result<(), Refusal> {
        let refuse = |message: &'static str| Err(Refusal::new(Reason::TransportRefused, message));
        if !self.rules.key.is_unguessable() {
            return refuse("with guessable keys there are no forms: send this file by PUT");
        }
        if self.rules.rules.max_post_size == 0 {
            return refuse("there are no forms here: send this file by PUT");
        }
        Ok(())
    }
}

/// The digests of a file that goes in one request; of one that goes in parts,
/// the parts will have them.
fn check_digests(file: &NewFile) -> Result<Digests, Refusal> {
    let digests = Digests::parse(file.sha256.as_deref(), file.crc64nvme.as_deref())?;
    let refuse = |message: &'static str| Err(Refusal::new(Reason::MalformedRequest, message));
    match (file.transport, file.integrity) {
        (Some(Transport::Multipart), None) => refuse("a multipart upload says its \"integrity\""),
        (Some(Transport::Multipart), Some(_)) if digests != Digests::default() => {
            refuse("the digests of a multipart upload come with its parts")
        }
        (None | Some(Transport::Put), Some(PartIntegrity::Chunks)) if digests.sha256.is_some() => {
            refuse("a file of which a SHA-256 is known needs no signed chunks")
        }
        (None | Some(Transport::Put), Some(PartIntegrity::Chunks)) => Ok(digests),
        (None | Some(Transport::Put | Transport::Post), Some(_)) => refuse(
            "only a multipart upload says its \"integrity\", or a PUT in \"chunks\"; any other file has digests",
        ),
        _ => Ok(digests),
    }
}

fn transport_refused(error: Error) -> Refusal {
    Refusal::new(Reason::TransportRefused, error.message().to_owned())
}

pub(super) fn check_metadata(given: &BTreeMap<String, String>) -> Result<(), Refusal> {
    let refuse = |message: String| Refusal::new(Reason::MetadataRefused, message);
    if given.values().any(|value| value.contains(FILENAME_VARIABLE)) {
        return Err(refuse("S3 would replace ${filename} in the metadata".to_owned()));
    }
    metadata::headers(&pairs(given)).map_err(|error| refuse(error.message().to_owned()))?;
    Ok(())
}

pub(super) fn pairs(metadata: &BTreeMap<String, String>) -> Vec<(String, String)> {
    metadata.iter().map(|(name, value)| (name.clone(), value.clone())).collect()
}

/// A random UUID (RFC 9562, 5.4).
fn uuid_v4(random: Random<'_>) -> String {
    let mut bytes = [0_u8; 16];
    random(&mut bytes);
    let mut value = u128::from_be_bytes(bytes);
    value = value & !(0xF << 76) | (0x4 << 76);
    value = value & !(0x3 << 62) | (0x2 << 62);
    let digits = format!("{value:032x}");
    let mut text = String::with_capacity(36);
    for (index, digit) in digits.chars().enumerate() {
        if matches!(index, 8 | 12 | 16 | 20) {
            text.push('-');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn version_and_variant_stand_in_their_places() {
        assert_eq!(uuid_v4(&mut |bytes| bytes.fill(0xFF)), "ffffffff-ffff-4fff-bfff-ffffffffffff");
        assert_eq!(uuid_v4(&mut |bytes| bytes.fill(0x00)), "00000000-0000-4000-8000-000000000000");
    }
}
