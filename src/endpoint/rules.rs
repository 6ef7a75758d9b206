//! What may be uploaded, as the configuration says it.

use serde::{Deserialize, Serialize};

use crate::endpoint::Refusal;
use crate::endpoint::key_template::KeyTemplate;
use crate::endpoint::pending::PendingRules;
use crate::endpoint::refusal::Reason;
use crate::endpoint::store::StoreRules;
use crate::endpoint::types::TypePatterns;
use crate::error::{Error, ErrorKind, Result};
use crate::s3::limits::{MAX_OBJECT_SIZE, MAX_PART_SIZE, MAX_SINGLE_REQUEST_SIZE, MIN_PART_SIZE};
use crate::s3::{Bucket, ContentType, FILENAME_VARIABLE};
use crate::sigv4::chunked::ChunkSize;
use crate::sigv4::{MAX_EXPIRES_IN_SECONDS, Origin};

/// Whether a file must come with a digest of its bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Integrity {
    /// It must, and so must each part: a SHA-256, a CRC64NVME or both.
    /// Nothing is signed without.
    #[default]
    Required,
    /// It may; without a SHA-256 the payload is not signed (`UNSIGNED-PAYLOAD`).
    Optional,
}

/// The rules, as a configuration file has them. Every one has a default but
/// `bucket`; names that nobody knows are refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Rules {
    /// The bucket; no default.
    pub bucket: String,
    /// The key template ([`KeyTemplate`]); `uploads/{user}/{uuid}/{filename}`.
    pub key: String,
    /// Said again, beside a template without `{uuid}`: keys may be guessed.
    /// Needs `{user}` in the template and `conditional_writes`, and closes POST
    /// forms, which have none.
    pub allow_guessable_keys: bool,
    /// Least size of a file in bytes; 0.
    pub min_size: u64,
    /// Greatest size of a file in bytes, at most 48.8 TiB (10,000 parts of 5
    /// GiB); 5 GiB, which is S3's limit of one request.
    pub max_size: u64,
    /// Greatest size that goes as a POST form, in bytes, at most 5 GiB; 5 GiB.
    /// With 0 there are no forms.
    pub max_post_size: u64,
    /// Greatest size of a part of a multipart upload in bytes, 5 MiB to 5 GiB;
    /// 16 MiB. Where that made more than 10,000 parts they are larger.
    pub part_size: u64,
    /// Content types: `*/*`, `image/*`, `application/pdf`; all.
    pub types: Vec<String>,
    /// Content types that a browser may show though they can run scripts in
    /// the bucket's origin; none.
    pub inline_types: Vec<String>,
    /// Whether a file must come with a digest of its bytes; `required`.
    pub integrity: Integrity,
    /// Whether a PUT, and the Complete of a multipart upload, carries
    /// `If-None-Match: *`; true. False for an S3 that has no conditional writes.
    pub conditional_writes: bool,
    /// Whether `x-amz-checksum-…` headers and fields are signed; true. False
    /// for an S3 that refuses them: a SHA-256 is then bound by the payload hash
    /// alone, and a CRC64NVME by nothing.
    pub checksums: bool,
    /// Whether this S3 verifies the signatures of chunks; true. Where false,
    /// pages that ask for them are told so.
    pub chunk_signatures: bool,
    /// Bytes of a signed chunk, 8 KiB to 16 MiB; 896 KiB, which browsers hash
    /// and send fastest. Where that made more than 10,000 in a request they are larger.
    pub chunk_size: u64,
    /// How objects are stored.
    pub store: StoreRules,
    /// Most items of a list in one call, 1 to 10,000; 100.
    pub files_per_call: usize,
    /// Most intents in one call of `/sign`, 1 to 100,000; 1,000.
    pub intents_per_call: usize,
    /// Lifetime of a grant in seconds, 1 to 604,800; 3,600.
    pub grant_lifetime: u32,
    /// How long after its issue a grant can be renewed, finished and deleted
    /// with, in seconds, `grant_lifetime` to 31,536,000; 604,800 (7 days).
    pub grant_max_age: u32,
    /// Lifetime of a receipt in seconds, 1 to 31,536,000; 604,800 (7 days).
    pub receipt_lifetime: u32,
    /// Lifetime of the URL that a finish answers, in seconds, 1 to 604,800; 900.
    pub view_lifetime: u32,
    /// Origins of pages that a plain form may come back to, e.g.
    /// `https://app.example`; none, so only paths of this server.
    pub redirect_origins: Vec<String>,
    /// What becomes of uploads that the app does not keep; without it all stay.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pending: Option<PendingRules>,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            bucket: String::new(),
            key: "uploads/{user}/{uuid}/{filename}".to_owned(),
            allow_guessable_keys: false,
            min_size: 0,
            max_size: MAX_SINGLE_REQUEST_SIZE,
            max_post_size: MAX_SINGLE_REQUEST_SIZE,
            part_size: 16 * 1024 * 1024,
            types: vec!["*/*".to_owned()],
            inline_types: Vec::new(),
            integrity: Integrity::Required,
            conditional_writes: true,
            checksums: true,
            chunk_signatures: true,
            chunk_size: ChunkSize::DEFAULT.bytes(),
            store: StoreRules::default(),
            files_per_call: 100,
            intents_per_call: 1_000,
            grant_lifetime: 3_600,
            grant_max_age: 604_800,
            receipt_lifetime: 604_800,
            view_lifetime: 900,
            redirect_origins: Vec::new(),
            pending: None,
        }
    }
}

const YEAR: u32 = 31_536_000;

/// Rules that were found sound.
#[derive(Clone, Debug)]
pub(crate) struct ParsedRules {
    pub bucket: Bucket,
    /// Of uploads.
    pub key: KeyTemplate,
    /// Of what is kept; the same where nothing is pending by its key.
    pub kept: KeyTemplate,
    pub types: TypePatterns,
    pub inline_types: TypePatterns,
    pub redirect_origins: Vec<Origin>,
    pub rules: Rules,
}

impl ParsedRules {
    pub(crate) fn parse(rules: Rules) -> Result<Self> {
        let key = KeyTemplate::parse(&rules.key)?;
        if !key.is_unguessable() && !rules.allow_guessable_keys {
            return Err(Error::new(
                ErrorKind::InvalidKey,
                "the key template has no {uuid}, so keys can be guessed: add one, or say allow_guessable_keys too",
            ));
        }
        if !key.is_unguessable() && !rules.conditional_writes {
            return Err(Error::new(
                ErrorKind::InvalidKey,
                "guessable keys without conditional_writes would let anybody overwrite anything",
            ));
        }
        if !key.is_unguessable() && !key.is_per_user() {
            return Err(Error::new(
                ErrorKind::InvalidKey,
                "guessable keys without {user} would let any user see and delete what another uploaded: add one",
            ));
        }
        let kept = key;
        let key = match &rules.pending {
            Some(pending) => {
                pending.check(&rules, &kept)?;
                KeyTemplate::parse(&[pending.upload_prefix(), &rules.key].concat())?
            }
            None => kept.clone(),
        };
        rules.store.check(&rules)?;
        let in_range = rules.min_size <= rules.max_size
            && rules.max_size <= MAX_OBJECT_SIZE
            && (MIN_PART_SIZE..=MAX_PART_SIZE).contains(&rules.part_size)
            && ChunkSize::new(rules.chunk_size).is_ok()
            && rules.max_post_size <= MAX_SINGLE_REQUEST_SIZE
            && (1..=10_000).contains(&rules.files_per_call)
            && (1..=100_000).contains(&rules.intents_per_call)
            && (1..=MAX_EXPIRES_IN_SECONDS).contains(&rules.grant_lifetime)
            && (rules.grant_lifetime..=YEAR).contains(&rules.grant_max_age)
            && (1..=YEAR).contains(&rules.receipt_lifetime)
            && (1..=MAX_EXPIRES_IN_SECONDS).contains(&rules.view_lifetime);
        if !in_range {
            return Err(Error::new(
                ErrorKind::InvalidOption,
                "a size, a count or a lifetime of the rules is out of its range",
            ));
        }
        Ok(Self {
            bucket: Bucket::parse(&rules.bucket)?,
            key,
            kept,
            types: TypePatterns::parse(&rules.types)?,
            inline_types: TypePatterns::parse(&rules.inline_types)?,
            redirect_origins: rules
                .redirect_origins
                .iter()
                .map(|origin| Origin::parse(origin))
                .collect::<Result<_>>()?,
            rules,
        })
    }

    pub(crate) fn check_count(&self, count: usize) -> Result<(), Refusal> {
        if count > self.rules.files_per_call {
            let limit = self.rules.files_per_call;
            return Err(Refusal::new(Reason::TooManyFiles, format!("one call takes at most {limit} items")));
        }
        Ok(())
    }

    pub(crate) fn check_size(&self, size: u64) -> Result<(), Refusal> {
        let (min, max) = (self.rules.min_size, self.rules.max_size);
        if (min..=max).contains(&size) {
            return Ok(());
        }
        Err(Refusal::new(
            Reason::SizeRefused,
            format!("a file here has {min} to {max} bytes; this one has {size}"),
        ))
    }

    pub(crate) fn check_type(&self, content_type: &str) -> Result<ContentType, Refusal> {
        let parsed = ContentType::parse(content_type)
            .map_err(|error| Refusal::new(Reason::TypeRefused, error.message().to_owned()))?;
        if parsed.as_str().contains(FILENAME_VARIABLE) {
            return Err(Refusal::new(
                Reason::TypeRefused,
                "S3 would replace ${filename} in the content type",
            ));
        }
        if self.types.matches(&parsed) {
            return Ok(parsed);
        }
        Err(Refusal::new(
            Reason::TypeRefused,
            format!("files of type {} are not taken here", parsed.essence()),
        ))
    }
}
