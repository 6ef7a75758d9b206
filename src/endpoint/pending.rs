//! Uploads that are pending until the app keeps them (`docs/operations.md`).

use serde::{Deserialize, Serialize};

use crate::endpoint::key_template::KeyTemplate;
use crate::endpoint::{Rules, SigningEndpoint};
use crate::error::{Error, ErrorKind, Result};
use crate::s3::limits::{MAX_PART_SIZE, MIN_PART_SIZE, SIGNATURE_WINDOW_SECONDS};
use crate::s3::{ObjectKey, ObjectOptions};

/// The tag of an upload that nobody has kept yet.
pub(crate) const PENDING_TAG: (&str, &str) = ("sealift", "pending");

/// What becomes of uploads that the app does not keep.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PendingRules {
    /// How pending uploads are told from kept ones; `copy`.
    pub strategy: PendingStrategy,
    /// With [`PendingStrategy::Copy`], what stands before the key of a pending
    /// upload; `pending/`.
    pub prefix: String,
    /// Seconds after which a pending upload is unused and swept: the rules'
    /// `grant_max_age` and 900 at least, so that nothing is swept that could
    /// still be written, and 31,536,000 at most; 691,200 (8 days).
    pub max_age: u32,
    /// With [`PendingStrategy::Tags`], the seconds before `max_age` in which
    /// nothing is kept any more, so that keep and sweep cannot meet: 3,600 to
    /// `max_age`; 86,400.
    pub margin: u32,
    /// With [`PendingStrategy::Copy`], most bytes that one request to S3 copies,
    /// 5 MiB to 5 GiB; 5 GiB. Larger objects are copied in parts.
    pub copy_size: u64,
}

/// How pending uploads are told from kept ones.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PendingStrategy {
    /// They lie below a prefix. Keeping copies to the final key, which no grant
    /// can write and no sweep touches.
    #[default]
    Copy,
    /// They have the tag `sealift=pending`, which keeping takes away: for
    /// buckets where copies cost too much.
    Tags,
}

impl Default for PendingRules {
    fn default() -> Self {
        Self {
            strategy: PendingStrategy::default(),
            prefix: "pending/".to_owned(),
            max_age: 691_200,
            margin: 86_400,
            copy_size: MAX_PART_SIZE,
        }
    }
}

const YEAR: u32 = 31_536_000;
const LEAST_MARGIN: u32 = 3_600;
const MAX_PREFIX_BYTES: usize = 64;

impl PendingRules {
    /// What stands before the keys of uploads.
    pub(crate) fn upload_prefix(&self) -> &str {
        match self.strategy {
            PendingStrategy::Copy => &self.prefix,
            PendingStrategy::Tags => "",
        }
    }

    pub(crate) fn check(&self, rules: &Rules, kept: &KeyTemplate) -> Result<()> {
        let refuse = |message| Err(Error::new(ErrorKind::InvalidOption, message));
        if !kept.is_unguessable() {
            return refuse("pending uploads need {uuid} in the key template");
        }
        let least = u64::from(rules.grant_max_age) + SIGNATURE_WINDOW_SECONDS.unsigned_abs();
        if u64::from(self.max_age) < least || self.max_age > YEAR {
            return refuse(
                "pending.max_age is grant_max_age and 900 at least, so that nothing is swept that could still be \
                 written, and 31,536,000 at most",
            );
        }
        match self.strategy {
            PendingStrategy::Copy => self.check_copy(kept),
            PendingStrategy::Tags => self.check_tags(rules),
        }
    }

    fn check_copy(&self, kept: &KeyTemplate) -> Result<()> {
        let refuse = |message| Err(Error::new(ErrorKind::InvalidOption, message));
        let plain = self.prefix.len() <= MAX_PREFIX_BYTES
            && self.prefix.ends_with('/')
            && !self.prefix.contains(['{', '}']);
        if !plain {
            return refuse("pending.prefix is text of at most 64 bytes with a slash at its end");
        }
        let own = kept.literal_prefix();
        if own.starts_with(&self.prefix) || self.prefix.starts_with(&own) {
            return refuse(
                "with pending.strategy = \"copy\" the key template begins with text of its own that cannot be \
                 mistaken for pending.prefix, such as uploads/",
            );
        }
        if !(MIN_PART_SIZE..=MAX_PART_SIZE).contains(&self.copy_size) {
            return refuse("pending.copy_size is 5 MiB to 5 GiB");
        }
        Ok(())
    }

    fn check_tags(&self, rules: &Rules) -> Result<()> {
        let refuse = |message| Err(Error::new(ErrorKind::InvalidOption, message));
        if !rules.conditional_writes {
            return refuse(
                "pending.strategy = \"tags\" needs conditional_writes: a second write would tag a kept object as pending",
            );
        }
        if rules.store.legal_hold || rules.store.object_lock_mode.is_some() {
            return refuse("with pending.strategy = \"tags\" locked objects could not be swept");
        }
        if rules.store.tags.contains_key(PENDING_TAG.0) || rules.store.tags.len() > 9 {
            return refuse(
                "with pending.strategy = \"tags\" store.tags has at most 9 tags, and none called sealift",
            );
        }
        if !(LEAST_MARGIN..self.max_age).contains(&self.margin) {
            return refuse("pending.margin is 3,600 to pending.max_age");
        }
        Ok(())
    }
}

impl SigningEndpoint {
    pub(super) fn pending(&self) -> Option<&PendingRules> {
        self.rules.rules.pending.as_ref()
    }

    /// How a pending upload is stored: with its tag, and with no lock that would
    /// keep it from being swept.
    pub(super) fn as_pending(&self, options: ObjectOptions) -> ObjectOptions {
        match self.pending().map(|pending| pending.strategy) {
            None => options,
            Some(PendingStrategy::Copy) => ObjectOptions { retention: None, legal_hold: false, ..options },
            Some(PendingStrategy::Tags) => {
                let mut tags = options.tags;
                tags.push((PENDING_TAG.0.to_owned(), PENDING_TAG.1.to_owned()));
                ObjectOptions { tags, ..options }
            }
        }
    }

    /// Whether an upload may be written at this key: where kept objects lie, no
    /// grant writes, not even one from before uploads were pending.
    pub(super) fn is_upload_key(&self, key: &str) -> bool {
        self.pending().is_none_or(|pending| key.starts_with(pending.upload_prefix()))
    }

    /// Where an upload will lie once it is kept.
    pub(super) fn kept_key(&self, upload: &str) -> Result<ObjectKey> {
        let prefix = self.pending().map_or("", PendingRules::upload_prefix);
        ObjectKey::parse(upload.strip_prefix(prefix).unwrap_or(upload))
    }

    /// Seconds after which an upload in parts has been given up: no grant that
    /// could go on with it lives.
    pub(super) fn abandoned_after(&self) -> i64 {
        i64::from(self.rules.rules.grant_max_age) + SIGNATURE_WINDOW_SECONDS
    }
}
