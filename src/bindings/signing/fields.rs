//! Fields of the objects that JavaScript passes, and the answers it gets.
//! `crossing.js` says why they cross in one text.

use wasm_bindgen::prelude::*;
use zeroize::Zeroizing;

use crate::error::{Error, ErrorKind, Result};

const SEPARATOR: char = '\0';

const REQUEST: [&str; 3] = ["method", "url", "payloadHash"];
const CREDENTIALS: [&str; 3] = ["accessKeyId", "secretAccessKey", "sessionToken"];
const OPTIONS: [&str; 10] = [
    "region",
    "service",
    "date",
    "expiresIn",
    "canonicalRequestHash",
    "pathEncoding",
    "normalizePath",
    "contentSha256",
    "signSessionToken",
    "url",
];

/// A reading that a throwing getter stops: it must not unwind through wasm.
type Crossing<T> = std::result::Result<T, JsValue>;

#[wasm_bindgen(module = "/src/bindings/signing/crossing.js")]
extern "C" {
    #[wasm_bindgen(catch)]
    fn request(object: &JsValue) -> Crossing<String>;
    #[wasm_bindgen(catch)]
    fn credentials(object: &JsValue) -> Crossing<String>;
    #[wasm_bindgen(catch)]
    fn options(object: &JsValue) -> Crossing<String>;
    #[wasm_bindgen(catch)]
    fn headers(object: &JsValue) -> Crossing<Option<String>>;
    fn answer(text: &str) -> JsValue;
}

/// What a field holds.
#[derive(Clone, Copy)]
pub(super) enum Value<'a> {
    /// `undefined` or `null`.
    Nothing,
    Text(&'a str),
    Number(f64),
    Bool(bool),
    /// A `Date`, in milliseconds; `NaN` if it is invalid.
    Date(f64),
    Other,
}

/// The fields of an object, and what errors call it.
pub(super) struct Fields {
    name: &'static str,
    fields: &'static [&'static str],
    text: Zeroizing<String>,
    /// Where each field ends.
    ends: Vec<usize>,
}

impl Fields {
    pub(super) fn of_request(object: &JsValue) -> Result<Self> {
        Self::cross(object, "request", &REQUEST, request)
    }

    pub(super) fn of_credentials(object: &JsValue) -> Result<Self> {
        Self::cross(object, "credentials", &CREDENTIALS, credentials)
    }

    pub(super) fn of_options(object: &JsValue) -> Result<Self> {
        Self::cross(object, "options", &OPTIONS, options)
    }

    /// Options that may be left out.
    pub(super) fn of_optional_options(object: &JsValue) -> Result<Self> {
        if object.is_undefined() {
            return Ok(Self {
                name: "options",
                fields: &OPTIONS,
                text: Zeroizing::default(),
                ends: Vec::new(),
            });
        }
        Self::of_options(object)
    }

    pub(super) fn get(&self, field: &'static str) -> Value<'_> {
        let position = self.fields.iter().position(|name| *name == field).unwrap_or(usize::MAX);
        let start = position.checked_sub(1).and_then(|before| self.ends.get(before)).map_or(0, |end| end + 1);
        let text = self.ends.get(position).and_then(|&end| self.text.get(start..end));
        text.map_or(Value::Nothing, Value::parse)
    }

    pub(super) fn text(&self, field: &'static str) -> Result<&str> {
        self.optional_text(field)?.ok_or_else(|| self.invalid(field, "is missing"))
    }

    pub(super) fn optional_text(&self, field: &'static str) -> Result<Option<&str>> {
        match self.get(field) {
            Value::Nothing => Ok(None),
            Value::Text(text) => Ok(Some(text)),
            _ => Err(self.invalid(field, "is not a text")),
        }
    }

    pub(super) fn optional_bool(&self, field: &'static str) -> Result<Option<bool>> {
        match self.get(field) {
            Value::Nothing => Ok(None),
            Value::Bool(value) => Ok(Some(value)),
            _ => Err(self.invalid(field, "is neither true nor false")),
        }
    }

    pub(super) fn invalid(&self, field: &'static str, what: &str) -> Error {
        invalid(format!("{}.{field} {what}", self.name))
    }

    fn cross(
        object: &JsValue,
        name: &'static str,
        fields: &'static [&'static str],
        read: fn(&JsValue) -> Crossing<String>,
    ) -> Result<Self> {
        if !object.is_object() {
            return Err(invalid(format!("{name} is not an object")));
        }
        let text = read(object).map_err(|_| invalid(format!("{name} cannot be read")))?;
        let ends = text.bytes().enumerate().filter(|(_, byte)| *byte == 0).map(|(at, _)| at).collect();
        Ok(Self { name, fields, text: Zeroizing::new(text), ends })
    }
}

impl<'a> Value<'a> {
    fn parse(tagged: &'a str) -> Self {
        let number = |text: &str| text.parse().unwrap_or(f64::NAN);
        match tagged.split_at_checked(1) {
            None | Some(("u", _)) => Self::Nothing,
            Some(("s", text)) => Self::Text(text),
            Some(("n", text)) => Self::Number(number(text)),
            Some(("b", text)) => Self::Bool(text == "true"),
            Some(("d", text)) => Self::Date(number(text)),
            Some(_) => Self::Other,
        }
    }
}

/// Hands every header over. A value that is `undefined` is left out, and a
/// number is written down.
pub(super) fn for_each_header(
    object: &JsValue,
    mut header: impl FnMut(&str, &str) -> Result<()>,
) -> Result<()> {
    let text = headers(object).ok().flatten();
    let text = text.ok_or_else(|| invalid("request.headers are neither pairs nor an object".to_owned()))?;
    let mut tagged = text.split(SEPARATOR);
    while let (Some(name), Some(value)) = (tagged.next(), tagged.next()) {
        let Value::Text(name) = Value::parse(name) else {
            return Err(invalid("a name of request.headers is not a text".to_owned()));
        };
        match (Value::parse(value), value.get(1..)) {
            (Value::Text(value), _) | (Value::Number(_), Some(value)) => header(name, value)?,
            (Value::Nothing, _) => {}
            _ => {
                return Err(invalid(format!(
                    "the value of the header {} is not a text",
                    name.escape_debug()
                )));
            }
        }
    }
    Ok(())
}

/// An answer with a record of the headers; no name comes twice among them. No
/// text of a signed request holds the separator.
pub(super) fn answer_with_headers(texts: &[&str], headers: &[(String, String)]) -> JsValue {
    let mut all = String::with_capacity(2048);
    let headers = headers.iter().flat_map(|(name, value)| [name.as_str(), value.as_str()]);
    for text in texts.iter().copied().chain(headers) {
        all.push_str(text);
        all.push(SEPARATOR);
    }
    answer(&all)
}

fn invalid(message: String) -> Error {
    Error::new(ErrorKind::InvalidOption, message)
}
