//! POST policies that JavaScript passes as objects.

use js_sys::{Array, JSON, Object, Reflect};
use wasm_bindgen::{JsCast as _, JsValue};

use crate::error::{Error, ErrorKind, Result};
use crate::sigv4::{PostForm, Signer, SigningOptions};

/// Adds the signer's own conditions to `{ expiration, conditions }`, writes it
/// as JSON in ASCII and signs that. The fields that the policy fixes come
/// first in the answer, but for `bucket`, which the form's address says.
pub(super) fn sign_object(
    signer: &Signer<'_>,
    policy: &JsValue,
    options: &SigningOptions,
) -> Result<PostForm> {
    let given =
        policy.dyn_ref::<Object>().ok_or_else(|| invalid("the policy is neither a text nor an object"))?;
    let given_conditions = Reflect::get(given, &"conditions".into()).unwrap_or_default();
    let given_conditions =
        given_conditions.dyn_ref::<Array>().ok_or_else(|| invalid("policy.conditions is not an array"))?;
    if !Reflect::has(given, &"expiration".into()).unwrap_or(false) {
        return Err(invalid("policy.expiration is missing"));
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
    let completed = Object::assign(&Object::new(), given);
    let _ = Reflect::set(&completed, &"conditions".into(), &conditions);
    let json = JSON::stringify(&completed).map_err(|_| invalid("the policy cannot be written as JSON"))?;
    let mut form = signer.sign_policy_json(&in_ascii(&String::from(json)), options);
    fixed.append(&mut form.fields);
    form.fields = fixed;
    Ok(form)
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
