//! Answers as JavaScript objects, built the cheap way: handing one text over
//! costs as much as handing over a short one, so all of an answer's texts go
//! in one, and JavaScript cuts it.

use js_sys::{JsString, Object};
use wasm_bindgen::prelude::*;

use super::input::key;

#[wasm_bindgen]
extern "C" {
    /// A new plain object: to set a property of it cannot fail.
    #[wasm_bindgen(extends = Object)]
    type Record;

    #[wasm_bindgen(method, indexing_setter, structural)]
    fn set(this: &Record, name: &JsValue, value: &JsValue);
}

/// Collects the texts of an answer, ASCII all of them (canonical requests,
/// URLs and headers are), and where each ends.
#[derive(Default)]
pub(super) struct Answer {
    names: Vec<&'static str>,
    text: String,
    ends: Vec<u32>,
}

impl Answer {
    pub(super) fn field(mut self, name: &'static str, value: &str) -> Self {
        self.names.push(name);
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
        for (name, value) in self.names.iter().zip(&mut pieces) {
            answer.set(&key(name), &value);
        }
        let record = Object::new().unchecked_into::<Record>();
        while let (Some(name), Some(value)) = (pieces.next(), pieces.next()) {
            record.set(&name, &value);
        }
        answer.set(&key("headers"), &record);
        answer.into()
    }

    fn push(&mut self, text: &str) {
        self.text.push_str(text);
        // A text of wasm is far below 4 GiB.
        self.ends.push(u32::try_from(self.text.len()).unwrap_or(u32::MAX));
    }
}
