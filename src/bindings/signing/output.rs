//! Answers as JavaScript objects, built the cheap way: handing a text over
//! costs nearly the same whatever its length, so all of an answer's texts go
//! over in one, and JavaScript cuts it.

use js_sys::{JsString, Object};
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    /// A new plain object: to set a property of it cannot fail.
    #[wasm_bindgen(extends = Object)]
    pub(super) type Record;

    #[wasm_bindgen(method, indexing_setter, structural)]
    fn set(this: &Record, name: &JsString, value: &JsString);

    #[wasm_bindgen(method, setter, structural)]
    fn set_headers(this: &Record, value: &Record);

    #[wasm_bindgen(method, setter, structural)]
    pub(super) fn set_url(this: &Record, value: &JsString);

    #[wasm_bindgen(method, setter, structural)]
    pub(super) fn set_authorization(this: &Record, value: &JsString);

    #[wasm_bindgen(method, setter, structural)]
    pub(super) fn set_signature(this: &Record, value: &JsString);

    #[wasm_bindgen(method, setter, structural, js_name = "canonicalRequest")]
    pub(super) fn set_canonical_request(this: &Record, value: &JsString);

    #[wasm_bindgen(method, setter, structural, js_name = "stringToSign")]
    pub(super) fn set_string_to_sign(this: &Record, value: &JsString);

    #[wasm_bindgen(method, setter, structural, js_name = "signedHeaders")]
    pub(super) fn set_signed_headers(this: &Record, value: &JsString);
}

/// Collects the texts of an answer, ASCII all of them (canonical requests,
/// URLs and headers are), and where each ends.
#[derive(Default)]
pub(super) struct Answer {
    setters: Vec<fn(&Record, &JsString)>,
    text: String,
    ends: Vec<u32>,
}

impl Answer {
    pub(super) fn field(mut self, setter: fn(&Record, &JsString), value: &str) -> Self {
        self.setters.push(setter);
        self.push(value);
        self
    }

    /// The object, with the headers as a record in its `headers`. No name
    /// comes twice among them.
    pub(super) fn with_headers(mut self, headers: &[(String, String)]) -> JsValue {
        for (name, value) in headers {
            self.push(name);
            self.push(value);
        }
        let text = JsString::from(self.text.as_str());
        let mut start = 0;
        let mut pieces = self.ends.iter().map(|&end| {
            let piece = text.slice(start, end);
            start = end;
            piece
        });
        let answer = Object::new().unchecked_into::<Record>();
        for (set, value) in self.setters.iter().zip(&mut pieces) {
            set(&answer, &value);
        }
        let record = Object::new().unchecked_into::<Record>();
        while let (Some(name), Some(value)) = (pieces.next(), pieces.next()) {
            record.set(&name, &value);
        }
        answer.set_headers(&record);
        answer.into()
    }

    fn push(&mut self, text: &str) {
        self.text.push_str(text);
        // A text of wasm is far below 4 GiB.
        self.ends.push(u32::try_from(self.text.len()).unwrap_or(u32::MAX));
    }
}
