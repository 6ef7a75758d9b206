//! What a task's outcome tells the engine.

use wasm_bindgen::JsValue;

use super::json::{Json, read};
use super::protocol::answer::{self, Reader};
use super::record;
use crate::error::{Error, ErrorKind};
use crate::s3;
use crate::upload::{AttemptId, CallId, Event, HashId, Response};

/// The end of a request to S3: its answer, or undefined.
pub fn sent(attempt: AttemptId, outcome: JsValue) -> Event {
    match read(outcome, response) {
        Some(response) => Event::Response { attempt, response },
        None => Event::NetworkError { attempt },
    }
}

/// The end of a reading: digests, or undefined.
pub fn hashed(hash: HashId, outcome: JsValue) -> Event {
    let digest = read(outcome, record::digest).unwrap_or_default();
    if digest.sha256.is_none() && digest.crc64nvme.is_none() {
        let message = "the file cannot be read: it was moved, changed or removed after it was chosen";
        return Event::HashFailed { hash, error: Error::new(ErrorKind::UnreadableFile, message) };
    }
    Event::Hashed { hash, digest }
}

/// The end of a call: `{ status, retryAfter?, json? }`, or undefined.
pub fn called(call: CallId, reader: Reader, outcome: JsValue) -> Event {
    let event = read(outcome, |answer| {
        let status = answer.short("status");
        let json = answer.child("json");
        if (200..300).contains(&status) && json.exists() {
            let failed = || Event::CallFailed { call, error: answer::not_understood(), retry_after_ms: None };
            return json.apart(|json| reader(call, json)).unwrap_or_else(failed);
        }
        let error = answer::error(&json, Some(status)).unwrap_or_else(|| foreign(status));
        Event::CallFailed { call, error, retry_after_ms: retry_after_ms(answer) }
    });
    event.unwrap_or_else(|| Event::CallFailed { call, error: unreachable(), retry_after_ms: None })
}

fn response(answer: &Json) -> Response {
    let status = answer.short("status");
    let body = answer.optional_text("body").unwrap_or_default();
    let request_id = answer.optional_text("requestId");
    Response {
        status,
        etag: answer.optional_text("etag"),
        checksum_sha256: answer.optional_text("sha256"),
        checksum_crc64nvme: answer.optional_text("crc64nvme"),
        retry_after_ms: retry_after_ms(answer),
        error: (!(200..300).contains(&status))
            .then(|| s3::error::parse_body(status, &body, request_id.as_deref())),
        request_id,
        body,
    }
}

fn retry_after_ms(answer: &Json) -> Option<u64> {
    answer.optional_integer("retryAfter")
}

/// An answer of something else: a proxy, a login page, the app's own 404. Or
/// of nobody (0): there was no call.
fn foreign(status: u16) -> Error {
    let (kind, message) = match status {
        0 => (
            ErrorKind::Unauthenticated,
            "the app's `headers` or `onUnauthorized` failed, so the signing endpoint was not called",
        ),
        401 => (ErrorKind::Unauthenticated, "the signing endpoint asks for authentication"),
        404 | 405 => (ErrorKind::InvalidResponse, "there is no signing endpoint at this address"),
        408 | 425 | 429 | 500..=599 => {
            (ErrorKind::Refused, "the signing endpoint is out of order, or a proxy before it is")
        }
        _ => (ErrorKind::InvalidResponse, "what answered is not a signing endpoint"),
    };
    let error = Error::new(kind, message).with_retryable(kind == ErrorKind::Refused);
    if status == 0 { error } else { error.with_status(status) }
}

fn unreachable() -> Error {
    Error::new(
        ErrorKind::Network,
        "the signing endpoint cannot be reached: the network failed, or its CORS does not allow this page",
    )
    .with_retryable(true)
}
