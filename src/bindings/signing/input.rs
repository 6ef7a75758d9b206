//! What JavaScript passes in, read field by field. Errors name the field and
//! never its value, which may be a secret.

use js_sys::{Array, ArrayBuffer, Date, Number, Object, Uint8Array};
use wasm_bindgen::prelude::*;

use crate::error::{Error, ErrorKind, Result};
use crate::sigv4::{Credentials, PathEncoding, PayloadHash, Request, SigningOptions};
use crate::time::Timestamp;

use super::fields::{self, Fields};

/// `{ method, url, headers?, payloadHash?, body? }`.
pub(super) fn request(value: &JsValue) -> Result<Request> {
    let fields = Fields::new(value, "request")?;
    let mut request =
        Request::from_url(&fields.text_or(&fields::METHOD, "GET")?, &fields.text(&fields::URL)?)?;
    for_each_header(&fields.get(&fields::HEADERS)?, |name, value| request.add_header(name, value))?;
    if let Some(hash) = fields.optional_text(&fields::PAYLOAD_HASH)? {
        return Ok(request.payload(PayloadHash::parse(&hash)?));
    }
    let body = fields.get(&fields::BODY)?;
    if body.is_undefined() || body.is_null() {
        return Ok(request);
    }
    Ok(request.payload(payload_of(&body)?))
}

/// The hash of a body that JavaScript has in its memory.
fn payload_of(body: &JsValue) -> Result<PayloadHash> {
    if let Some(text) = body.as_string() {
        return Ok(PayloadHash::of(text.as_bytes()));
    }
    let bytes = if let Some(bytes) = body.dyn_ref::<Uint8Array>() {
        bytes.to_vec()
    } else if body.is_instance_of::<ArrayBuffer>() {
        Uint8Array::new(body).to_vec()
    } else {
        return Err(Error::new(
            ErrorKind::InvalidOption,
            "request.body is neither a text, a Uint8Array nor an ArrayBuffer: hash it first and pass payloadHash",
        ));
    };
    Ok(PayloadHash::of(&bytes))
}

/// `{ accessKeyId, secretAccessKey, sessionToken? }`.
pub(super) fn credentials(value: &JsValue) -> Result<Credentials> {
    let fields = Fields::new(value, "credentials")?;
    Credentials::new(
        fields.text(&fields::ACCESS_KEY_ID)?,
        fields.text(&fields::SECRET_ACCESS_KEY)?,
        fields.optional_text(&fields::SESSION_TOKEN)?,
    )
}

/// `{ region, service?, date?, contentSha256?, signSessionToken? }`.
pub(super) fn signing_options(fields: &Fields<'_>) -> Result<SigningOptions> {
    let date = date_or_now(fields)?;
    let mut options =
        SigningOptions::new(&fields.text(&fields::REGION)?, &fields.text_or(&fields::SERVICE, "s3")?, date)?;
    if let Some(sends) = fields.optional_bool(&fields::CONTENT_SHA256)? {
        options = options.with_content_sha256_header(sends);
    }
    if let Some(signs) = fields.optional_bool(&fields::SIGN_SESSION_TOKEN)? {
        options = options.with_signed_session_token(signs);
    }
    Ok(options)
}

/// `{ pathEncoding?, normalizePath? }`.
pub(super) fn path_rules(mut options: SigningOptions, fields: &Fields<'_>) -> Result<SigningOptions> {
    match fields.optional_text(&fields::PATH_ENCODING)?.as_deref() {
        None => {}
        Some("once") => options = options.with_path_encoding(PathEncoding::Once),
        Some("twice") => options = options.with_path_encoding(PathEncoding::Twice),
        Some(_) => return Err(fields.invalid(&fields::PATH_ENCODING, "is neither \"once\" nor \"twice\"")),
    }
    if let Some(normalizes) = fields.optional_bool(&fields::NORMALIZE_PATH)? {
        options = options.with_normalized_path(normalizes);
    }
    Ok(options)
}

/// `expiresIn`: whole seconds.
pub(super) fn expires_in(fields: &Fields<'_>) -> Result<u32> {
    let seconds = fields.get(&fields::EXPIRES_IN)?.as_f64().filter(|seconds| seconds.fract() == 0.0);
    // Saturates, so that what is too much stays too much.
    seconds.map(|seconds| seconds as u32).ok_or_else(|| {
        Error::new(
            ErrorKind::InvalidExpiry,
            "options.expiresIn is not a whole number of seconds from 1 to 604800",
        )
    })
}

/// `date`: a `Date`, a text, or the clock's own.
pub(super) fn date_or_now(fields: &Fields<'_>) -> Result<Timestamp> {
    let value = fields.get(&fields::DATE)?;
    if value.is_undefined() { from_milliseconds(Date::now()) } else { date(&value) }
}

/// The date of a scope, which may be a day alone.
pub(super) fn scope_date(value: &JsValue) -> Result<Timestamp> {
    match value.as_string() {
        Some(day) if day.len() == 8 => Timestamp::parse(&format!("{day}T000000Z")),
        _ => date(value),
    }
}

/// A text that must be there.
pub(super) fn text(value: &JsValue, name: &str) -> Result<String> {
    value.as_string().ok_or_else(|| invalid(format!("{name} is not a text")))
}

fn date(value: &JsValue) -> Result<Timestamp> {
    if let Some(date) = value.dyn_ref::<Date>() {
        return from_milliseconds(date.get_time());
    }
    match value.as_string() {
        Some(text) => Timestamp::parse(&text),
        None => Err(Error::new(ErrorKind::InvalidDate, "the date is neither a Date nor a text")),
    }
}

fn from_milliseconds(milliseconds: f64) -> Result<Timestamp> {
    if milliseconds.is_finite() && milliseconds >= 0.0 {
        Ok(Timestamp::from_unix_seconds((milliseconds / 1000.0) as i64))
    } else {
        Err(Error::new(ErrorKind::InvalidDate, "the Date is invalid, or before 1970"))
    }
}

/// Pairs (an array of them, `Headers`, a `Map`) or a record. A value that is
/// `undefined` is left out, and a number is written down.
fn for_each_header(headers: &JsValue, mut header: impl FnMut(&str, &str) -> Result<()>) -> Result<()> {
    if headers.is_undefined() || headers.is_null() {
        return Ok(());
    }
    let unreadable = |_| invalid("request.headers are neither pairs nor an object".to_owned());
    let object = headers.dyn_ref::<Object>().ok_or(()).map_err(unreadable)?;
    if let Some(pairs) = headers.dyn_ref::<Array>() {
        return for_each_pair(pairs, header);
    }
    let names = Object::keys(object);
    if names.length() == 0 {
        // `Headers` and `Map` have no properties, but yield pairs.
        return for_each_pair(&iterated(object).map_err(|_| unreadable(()))?, header);
    }
    let values = values(object).map_err(|_| unreadable(()))?;
    for (name, value) in names.iter().zip(values.iter()) {
        let name = name.as_string().unwrap_or_default();
        if let Some(value) = header_value(&name, value)? {
            header(&name, &value)?;
        }
    }
    Ok(())
}

fn for_each_pair(pairs: &Array, mut header: impl FnMut(&str, &str) -> Result<()>) -> Result<()> {
    for pair in pairs.iter() {
        let pair = pair.dyn_ref::<Array>().filter(|pair| pair.length() == 2);
        let name = pair.and_then(|pair| Some((pair.get(0).as_string()?, pair.get(1))));
        let (name, value) = name.ok_or_else(|| invalid("a pair of request.headers is none".to_owned()))?;
        if let Some(value) = header_value(&name, value)? {
            header(&name, &value)?;
        }
    }
    Ok(())
}

fn header_value(name: &str, value: JsValue) -> Result<Option<String>> {
    if let Some(text) = value.as_string() {
        return Ok(Some(text));
    }
    if value.is_undefined() {
        return Ok(None);
    }
    let number = value.dyn_into::<Number>().ok().and_then(|number| number.to_string_with_radix(10).ok());
    number
        .map(|number| Some(String::from(number)))
        .ok_or_else(|| invalid(format!("the value of the header {name} is not a text")))
}

#[wasm_bindgen]
extern "C" {
    /// Fails where a getter throws.
    #[wasm_bindgen(catch, js_namespace = Object)]
    fn values(object: &Object) -> std::result::Result<Array, JsValue>;

    /// Fails for what cannot be iterated.
    #[wasm_bindgen(catch, js_namespace = Array, js_name = from)]
    fn iterated(object: &Object) -> std::result::Result<Array, JsValue>;
}

fn invalid(message: String) -> Error {
    Error::new(ErrorKind::InvalidOption, message)
}
