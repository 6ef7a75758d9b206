//! What is kept of an upload beyond the page, as objects of JavaScript.

use wasm_bindgen::JsValue;

use super::json::{Json, Writer, read};
use super::names;
use super::protocol::answer::plan;
use super::protocol::ask::with_digest;
use crate::s3::checksum::{crc64nvme_from_base64, parse_hex};
use crate::upload::{Digest, Integrity, Plan, Saved, SavedPart, SavedUpload};

/// The record of an upload or of a part: which of them, `number` says, which
/// only parts have.
pub fn of(saved: &Saved) -> JsValue {
    match saved {
        Saved::Upload(upload) => of_upload(upload),
        Saved::Part(part) => {
            let record = Writer::default().number("number", f64::from(part.number)).text("etag", &part.etag);
            with_digest(record, &part.digest).into()
        }
    }
}

fn of_upload(upload: &SavedUpload) -> JsValue {
    let plan = Writer::default();
    let plan = match upload.plan {
        Plan::Put => plan.text("kind", "put"),
        Plan::Post => plan.text("kind", "post"),
        Plan::Multipart { part_size, parts } => plan
            .text("kind", "multipart")
            .number("partSize", part_size as f64)
            .number("parts", f64::from(parts)),
    };
    let record = Writer::default();
    let record = match upload.chunk_size {
        Some(size) => record.number("chunkSize", size as f64),
        None => record,
    };
    let record = record
        .text("token", &upload.token)
        .text("bucket", &upload.bucket)
        .text("key", &upload.key)
        .text("integrity", names::of_integrity(upload.integrity))
        .value("plan", &plan.into())
        .optional_text("uploadId", upload.upload_id.as_deref())
        .flag("aborting", upload.aborting);
    with_digest(record, &upload.digest).into()
}

/// The record of an upload with its `parts`; `None` for what is none.
pub fn parse(record: JsValue) -> Option<(SavedUpload, Vec<SavedPart>)> {
    read(record, |record| {
        let chunk_size = record.optional_integer("chunkSize");
        let integrity = names::integrity(&record.text("integrity"));
        if (integrity == Integrity::Chunks) != chunk_size.is_some() {
            record.refuse();
        }
        let upload = SavedUpload {
            token: record.text("token"),
            bucket: record.text("bucket"),
            key: record.text("key"),
            plan: plan(&record.child("plan")),
            integrity,
            chunk_size,
            digest: digest(record),
            upload_id: record.optional_text("uploadId"),
            aborting: record.is_true("aborting"),
        };
        let part = |part: &Json| SavedPart {
            number: part.short("number"),
            etag: part.text("etag"),
            digest: digest(part),
        };
        (upload, record.child("parts").list(part))
    })
}

/// `sha256` in hex and `crc64nvme` in base64, as far as they are there.
pub fn digest(of: &Json) -> Digest {
    Digest {
        sha256: of.optional_text("sha256").and_then(|hex| parse_hex(&hex).ok()),
        crc64nvme: of.optional_text("crc64nvme").and_then(|base64| crc64nvme_from_base64(&base64)),
    }
}
