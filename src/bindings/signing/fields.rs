//! Fields of the objects that JavaScript passes, and the answers it gets.
//! `crossing.js` says why they cross in one text.

use wasm_bindgen::prelude::*;
use zeroize::Zeroizing;

use crate::error::{Error, ErrorKind, Result};

const SEPARATOR: char = '\0';

/// The fields that cross, in the order of `crossing.js`; headers follow them.
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
const FIELDS: usize = REQUEST.len() + CREDENTIALS.len() + OPTIONS.len() + 1;

#[wasm_bindgen(module = "/src/bindings/signing/crossing.js")]
extern "C" {
    /// Fails where a getter throws: that must not unwind through wasm.
    #[wasm_bindgen(catch)]
    fn crossing(
        request: &JsValue,
        credentials: &JsValue,
        options: &JsValue,
    ) -> std::result::Result<String, JsValue>;

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

/// All that a function of the module was passed, but for a body.
pub(super) struct Arguments {
    text: Zeroizing<String>,
    /// Where each field ends, with its separator.
    ends: Vec<usize>,
}

impl Arguments {
    /// Of a function that takes these; `undefined` for what it does not take.
    pub(super) fn cross(request: &JsValue, credentials: &JsValue, options: &JsValue) -> Result<Self> {
        for (argument, name) in [(request, "request"), (credentials, "credentials"), (options, "options")] {
            if !argument.is_undefined() && !argument.is_object() {
                return Err(invalid(format!("{name} is not an object")));
            }
        }
        let text = crossing(request, credentials, options)
            .map_err(|_| invalid("a getter of request, credentials or options throws".to_owned()))?;
        let separators = text.bytes().enumerate().filter(|(_, byte)| *byte == 0);
        let ends = separators.take(FIELDS).map(|(at, _)| at + 1).collect();
        Ok(Self { text: Zeroizing::new(text), ends })
    }

    pub(super) fn request(&self) -> Fields<'_> {
        Fields { name: "request", fields: &REQUEST, first: 0, arguments: self }
    }

    pub(super) fn credentials(&self) -> Fields<'_> {
        Fields { name: "credentials", fields: &CREDENTIALS, first: REQUEST.len(), arguments: self }
    }

    pub(super) fn options(&self) -> Fields<'_> {
        let first = REQUEST.len() + CREDENTIALS.len();
        Fields { name: "options", fields: &OPTIONS, first, arguments: self }
    }

    /// Whether the request has a body, which crosses by itself.
    pub(super) fn has_body(&self) -> bool {
        matches!(self.field(FIELDS - 1), Value::Bool(true))
    }

    /// Hands every header over. A value that is `undefined` is left out, and a
    /// number is written down.
    pub(super) fn for_each_header(&self, mut header: impl FnMut(&str, &str) -> Result<()>) -> Result<()> {
        let start = self.ends.last().copied().unwrap_or_default();
        let mut tagged = self.text.get(start..).unwrap_or_default().split(SEPARATOR);
        while let (Some(name), Some(value)) = (tagged.next(), tagged.next()) {
            let Value::Text(name) = Value::parse(name) else {
                return Err(invalid("request.headers are neither pairs of texts nor an object".to_owned()));
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

    fn field(&self, position: usize) -> Value<'_> {
        let start =
            position.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or_default();
        let text = self.ends.get(position).and_then(|&end| self.text.get(start..end - 1));
        text.map_or(Value::Nothing, Value::parse)
    }
}

/// The fields of one argument, and what errors call it.
pub(super) struct Fields<'a> {
    name: &'static str,
    fields: &'static [&'static str],
    first: usize,
    arguments: &'a Arguments,
}

impl<'a> Fields<'a> {
    pub(super) fn get(&self, field: &'static str) -> Value<'a> {
        let position = self.fields.iter().position(|name| *name == field);
        position.map_or(Value::Nothing, |position| self.arguments.field(self.first + position))
    }

    pub(super) fn text(&self, field: &'static str) -> Result<&'a str> {
        self.optional_text(field)?.ok_or_else(|| self.invalid(field, "is missing"))
    }

    pub(super) fn optional_text(&self, field: &'static str) -> Result<Option<&'a str>> {
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
