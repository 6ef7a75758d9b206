//! What JavaScript passes in. Errors name a field and never its value, which
//! may be a secret.

use js_sys::{ArrayBuffer, Date, Reflect, Uint8Array};
use wasm_bindgen::prelude::*;

use crate::error::{Error, ErrorKind, Result};
use crate::sigv4::{Credentials, PathEncoding, PayloadHash, Request, SigningOptions};
use crate::time::Timestamp;

use super::fields::{Arguments, Fields, Value};

/// `{ method?, url, headers?, payloadHash?, body? }`.
pub(super) fn request(arguments: &Arguments, object: &JsValue) -> Result<Request> {
    let fields = arguments.request();
    let mut request =
        Request::from_url(fields.optional_text("method")?.unwrap_or("GET"), fields.text("url")?)?;
    arguments.for_each_header(|name, value| request.add_header(name, value))?;
    if let Some(hash) = fields.optional_text("payloadHash")? {
        return Ok(request.payload(PayloadHash::parse(hash)?));
    }
    if !arguments.has_body() {
        return Ok(request);
    }
    let body = Reflect::get(object, &"body".into()).map_err(|_| fields.invalid("body", "cannot be read"))?;
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
pub(super) fn credentials(fields: &Fields<'_>) -> Result<Credentials> {
    Credentials::new(
        fields.text("accessKeyId")?,
        fields.text("secretAccessKey")?,
        fields.optional_text("sessionToken")?.map(str::to_owned),
    )
}

/// `{ region, service?, date?, pathEncoding?, normalizePath?, contentSha256?, signSessionToken? }`.
pub(super) fn signing_options(fields: &Fields<'_>) -> Result<SigningOptions> {
    let service = fields.optional_text("service")?.unwrap_or("s3");
    let mut options = SigningOptions::new(fields.text("region")?, service, date_or_now(fields)?)?;
    if let Some(sends) = fields.optional_bool("contentSha256")? {
        options = options.with_content_sha256_header(sends);
    }
    if let Some(signs) = fields.optional_bool("signSessionToken")? {
        options = options.with_signed_session_token(signs);
    }
    path_rules(options, fields)
}

/// `{ pathEncoding?, normalizePath? }`.
pub(super) fn path_rules(mut options: SigningOptions, fields: &Fields<'_>) -> Result<SigningOptions> {
    match fields.optional_text("pathEncoding")? {
        None => {}
        Some("once") => options = options.with_path_encoding(PathEncoding::Once),
        Some("twice") => options = options.with_path_encoding(PathEncoding::Twice),
        Some(_) => return Err(fields.invalid("pathEncoding", "is neither \"once\" nor \"twice\"")),
    }
    if let Some(normalizes) = fields.optional_bool("normalizePath")? {
        options = options.with_normalized_path(normalizes);
    }
    Ok(options)
}

/// `expiresIn`: whole seconds.
pub(super) fn expires_in(fields: &Fields<'_>) -> Result<u32> {
    match fields.get("expiresIn") {
        // Saturates, so that what is too much stays too much.
        Value::Number(seconds) if seconds.fract() == 0.0 => Ok(seconds as u32),
        _ => Err(Error::new(
            ErrorKind::InvalidExpiry,
            "options.expiresIn is not a whole number of seconds from 1 to 604800",
        )),
    }
}

/// `date`: a `Date`, a text, or the clock's own.
pub(super) fn date_or_now(fields: &Fields<'_>) -> Result<Timestamp> {
    match fields.get("date") {
        Value::Nothing => from_milliseconds(Date::now()),
        Value::Text(text) => Timestamp::parse(text),
        Value::Date(milliseconds) => from_milliseconds(milliseconds),
        _ => Err(no_date()),
    }
}

/// The date of a scope, which may be a day alone.
pub(super) fn scope_date(value: &JsValue) -> Result<Timestamp> {
    if let Some(date) = value.dyn_ref::<Date>() {
        return from_milliseconds(date.get_time());
    }
    match value.as_string() {
        Some(day) if day.len() == 8 => Timestamp::parse(&format!("{day}T000000Z")),
        Some(text) => Timestamp::parse(&text),
        None => Err(no_date()),
    }
}

/// A text that must be there.
pub(super) fn text(value: &JsValue, name: &str) -> Result<String> {
    value.as_string().ok_or_else(|| Error::new(ErrorKind::InvalidOption, format!("{name} is not a text")))
}

fn from_milliseconds(milliseconds: f64) -> Result<Timestamp> {
    // Saturates, and a timestamp clamps: what is out of range is not what was asked for.
    let seconds = (milliseconds / 1000.0).floor() as i64;
    let date = Timestamp::from_unix_seconds(seconds);
    if milliseconds.is_finite() && date.unix_seconds() == seconds {
        Ok(date)
    } else {
        Err(Error::new(ErrorKind::InvalidDate, "the Date is invalid, or not of the years 1970 to 9999"))
    }
}

fn no_date() -> Error {
    Error::new(ErrorKind::InvalidDate, "the date is neither a Date nor a text")
}
