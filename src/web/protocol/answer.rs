//! What the endpoint answers.

use wasm_bindgen::JsValue;

use crate::error::{Error, ErrorKind, Result};
use crate::s3::checksum::crc64nvme_from_base64;
use crate::upload::{
    CallId, Event, Grant, Plan, Renewal, RequestContent, Signed, SignedChunks, SignedRequest, StoredObject,
    item_error,
};
use crate::web::json::{self, Json};
use crate::web::names;

/// How the answer to a call is read.
pub type Reader = fn(CallId, &Json) -> Event;

/// The answer to `POST /uploads`.
pub fn granted(call: CallId, answer: &Json) -> Event {
    let now = answer.moment("now");
    Event::Granted { call, items: items(answer, "uploads", |item| grant(item, now)) }
}

/// The answer to `POST /sign`.
pub fn signed(call: CallId, answer: &Json) -> Event {
    let now = answer.moment("now");
    let signed = |item: &Json| {
        let grant = item.child("grant");
        let grant = grant
            .exists()
            .then(|| Renewal { token: grant.text("token"), lifetime_ms: lifetime(&grant, "expires", now) });
        Signed { requests: signed_requests(item, now), grant }
    };
    Event::Signed { call, items: items(answer, "results", signed) }
}

/// The answer to `POST /uploads/finish`.
pub fn finished(call: CallId, answer: &Json) -> Event {
    let now = answer.moment("now");
    Event::Finished { call, items: items(answer, "results", |item| stored_object(item, now)) }
}

/// The answer to `POST /uploads/delete`.
pub fn deleted(call: CallId, answer: &Json) -> Event {
    let deleted = |item: &Json| item.required(item.is_true("deleted").then_some(()));
    Event::Deleted { call, items: items(answer, "results", deleted) }
}

/// The error that the endpoint's `error` object tells, of one item or of a
/// whole call that was answered with `status`; `None` where there is none.
pub fn error(answer: &Json, status: Option<u16>) -> Option<Error> {
    let error = answer.child("error");
    let code = error.optional_text("code")?;
    let own_status = error.optional_integer("status").map(|status| status as u16);
    let message = error.optional_text("message").unwrap_or_default();
    let told = item_error(&code, message, own_status.or(status), error.is_true("retryable"));
    Some(match error.optional_text("requestId") {
        Some(id) => told.with_request_id(id),
        None => told,
    })
}

/// The whole answer, or an item of it, is not what the protocol says.
pub fn not_understood() -> Error {
    Error::new(ErrorKind::InvalidResponse, "the signing endpoint's answer does not follow its protocol")
}

fn grant(item: &Json, now: f64) -> Grant {
    let grant = item.child("grant");
    Grant {
        token: grant.text("token"),
        bucket: grant.text("bucket"),
        key: grant.text("key"),
        plan: plan(&grant.child("plan")),
        chunk_size: grant.optional_integer("chunkSize"),
        lifetime_ms: lifetime(&grant, "expires", now),
        requests: signed_requests(item, now),
    }
}

/// `{ kind, partSize?, parts? }`.
pub fn plan(plan: &Json) -> Plan {
    match plan.text("kind").as_str() {
        "put" => Plan::Put,
        "post" => Plan::Post,
        kind => {
            if kind != "multipart" {
                plan.refuse();
            }
            Plan::Multipart { part_size: plan.integer("partSize"), parts: plan.short("parts") }
        }
    }
}

fn signed_requests(item: &Json, now: f64) -> Vec<SignedRequest> {
    item.child("requests").list(|request| signed_request(request, now))
}

fn signed_request(request: &Json, now: f64) -> SignedRequest {
    let method = request.text("method");
    let content = match method.as_str() {
        "POST" if request.child("fields").exists() => {
            RequestContent::Post { fields: request.child("fields").pairs() }
        }
        "PUT" => RequestContent::Put { headers: request.child("headers").pairs() },
        _ => RequestContent::Control {
            method: request.required(names::control_method(&method)),
            headers: if request.child("headers").exists() {
                request.child("headers").pairs()
            } else {
                Vec::new()
            },
            body: request.optional_text("body").unwrap_or_default(),
        },
    };
    let intent = request.child("intent");
    let completes = intent.optional_text("op").is_some_and(|op| op == "complete");
    let chunks = request.child("chunks");
    SignedRequest {
        url: request.text("url"),
        content,
        lifetime_ms: lifetime(request, "expires", now),
        composite_sha256: if completes { intent.optional_text("sha256") } else { None },
        chunks: chunks
            .exists()
            .then(|| SignedChunks { size: chunks.integer("size"), signatures: chunks.text("signatures") }),
    }
}

fn stored_object(item: &Json, now: f64) -> StoredObject {
    StoredObject {
        bucket: item.text("bucket"),
        key: item.text("key"),
        size: item.integer("size"),
        content_type: item.text("type"),
        etag: item.text("etag"),
        version_id: item.optional_text("versionId"),
        sha256: item.optional_text("sha256"),
        crc64nvme: item.optional_text("crc64nvme").and_then(|crc| crc64nvme_from_base64(&crc)),
        composite_sha256: item.optional_text("compositeSha256"),
        url: item.text("url"),
        url_lifetime_ms: lifetime(item, "urlExpires", now),
        receipt: item.text("receipt"),
    }
}

/// The list of that name, each item read or the error in its place.
fn items<T>(answer: &Json, name: &str, read: impl Fn(&Json) -> T) -> Vec<Result<T>> {
    let item = |item: JsValue| {
        let read = json::read(item, |item| match error(item, None) {
            Some(error) => Err(error),
            None => Ok(read(item)),
        });
        read.unwrap_or_else(|| Err(not_understood()))
    };
    answer.child(name).items(item)
}

/// Milliseconds from `now` to a moment that an answer names, both the server's.
fn lifetime(answer: &Json, name: &str, now: f64) -> u64 {
    // Negative, it becomes 0.
    (answer.moment(name) - now) as u64
}
