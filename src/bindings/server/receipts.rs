//! Receipts, verified by the app itself.

use js_sys::Array;
use serde::Serialize;
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::prelude::*;

use super::bytes_of;
use crate::endpoint::{self, TokenSecrets};
use crate::error::{Error, ErrorKind};
use crate::time::Timestamp;

/// Verifies receipts without asking anybody.
#[wasm_bindgen]
#[derive(Debug)]
pub struct ReceiptVerifier(endpoint::ReceiptVerifier);

#[wasm_bindgen]
impl ReceiptVerifier {
    /// For the secrets (texts or bytes) and the environment of an endpoint.
    ///
    /// # Errors
    /// `invalid_option` for secrets that are none.
    #[wasm_bindgen(constructor)]
    pub fn new(secrets: &Array, environment: String) -> Result<Self, JsValue> {
        let secrets: Option<Vec<_>> = secrets.iter().map(|secret| bytes_of(&secret)).collect();
        let secrets =
            secrets.ok_or_else(|| Error::new(ErrorKind::InvalidOption, "a secret is a text or bytes"))?;
        Ok(Self(endpoint::ReceiptVerifier::new(TokenSecrets::new(secrets)?, environment)))
    }

    /// What an authentic receipt of this user says.
    ///
    /// # Errors
    /// `receipt_invalid`, `receipt_expired`, `receipt_of_another_user`.
    pub fn verify(&self, unix_seconds: f64, user: &str, receipt: &str) -> Result<JsValue, JsValue> {
        let now = Timestamp::from_unix_seconds(unix_seconds as i64);
        let verified = self.0.verify(now, user, receipt).map_err(Error::from)?;
        let serializer = Serializer::json_compatible();
        verified
            .serialize(&serializer)
            .map_err(|_| Error::new(ErrorKind::InvalidOption, "the receipt cannot be written").into())
    }
}
