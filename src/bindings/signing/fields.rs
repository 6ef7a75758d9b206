//! Fields of the objects that JavaScript passes. Each is read by an import of
//! its own (`object.url`), which is cheaper than handing its name over; and
//! each import catches, for a getter that throws must not unwind through wasm.

use wasm_bindgen::prelude::*;

use crate::error::{Error, ErrorKind, Result};

/// A field that objects may have.
pub(super) struct Field {
    name: &'static str,
    read: fn(&Shape) -> std::result::Result<JsValue, JsValue>,
}

macro_rules! fields {
    ($($constant:ident $getter:ident $name:literal,)*) => {
        #[wasm_bindgen]
        extern "C" {
            type Shape;
            $(
                #[wasm_bindgen(method, getter, structural, catch, js_name = $name)]
                fn $getter(this: &Shape) -> std::result::Result<JsValue, JsValue>;
            )*
        }
        $(pub(super) const $constant: Field = Field { name: $name, read: Shape::$getter };)*
    };
}

fields! {
    METHOD method "method",
    URL url "url",
    HEADERS headers "headers",
    PAYLOAD_HASH payload_hash "payloadHash",
    BODY body "body",
    ACCESS_KEY_ID access_key_id "accessKeyId",
    SECRET_ACCESS_KEY secret_access_key "secretAccessKey",
    SESSION_TOKEN session_token "sessionToken",
    DATE date "date",
    REGION region "region",
    SERVICE service "service",
    EXPIRES_IN expires_in "expiresIn",
    CANONICAL_REQUEST_HASH canonical_request_hash "canonicalRequestHash",
    PATH_ENCODING path_encoding "pathEncoding",
    NORMALIZE_PATH normalize_path "normalizePath",
    CONTENT_SHA256 content_sha256 "contentSha256",
    SIGN_SESSION_TOKEN sign_session_token "signSessionToken",
}

/// An object that JavaScript passed, and what errors call it.
pub(super) struct Fields<'a> {
    object: Option<&'a Shape>,
    name: &'static str,
}

impl<'a> Fields<'a> {
    pub(super) fn new(object: &'a JsValue, name: &'static str) -> Result<Self> {
        if object.is_object() {
            Ok(Self { object: Some(object.unchecked_ref()), name })
        } else {
            Err(Error::new(ErrorKind::InvalidOption, format!("{name} is not an object")))
        }
    }

    /// An object that may be left out.
    pub(super) fn optional(object: &'a JsValue, name: &'static str) -> Result<Self> {
        if object.is_undefined() { Ok(Self { object: None, name }) } else { Self::new(object, name) }
    }

    /// A field's value; `undefined` where there is none.
    pub(super) fn get(&self, field: &Field) -> Result<JsValue> {
        match self.object {
            Some(object) => (field.read)(object).map_err(|_| self.invalid(field, "cannot be read")),
            None => Ok(JsValue::UNDEFINED),
        }
    }

    pub(super) fn text(&self, field: &Field) -> Result<String> {
        self.optional_text(field)?.ok_or_else(|| self.invalid(field, "is missing"))
    }

    pub(super) fn text_or(&self, field: &Field, default: &str) -> Result<String> {
        Ok(self.optional_text(field)?.unwrap_or_else(|| default.to_owned()))
    }

    pub(super) fn optional_text(&self, field: &Field) -> Result<Option<String>> {
        let value = self.get(field)?;
        if value.is_undefined() || value.is_null() {
            return Ok(None);
        }
        value.as_string().map(Some).ok_or_else(|| self.invalid(field, "is not a text"))
    }

    pub(super) fn optional_bool(&self, field: &Field) -> Result<Option<bool>> {
        let value = self.get(field)?;
        if value.is_undefined() {
            return Ok(None);
        }
        value.as_bool().map(Some).ok_or_else(|| self.invalid(field, "is neither true nor false"))
    }

    pub(super) fn invalid(&self, field: &Field, what: &str) -> Error {
        Error::new(ErrorKind::InvalidOption, format!("{}.{} {what}", self.name, field.name))
    }
}
