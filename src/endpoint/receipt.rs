//! Receipts: what the app is handed instead of keys, and how it verifies them.

use crate::endpoint::claims::{ReceiptClaims, moment};
use crate::endpoint::protocol::{VerifiedReceipt, VerifyAnswer, VerifyReceipts};
use crate::endpoint::secrets::Purpose;
use crate::endpoint::{Context, Reason, Refusal, SigningEndpoint, TokenSecrets, token};
use crate::time::Timestamp;

impl SigningEndpoint {
    /// Answers `POST /receipts/verify`, which only the app may call.
    ///
    /// # Errors
    /// [`Reason::TooManyFiles`], of the call as a whole.
    pub fn verify_receipts(&self, now: Timestamp, call: &VerifyReceipts) -> Result<VerifyAnswer, Refusal> {
        self.rules.check_count(call.receipts.len())?;
        let verify = |receipt: &String| {
            let verified = self.verify_receipt(now, receipt)?;
            check_owner(&verified.user, call.user.as_deref())?;
            Ok(verified)
        };
        Ok(VerifyAnswer { results: call.receipts.iter().map(|receipt| verify(receipt).into()).collect() })
    }

    /// What an authentic receipt of this endpoint says, whoever's it is.
    ///
    /// # Errors
    /// [`Reason::ReceiptInvalid`], [`Reason::ReceiptExpired`].
    pub fn verify_receipt(&self, now: Timestamp, receipt: &str) -> Result<VerifiedReceipt, Refusal> {
        let claims = open(&self.secrets, &self.environment, now, receipt)?;
        self.check_place(&claims.environment, &claims.bucket, Reason::ReceiptInvalid)?;
        Ok(verified(claims))
    }

    /// What an authentic receipt of this endpoint says, if it belongs to the
    /// caller. Whose receipt it is must be asked: they travel through browsers.
    ///
    /// # Errors
    /// [`Reason::ReceiptInvalid`], [`Reason::ReceiptExpired`],
    /// [`Reason::ReceiptOfAnotherUser`].
    pub fn verify_receipt_of_user(
        &self,
        context: &Context<'_>,
        receipt: &str,
    ) -> Result<VerifiedReceipt, Refusal> {
        self.open_receipt_of(context, receipt).map(verified)
    }

    pub(super) fn open_receipt_of(
        &self,
        context: &Context<'_>,
        receipt: &str,
    ) -> Result<ReceiptClaims, Refusal> {
        let claims = open(&self.secrets, &self.environment, context.now, receipt)?;
        self.check_place(&claims.environment, &claims.bucket, Reason::ReceiptInvalid)?;
        check_owner(&claims.user, Some(context.user.as_str()))?;
        Ok(claims)
    }
}

/// Verifies receipts in the app itself, without asking anybody: all it needs
/// is the token secrets and the name of the environment.
#[derive(Clone, Debug)]
pub struct ReceiptVerifier {
    secrets: TokenSecrets,
    environment: String,
}

impl ReceiptVerifier {
    /// For the secrets and the environment of an endpoint.
    #[must_use]
    pub fn new(secrets: TokenSecrets, environment: impl Into<String>) -> Self {
        Self { secrets, environment: environment.into() }
    }

    /// What an authentic receipt says, if it belongs to the user who hands it
    /// in. Whose receipt it is must be asked: they travel through browsers.
    ///
    /// # Errors
    /// [`Reason::ReceiptInvalid`], [`Reason::ReceiptExpired`],
    /// [`Reason::ReceiptOfAnotherUser`].
    pub fn verify(&self, now: Timestamp, user: &str, receipt: &str) -> Result<VerifiedReceipt, Refusal> {
        let claims = open(&self.secrets, &self.environment, now, receipt)?;
        check_owner(&claims.user, Some(user))?;
        Ok(verified(claims))
    }
}

fn open(
    secrets: &TokenSecrets,
    environment: &str,
    now: Timestamp,
    receipt: &str,
) -> Result<ReceiptClaims, Refusal> {
    let claims: ReceiptClaims = token::open(secrets, Purpose::Receipt, receipt)
        .ok_or_else(|| Refusal::new(Reason::ReceiptInvalid, "the text is no receipt of this server"))?;
    if claims.environment != environment {
        return Err(Refusal::new(Reason::ReceiptInvalid, "the receipt is of another environment"));
    }
    if now >= moment(claims.expires) {
        return Err(Refusal::new(Reason::ReceiptExpired, "the receipt is past its lifetime"));
    }
    Ok(claims)
}

fn check_owner(owner: &str, user: Option<&str>) -> Result<(), Refusal> {
    if user.is_some_and(|user| user != owner) {
        return Err(Refusal::new(Reason::ReceiptOfAnotherUser, "the receipt belongs to another user"));
    }
    Ok(())
}

fn verified(claims: ReceiptClaims) -> VerifiedReceipt {
    VerifiedReceipt {
        user: claims.user,
        bucket: claims.bucket,
        key: claims.key,
        name: claims.name,
        size: claims.size,
        content_type: claims.content_type,
        etag: claims.etag,
        version_id: claims.version_id,
        sha256: claims.sha256.map(|digest| hex::encode(digest.0)),
        crc64nvme: claims.crc64nvme.map(String::from),
        composite_sha256: claims.composite_sha256,
        metadata: claims.metadata,
        finished: moment(claims.finished).iso8601(),
    }
}
