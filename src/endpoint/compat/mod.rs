//! Protocols that existing clients speak: Fine Uploader S3, Uppy by its
//! Companion, EvaporateJS. `docs/compat.md` says what each can carry.
//!
//! Those clients send texts to be signed. None is: a text is read, checked by
//! the rules, and written anew from what was read; the client's must be equal to
//! it, byte for byte, as far as that client writes it right. What is signed is
//! always this endpoint's own text.
//!
//! No I/O here either: what has to be asked of S3 in between, the
//! [service](crate::endpoint::service) asks.

mod acceptance;
mod arrival;
mod canonical;
mod companion;
mod evaporate;
mod fine;
mod json;
mod operation;
mod policy;
mod sigv2;
mod temporary;

pub use arrival::{Arrival, must_go};
pub use companion::{CompanionForm, CompanionPart, CompanionParts, CompanionUpload};
pub use evaporate::EvaporateCall;
pub use fine::{FineVersion, fine_session_name, fine_session_uuid};
pub use temporary::CompanionSession;

use crate::endpoint::compat::operation::{Asked, Operation};
use crate::endpoint::{Context, PendingStrategy, Random, Reason, Refusal, SigningEndpoint};
use crate::error::{Error, ErrorKind, Result};
use crate::s3::{Bucket, FILENAME_VARIABLE, ListParts, ObjectKey};
use crate::time::Timestamp;

/// By how many seconds a date that a client proposes may differ from now.
pub const MAX_SKEW_SECONDS: i64 = 300;

impl SigningEndpoint {
    /// Whether the clients of this module can be served under these rules.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidOption`] for a key template without `{user}` and
    /// `{uuid}`: these clients carry no grants, so only its key tells whose an
    /// object is, and nothing else keeps it from being overwritten.
    pub fn check_compat(&self) -> Result<()> {
        if self.pending().is_some_and(|pending| pending.strategy == PendingStrategy::Tags) {
            return Err(Error::new(
                ErrorKind::InvalidOption,
                "clients of other protocols write no tags: pending.strategy must be \"copy\" for them",
            ));
        }
        if self.rules.key.is_per_user() && self.rules.key.is_unguessable() {
            return Ok(());
        }
        Err(Error::new(
            ErrorKind::InvalidOption,
            "clients of other protocols need {user} and {uuid} in the key template: their keys alone say \
             whose an object is",
        ))
    }

    /// A new key of this user for a file of this name: for clients that choose
    /// the key themselves and can ask for one.
    ///
    /// # Errors
    /// [`Reason::KeyRefused`] for a name that makes no key.
    pub fn compat_key(
        &self,
        context: &Context<'_>,
        name: &str,
        random: Random<'_>,
    ) -> Result<String, Refusal> {
        self.new_key(context, name, random)
    }

    /// The key that a client proposes or names, if it is one of this user's.
    ///
    /// # Errors
    /// [`Reason::KeyRefused`] for any other.
    pub(super) fn own_key(&self, context: &Context<'_>, key: &str) -> Result<ObjectKey, Refusal> {
        let refuse = |message: &'static str| Refusal::new(Reason::KeyRefused, message);
        if self.check_compat().is_err() || !self.rules.key.makes(context.user, key) {
            return Err(refuse("this key is none that the rules make for this user"));
        }
        if key.contains(FILENAME_VARIABLE) {
            return Err(refuse("S3 would replace ${filename} in the key"));
        }
        let key = ObjectKey::parse(key).map_err(|error| refuse_key(&error))?;
        key.sendable_by_put().map_err(|error| refuse_key(&error))?;
        Ok(key)
    }

    fn check_bucket(&self, bucket: &str) -> Result<(), Refusal> {
        if bucket == self.bucket().as_str() {
            return Ok(());
        }
        Err(Refusal::new(Reason::KeyRefused, "this server signs for another bucket"))
    }

    /// These clients send no session token that a signature of temporary
    /// credentials would need.
    fn check_lasting_credentials(&self) -> Result<(), Refusal> {
        if self.credentials.current().session_token().is_none() {
            return Ok(());
        }
        Err(Refusal::new(
            Reason::Misconfigured,
            "this server has temporary credentials, whose session token this client cannot send",
        ))
    }

    /// Whether the parts that a Complete would join make a size that is allowed.
    ///
    /// # Errors
    /// [`Reason::SizeRefused`].
    pub fn check_total(&self, bytes: u64) -> Result<(), Refusal> {
        self.rules.check_size(bytes)
    }
}

fn refuse_key(error: &Error) -> Refusal {
    Refusal::new(Reason::KeyRefused, error.message().to_owned())
}

fn check_date(now: Timestamp, date: Timestamp) -> Result<(), Refusal> {
    if date.seconds_since(now).abs() <= MAX_SKEW_SECONDS {
        return Ok(());
    }
    Err(malformed(
        "its date is more than five minutes from this server's: set the clock, or the client's drift",
    ))
}

fn malformed(message: &'static str) -> Refusal {
    Refusal::new(Reason::MalformedRequest, message)
}

/// What was signed. Of a request that joins parts it may be handed out only
/// once they were [counted](Self::counted).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompatSignature {
    /// The policy, in base64, where one was signed.
    pub policy: Option<String>,
    /// The signature, as the client puts it into its request.
    pub signature: String,
    joins: Option<PartsToCount>,
    begins: bool,
}

/// An upload whose parts make the object's size.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartsToCount {
    pub(super) key: ObjectKey,
    pub(super) upload_id: String,
}

impl PartsToCount {
    /// The pages of its parts, to be asked of S3.
    #[must_use]
    pub const fn list<'a>(&'a self, bucket: &'a Bucket, after: u16) -> ListParts<'a> {
        ListParts { bucket, key: &self.key, upload_id: self.upload_id.as_str(), after, max_parts: None }
    }
}

impl CompatSignature {
    /// The upload whose parts are to be counted and [checked](SigningEndpoint::check_total) first.
    #[must_use]
    pub const fn counted(&self) -> Option<&PartsToCount> {
        self.joins.as_ref()
    }

    /// Whether a file begins with it: a form, or an upload in parts.
    #[must_use]
    pub const fn begins(&self) -> bool {
        self.begins
    }

    fn of_policy(policy: String, signature: String) -> Self {
        Self { policy: Some(policy), signature, joins: None, begins: true }
    }

    fn of_request(asked: &Asked, signature: String) -> Self {
        let joins = match &asked.operation {
            Operation::Complete { upload_id } => {
                Some(PartsToCount { key: asked.key.clone(), upload_id: upload_id.clone() })
            }
            _ => None,
        };
        Self { policy: None, signature, joins, begins: asked.operation == Operation::Create }
    }
}
