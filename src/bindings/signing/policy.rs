//! POST policies that JavaScript passes as objects.

use js_sys::{Array, JSON, Object, Reflect};
use wasm_bindgen::{JsCast as _, JsValue};

use crate::error::{Error, ErrorKind, Result};
use crate::sigv4::{PostForm, Signer, SigningOptions};
use crate::time::Timestamp;

/// Adds the signer's own conditions to `{ expiration, conditions }`, writes it
/// as JSON in ASCII and signs that. The fields that the policy fixes come
/// first in the answer, but for `bucket`, which the form's address says.
pub(super) fn sign_object(
    signer: &Signer<'_>,
    policy: &JsValue,
    options: &SigningOptions,
) -> Result<PostForm> {
    if !policy.is_object() {
        return Err(invalid("the policy is neither a text nor an object"));
    }
    let given = plain(policy)?;
    let expiration = Reflect::get(&given, &"expiration".into()).unwrap_or_default();
    let _ = Reflect::set(&given, &"expiration".into(), &in_iso8601(&expiration)?.into());
    let given_conditions = Reflect::get(&given, &"conditions".into()).unwrap_or_default();
    let given_conditions =
        given_conditions.dyn_ref::<Array>().ok_or_else(|| invalid("policy.conditions is not an array"))?;
    if !given_conditions.iter().all(|condition| is_condition(&condition)) {
        return Err(invalid(
            "a condition is none of { name: text }, [\"eq\" or \"starts-with\", \"$name\", text] and [\"content-length-range\", least, most]",
        ));
    }
    // Signing nothing yields the signer's own fields.
    let own = signer.sign_policy_json("", options).fields;
    let own = || own.iter().filter(|(name, _)| !matches!(name.as_str(), "policy" | "x-amz-signature"));

    let conditions = Array::new();
    let mut fixed = Vec::new();
    for condition in given_conditions.iter() {
        match fixed_field(&condition) {
            Some((name, _)) if own().any(|(own, _)| own.eq_ignore_ascii_case(&name)) => continue,
            Some(field) if !field.0.eq_ignore_ascii_case("bucket") => fixed.push(field),
            _ => {}
        }
        conditions.push(&condition);
    }
    for (name, value) in own() {
        let condition = Object::new();
        // Setting a property of a new plain object cannot fail.
        let _ = Reflect::set(&condition, &name.into(), &value.into());
        conditions.push(&condition);
    }
    let _ = Reflect::set(&given, &"conditions".into(), &conditions);
    let mut form = signer.sign_policy_json(&in_ascii(&json_of(&given)?), options);
    fixed.append(&mut form.fields);
    form.fields = fixed;
    Ok(form)
}

/// What the policy says as JSON, in objects that run nobody's code when they
/// are read: dates are texts then, and there are no getters.
fn plain(policy: &JsValue) -> Result<JsValue> {
    JSON::parse(&json_of(policy)?).map_err(|_| not_json())
}

fn json_of(value: &JsValue) -> Result<String> {
    // `undefined` for what writes itself as nothing.
    let json = JSON::stringify(value).map_err(|_| not_json())?;
    JsValue::from(json).as_string().ok_or_else(not_json)
}

fn not_json() -> Error {
    invalid("the policy cannot be written as JSON")
}

/// An expiration as S3 wants it. What is ISO 8601 already stays as it is.
fn in_iso8601(expiration: &JsValue) -> Result<String> {
    let date = expiration.as_string().and_then(|text| Some((Timestamp::parse(&text).ok()?, text)));
    match date {
        Some((_, text)) if text.contains('-') => Ok(text),
        Some((date, _)) => Ok(date.iso8601()),
        None => Err(invalid("policy.expiration is missing, or neither a Date nor a date's text")),
    }
}

/// Whether S3 can read this as a condition.
fn is_condition(condition: &JsValue) -> bool {
    if let Some(parts) = condition.dyn_ref::<Array>() {
        let operator = parts.get(0).as_string().unwrap_or_default().to_ascii_lowercase();
        return parts.length() == 3
            && match operator.as_str() {
                "eq" | "starts-with" => {
                    let field = parts.get(1).as_string().unwrap_or_default();
                    field.len() > 1 && field.starts_with('$') && parts.get(2).is_string()
                }
                "content-length-range" => match (bytes(&parts.get(1)), bytes(&parts.get(2))) {
                    (Some(least), Some(most)) => least <= most,
                    _ => false,
                },
                _ => false,
            };
    }
    fixed_field(condition).is_some()
}

/// A number of bytes, which S3 takes as a text too.
fn bytes(value: &JsValue) -> Option<u64> {
    if let Some(text) = value.as_string() {
        return text.parse().ok();
    }
    let number = value.as_f64()?;
    (number.fract() == 0.0 && (0.0..=9_007_199_254_740_991.0).contains(&number)).then_some(number as u64)
}

/// The field of `{ name: value }` or `["eq", "$name", value]`.
fn fixed_field(condition: &JsValue) -> Option<(String, String)> {
    if let Some(parts) = condition.dyn_ref::<Array>() {
        let is_eq = parts.get(0).as_string().is_some_and(|operator| operator.eq_ignore_ascii_case("eq"));
        let name = parts.get(1).as_string()?;
        let name = name.strip_prefix('$')?.to_owned();
        return is_eq.then_some((name, parts.get(2).as_string()?));
    }
    let entries = Object::entries(condition.dyn_ref::<Object>()?);
    let entry = entries.get(0);
    let entry = entry.dyn_ref::<Array>()?;
    (entries.length() == 1).then_some((entry.get(0).as_string()?, entry.get(1).as_string()?))
}

/// Outside of strings JSON is ASCII, so every other character stands in one
/// and may be escaped: no server then has to guess an encoding.
fn in_ascii(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for unit in json.encode_utf16() {
        match u8::try_from(unit) {
            Ok(byte) if byte.is_ascii() => out.push(char::from(byte)),
            _ => out.push_str(&format!("\\u{unit:04x}")),
        }
    }
    out
}

fn invalid(message: &'static str) -> Error {
    Error::new(ErrorKind::InvalidPolicy, message)
}
