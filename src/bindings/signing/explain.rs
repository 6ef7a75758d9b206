//! `explainSignatureMismatch`.

use serde::Serialize;
use wasm_bindgen::prelude::*;

use super::to_js;
use crate::error::Result;
use crate::s3;
use crate::sigv4::explain::{Difference, SentRequest};

#[derive(Serialize)]
struct Explanation {
    cause: &'static str,
    differences: Vec<Line>,
    summary: String,
}

#[derive(Serialize)]
struct Line {
    part: String,
    ours: Option<String>,
    theirs: Option<String>,
    hint: String,
    cause: &'static str,
}

/// `explainSignatureMismatch(s3ErrorXml, signed)`. What was signed crosses in
/// one text, its fields and then names and values of headers, as `signing.js`
/// puts them together; an empty field is one that is not known.
///
/// # Errors
/// None but for an answer that JavaScript cannot hold.
#[wasm_bindgen(js_name = explainSignatureMismatch, skip_typescript)]
pub fn explain_signature_mismatch(answer: &str, signed: &str) -> Result<JsValue> {
    let mut fields = signed.split('\0');
    let mut field = || fields.next().filter(|text| !text.is_empty()).map(str::to_owned);
    let mut sent = SentRequest {
        method: field(),
        url: field(),
        headers: Vec::new(),
        authorization: field(),
        canonical_request: field(),
        string_to_sign: field(),
    };
    while let (Some(name), Some(value)) = (fields.next(), fields.next()) {
        sent.headers.push((name.to_owned(), value.to_owned()));
    }
    let explanation = s3::explain_signature_mismatch(answer, &sent, None);
    to_js(&Explanation {
        cause: explanation.cause.as_str(),
        differences: explanation.differences.into_iter().map(line).collect(),
        summary: explanation.summary,
    })
}

fn line(difference: Difference) -> Line {
    let Difference { cause, part, ours, theirs, hint } = difference;
    Line { part, ours, theirs, hint, cause: cause.as_str() }
}
