//! The signing module: canonical requests, signatures, presigned URLs, POST
//! policies and chunks, and why S3 refused one, for pages and Node. Everything here is synchronous.

mod chunks;
mod explain;
mod fields;
mod input;
mod policy;

use js_sys::Uint8Array;
use serde::Serialize;
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::prelude::*;
use zeroize::Zeroizing;

use crate::error::{Error, ErrorKind, Result};
use crate::sigv4::{
    self, CanonicalRequest, CredentialScope, Signer, SigningKey, SigningKeyCache, SigningOptions,
};
use crate::time::Timestamp;
pub use chunks::ChunkSignatures;
pub use explain::explain_signature_mismatch;
use fields::{Arguments, answer_with_headers};
use input::{date_or_now, scope_date};

/// The keys of the last days, regions and services: pages sign many requests
/// of one.
static KEYS: SigningKeyCache = SigningKeyCache::new();

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Canonical {
    canonical_request: String,
    hash: String,
    signed_headers: String,
    payload_hash: String,
}

/// `canonicalRequest(request, options?)`.
///
/// # Errors
/// What of the request cannot be signed.
#[wasm_bindgen(js_name = canonicalRequest, skip_typescript)]
pub fn canonical_request(request: &JsValue, options: &JsValue) -> Result<JsValue> {
    let arguments = Arguments::cross(request, &JsValue::UNDEFINED, options)?;
    let (request, options) = (input::request(&arguments, request)?, arguments.options());
    // The canonical form has neither date nor region; the service has rules.
    let service = options.optional_text("service")?.unwrap_or("s3");
    let rules = SigningOptions::new("any", service, Timestamp::from_unix_seconds(0))?;
    let canonical = CanonicalRequest::new(&request, &input::path_rules(rules, &options)?)?;
    to_js(&Canonical {
        hash: canonical.hash(),
        signed_headers: canonical.signed_headers().to_owned(),
        payload_hash: canonical.payload().as_str().into_owned(),
        canonical_request: canonical.into_string(),
    })
}

/// `stringToSign({ date, region, service?, canonicalRequestHash })`.
///
/// # Errors
/// What of the parts is none.
#[wasm_bindgen(js_name = stringToSign, skip_typescript)]
pub fn string_to_sign(parts: &JsValue) -> Result<String> {
    let arguments = Arguments::cross(&JsValue::UNDEFINED, &JsValue::UNDEFINED, parts)?;
    let parts = arguments.options();
    let date = date_or_now(&parts)?;
    let scope =
        CredentialScope::new(date, parts.text("region")?, parts.optional_text("service")?.unwrap_or("s3"))?;
    let hash = parts.text("canonicalRequestHash")?;
    let lower_hex = hash.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    if hash.len() != 64 || !lower_hex {
        return Err(Error::new(
            ErrorKind::InvalidDigest,
            "canonicalRequestHash is not 64 lower-case hexadecimal digits",
        ));
    }
    Ok(sigv4::string_to_sign(date, &scope, hash))
}

/// `signingKey(secretAccessKey, date, region, service?)`: 32 bytes.
///
/// # Errors
/// What of the arguments is none.
#[wasm_bindgen(js_name = signingKey, skip_typescript)]
pub fn signing_key(
    secret_access_key: &JsValue,
    date: &JsValue,
    region: &JsValue,
    service: &JsValue,
) -> Result<Uint8Array> {
    let secret = secret_access_key.as_string().map(Zeroizing::new).filter(|secret| !secret.is_empty());
    let secret = secret.ok_or_else(|| {
        Error::new(ErrorKind::InvalidCredentials, "secretAccessKey is not a text, or empty")
    })?;
    let region = input::text(region, "region")?;
    let service = if service.is_undefined() { "s3".to_owned() } else { input::text(service, "service")? };
    let scope = CredentialScope::new(scope_date(date)?, &region, &service)?;
    let key = SigningKey::derive_from_secret(&secret, &scope);
    Ok(Uint8Array::from(key.expose_bytes().as_slice()))
}

/// `signRequest(request, credentials, { region, service?, date? })`.
///
/// # Errors
/// What of the arguments cannot be signed.
#[wasm_bindgen(js_name = signRequest, skip_typescript)]
pub fn sign_request(request: &JsValue, credentials: &JsValue, options: &JsValue) -> Result<JsValue> {
    let arguments = Arguments::cross(request, credentials, options)?;
    let request = input::request(&arguments, request)?;
    let credentials = input::credentials(&arguments.credentials())?;
    let options = arguments.options();
    let rules = input::signing_options(&options)?;
    let signed = Signer::with_cache(&credentials, &KEYS).sign_headers(&request, &rules)?;
    Ok(answer_with_headers(
        &[
            &signed.url,
            &signed.signature.to_string(),
            &signed.canonical_request,
            &signed.string_to_sign,
            &signed.signed_headers,
            &signed.authorization,
        ],
        &signed.headers,
    ))
}

/// `presignUrl(request, credentials, { region, service?, date?, expiresIn })`.
///
/// # Errors
/// What of the arguments cannot be signed.
#[wasm_bindgen(js_name = presignUrl, skip_typescript)]
pub fn presign_url(request: &JsValue, credentials: &JsValue, options: &JsValue) -> Result<JsValue> {
    let arguments = Arguments::cross(request, credentials, options)?;
    let request = input::request(&arguments, request)?;
    let credentials = input::credentials(&arguments.credentials())?;
    let options = arguments.options();
    let rules = input::signing_options(&options)?;
    let signed =
        Signer::with_cache(&credentials, &KEYS).presign(&request, &rules, input::expires_in(&options)?)?;
    Ok(answer_with_headers(
        &[
            &signed.url,
            &signed.signature.to_string(),
            &signed.canonical_request,
            &signed.string_to_sign,
            &signed.signed_headers,
            "",
        ],
        &signed.headers,
    ))
}

#[derive(Serialize)]
struct Form {
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
    #[serde(serialize_with = "as_record")]
    fields: Vec<(String, String)>,
    policy: String,
    signature: String,
}

/// `signPostPolicy(policy, credentials, { region, service?, date?, url? })`.
///
/// # Errors
/// What of the arguments cannot be signed.
#[wasm_bindgen(js_name = signPostPolicy, skip_typescript)]
pub fn sign_post_policy(policy: &JsValue, credentials: &JsValue, options: &JsValue) -> Result<JsValue> {
    let arguments = Arguments::cross(&JsValue::UNDEFINED, credentials, options)?;
    let credentials = input::credentials(&arguments.credentials())?;
    let options = arguments.options();
    let rules = input::signing_options(&options)?;
    let signer = Signer::with_cache(&credentials, &KEYS);
    let form = match policy.as_string() {
        Some(json) => signer.sign_policy_json(&json, &rules),
        None => policy::sign_object(&signer, policy, &rules)?,
    };
    to_js(&Form {
        url: options.optional_text("url")?.map(str::to_owned),
        fields: form.fields,
        policy: form.policy_base64,
        signature: form.signature.to_string(),
    })
}

/// Pairs as a `Record`: what `fetch`, `XMLHttpRequest` and `FormData` are
/// filled from. No name comes twice.
fn as_record<S: serde::Serializer>(
    pairs: &[(String, String)],
    serializer: S,
) -> std::result::Result<S::Ok, S::Error> {
    serializer.collect_map(pairs.iter().map(|(name, value)| (name, value)))
}

fn to_js(value: &impl Serialize) -> Result<JsValue> {
    value.serialize(&Serializer::new().serialize_maps_as_objects(true)).map_err(|_| {
        Error::new(ErrorKind::InvalidOption, "the answer cannot be written as a JavaScript object")
    })
}
