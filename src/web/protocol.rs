//! The signing protocol in JSON: what the engine asks, written; what the
//! endpoint answers, read (`docs/protocol.md`).

use js_sys::Array;
use wasm_bindgen::JsValue;

use super::clock::parse_date;
use super::json::{Json, Writer};
use crate::error::{Error, ErrorKind, Result};
use crate::upload::{
    DeleteKey, DeleteRequest, FinishRequest, Grant, GrantRequest, Intent, Plan, Renewal, RequestContent,
    SignRequest, Signed, SignedRequest, StoredObject, Transport, item_error,
};

/// The body of `POST /uploads`.
pub fn create_grants(files: &[GrantRequest]) -> JsValue {
    let file = |request: &GrantRequest| {
        let file = &request.file;
        let metadata = (!file.metadata.is_empty()).then(|| {
            let pairs = file.metadata.iter();
            pairs.fold(Writer::default(), |object, (name, value)| object.with(name, value))
        });
        let transport = match request.transport {
            Transport::Auto => None,
            Transport::Put => Some("put"),
            Transport::Post => Some("post"),
            Transport::Multipart => Some("multipart"),
        };
        Writer::default()
            .with("name", &file.name)
            .with("size", file.size as f64)
            .with("type", &file.content_type)
            .with_optional("sha256", request.digest.sha256.map(hex::encode))
            .with_optional("metadata", metadata)
            .with_optional("transport", transport)
    };
    listed("files", files, file)
}

/// The answer to [`create_grants`].
pub fn grants(answer: &Json) -> Result<Vec<Result<Grant>>> {
    let now = server_time(answer)?;
    items(answer, "uploads", |item| grant(item, now))
}

/// The body of `POST /sign`.
pub fn sign(items: &[SignRequest]) -> JsValue {
    let intent = |intent: &Intent| {
        let op = match intent {
            Intent::Put => "put",
            Intent::Post => "post",
            Intent::Renew => "renew",
            Intent::Create => "create",
            Intent::Part { .. } => "part",
            Intent::Complete { .. } => "complete",
            Intent::List { .. } => "list",
        };
        Writer::default().with("op", op)
    };
    let item = |item: &SignRequest| {
        Writer::default().with("token", &item.token).with("intents", array(&item.intents, intent))
    };
    listed("requests", items, item)
}

/// The answer to [`sign`].
pub fn signatures(answer: &Json) -> Result<Vec<Result<Signed>>> {
    let now = server_time(answer)?;
    items(answer, "results", |item| {
        let grant = match item.optional("grant") {
            Some(grant) => Some(renewal(&grant, now)?),
            None => None,
        };
        Some(Signed { requests: signed_requests(item, now)?, grant })
    })
}

/// The body of `POST /uploads/finish`.
pub fn finish(items: &[FinishRequest]) -> JsValue {
    let item = |item: &FinishRequest| {
        Writer::default().with("token", &item.token).with_optional("etag", item.etag.as_ref())
    };
    listed("uploads", items, item)
}

/// The answer to [`finish`].
pub fn stored_objects(answer: &Json) -> Result<Vec<Result<StoredObject>>> {
    let now = server_time(answer)?;
    items(answer, "results", |item| stored_object(item, now))
}

/// The body of `POST /uploads/delete`.
pub fn delete(items: &[DeleteRequest]) -> JsValue {
    let item = |item: &DeleteRequest| match &item.key {
        DeleteKey::Token { token, .. } => Writer::default().with("token", token),
        DeleteKey::Receipt(receipt) => Writer::default().with("receipt", receipt),
    };
    listed("uploads", items, item)
}

/// The answer to [`delete`].
pub fn deletions(answer: &Json) -> Result<Vec<Result<()>>> {
    items(answer, "results", |item| if item.flag("deleted") == Some(true) { Some(()) } else { None })
}

/// The error that the endpoint's `error` object tells, of one item or of a
/// whole call that was answered with `status`; `None` where there is none.
pub fn error(answer: &Json, status: Option<u16>) -> Option<Error> {
    let error = answer.optional("error")?;
    let code = error.text("code")?;
    let own_status = error.integer("status").and_then(|status| u16::try_from(status).ok());
    let retryable = error.flag("retryable").unwrap_or(false);
    let message = error.text("message").unwrap_or_default();
    let told = item_error(&code, message, own_status.or(status), retryable);
    Some(match error.text("requestId") {
        Some(id) => told.with_request_id(id),
        None => told,
    })
}

fn grant(item: &Json, now: f64) -> Option<Grant> {
    let grant = item.field("grant");
    let plan = match grant.field("plan").text("kind")?.as_str() {
        "put" => Plan::Put,
        "post" => Plan::Post,
        _ => return None,
    };
    Some(Grant {
        token: grant.text("token")?,
        bucket: grant.text("bucket")?,
        key: grant.text("key")?,
        plan,
        lifetime_ms: lifetime(&grant, "expires", now)?,
        requests: signed_requests(item, now)?,
    })
}

fn renewal(grant: &Json, now: f64) -> Option<Renewal> {
    Some(Renewal { token: grant.text("token")?, lifetime_ms: lifetime(grant, "expires", now)? })
}

fn signed_requests(item: &Json, now: f64) -> Option<Vec<SignedRequest>> {
    item.list("requests")?.iter().map(|request| signed_request(request, now)).collect()
}

fn signed_request(request: &Json, now: f64) -> Option<SignedRequest> {
    let content = match request.text("method")?.as_str() {
        "PUT" => RequestContent::Put { headers: request.field("headers").pairs()? },
        "POST" => RequestContent::Post { fields: request.field("fields").pairs()? },
        _ => return None,
    };
    Some(SignedRequest {
        url: request.text("url")?,
        content,
        lifetime_ms: lifetime(request, "expires", now)?,
        composite_sha256: None,
    })
}

fn stored_object(item: &Json, now: f64) -> Option<StoredObject> {
    Some(StoredObject {
        bucket: item.text("bucket")?,
        key: item.text("key")?,
        size: item.integer("size")?,
        content_type: item.text("type")?,
        etag: item.text("etag")?,
        version_id: item.text("versionId"),
        sha256: item.text("sha256"),
        crc64nvme: None,
        composite_sha256: None,
        url: item.text("url")?,
        url_lifetime_ms: lifetime(item, "urlExpires", now)?,
        receipt: item.text("receipt")?,
    })
}

/// The list of that name, each item read or the error in its place.
fn items<T>(answer: &Json, name: &str, read: impl Fn(&Json) -> Option<T>) -> Result<Vec<Result<T>>> {
    let item = |item: &Json| match error(item, None) {
        Some(error) => Err(error),
        None => read(item).ok_or_else(not_understood),
    };
    Ok(answer.list(name).ok_or_else(not_understood)?.iter().map(item).collect())
}

fn server_time(answer: &Json) -> Result<f64> {
    answer.text("now").and_then(|now| parse_date(&now)).ok_or_else(not_understood)
}

/// Milliseconds from `now` to a moment that an answer names, both the server's.
fn lifetime(answer: &Json, name: &str, now: f64) -> Option<u64> {
    // Negative, it becomes 0.
    Some((parse_date(&answer.text(name)?)? - now) as u64)
}

fn not_understood() -> Error {
    Error::new(ErrorKind::InvalidResponse, "the signing endpoint's answer does not follow its protocol")
}

/// `{ [name]: [item, …] }`.
fn listed<T>(name: &str, items: &[T], write: impl Fn(&T) -> Writer) -> JsValue {
    Writer::default().with(name, array(items, write)).into()
}

fn array<T>(items: &[T], write: impl Fn(&T) -> Writer) -> Array {
    items.iter().map(|item| JsValue::from(write(item))).collect()
}
