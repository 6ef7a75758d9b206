//! Errors as JavaScript gets them: a plain object, since a Rust struct cannot
//! extend `Error`; the facade makes a `SealiftError` of it.

use js_sys::{Object, Reflect};
use wasm_bindgen::JsValue;

use crate::error::Error;

/// `{ code, message, retryable, status?, requestId? }`.
impl From<Error> for JsValue {
    fn from(error: Error) -> Self {
        let object = Object::new();
        let set = |name: &str, value: JsValue| {
            // Setting a property of a new plain object cannot fail.
            let _ = Reflect::set(&object, &name.into(), &value);
        };
        set("code", error.code().into());
        set("message", error.message().into());
        set("retryable", error.retryable().into());
        if let Some(status) = error.status() {
            set("status", status.into());
        }
        if let Some(request_id) = error.request_id() {
            set("requestId", request_id.into());
        }
        object.into()
    }
}
