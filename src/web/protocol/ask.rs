//! What the engine asks of the endpoint.

use wasm_bindgen::JsValue;

use crate::s3::checksum::crc64nvme_to_base64;
use crate::upload::{
    CompletedPart, DeleteKey, DeleteRequest, Digest, FinishRequest, GrantRequest, Integrity, Intent,
    SignRequest, Transport,
};
use crate::web::hands::Hands;
use crate::web::json::Writer;
use crate::web::names;

/// The body of `POST /uploads`.
pub fn create_grants(files: &[GrantRequest]) -> JsValue {
    let file = |request: &GrantRequest| {
        let file = &request.file;
        let written = Writer::default()
            .text("name", &file.name)
            .number("size", file.size as f64)
            .text("type", &file.content_type);
        let written = with_digest(written, &request.digest);
        let written = match request.transport {
            Transport::Auto => written,
            Transport::Put if request.integrity == Integrity::Chunks => {
                written.text("transport", "put").text("integrity", "chunks")
            }
            Transport::Put => written.text("transport", "put"),
            Transport::Post => written.text("transport", "post"),
            Transport::Multipart => written
                .text("transport", "multipart")
                .text("integrity", names::of_integrity(request.integrity)),
        };
        if file.metadata.is_empty() {
            return written;
        }
        let pairs = file.metadata.iter();
        let metadata = pairs.fold(Writer::default(), |object, (name, value)| object.text(name, value));
        written.value("metadata", &metadata.into())
    };
    Writer::default().list("files", files, file).into()
}

/// The body of `POST /sign`; `hands` has the SHA-256s of chunks.
pub fn sign(items: &[SignRequest], hands: &Hands) -> JsValue {
    let item = |item: &SignRequest| {
        let chunks = |start: u64| hands.chunk_hashes(item.upload.number(), start as f64);
        token(&item.token, item.upload_id.as_deref()).list("intents", &item.intents, |it| intent(it, &chunks))
    };
    Writer::default().list("requests", items, item).into()
}

/// The body of `POST /uploads/finish`.
pub fn finish(items: &[FinishRequest]) -> JsValue {
    let item = |item: &FinishRequest| token(&item.token, None).optional_text("etag", item.etag.as_deref());
    Writer::default().list("uploads", items, item).into()
}

/// The body of `POST /uploads/delete`.
pub fn delete(items: &[DeleteRequest]) -> JsValue {
    let item = |item: &DeleteRequest| match &item.key {
        DeleteKey::Token { token: text, upload_id } => token(text, upload_id.as_deref()),
        DeleteKey::Receipt(receipt) => Writer::default().text("receipt", receipt),
    };
    Writer::default().list("uploads", items, item).into()
}

/// `{ sha256?, crc64nvme? }`, and what was written before.
pub fn with_digest(written: Writer, digest: &Digest) -> Writer {
    written
        .optional_text("sha256", digest.sha256.map(hex::encode).as_deref())
        .optional_text("crc64nvme", digest.crc64nvme.map(crc64nvme_to_base64).as_deref())
}

fn token(token: &str, upload_id: Option<&str>) -> Writer {
    Writer::default().text("token", token).optional_text("uploadId", upload_id)
}

fn intent(intent: &Intent, chunks: &dyn Fn(u64) -> JsValue) -> Writer {
    let with_chunks = |written: Writer, start: Option<u64>| match start {
        Some(start) => written.value("chunkHashes", &chunks(start)),
        None => written,
    };
    let op = |op| Writer::default().text("op", op);
    match intent {
        Intent::Put { chunks } => with_chunks(op("put"), *chunks),
        Intent::Post => op("post"),
        Intent::Renew => op("renew"),
        Intent::Create => op("create"),
        Intent::Part { number, digest, chunks } => {
            with_chunks(with_digest(op("part").number("number", f64::from(*number)), digest), *chunks)
        }
        Intent::Complete { parts, crc64nvme } => {
            let part =
                |part: &CompletedPart| with_digest(Writer::default().text("etag", &part.etag), &part.digest);
            with_digest(op("complete"), &Digest { sha256: None, crc64nvme: *crc64nvme })
                .list("parts", parts, part)
        }
        Intent::List { after } => op("list").number("after", f64::from(*after)),
    }
}
